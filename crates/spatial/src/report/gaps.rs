//! Gaps of classes and the interventions that fit them (Figure 7, Table 6 of the report; method 5).

use kend_domain::{Dimension, Names, ReadinessClass};
use kend_readiness::{Method, interventions_for};
use maud::{Markup, html};

use super::{
    page::{PER_CENT, Page, cell, class_name, table},
    plot::{Axis, DATA, PlotRow, plot},
};
use crate::build::GapVariant;

/// Lines of the axis, per cent.
const TICKS: [f64; 5] = [0.0, 25.0, 50.0, 75.0, PER_CENT];
/// Widths of labels and plot.
const WIDTHS: (f64, f64) = (124.0, 190.0);
const THICK: f64 = 5.0;

/// The section.
pub(super) fn gaps(page: &Page<'_>) -> Markup {
    let (words, tables) = (&page.words.gaps, &page.country.gaps);
    let own = tables.classes.get(&GapVariant::Area);
    let lagging = page.percent(Method::standard().gaps.lag_share.value);
    let has = |class: &ReadinessClass| own.is_some_and(|classes| classes.contains_key(class));
    let without: Vec<&str> =
        ReadinessClass::ALL.iter().filter(|class| !has(class)).map(|class| page.class(*class)).collect();
    html! {
        section id="gaps" {
            h2 { (page.say(&words.title)) }
            p { (page.told(&words.text, &[("share", &lagging)])) }
            ul {
                @for class in ReadinessClass::ALL.iter().rev().filter(|class| has(class)) {
                    li { (sentence(page, *class)) }
                }
            }
            @if !without.is_empty() { p { (page.say(&words.no_cells)) ": " (without.join(", ")) "." } }
            figure {
                div.plots {
                    @for class in ReadinessClass::ALL.iter().rev().filter(|class| has(class)) {
                        div { h4 { (class_name(page, *class)) } (panel(page, *class)) }
                    }
                }
                figcaption.small { (page.say(&words.legend)) }
            }
            (gap_table(page))
            h3 { (page.say(&words.fits)) }
            (fitting(page))
            details {
                summary { (page.say(&words.variants)) }
                (variant_table(page))
            }
        }
    }
}

fn significant<'a>(page: &Page<'a>, class: ReadinessClass) -> &'a [Dimension] {
    page.country.gaps.significant.get(&class).map_or(&[], Vec::as_slice)
}

fn gap(page: &Page<'_>, variant: GapVariant, class: ReadinessClass, dimension: Dimension) -> Option<f64> {
    page.country.gaps.classes.get(&variant)?.get(&class)?.get(&dimension).copied()
}

fn sentence(page: &Page<'_>, class: ReadinessClass) -> String {
    let named: Vec<String> = significant(page, class)
        .iter()
        .map(|dimension| {
            let gap = page.maybe(gap(page, GapVariant::Area, class, *dimension), 0);
            format!("{} ({gap}\u{a0}%)", page.short_dimension(*dimension))
        })
        .collect();
    let dimensions = page.listed(&named);
    page.told(&page.words.gaps.sentence, &[("class", page.class(class)), ("dimensions", &dimensions)])
}

/// The gaps of a class: marks by the method, lines over all variants.
fn panel(page: &Page<'_>, class: ReadinessClass) -> Markup {
    let main = significant(page, class);
    let row = |dimension: &Dimension| {
        let all = || GapVariant::ALL.into_iter().filter_map(|variant| gap(page, variant, class, *dimension));
        let range = all().reduce(f64::min).zip(all().reduce(f64::max));
        let mark = gap(page, GapVariant::Area, class, *dimension);
        let (low, high) = (page.maybe(range.map(|range| range.0), 0), page.maybe(range.map(|range| range.1), 0));
        PlotRow {
            label: page.short_dimension(*dimension).to_owned(),
            mark,
            range,
            colour: DATA.to_owned(),
            filled: main.contains(dimension),
            strong: main.contains(dimension),
            title: format!("{}: {} % ({low}–{high} %)", page.dimension(*dimension), page.maybe(mark, 0)),
        }
    };
    let rows: Vec<PlotRow> = Dimension::ALL.iter().map(row).collect();
    let ticks = TICKS.map(|tick| (tick, page.number(tick, 0))).to_vec();
    let axis = Axis { ends: (0.0, PER_CENT), ticks, widths: WIDTHS, thick: THICK };
    let alt = format!("{}. {}", page.say(&page.words.gaps.alt), sentence(page, class));
    plot(&rows, &axis, &alt)
}

fn dimension_head<'a>(page: &Page<'a>, own: &[&'a Names]) -> Vec<&'a str> {
    let own = own.iter().map(|name| name.get(page.language));
    own.chain(Dimension::ALL.iter().map(|dimension| page.short_dimension(*dimension))).collect()
}

fn gap_table(page: &Page<'_>) -> Markup {
    let rows = html! {
        @for class in ReadinessClass::ALL.iter().rev() {
            tr {
                th scope="row" { (class_name(page, *class)) }
                @for dimension in Dimension::ALL {
                    td.number.strong[significant(page, *class).contains(dimension)] {
                        (page.maybe(gap(page, GapVariant::Area, *class, *dimension), 1))
                    }
                }
            }
        }
    };
    table(&dimension_head(page, &[&page.words.map.class]), false, &rows)
}

fn variant_table(page: &Page<'_>) -> Markup {
    let words = &page.words.gaps;
    let name = |variant| match variant {
        GapVariant::Area => &words.area,
        GapVariant::Unweighted => &words.unweighted,
        GapVariant::Population => &words.population,
        GapVariant::DimensionValue => &words.dimension_value,
        GapVariant::Median => &words.median,
        GapVariant::BottomTercile => &words.bottom_tercile,
    };
    let rows = html! {
        @for class in ReadinessClass::ALL.iter().rev() {
            @for variant in GapVariant::ALL {
                tr {
                    th scope="row" { (class_name(page, *class)) }
                    td { (page.say(name(variant))) }
                    @for dimension in Dimension::ALL { (cell(page, gap(page, variant, *class, *dimension), 1)) }
                }
            }
        }
    };
    table(&dimension_head(page, &[&page.words.map.class, &words.variant]), true, &rows)
}

/// Where a class lags in the report (Table 6, as read in method 5).
const fn typical(class: ReadinessClass) -> &'static [Dimension] {
    match class {
        ReadinessClass::Amplify => &[Dimension::Infrastructure, Dimension::EconomicSources],
        ReadinessClass::AccelerateHigh => &[Dimension::EconomicSources],
        ReadinessClass::AccelerateMedium => &[Dimension::HumanCapital],
        ReadinessClass::AccelerateLow => &[Dimension::EconomicPotential],
        ReadinessClass::Activate => &[Dimension::EconomicPotential, Dimension::Governance],
    }
}

/// Of each class what is typical, where it lags here, and what would help.
fn fitting(page: &Page<'_>) -> Markup {
    let words = &page.words.gaps;
    let named = |dimensions: &[Dimension]| {
        page.listed(&dimensions.iter().map(|of| page.short_dimension(*of)).collect::<Vec<_>>())
    };
    html! {
        div.fits {
            @for class in ReadinessClass::ALL.iter().rev() {
                article {
                    h4 { (class_name(page, *class)) }
                    p { span.quiet { (page.say(&words.typical)) ":" } " " (named(typical(*class))) }
                    p { span.quiet { (page.say(&words.here)) ":" } " " strong { (named(significant(page, *class))) } }
                    @for dimension in significant(page, *class) {
                        p.dimension { strong { (page.short_dimension(*dimension)) } }
                        ul {
                            @for fitting in interventions_for(*dimension, *class) {
                                li {
                                    (page.say(&fitting.intervention.text))
                                    @if !fitting.typical { span.quiet { " (" (page.say(&words.not_typical)) ")" } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
