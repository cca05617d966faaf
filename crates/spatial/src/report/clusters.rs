//! Clusters of each class: map and table (Figure 8, Table 7 of the report).

use kend_domain::{Dimension, ReadinessClass};
use maud::{Markup, html};

use super::{
    map::{Over, map},
    page::{Page, cell, class_name, table},
    picture::Paint,
};
use crate::build::{
    ClusterRecord, Country,
    number::{place, real},
};

/// Radius of a number on the large map and on small ones, units of the drawing.
const NUMBER: f64 = 13.0;
const SMALL_MAP_NUMBER: f64 = 20.0;
/// Zones with at least this share of a cluster's people are named in the table, but not more than so many; the rest are
/// counted.
const NAMED_SHARE: f64 = 0.01;
const MOST_NAMED: usize = 8;

/// What each land cell of the map of a class's clusters shows.
pub(super) fn paint(country: &Country, class: ReadinessClass) -> Vec<Paint> {
    let mut paint = vec![Paint::Plain; country.land.len()];
    let own = (0_u8..).zip(ReadinessClass::ALL).find(|(_, own)| **own == class).map_or(u8::MAX, |(place, _)| place);
    for cell in country.clusters.get(&class).into_iter().flatten().flat_map(|cluster| &cluster.cells) {
        if let Some(shown) = paint.get_mut(place(*cell)) {
            *shown = Paint::Class(own);
        }
    }
    paint
}

/// The section; `pictures` are those of the classes, lowest first.
pub(super) fn clusters(page: &Page<'_>, pictures: &[String]) -> Markup {
    let (words, rules) = (&page.words.clusters, &page.country.manifest.clusters);
    let (area, people) = (page.number(rules.least_area_km2, 0), page.number(rules.least_population, 0));
    let mut classes: Vec<(ReadinessClass, &String)> = ReadinessClass::ALL.iter().copied().zip(pictures).collect();
    let top = classes.pop();
    html! {
        section id="clusters" {
            h2 { (page.say(&words.title)) }
            p { (page.told(&words.text, &[("area", &area), ("people", &people)])) }
            @if let Some((class, picture)) = top {
                p { (sentence(page, class)) }
                figure { div.wide { (cluster_map(page, class, picture, NUMBER)) } }
                (cluster_table(page, class))
            }
            h3 { (page.say(&words.others)) }
            div.small-maps {
                @for (class, picture) in classes.iter().rev() {
                    figure {
                        figcaption { (class_name(page, *class)) }
                        (cluster_map(page, *class, picture, SMALL_MAP_NUMBER))
                    }
                }
            }
            @for (class, _) in classes.iter().rev() {
                h4 { (class_name(page, *class)) }
                p { (sentence(page, *class)) }
                (cluster_table(page, *class))
            }
        }
    }
}

fn of<'a>(page: &Page<'a>, class: ReadinessClass) -> &'a [ClusterRecord] {
    page.country.clusters.get(&class).map_or(&[], Vec::as_slice)
}

fn sentence(page: &Page<'_>, class: ReadinessClass) -> String {
    let (words, all) = (&page.words.clusters, of(page, class));
    let Some(first) = all.first() else { return page.told(&words.none, &[("class", page.class(class))]) };
    let area: f64 = all.iter().map(|cluster| cluster.area_km2).sum();
    page.told(
        &words.sentence,
        &[
            ("class", page.class(class)),
            ("count", &all.len().to_string()),
            ("area", &page.number(area, 0)),
            ("name", first.names.get(page.language)),
            ("people", &page.number(first.population, 0)),
        ],
    )
}

fn cluster_map(page: &Page<'_>, class: ReadinessClass, picture: &str, radius: f64) -> Markup {
    let numbers = of(page, class).iter().filter_map(|cluster| Some((cluster.id.to_string(), middle(page, cluster)?)));
    let over = Over { numbers: numbers.collect(), number_radius: radius, ..Over::default() };
    let alt = page.told(&page.words.clusters.alt, &[("class", page.class(class))]);
    map(page, picture, &over, (class.word(), &alt))
}

/// The middle of the cluster's cell that is nearest to the middle of all, metres: a number stands in its cluster, whatever
/// its shape.
fn middle(page: &Page<'_>, cluster: &ClusterRecord) -> Option<(f64, f64)> {
    let grid = &page.country.grid;
    let centre = |cell: &u32| Some(grid.centre(grid.cell(place(*page.country.land.get(place(*cell))?))?));
    let centres: Vec<(f64, f64)> = cluster.cells.iter().filter_map(centre).collect();
    let count = real(centres.len());
    let (x, y) = centres.iter().fold((0.0, 0.0), |sum, at| (sum.0 + at.0 / count, sum.1 + at.1 / count));
    let far = |at: &(f64, f64)| (at.0 - x) * (at.0 - x) + (at.1 - y) * (at.1 - y);
    centres.into_iter().min_by(|one, other| far(one).total_cmp(&far(other)))
}

fn cluster_table(page: &Page<'_>, class: ReadinessClass) -> Markup {
    let (words, map_words, all) = (&page.words.clusters, &page.words.map, of(page, class));
    let own = [&words.number, &words.name, &words.zones, &map_words.area, &map_words.people, &words.index];
    let mut head: Vec<&str> = own.iter().map(|name| page.say(name)).collect();
    head.extend(Dimension::ALL.iter().map(|dimension| page.short_dimension(*dimension)));
    head.push(page.say(&words.gap));
    let rows = html! {
        @for cluster in all {
            tr {
                td.number data-v=(cluster.id) { (cluster.id) }
                th scope="row" { (cluster.names.get(page.language)) }
                td.names { (zones(page, cluster)) }
                (cell(page, Some(cluster.area_km2), 0))
                (cell(page, Some(cluster.population), 0))
                (cell(page, cluster.index, 1))
                @for dimension in Dimension::ALL { (cell(page, cluster.dimensions.get(dimension).copied(), 1)) }
                td { (largest_gap(page, class, cluster)) }
            }
        }
    };
    html! { @if !all.is_empty() { (table(&head, true, &rows)) } }
}

fn zones(page: &Page<'_>, cluster: &ClusterRecord) -> String {
    let named = cluster.zones.iter().filter(|(_, share)| *share >= NAMED_SHARE).take(MOST_NAMED);
    let mut zones: Vec<String> = named
        .map(|(code, share)| {
            let name = page.short_zone(code);
            format!("{name}\u{a0}{}\u{a0}%", page.percent(*share))
        })
        .collect();
    let rest = cluster.zones.len().saturating_sub(zones.len());
    if rest > 0 {
        zones.push(page.told(&page.words.clusters.more, &[("count", &rest.to_string())]));
    }
    zones.join(", ")
}

fn largest_gap(page: &Page<'_>, class: ReadinessClass, cluster: &ClusterRecord) -> String {
    let gaps = page.country.gaps.clusters.get(&class).and_then(|clusters| clusters.get(&cluster.id));
    let largest = gaps.into_iter().flatten().max_by(|one, other| one.1.total_cmp(other.1));
    largest.map_or_else(
        || "–".to_owned(),
        |(dimension, gap)| format!("{} {}\u{a0}%", page.short_dimension(*dimension), page.number(*gap, 0)),
    )
}
