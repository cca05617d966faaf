//! What it is, of which data, what is missing, and what it may not be used for.

use kend_domain::Dimension;
use maud::{Markup, html};

use super::page::{PER_CENT, Page};
use crate::build::{ColumnStatus, ColumnValues, number::real};

/// The head of the page. `fingerprint` tells results apart.
pub(super) fn head(page: &Page<'_>, fingerprint: &str) -> Markup {
    let (words, manifest) = (&page.words.head, &page.country.manifest);
    let (land, counted) = manifest.cells;
    let counts = [
        ("counted", page.number(real(counted), 0)),
        ("land", page.number(real(land), 0)),
        ("cell", page.number(manifest.grid.cell_m, 0)),
    ];
    let counts: Vec<(&str, &str)> = counts.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let excluded: Vec<&str> = manifest.excluded.iter().map(|code| page.zone(code)).collect();
    let profile = match manifest.profile.as_str() {
        "recommended" => page.say(&words.recommended),
        "faithful" => page.say(&words.faithful),
        other => other,
    };
    let round = &manifest.round;
    let round = if round.former.is_some() {
        page.told(&words.later, &[("number", &round.number.to_string())])
    } else {
        page.say(&words.baseline).to_owned()
    };
    let rows = [
        (&words.method, manifest.method_version.clone()),
        (&words.profile, profile.to_owned()),
        (&words.round, round),
        (&words.years, years(page)),
        (&words.cells, page.told(&words.cells_text, &counts)),
        (&words.people, page.number(manifest.population, 0)),
        (&words.excluded, page.listed(&excluded)),
        (&words.version, manifest.kend_version.clone()),
        (&words.fingerprint, fingerprint.to_owned()),
    ];
    html! {
        header {
            @if manifest.synthetic {
                p.synthetic { strong { (page.say(&words.synthetic)) } " " (page.say(&words.synthetic_text)) }
            }
            h1 { (page.say(&words.title)) }
            p.lead { (page.say(&words.what)) }
            (present(page))
            dl.facts { @for (name, value) in &rows { div { dt { (page.say(name)) } dd { (value) } } } }
        }
    }
}

/// The years of the columns that are used.
fn years(page: &Page<'_>) -> String {
    let used = page.country.indicators.iter().filter(|column| column.status == ColumnStatus::Used);
    let years: Vec<u16> = used.filter_map(|column| column.year).collect();
    match (years.iter().min(), years.iter().max()) {
        (Some(first), Some(last)) if first == last => first.to_string(),
        (Some(first), Some(last)) => format!("{first}–{last}"),
        _ => page.say(&page.words.head.none).to_owned(),
    }
}

/// How many indicators are there, and which are not.
fn present(page: &Page<'_>) -> Markup {
    let (words, columns) = (&page.words.head, &page.country.indicators);
    let missing: Vec<String> = columns
        .iter()
        .filter(|column| column.status != ColumnStatus::Used)
        .map(|column| format!("{} {}", column.row, page.row(column.row)))
        .collect();
    let (present, total) = ((columns.len() - missing.len()).to_string(), columns.len().to_string());
    let values = [("present", present.as_str()), ("total", total.as_str())];
    html! {
        @if missing.is_empty() {
            p { (page.told(&words.complete, &values)) }
        } @else {
            div.partial {
                p { strong { (page.told(&words.partial, &values)) } }
                p { (page.say(&words.missing_rows)) ": " (missing.join("; ")) "." }
            }
        }
    }
}

/// What the map may not be used for.
pub(super) fn limits(page: &Page<'_>) -> Markup {
    let (words, country) = (&page.words.limits, page.country);
    let used = || country.indicators.iter().filter(|column| column.status == ColumnStatus::Used);
    let in_zones = used().filter(|column| matches!(column.values, ColumnValues::Zones(_))).count().to_string();
    let total = used().count().to_string();
    let cell = page.number(country.manifest.grid.cell_m, 0);
    let weight = |dimension: Dimension| {
        let own = country.indicators.iter().filter(|column| column.dimension == dimension);
        let (sum, count) = own.fold((0.0, 0.0), |(sum, count), column| (sum + column.weight, count + 1.0));
        page.number(if count > 0.0 { PER_CENT * sum / count } else { 0.0 }, 1)
    };
    let (governance, infrastructure) = (weight(Dimension::Governance), weight(Dimension::Infrastructure));
    let weights = [("governance", governance.as_str()), ("infrastructure", infrastructure.as_str())];
    let between = country.between_zones.index.map_or_else(
        || page.say(&words.between_unknown).to_owned(),
        |share| page.told(&words.between, &[("percent", &page.percent(share))]),
    );
    html! {
        section.limits id="limits" {
            h2 { (page.say(&words.title)) }
            ul {
                li { (between) }
                li { (page.told(&words.accuracy, &[("cell", &cell), ("count", &in_zones), ("total", &total)])) }
                li { (page.told(&words.weights, &weights)) }
                li { (page.say(&words.voices)) }
            }
        }
    }
}
