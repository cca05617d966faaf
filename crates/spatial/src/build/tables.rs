//! The tables of a result, for people, spreadsheets and programs.

use std::collections::BTreeSet;

use kend_domain::{AreaCode, Dimension, ReadinessClass};
use kend_pack::{SectorZone, ZoneTravel};
use kend_readiness::{Goalposts, Treatment, cells::ScoreRule};

use super::{
    country::{ClusterRecord, ColumnStatus, Country, IndicatorColumn, NativeUnit, ValueStatus, ZoneRecord},
    gaps::GapVariant,
    sectors::{SectorZoneRecord, Sectors, WAYS, zone_word},
    summary::RayonSummary,
};
use crate::results::{Column, Table};

/// All tables.
pub(super) fn tables(country: &Country) -> Vec<Table> {
    let mut all = vec![indicators(country), values(country), rayons(country), cluster_table(country), gaps(country)];
    all.extend(country.sectors.as_ref().map(sectors));
    all
}

/// Says in each line whether the index is partial, as lines are copied without what stands above them; else empty.
fn partial(country: &Country, lines: usize) -> Column {
    let missing = &country.manifest.missing;
    let all = country.indicators.len();
    let said = missing.is_partial().then(|| format!("partial: {} of {all} indicators", all - missing.rows.len()));
    Column::text("partial", std::iter::repeat_n(said, lines))
}

fn table(name: &str, columns: Vec<Column>) -> Table {
    Table { name: name.to_owned(), columns }
}

fn whole(count: usize) -> Option<i64> {
    i64::try_from(count).ok()
}

/// The word of an enum as it is written in JSON.
const fn native(unit: NativeUnit) -> &'static str {
    match unit {
        NativeUnit::Zone => "zone",
        NativeUnit::Region => "region",
        NativeUnit::Cell => "cell",
        NativeUnit::InhabitedCell => "inhabited_cell",
    }
}

const fn status(status: ValueStatus) -> &'static str {
    match status {
        ValueStatus::Observed => "observed",
        ValueStatus::Imputed => "imputed",
        ValueStatus::Missing => "missing",
    }
}

fn treatment(treatment: Treatment) -> String {
    match treatment {
        Treatment::AsObserved => "as observed".to_owned(),
        Treatment::Winsorised { points, .. } => format!("{points} values pulled in"),
        Treatment::Logarithm { .. } | Treatment::MirroredLogarithm { .. } => "logarithm".to_owned(),
        Treatment::Clamped { .. } => "clamped to percentiles".to_owned(),
    }
}

fn indicators(country: &Country) -> Table {
    let all = || country.indicators.iter();
    let treated = |column: &IndicatorColumn| match column.rule? {
        ScoreRule::Coverage => Some("share".to_owned()),
        ScoreRule::Goalposts(goalposts) => Some(treatment(goalposts.treatment)),
    };
    let ends = |column: &IndicatorColumn| match column.rule? {
        ScoreRule::Coverage => Some((0.0, 1.0)),
        ScoreRule::Goalposts(Goalposts { low, high, .. }) => Some((low, high)),
    };
    let status = |column: &IndicatorColumn| match column.status {
        ColumnStatus::Used => "used".to_owned(),
        ColumnStatus::Undeclared => "undeclared".to_owned(),
        ColumnStatus::Dropped => "dropped".to_owned(),
        ColumnStatus::LeftOut(reason) => format!("left out: {reason}"),
    };
    let lag = |column: &IndicatorColumn| country.lag_rules.get(&column.row);
    let columns = vec![
        Column::whole("row", all().map(|column| Some(column.row.into()))),
        Column::text("dimension", all().map(|column| Some(column.dimension.to_string()))),
        Column::number("weight", all().map(|column| Some(column.weight))),
        Column::text("status", all().map(|column| Some(status(column)))),
        Column::text("observed_in", all().map(|column| Some(native(column.native).to_owned()))),
        Column::text("unit", all().map(|column| Some(column.unit.clone()))),
        Column::whole("year", all().map(|column| column.year.map(i64::from))),
        Column::text("treatment", all().map(treated)),
        Column::number("low", all().map(|column| ends(column).map(|ends| ends.0))),
        Column::number("high", all().map(|column| ends(column).map(|ends| ends.1))),
        Column::number("lag_threshold", all().map(|column| lag(column).map(|rule| rule.threshold))),
        Column::number("lag_minimum", all().map(|column| lag(column).map(|rule| rule.minimum))),
        Column::text("files", all().map(|column| Some(column.files.join("; ")))),
    ];
    table("indicators", columns)
}

/// Raw values of zones, one a line.
fn values(country: &Country) -> Table {
    let all = || country.zones.iter().flat_map(|zone| zone.values.iter().map(move |(row, value)| (zone, *row, value)));
    let columns = vec![
        Column::text("zone", all().map(|(zone, ..)| Some(zone.code.to_string()))),
        Column::whole("row", all().map(|(_, row, _)| Some(row.into()))),
        Column::number("value", all().map(|(.., value)| value.value)),
        Column::number("area_mean", all().map(|(.., value)| value.area_mean)),
        Column::number("score", all().map(|(zone, row, _)| zone.scores.get(&row).copied())),
        Column::text("status", all().map(|(.., value)| Some(status(value.status).to_owned()))),
        Column::whole("year", all().map(|(.., value)| Some(value.year.into()))),
    ];
    table("values", columns)
}

/// The zones that are not left out.
fn rayons(country: &Country) -> Table {
    let zone = |summary: &RayonSummary| country.zones.iter().find(|zone| zone.code == summary.code);
    let rows: Vec<ZoneRow<'_>> =
        country.rayons.iter().filter_map(|summary| Some((zone(summary)?, Some(summary)))).collect();
    table("rayons", zone_columns(country, &rows))
}

/// All zones in their order, those left out too, with all that is known of each: the attributes of their layer.
pub(super) fn zone_layer_table(country: &Country) -> Table {
    let summary = |zone: &ZoneRecord| country.rayons.iter().find(|summary| summary.code == zone.code);
    let rows: Vec<ZoneRow<'_>> = country.zones.iter().map(|zone| (zone, summary(zone))).collect();
    let mut columns = zone_columns(country, &rows);
    columns.push(Column::whole("excluded", country.zones.iter().map(|zone| Some(zone.excluded.into()))));
    for row in country.indicators.iter().map(|column| column.row) {
        let values = || country.zones.iter().map(|zone| zone.values.get(&row));
        let scores = country.zones.iter().map(|zone| zone.scores.get(&row).copied());
        columns.push(Column::number(format!("row{row}_value"), values().map(|value| value?.value)));
        columns.push(Column::number(format!("row{row}_score"), scores));
        let statuses = values().map(|value| Some(status(value?.status).to_owned()));
        columns.push(Column::text(format!("row{row}_status"), statuses));
    }
    table("rayons", columns)
}

type ZoneRow<'a> = (&'a ZoneRecord, Option<&'a RayonSummary>);

fn zone_columns(country: &Country, rows: &[ZoneRow<'_>]) -> Vec<Column> {
    let zone = || rows.iter().map(|(zone, _)| *zone);
    let summary = || rows.iter().map(|(_, summary)| *summary);
    let sorted = |ranked: fn(&RayonSummary) -> Option<f64>| {
        let mut all: Vec<f64> = country.rayons.iter().filter_map(ranked).collect();
        all.sort_by(f64::total_cmp);
        all
    };
    // 1 for the highest; equals share the best of their places.
    let rank = |ranked: fn(&RayonSummary) -> Option<f64>| {
        let all = sorted(ranked);
        let own = move |summary: Option<&RayonSummary>| {
            let own = ranked(summary?)?;
            whole(1 + all.iter().filter(|other| **other > own).count())
        };
        summary().map(own).collect::<Vec<_>>()
    };
    let word = |class: ReadinessClass| class.to_string();
    let mut columns = vec![
        Column::text("code", zone().map(|zone| Some(zone.code.to_string()))),
        Column::text("name_az", zone().map(|zone| Some(zone.names.az.clone()))),
        Column::text("name_en", zone().map(|zone| Some(zone.names.en.clone()))),
        Column::text("name_ru", zone().map(|zone| Some(zone.names.ru.clone()))),
        Column::number("area_km2", zone().map(|zone| Some(zone.area_km2))),
        Column::number("population", zone().map(|zone| Some(zone.population))),
        Column::number("index", summary().map(|summary| summary?.index)),
        Column::whole("rank", rank(|summary| summary.index)),
        Column::text("class", summary().map(|summary| summary?.class.map(word))),
    ];
    for (place, class) in ReadinessClass::ALL.iter().enumerate() {
        let share = summary().map(|summary| summary?.class_shares.get(place).copied());
        columns.push(Column::number(format!("share_{class}"), share));
    }
    columns.push(Column::number("index_of_values", summary().map(|summary| summary?.index_of_values)));
    columns.push(Column::whole("rank_of_values", rank(|summary| summary.index_of_values)));
    columns.push(Column::text("class_of_values", summary().map(|summary| summary?.class_of_values.map(word))));
    for dimension in Dimension::ALL {
        let own = summary().map(|summary| summary?.dimensions.get(dimension).copied());
        columns.push(Column::number(dimension.word(), own));
    }
    for dimension in Dimension::ALL {
        let own = summary().map(|summary| summary?.dimensions_of_values.get(dimension).copied());
        columns.push(Column::number(format!("{dimension}_of_values"), own));
    }
    for dimension in Dimension::ALL {
        let own = |zone: &ZoneRecord| country.robustness.zones.get(zone.code.as_str())?.get(dimension).copied();
        columns.push(Column::number(format!("sd_{dimension}"), zone().map(own)));
    }
    columns.push(partial(country, rows.len()));
    columns
}

/// Clusters of all classes, one a line.
pub(super) fn cluster_table(country: &Country) -> Table {
    let all = || country.clusters.values().flatten();
    let mut columns = vec![
        Column::text("class", all().map(|cluster| Some(cluster.class.to_string()))),
        Column::whole("id", all().map(|cluster| Some(cluster.id.into()))),
        Column::text("name_az", all().map(|cluster| Some(cluster.names.az.clone()))),
        Column::text("name_en", all().map(|cluster| Some(cluster.names.en.clone()))),
        Column::text("name_ru", all().map(|cluster| Some(cluster.names.ru.clone()))),
        Column::number("area_km2", all().map(|cluster| Some(cluster.area_km2))),
        Column::number("population", all().map(|cluster| Some(cluster.population))),
        Column::whole("cells", all().map(|cluster| whole(cluster.cells.len()))),
        Column::number("index", all().map(|cluster| cluster.index)),
        Column::number("index_by_area", all().map(|cluster| cluster.index_by_area)),
    ];
    for dimension in Dimension::ALL {
        let own = all().map(|cluster| cluster.dimensions.get(dimension).copied());
        columns.push(Column::number(dimension.word(), own));
    }
    for dimension in Dimension::ALL {
        let gap = |cluster: &ClusterRecord| {
            country.gaps.clusters.get(&cluster.class)?.get(&cluster.id)?.get(dimension).copied()
        };
        columns.push(Column::number(format!("gap_{dimension}"), all().map(gap)));
    }
    let zone = |(code, share): &(AreaCode, f64)| format!("{code} {share}");
    let zones = |cluster: &ClusterRecord| cluster.zones.iter().map(zone).collect::<Vec<_>>().join("; ");
    columns.push(Column::text("zones", all().map(|cluster| Some(zones(cluster)))));
    columns.push(partial(country, all().count()));
    table("clusters", columns)
}

/// Zones of sectors, one a line, with the mean way from each to those that follow on it.
fn sectors(sectors: &Sectors) -> Table {
    let all = || sectors.zones.iter();
    let own = |record: &SectorZoneRecord| {
        sectors.concentrations.iter().find(|own| own.crop == record.crop && own.zone == record.zone)
    };
    let mut columns = vec![
        Column::text("crop", all().map(|record| record.crop.clone())),
        Column::text("zone", all().map(|record| Some(zone_word(record.zone).to_owned()))),
        Column::number("threshold", all().map(|record| own(record)?.threshold)),
        Column::text("unit", all().map(|record| Some(own(record)?.unit.clone()))),
        Column::whole("year", all().map(|record| Some(own(record)?.year.into()))),
        Column::whole("cells", all().map(|record| whole(record.cells))),
        Column::number("area_km2", all().map(|record| Some(record.area_km2))),
        Column::number("population", all().map(|record| Some(record.population))),
    ];
    let ends: BTreeSet<SectorZone> = WAYS.iter().map(|(_, to)| *to).collect();
    for to in ends {
        let way = |record: &SectorZoneRecord| {
            let is_own = |way: &&ZoneTravel| way.crop == record.crop && way.from == record.zone && way.to == to;
            sectors.travel.iter().find(is_own).map(|way| way.minutes)
        };
        columns.push(Column::number(format!("minutes_to_{}", zone_word(to)), all().map(way)));
    }
    let rayons = |record: &SectorZoneRecord| {
        let texts: Vec<String> = record.rayons.iter().map(|(code, share)| format!("{code} {share}")).collect();
        texts.join("; ")
    };
    columns.push(Column::text("rayons", all().map(|record| Some(rayons(record)))));
    table("sectors", columns)
}

/// A gap and what it is of.
struct Gap {
    of: &'static str,
    class: ReadinessClass,
    cluster: Option<u16>,
    row: Option<u8>,
    dimension: Option<Dimension>,
    percent: f64,
    significant: bool,
}

/// Gaps of classes by variant, of clusters, and of each indicator.
fn gaps(country: &Country) -> Table {
    let mut all = Vec::new();
    let none = Gap {
        of: "",
        class: ReadinessClass::Activate,
        cluster: None,
        row: None,
        dimension: None,
        percent: 0.0,
        significant: false,
    };
    for (variant, classes) in &country.gaps.classes {
        for (class, gaps) in classes {
            let named = country.gaps.significant.get(class);
            for (dimension, percent) in gaps {
                let significant = *variant == GapVariant::Area && named.is_some_and(|own| own.contains(dimension));
                let (of, dimension) = (variant.word(), Some(*dimension));
                all.push(Gap { of, class: *class, dimension, percent: *percent, significant, ..none });
            }
        }
    }
    for (class, clusters) in &country.gaps.clusters {
        for (id, gaps) in clusters {
            for (dimension, percent) in gaps {
                let (cluster, dimension) = (Some(*id), Some(*dimension));
                all.push(Gap { of: "cluster", class: *class, cluster, dimension, percent: *percent, ..none });
            }
        }
    }
    for (row, classes) in &country.gaps.rows {
        for (class, percent) in classes {
            all.push(Gap { of: "indicator", class: *class, row: Some(*row), percent: *percent, ..none });
        }
    }
    let columns = vec![
        Column::text("of", all.iter().map(|gap| Some(gap.of.to_owned()))),
        Column::text("class", all.iter().map(|gap| Some(gap.class.to_string()))),
        Column::whole("cluster", all.iter().map(|gap| gap.cluster.map(i64::from))),
        Column::whole("row", all.iter().map(|gap| gap.row.map(i64::from))),
        Column::text("dimension", all.iter().map(|gap| gap.dimension.map(|dimension| dimension.to_string()))),
        Column::number("gap_percent", all.iter().map(|gap| Some(gap.percent))),
        Column::whole("significant", all.iter().map(|gap| gap.significant.then_some(1))),
    ];
    table("gaps", columns)
}
