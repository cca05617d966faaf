//! Rayons in three columns of the index, and how far their ranks depend on choices (method 3, 4).

use kend_domain::ReadinessClass;
use kend_readiness::robustness::RankRange;
use maud::{Markup, html};

use super::{
    page::{PER_CENT, Page, cell, class_name, table},
    picture::colour,
    plot::{Axis, PlotRow, f1, plot},
};
use crate::build::{RayonSummary, number::real};

/// Rows of one plot: half a page of print.
const PLOT_ROWS: usize = 38;
const WIDTHS: (f64, f64) = (130.0, 230.0);
const THICK: f64 = 7.0;
/// Parts of the axis of ranks.
const PARTS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];
/// Size of the bar of shares in the table.
const BAR: (f64, f64) = (100.0, 12.0);

/// A rayon with its ranks.
type Ranked<'a> = (&'a RayonSummary, &'a RankRange, f64);

/// The section.
pub(super) fn rayons(page: &Page<'_>) -> Markup {
    let words = &page.words.rayons;
    let without: Vec<&str> = page
        .country
        .rayons
        .iter()
        .filter(|rayon| rayon.index.is_none() && rayon.index_of_values.is_none())
        .map(|rayon| page.zone(&rayon.code))
        .collect();
    let ranked = ranked(page);
    html! {
        section id="rayons" {
            h2 { (page.say(&words.title)) }
            p { (page.say(&words.text)) }
            @if !without.is_empty() { p { (page.told(&words.without, &[("names", &without.join(", "))])) } }
            h3 { (page.say(&words.ranks)) }
            @if let (Some(sentence), Some(sensitivity)) = (sentence(page, &ranked), page.sensitivity) {
                p { (page.told(&words.ranks_text, &[("draws", &sensitivity.draws.to_string())])) }
                p { (sentence) }
                figure {
                    div.plots.two {
                        @for rows in ranked.chunks(PLOT_ROWS) { (ranks_plot(page, rows, real(ranked.len()))) }
                    }
                }
            } @else {
                p { (page.say(&words.no_ranks)) }
            }
            (rayon_table(page))
        }
    }
}

/// Rayons with a rank, the first first.
fn ranked<'a>(page: &Page<'a>) -> Vec<Ranked<'a>> {
    let Some(sensitivity) = page.sensitivity else { return Vec::new() };
    let own = |rayon: &'a RayonSummary| {
        let range = sensitivity.ranks.get(&rayon.code)?;
        Some((rayon, range, range.nominal?))
    };
    let mut ranked: Vec<Ranked<'a>> = page.country.rayons.iter().filter_map(own).collect();
    ranked.sort_by(|one, other| one.2.total_cmp(&other.2));
    ranked
}

fn sentence(page: &Page<'_>, ranked: &[Ranked<'_>]) -> Option<String> {
    let width = |range: &RankRange| range.high.zip(range.low).map_or(0.0, |(high, low)| high - low);
    let (first, first_range, _) = ranked.first()?;
    let (widest, range, _) = ranked.iter().max_by(|one, other| width(one.1).total_cmp(&width(other.1)))?;
    Some(page.told(
        &page.words.rayons.sentence,
        &[
            ("first", page.zone(&first.code)),
            ("first_low", &page.maybe(first_range.low, 0)),
            ("first_high", &page.maybe(first_range.high, 0)),
            ("widest", page.zone(&widest.code)),
            ("low", &page.maybe(range.low, 0)),
            ("high", &page.maybe(range.high, 0)),
        ],
    ))
}

fn ranks_plot(page: &Page<'_>, ranked: &[Ranked<'_>], last: f64) -> Markup {
    let row = |(rayon, range, nominal): &Ranked<'_>| {
        let class = rayon.class_of_values;
        let interval = format!("{}–{}", page.maybe(range.low, 0), page.maybe(range.high, 0));
        PlotRow {
            label: page.short_zone(&rayon.code).to_owned(),
            mark: Some(*nominal),
            range: range.low.zip(range.high),
            colour: class.map_or_else(|| "#4a5558".to_owned(), colour),
            filled: true,
            strong: false,
            title: format!("{}: {} ({interval})", page.zone(&rayon.code), page.number(*nominal, 0)),
        }
    };
    let rows: Vec<PlotRow> = ranked.iter().map(row).collect();
    let tick = |part: f64| (1.0 + part * (last - 1.0)).round();
    let ticks = PARTS.iter().map(|part| (tick(*part), page.number(tick(*part), 0))).collect();
    let axis = Axis { ends: (1.0, last), ticks, widths: WIDTHS, thick: THICK };
    plot(&rows, &axis, page.say(&page.words.rayons.alt))
}

fn rayon_table(page: &Page<'_>) -> Markup {
    let words = &page.words.rayons;
    let head = [
        &words.name,
        &words.class,
        &words.of_cells,
        &words.of_values,
        &words.rank,
        &words.range,
        &words.holds,
        &words.shares,
    ];
    let rows = html! {
        @for rayon in &page.country.rayons {
            @let range = page.sensitivity.and_then(|sensitivity| sensitivity.ranks.get(&rayon.code));
            tr {
                th scope="row" { (page.zone(&rayon.code)) }
                td { @if let Some(class) = rayon.class { (class_name(page, class)) } @else { "–" } }
                (cell(page, rayon.index, 1))
                (cell(page, rayon.index_of_values, 1))
                (cell(page, range.and_then(|range| range.nominal), 0))
                td.number { @if let Some(range) = range { (page.maybe(range.low, 0)) "–" (page.maybe(range.high, 0)) } @else { "–" } }
                (cell(page, range.and_then(|range| holds(rayon, range)).map(|share| PER_CENT * share), 0))
                td.shares { (bar(&rayon.class_shares)) (shares(page, &rayon.class_shares)) }
            }
        }
    };
    html! {
        (table(&head.map(|name| page.say(name)), true, &rows))
        p.small { (page.say(&words.shares_text)) }
    }
}

/// The share of draws that keep the class of own values, 0 to 1.
pub(super) fn holds(rayon: &RayonSummary, range: &RankRange) -> Option<f64> {
    let class = rayon.class_of_values?;
    let found = ReadinessClass::ALL.iter().zip(&range.class_shares).find(|(own, _)| **own == class);
    found.map(|(_, share)| *share)
}

/// Shares of classes in per cent, the highest class first.
fn shares(page: &Page<'_>, shares: &[f64]) -> String {
    shares.iter().rev().map(|share| page.number(PER_CENT * share, 0)).collect::<Vec<_>>().join("\u{a0}· ")
}

/// Shares of classes as a bar, the highest first. The numbers stand beside it.
fn bar(shares: &[f64]) -> Markup {
    let (width, height) = BAR;
    let ends = shares.iter().rev().scan(0.0, |sum, share| {
        let from = *sum;
        *sum += share;
        Some((from, *share))
    });
    html! {
        svg.bar viewBox={ "0 0 " (width) " " (height) } aria-hidden="true" {
            @for (class, (from, share)) in ReadinessClass::ALL.iter().rev().zip(ends).filter(|(_, (_, share))| *share > 0.0) {
                rect x=(f1(from * width)) y="0" width=(f1(share * width)) height=(height) fill=(colour(*class)) {}
            }
        }
    }
}
