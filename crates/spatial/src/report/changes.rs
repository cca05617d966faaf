//! What changed since the round before (method 10): zones in a plot with the range of their error, dimensions, clusters.

use kend_domain::{Dimension, ReadinessClass};
use maud::{Markup, html};

use super::{
    page::{Page, cell, class_name, short, table},
    plot::{Axis, DATA, PlotRow, plot},
};
use crate::build::{Change, ChangeState, Changes, ClusterChange, ZoneChange};

/// Rows of one plot, as that of ranks.
const PLOT_ROWS: usize = 38;
const WIDTHS: (f64, f64) = (130.0, 230.0);
const THICK: f64 = 5.0;
/// The axis goes to a multiple of this to both sides, so that half of it is a whole number too, points.
const REACH_STEP: f64 = 2.0;
/// Marks of what is no change.
const QUIET: &str = "#7a8488";

/// The section; nothing at the baseline.
pub(super) fn changes(page: &Page<'_>) -> Markup {
    let words = &page.words.changes;
    let Some(changes) = &page.country.changes else { return html! {} };
    let round = &page.country.manifest.round;
    let former = round.former.as_ref().map_or_else(String::new, |former| former.number.to_string());
    let (correlation, z) = (page.number(changes.correlation, 1), page.number(changes.changed_z, 3));
    html! {
        section id="changes" {
            h2 { (page.say(&words.title)) }
            p { (page.told(&words.text, &[("number", &round.number.to_string()), ("former", &former)])) }
            p { (sentence(page, changes)) }
            (updates(page, changes))
            p.small { (page.told(&words.error_text, &[("correlation", &correlation), ("z", &z)])) }
            (zone_plots(page, changes))
            (zone_table(page, changes))
            h3 { (page.say(&words.clusters)) }
            p { (cluster_sentence(page, changes)) }
            p.small { (page.say(&words.clusters_text)) }
            (cluster_table(page, changes))
        }
    }
}

/// How many zones changed, and which the most.
fn sentence(page: &Page<'_>, changes: &Changes) -> String {
    let words = &page.words.changes;
    let moved = || changes.zones.iter().filter(|zone| zone.index.state == ChangeState::Changed);
    let rose = moved().filter(|zone| zone.index.difference() > Some(0.0)).count();
    let size = |zone: &&ZoneChange| zone.index.difference().unwrap_or_default().abs();
    let Some(largest) = moved().max_by(|one, other| size(one).total_cmp(&size(other))) else {
        return page.told(&words.none, &[("count", &changes.zones.len().to_string())]);
    };
    page.told(
        &words.sentence,
        &[
            ("changed", &moved().count().to_string()),
            ("count", &changes.zones.len().to_string()),
            ("rose", &rose.to_string()),
            ("fell", &(moved().count() - rose).to_string()),
            ("name", page.zone_or_area(&largest.code)),
            ("points", &signed(page, largest.index.difference(), 1)),
        ],
    )
}

/// Dimensions without newer data, which nobody may take for stable ones.
fn updates(page: &Page<'_>, changes: &Changes) -> Markup {
    let old = Dimension::ALL.iter().filter(|dimension| !changes.updated.contains(dimension));
    let names: Vec<&str> = old.map(|dimension| page.dimension(*dimension)).collect();
    html! {
        @if !names.is_empty() {
            p { strong { (page.told(&page.words.changes.not_updated_text, &[("names", &names.join(", "))])) } }
        }
    }
}

/// A difference with its sign.
fn signed(page: &Page<'_>, difference: Option<f64>, decimals: usize) -> String {
    let text = page.maybe(difference, decimals);
    // What is written as nothing has no sign.
    let rises = difference > Some(0.0) && text.bytes().any(|digit| matches!(digit, b'1'..=b'9'));
    if rises { format!("+{text}") } else { text }
}

/// Half the range within which a difference is no change, points.
fn limit(changes: &Changes, change: &Change) -> Option<f64> {
    Some(change.error? * changes.changed_z)
}

fn state<'a>(page: &Page<'a>, state: ChangeState) -> &'a str {
    let words = &page.words.changes;
    page.say(match state {
        ChangeState::Changed => &words.changed,
        ChangeState::Stable => &words.stable,
        ChangeState::NotUpdated => &words.not_updated,
        ChangeState::Unknown => &words.unknown,
        ChangeState::New => &words.new,
        ChangeState::Ended => &words.ended,
    })
}

fn zone_plots(page: &Page<'_>, changes: &Changes) -> Markup {
    let difference = |zone: &&ZoneChange| zone.index.difference();
    let mut zones: Vec<&ZoneChange> = changes.zones.iter().filter(|zone| difference(zone).is_some()).collect();
    let order = |zone: &ZoneChange| zone.index.difference().unwrap_or_default();
    zones.sort_by(|one, other| order(other).total_cmp(&order(one)));
    let ends = |zone: &&ZoneChange| order(zone).abs() + limit(changes, &zone.index).unwrap_or_default();
    // The same to both sides: what is in the middle did not change.
    let reach = (zones.iter().map(ends).fold(0.0, f64::max) / REACH_STEP).ceil().max(1.0) * REACH_STEP;
    let row = |zone: &&ZoneChange| {
        let (value, limit) = (order(zone), limit(changes, &zone.index));
        let moved = zone.index.state == ChangeState::Changed;
        let told = state(page, zone.index.state);
        PlotRow {
            label: short(page.zone_or_area(&zone.code)).to_owned(),
            mark: Some(value),
            range: limit.map(|limit| (value - limit, value + limit)),
            colour: if moved { DATA } else { QUIET }.to_owned(),
            filled: moved,
            strong: moved,
            title: format!(
                "{}: {} ± {}, {told}",
                page.zone_or_area(&zone.code),
                signed(page, Some(value), 1),
                page.maybe(limit, 1)
            ),
        }
    };
    let rows: Vec<PlotRow> = zones.iter().map(row).collect();
    let ticks = [-reach, -reach / 2.0, 0.0, reach / 2.0, reach].map(|at| (at, signed(page, Some(at), 0))).into();
    let axis = Axis { ends: (-reach, reach), ticks, widths: WIDTHS, thick: THICK };
    let alt = page.say(&page.words.changes.alt);
    html! {
        @if !rows.is_empty() {
            figure { div.plots.two { @for rows in rows.chunks(PLOT_ROWS) { (plot(rows, &axis, alt)) } } }
        }
    }
}

/// A difference in a table, strong where it is a change.
fn difference(page: &Page<'_>, change: Option<&Change>) -> Markup {
    let value = change.and_then(Change::difference);
    let changed = change.is_some_and(|change| change.state == ChangeState::Changed);
    html! { td.number.strong[changed] data-v=[value] { (signed(page, value, 1)) } }
}

fn zone_table(page: &Page<'_>, changes: &Changes) -> Markup {
    let words = &page.words.changes;
    let own = [&page.words.rayons.name, &words.former_class, &words.class, &words.former, &words.now];
    let mut head: Vec<String> = own.iter().map(|name| page.say(name).to_owned()).collect();
    head.extend([&words.difference, &words.limit, &words.state].map(|name| page.say(name).to_owned()));
    head.extend(Dimension::ALL.iter().map(|dimension| {
        let mark = if changes.updated.contains(dimension) { "" } else { page.say(&words.old_mark) };
        format!("{} {mark}", page.short_dimension(*dimension)).trim_end().to_owned()
    }));
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let class = |class: Option<_>| html! { @if let Some(class) = class { (class_name(page, class)) } @else { "–" } };
    let rows = html! {
        @for zone in changes.areas.iter().chain(&changes.zones) {
            tr {
                th scope="row" { (page.zone_or_area(&zone.code)) }
                td { (class(zone.classes.0)) }
                td { (class(zone.classes.1)) }
                (cell(page, zone.index.former, 1))
                (cell(page, zone.index.now, 1))
                (difference(page, Some(&zone.index)))
                (cell(page, limit(changes, &zone.index), 1))
                td.state { (state(page, zone.index.state)) }
                @for dimension in Dimension::ALL { (difference(page, zone.dimensions.get(dimension))) }
            }
        }
    };
    html! {
        (table(&head, true, &rows))
        p.small { (page.say(&words.table_text)) }
    }
}

/// How many clusters continue, are new, ended.
fn cluster_sentence(page: &Page<'_>, changes: &Changes) -> String {
    let count = |is_one: &dyn Fn(ChangeState) -> bool| {
        changes.clusters.iter().filter(|cluster| is_one(cluster.index.state)).count().to_string()
    };
    let (new, ended) = (count(&|state| state == ChangeState::New), count(&|state| state == ChangeState::Ended));
    let continued = count(&|state| !matches!(state, ChangeState::New | ChangeState::Ended));
    page.told(&page.words.changes.clusters_sentence, &[("continued", &continued), ("new", &new), ("ended", &ended)])
}

fn cluster_table(page: &Page<'_>, changes: &Changes) -> Markup {
    let words = &page.words.changes;
    let head = [
        &page.words.map.class,
        &page.words.clusters.number,
        &page.words.clusters.name,
        &words.former,
        &words.now,
        &words.difference,
        &words.limit,
        &words.state,
        &words.on_former_area,
    ];
    let row = |cluster: &ClusterChange| {
        html! {
            tr {
                td { (class_name(page, cluster.class)) }
                td.number data-v=(cluster.id) { (cluster.id) }
                th scope="row" { (cluster.names.get(page.language)) }
                (cell(page, cluster.index.former, 1))
                (cell(page, cluster.index.now, 1))
                (difference(page, Some(&cluster.index)))
                (cell(page, limit(changes, &cluster.index), 1))
                td.state { (state(page, cluster.index.state)) }
                (cell(page, cluster.now_on_former_area, 1))
            }
        }
    };
    let of = |class: ReadinessClass| changes.clusters.iter().filter(move |cluster| cluster.class == class);
    let rows = html! { @for cluster in ReadinessClass::ALL.iter().rev().copied().flat_map(of) { (row(cluster)) } };
    table(&head.map(|name| page.say(name)), true, &rows)
}
