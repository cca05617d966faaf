//! What drives the index: importance of dimensions and indicators, removal, effects of choices (method 3).

use kend_domain::Dimension;
use kend_readiness::robustness::{Flag, Importance, LARGEST};
use maud::{Markup, html};

use super::{
    page::{PER_CENT, Page, cell, table},
    plot::{Axis, DATA, PlotRow, plot},
    sensitivity::{Choice, Item, Sensitivity},
};
use crate::build::{DataChoice, number::real};

const FLAGGED: &str = "#a8324a";
/// Rows of one plot: all indicators in two.
const PLOT_ROWS: usize = 27;
const WIDTHS: (f64, f64) = (210.0, 170.0);
const THICK: f64 = 5.0;
const TICKS: [f64; 5] = [-1.0, -0.5, 0.0, 0.5, 1.0];

/// The section.
pub(super) fn drives(page: &Page<'_>) -> Markup {
    let words = &page.words.drives;
    html! {
        section id="drives" {
            h2 { (page.say(&words.title)) }
            @if let Some(sensitivity) = page.sensitivity {
                p { (page.told(&words.text, &[("count", &page.number(real(sensitivity.ranks.len()), 0))])) }
                p { (sentence(page, sensitivity)) }
                (importance(page, sensitivity))
                h3 { (page.say(&words.removal)) }
                (removal(page, sensitivity))
                h3 { (page.say(&words.effects)) }
                (effects(page, sensitivity))
            } @else {
                p { (page.say(&words.none)) }
            }
        }
    }
}

fn name(page: &Page<'_>, item: Item) -> String {
    match item {
        Item::Row(row) => format!("{row} {}", page.row(row)),
        Item::Dimension(dimension) => page.dimension(dimension).to_owned(),
    }
}

fn sentence(page: &Page<'_>, sensitivity: &Sensitivity) -> String {
    let most = sensitivity
        .importances
        .iter()
        .filter_map(|(item, importance)| match item {
            Item::Dimension(dimension) => Some((*dimension, importance.correlation?)),
            Item::Row(_) => None,
        })
        .max_by(|one, other| one.1.total_cmp(&other.1));
    let flagged: Vec<String> = sensitivity
        .importances
        .iter()
        .filter(|(_, importance)| importance.flag.is_some())
        .map(|(item, _)| name(page, *item))
        .collect();
    let (dimension, r) =
        most.map_or(("–", None), |(dimension, r): (Dimension, f64)| (page.dimension(dimension), Some(r)));
    let values = [("dimension", dimension), ("r", &page.maybe(r, 2)), ("flagged", &page.listed(&flagged))];
    page.told(&page.words.drives.sentence, &values)
}

fn importance(page: &Page<'_>, sensitivity: &Sensitivity) -> Markup {
    let words = &page.words.drives;
    let row = |(item, importance): &(Item, Importance)| PlotRow {
        label: match item {
            Item::Dimension(dimension) => page.short_dimension(*dimension).to_owned(),
            Item::Row(_) => name(page, *item),
        },
        mark: importance.correlation,
        range: importance.correlation.map(|r| (r.min(0.0), r.max(0.0))),
        colour: if importance.flag.is_some() { FLAGGED } else { DATA }.to_owned(),
        filled: importance.flag.is_some(),
        strong: importance.flag.is_some(),
        title: format!("{}: r = {}", name(page, *item), page.maybe(importance.correlation, 2)),
    };
    let of = |dimensions: bool| -> Vec<PlotRow> {
        let own = sensitivity.importances.iter();
        own.filter(|(item, _)| matches!(item, Item::Dimension(_)) == dimensions).map(row).collect()
    };
    let ticks = TICKS.map(|tick| (tick, page.number(tick, 1))).to_vec();
    let axis = Axis { ends: (-1.0, 1.0), ticks, widths: WIDTHS, thick: THICK };
    let head = [&words.item, &words.weight, &words.correlation, &words.ratio, &words.flag];
    let rows = html! {
        @for (item, importance) in &sensitivity.importances {
            tr {
                th scope="row" { (name(page, *item)) }
                (cell(page, Some(PER_CENT * importance.weight), 2))
                (cell(page, importance.correlation, 2))
                (cell(page, importance.correlation_ratio, 2))
                td.flagged {
                    @match importance.flag {
                        Some(Flag::Weak) => (page.say(&words.weak)),
                        Some(Flag::Negative) => (page.say(&words.negative)),
                        None => "",
                    }
                }
            }
        }
    };
    html! {
        figure {
            h4 { (page.say(&words.dimensions)) }
            div.plots.two { (plot(&of(true), &axis, page.say(&words.alt))) }
            h4 { (page.say(&words.correlation)) }
            div.plots.two {
                @for rows in of(false).chunks(PLOT_ROWS) { (plot(rows, &axis, page.say(&words.alt))) }
            }
        }
        details {
            summary { (page.say(&words.table)) }
            (table(&head.map(|name| page.say(name)), true, &rows))
        }
    }
}

fn removal(page: &Page<'_>, sensitivity: &Sensitivity) -> Markup {
    let words = &page.words.drives;
    let first =
        sensitivity.removals.first().filter(|(_, removal)| removal.mean_rank_shift.is_some_and(|shift| shift > 0.0));
    let head = [&words.item, &words.mean_shift, &words.largest_shift];
    let rows = html! {
        @for (row, removal) in &sensitivity.removals {
            tr {
                th scope="row" { (name(page, Item::Row(*row))) }
                (cell(page, removal.mean_rank_shift, 2))
                (cell(page, removal.largest_shift, 0))
            }
        }
    };
    html! {
        @if let Some((row, removal)) = first {
            p { (page.told(&words.removal_sentence, &[
                ("name", &name(page, Item::Row(*row))), ("shift", &page.maybe(removal.mean_rank_shift, 2)),
            ])) }
        }
        (table(&head.map(|name| page.say(name)), true, &rows))
    }
}

fn choice(page: &Page<'_>, choice: Choice) -> String {
    let words = &page.words.drives;
    match choice {
        Choice::Normalisation => page.say(&words.normalisation).to_owned(),
        Choice::Weights => page.say(&words.weights).to_owned(),
        Choice::Mean => page.say(&words.mean).to_owned(),
        Choice::Contested(item) => page.told(&words.contested, &[("name", &name(page, item))]),
        Choice::Data(DataChoice::Kernel) => page.say(&words.kernel).to_owned(),
        Choice::Data(DataChoice::Speed) => page.say(&words.speed).to_owned(),
        Choice::Data(DataChoice::Profile) => page.say(&words.profile).to_owned(),
        Choice::Weight(item) => page.told(&words.weight_of, &[("name", &name(page, item))]),
    }
}

fn effects(page: &Page<'_>, sensitivity: &Sensitivity) -> Markup {
    let words = &page.words.drives;
    let Some((first, effect)) = sensitivity.effects.first() else {
        return html! { p { (page.say(&words.still)) } };
    };
    let sentence = [("name", choice(page, *first)), ("total", page.number(effect.total, 2))];
    let sentence = sentence.each_ref().map(|(key, value)| (*key, value.as_str()));
    let head = [&words.factor, &words.first, &words.total];
    let rows = html! {
        @for (own, effect) in sensitivity.effects.iter().take(LARGEST) {
            tr {
                th scope="row" { (choice(page, *own)) }
                (cell(page, Some(effect.first), 2))
                (cell(page, Some(effect.total), 2))
            }
        }
    };
    html! {
        p { (page.say(&words.effects_text)) }
        p { (page.told(&words.effects_sentence, &sentence)) }
        (table(&head.map(|name| page.say(name)), true, &rows))
    }
}
