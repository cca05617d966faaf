//! The index in five classes: map, legend, and how much of the country each class is (Figure 6, Table 5 of the report).

use std::collections::BTreeSet;

use kend_domain::{AreaCode, ReadinessClass};
use maud::{Markup, html};

use super::{
    map::{Over, map},
    page::{PER_CENT, Page, cell, class_name, table},
    picture::{Paint, plain_colour},
    rayons::holds,
    sensitivity::Sensitivity,
};
use crate::build::{Country, number::real};

/// What keeps its class in a smaller share of draws is hatched (method 3 (iv)); the same in per cent.
const FIRM: f64 = 0.7;
const FIRM_PERCENT: u8 = 70;

/// What each land cell of the map shows.
pub(super) fn paint(country: &Country) -> Vec<Paint> {
    country.scored.class.iter().map(|class| Paint::Class(*class)).collect()
}

/// Whether each land cell keeps its class in too few draws; empty where that was not worked out.
pub(super) fn unsure_cells(country: &Country) -> Vec<bool> {
    country.class_frequency.iter().map(|percent| *percent < FIRM_PERCENT).collect()
}

/// Area and people of a class, or of land without one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Extent {
    pub(super) area_km2: f64,
    pub(super) people: f64,
}

/// The extent of each class, lowest first, and that of land without a class.
pub(super) fn extents(country: &Country) -> ([Extent; ReadinessClass::ALL.len()], Extent) {
    let mut classes = [(0_usize, 0.0); ReadinessClass::ALL.len()];
    let mut none = (0_usize, 0.0);
    for (class, people) in country.scored.class.iter().zip(&country.population) {
        let (cells, sum) = classes.get_mut(usize::from(*class)).unwrap_or(&mut none);
        (*cells, *sum) = (*cells + 1, *sum + f64::from(people.max(0.0)));
    }
    let extent = |(cells, people)| Extent { area_km2: real(cells) * country.grid.cell_km2(), people };
    (classes.map(extent), extent(none))
}

/// Zones whose own values keep their class in fewer than 70 of 100 draws.
fn unsure<'a>(country: &'a Country, sensitivity: &Sensitivity) -> BTreeSet<&'a AreaCode> {
    let rayons = country.rayons.iter().filter(|rayon| {
        let range = sensitivity.ranks.get(&rayon.code);
        range.and_then(|range| holds(rayon, range)).is_some_and(|share| share < FIRM)
    });
    rayons.map(|rayon| &rayon.code).collect()
}

/// The section.
pub(super) fn classes(page: &Page<'_>, picture: &str) -> Markup {
    let (words, country) = (&page.words.map, page.country);
    let hatched = page.sensitivity.map(|sensitivity| unsure(country, sensitivity)).unwrap_or_default();
    let names: Vec<&str> = hatched.iter().map(|code| page.zone(code)).collect();
    let unsure = page.told(&words.hatched_sentence, &[("names", &page.listed(&names))]);
    // Cells say it more exactly than zones.
    let cells = unsure_cells(country);
    let hatched = if cells.is_empty() { hatched } else { BTreeSet::new() };
    let over = Over { names: true, hatched, ..Over::default() };
    let firm = match cells.iter().filter(|unsure| **unsure).count() {
        _ if cells.is_empty() => page.say(&words.cells_unknown).to_owned(),
        unsure => {
            let counted = country.scored.index.iter().filter(|index| !index.is_nan()).count();
            let percent = page.percent(share(real(unsure), real(counted)));
            page.told(&words.cells_known, &[("percent", &percent)])
        }
    };
    let (classes, none) = extents(country);
    html! {
        section id="map" {
            h2 { (page.say(&words.title)) }
            p { (sentence(page, &classes)) }
            @if page.sensitivity.is_some() { p { (unsure) } }
            p { (firm) }
            figure {
                div.wide { (map(page, picture, &over, ("index", page.say(&words.alt)))) }
                figcaption {
                    ul.legend {
                        @for (class, extent) in ReadinessClass::ALL.iter().zip(&classes).rev() {
                            li { (class_name(page, *class)) " " (page.number(extent.area_km2, 0)) " km²" }
                        }
                        li {
                            span.class {
                                span.swatch style={ "background:" (plain_colour()) } {} (page.say(&words.no_index))
                            }
                            " " (page.number(none.area_km2, 0)) " km²"
                        }
                        @if !over.hatched.is_empty() {
                            li { span.class { span.swatch.hatched {} (page.say(&words.hatched)) } }
                        }
                        @if !cells.is_empty() {
                            li { span.class { span.swatch.hatched {} (page.say(&words.hatched_cells)) } }
                        }
                    }
                    p.small { (page.say(&words.names)) }
                }
            }
            (extent_table(page, &classes, none))
        }
    }
}

fn sentence(page: &Page<'_>, classes: &[Extent]) -> String {
    let all = sum(classes);
    let area = |extent: &Extent| page.percent(share(extent.area_km2, all.area_km2));
    let people = |extent: &Extent| page.percent(share(extent.people, all.people));
    let (Some(top), Some(low)) = (classes.last(), classes.first()) else { return String::new() };
    page.told(
        &page.words.map.sentence,
        &[
            ("top", page.class(ReadinessClass::Amplify)),
            ("top_area", &area(top)),
            ("top_people", &people(top)),
            ("low", page.class(ReadinessClass::Activate)),
            ("low_area", &area(low)),
            ("low_people", &people(low)),
        ],
    )
}

fn sum(classes: &[Extent]) -> Extent {
    classes.iter().fold(Extent::default(), |sum, own| Extent {
        area_km2: sum.area_km2 + own.area_km2,
        people: sum.people + own.people,
    })
}

fn share(part: f64, all: f64) -> f64 {
    if all > 0.0 { part / all } else { 0.0 }
}

fn extent_table(page: &Page<'_>, classes: &[Extent], none: Extent) -> Markup {
    let words = &page.words.map;
    let head = [&words.class, &words.points, &words.area, &words.area_share, &words.people, &words.people_share];
    let all = sum(classes);
    let thresholds = page.country.thresholds.values();
    let low = [0.0].into_iter().chain(thresholds);
    let high = thresholds.into_iter().chain([PER_CENT]);
    let ranges: Vec<String> =
        low.zip(high).map(|(low, high)| format!("{}–{}", page.number(low, 1), page.number(high, 1))).collect();
    let rows = html! {
        @for ((class, extent), range) in ReadinessClass::ALL.iter().zip(classes).zip(&ranges).rev() {
            tr {
                th scope="row" { (class_name(page, *class)) }
                td.number { (range) }
                (cell(page, Some(extent.area_km2), 0))
                (cell(page, Some(PER_CENT * share(extent.area_km2, all.area_km2)), 1))
                (cell(page, Some(extent.people), 0))
                (cell(page, Some(PER_CENT * share(extent.people, all.people)), 1))
            }
        }
        tr {
            th scope="row" { (page.say(&words.no_index)) }
            td.number { "–" }
            (cell(page, Some(none.area_km2), 0))
            (cell(page, None, 1))
            (cell(page, Some(none.people), 0))
            (cell(page, None, 1))
        }
    };
    table(&head.map(|name| page.say(name)), false, &rows)
}
