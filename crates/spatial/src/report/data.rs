//! The data behind the index: each indicator, what the layers were found to be, and the files.

use std::collections::BTreeSet;

use kend_readiness::{Direction, Goalposts, Method, NormaliseError, Repair, Treatment, cells::ScoreRule, indicator};
use maud::{Markup, html};

use super::{
    page::{PER_CENT, Page, table},
    text::telling,
};
use crate::build::{ColumnStatus, ColumnValues, IndicatorColumn, NativeUnit, ValueStatus, number::real};

/// The section.
pub(super) fn data(page: &Page<'_>) -> Markup {
    let (words, manifest) = (&page.words.data, &page.country.manifest);
    html! {
        section id="data" {
            h2 { (page.say(&words.title)) }
            p { (page.say(&words.text)) }
            (indicator_table(page))
            h3 { (page.say(&words.warnings)) }
            @if manifest.warnings.is_empty() {
                p { (page.say(&words.no_warnings)) }
            } @else {
                ul { @for warning in &manifest.warnings { li { (warning) } } }
            }
            details {
                summary { (page.say(&words.inputs)) ": " (manifest.inputs.len()) }
                (inputs(page))
            }
        }
    }
}

fn indicator_table(page: &Page<'_>) -> Markup {
    let words = &page.words.data;
    let head = [
        &words.row,
        &page.words.drives.item,
        &words.status,
        &words.year,
        &words.coverage,
        &words.goalposts,
        &words.treatment,
        &page.words.drives.weight,
        &words.files,
    ];
    let rows = html! {
        @for column in &page.country.indicators {
            tr.missing[column.status != ColumnStatus::Used] {
                td.number data-v=(column.row) { (column.row) }
                th scope="row" { (page.row(column.row)) (remarks(page, column)) }
                td { (status(page, column)) }
                td.number { @if let Some(year) = column.year { (year) } @else { "–" } }
                td { (coverage(page, column)) }
                td { (goalposts(page, column)) }
                td { (treatment(page, column)) }
                (super::page::cell(page, Some(PER_CENT * column.weight), 2))
                td.file { (column.files.iter().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")) }
            }
        }
    };
    table(&head.map(|name| page.say(name)), true, &rows)
}

/// What has to be said beside the name of an indicator.
fn remarks(page: &Page<'_>, column: &IndicatorColumn) -> Markup {
    let words = &page.words.data;
    let Some(own) = indicator(column.row) else { return html! {} };
    let remarks = [
        (own.repair == Repair::Inferred).then(|| page.say(&words.inferred)),
        own.contested.then(|| page.say(&words.contested)),
        own.weak.then(|| page.say(&words.weak)),
    ];
    let remarks: Vec<&str> = remarks.into_iter().flatten().collect();
    html! { @if !remarks.is_empty() { span.quiet { " (" (remarks.join(", ")) ")" } } }
}

fn status<'a>(page: &Page<'a>, column: &IndicatorColumn) -> &'a str {
    let words = &page.words.data;
    page.say(match column.status {
        ColumnStatus::Used => &words.used,
        ColumnStatus::Undeclared => &words.undeclared,
        ColumnStatus::Dropped => &words.dropped,
        ColumnStatus::LeftOut(NormaliseError::TooFewObserved) => &words.too_few,
        ColumnStatus::LeftOut(NormaliseError::NoRange) => &words.no_range,
        ColumnStatus::LeftOut(NormaliseError::NotANumber) => &words.not_a_number,
    })
}

/// How many zones or cells that count have a value, and how many of these were imputed.
fn coverage(page: &Page<'_>, column: &IndicatorColumn) -> String {
    let (words, country) = (&page.words.data, page.country);
    if matches!(column.status, ColumnStatus::Undeclared | ColumnStatus::Dropped) {
        return "–".to_owned();
    }
    match &column.values {
        ColumnValues::Zones(_) => {
            let counting: Vec<_> = country.zones.iter().filter(|zone| !zone.excluded).collect();
            let of = |status| {
                let value = |zone: &&&crate::build::ZoneRecord| zone.values.get(&column.row).map(|value| value.status);
                counting.iter().filter(|zone| value(zone) == Some(status)).count()
            };
            let (observed, imputed) = (of(ValueStatus::Observed), of(ValueStatus::Imputed));
            let count = [("count", observed.to_string()), ("total", counting.len().to_string())];
            let text = page.told(&words.zones, &count.each_ref().map(|(key, value)| (*key, value.as_str())));
            if imputed == 0 {
                return text;
            }
            format!("{text}, {}", page.told(&words.imputed, &[("count", &imputed.to_string())]))
        }
        ColumnValues::Cells(values) => {
            let inhabited = column.native == NativeUnit::InhabitedCell;
            let cells = country.eligible().zip(values).zip(&country.population);
            let (mut all, mut found) = (0_usize, 0_usize);
            for ((eligible, value), people) in cells {
                if eligible && (!inhabited || *people > 0.0) {
                    all += 1;
                    found += usize::from(!value.is_nan());
                }
            }
            // Rounded down: what lacks a cell must not look complete.
            let percent = if all == 0 { 0.0 } else { (PER_CENT * real(found) / real(all)).floor() };
            page.told(&words.of_cells, &[("percent", &page.number(percent, 0))])
        }
    }
}

/// The raw values that score 0 and 100, in the unit of the indicator.
fn goalposts(page: &Page<'_>, column: &IndicatorColumn) -> String {
    let rule = match column.rule {
        Some(rule) => rule,
        None if page.country.manifest.set_rules.contains_key(&column.row) => {
            return page.say(&page.words.data.several).to_owned();
        }
        None => return "–".to_owned(),
    };
    let (low, high) = match rule {
        ScoreRule::Coverage => (0.0, 1.0),
        ScoreRule::Goalposts(goalposts) => (raw(&goalposts, goalposts.low), raw(&goalposts, goalposts.high)),
    };
    let unit = indicator(column.row).map_or("", |indicator| indicator.unit_name.get(page.language));
    let unit = if page.country.manifest.set_rules.contains_key(&column.row) { "" } else { unit };
    format!("{} → {} {unit}", telling(low, page.language), telling(high, page.language)).trim_end().to_owned()
}

/// The raw value of a treated one: the logarithm and the direction undone.
///
/// `v` treated, oriented; `x = v`, or `exp(v) + origin - offset`, or `origin + offset - exp(-v)`; times the direction.
/// Inverse of method 2.5 steps 1 and 2. NaN gives NaN.
fn raw(goalposts: &Goalposts, treated: f64) -> f64 {
    let oriented = match goalposts.treatment {
        Treatment::Logarithm { origin, offset } => libm::exp(treated) + origin - offset,
        Treatment::MirroredLogarithm { origin, offset } => origin + offset - libm::exp(-treated),
        Treatment::AsObserved | Treatment::Winsorised { .. } | Treatment::Clamped { .. } => treated,
    };
    match goalposts.direction {
        Direction::MoreIsBetter => oriented,
        Direction::LessIsBetter => -oriented,
    }
}

fn treatment(page: &Page<'_>, column: &IndicatorColumn) -> String {
    let words = &page.words.data;
    match column.rule {
        None => "–".to_owned(),
        Some(ScoreRule::Coverage) => page.say(&words.covered).to_owned(),
        Some(ScoreRule::Goalposts(goalposts)) => match goalposts.treatment {
            Treatment::AsObserved => page.say(&words.as_observed).to_owned(),
            Treatment::Winsorised { points, .. } => page.told(&words.winsorised, &[("count", &points.to_string())]),
            Treatment::Logarithm { .. } | Treatment::MirroredLogarithm { .. } => page.say(&words.logarithm).to_owned(),
            Treatment::Clamped { .. } => {
                let outliers = &Method::standard().outliers;
                let [low, high] = [outliers.clamp_low_share.value, outliers.clamp_high_share.value]
                    .map(|share| telling(PER_CENT * share, page.language));
                page.told(&words.clamped, &[("low", &low), ("high", &high)])
            }
        },
    }
}

fn inputs(page: &Page<'_>) -> Markup {
    let words = &page.words.data;
    let head = [&words.files, &words.size, &words.hash];
    let rows = html! {
        @for (path, file) in &page.country.manifest.inputs {
            tr {
                td.file { (path) }
                td.number data-v=(file.bytes) { (file.bytes) }
                td.file { (file.blake3) }
            }
        }
    };
    table(&head.map(|name| page.say(name)), true, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Forward by hand: 100 less is better gives -100; ln(-100 + 120 + 5) = ln 25.
    #[test]
    fn a_goalpost_is_told_as_the_raw_value_that_it_was_made_of() {
        let mut goalposts = Goalposts {
            direction: Direction::LessIsBetter,
            treatment: Treatment::Logarithm { origin: -120.0, offset: 5.0 },
            low: 0.0,
            high: 0.0,
        };
        assert!((raw(&goalposts, libm::log(25.0)) - 100.0).abs() < 1e-9);
        goalposts.direction = Direction::MoreIsBetter;
        // -ln(120 - 100 + 5) of the mirror image.
        goalposts.treatment = Treatment::MirroredLogarithm { origin: 120.0, offset: 5.0 };
        assert!((raw(&goalposts, -libm::log(25.0)) - 100.0).abs() < 1e-9);
    }
}
