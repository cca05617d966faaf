//! The tables of a result, for people and spreadsheets.

use std::collections::BTreeMap;

use kend_domain::{AreaCode, Dimension, ReadinessClass};
use kend_readiness::Treatment;

use super::{
    country::{ColumnStatus, Country, IndicatorColumn, NativeUnit, ValueStatus},
    error::BuildError,
    gaps::GapVariant,
    manifest::RuleRecord,
};

/// A text for each file.
pub(super) fn tables(country: &Country) -> Result<BTreeMap<String, String>, BuildError> {
    let texts = [
        ("indicators.csv", indicators(country)?),
        ("values.csv", values(country)?),
        ("rayons.csv", rayons(country)?),
        ("clusters.csv", clusters(country)?),
        ("gaps.csv", gaps(country)?),
    ];
    Ok(texts.into_iter().map(|(file, text)| (file.to_owned(), text)).collect())
}

fn sheet(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Result<String, BuildError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(head)?;
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn class(class: Option<ReadinessClass>) -> String {
    class.map_or_else(String::new, |class| class.to_string())
}

/// The column that says in each line whether the index is partial, as lines are copied without what stands above them.
const PARTIAL: &str = "partial";

fn partial(country: &Country) -> String {
    let missing = &country.manifest.missing;
    if !missing.is_partial() {
        return String::new();
    }
    let all = country.indicators.len();
    format!("partial: {} of {all} indicators", all - missing.rows.len())
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

fn indicators(country: &Country) -> Result<String, BuildError> {
    let head = [
        "row",
        "dimension",
        "weight",
        "status",
        "observed_in",
        "unit",
        "year",
        "treatment",
        "low",
        "high",
        "lag_threshold",
        "lag_minimum",
        "files",
    ];
    let row = |column: &IndicatorColumn| {
        let rule = column.rule.map(RuleRecord::from);
        let (treated, low, high) = match rule {
            None => (String::new(), None, None),
            Some(RuleRecord::Coverage) => ("share".to_owned(), Some(0.0), Some(1.0)),
            Some(RuleRecord::Goalposts { treatment: own, low, high, .. }) => (treatment(own), Some(low), Some(high)),
        };
        let lag = country.lag_rules.get(&column.row);
        vec![
            column.row.to_string(),
            column.dimension.to_string(),
            column.weight.to_string(),
            match column.status {
                ColumnStatus::Used => "used".to_owned(),
                ColumnStatus::Undeclared => "undeclared".to_owned(),
                ColumnStatus::LeftOut(reason) => format!("left out: {reason}"),
            },
            native(column.native).to_owned(),
            column.unit.clone(),
            column.year.map_or_else(String::new, |year| year.to_string()),
            treated,
            number(low),
            number(high),
            number(lag.map(|rule| rule.threshold)),
            number(lag.map(|rule| rule.minimum)),
            column.files.join("; "),
        ]
    };
    sheet(&head, country.indicators.iter().map(row))
}

/// Raw values of zones, one a line.
fn values(country: &Country) -> Result<String, BuildError> {
    let head = ["zone", "row", "value", "area_mean", "score", "status", "year"];
    let rows = country.zones.iter().flat_map(|zone| {
        zone.values.iter().map(|(row, value)| {
            vec![
                zone.code.to_string(),
                row.to_string(),
                number(value.value),
                number(value.area_mean),
                number(zone.scores.get(row).copied()),
                status(value.status).to_owned(),
                value.year.to_string(),
            ]
        })
    });
    sheet(&head, rows)
}

fn rayons(country: &Country) -> Result<String, BuildError> {
    let mut head = vec!["code", "name_az", "name_en", "name_ru", "area_km2", "population", "index", "class"];
    let shares: Vec<String> = ReadinessClass::ALL.iter().map(|class| format!("share_{class}")).collect();
    head.extend(shares.iter().map(String::as_str));
    head.extend(["index_of_values", "class_of_values"]);
    head.extend(Dimension::ALL.iter().map(|dimension| dimension.word()));
    let of_values: Vec<String> = Dimension::ALL.iter().map(|dimension| format!("{dimension}_of_values")).collect();
    head.extend(of_values.iter().map(String::as_str));
    head.extend(Dimension::ALL.iter().map(|dimension| match dimension {
        Dimension::EconomicSources => "sd_economic_sources",
        Dimension::Infrastructure => "sd_infrastructure",
        Dimension::HumanCapital => "sd_human_capital",
        Dimension::EconomicPotential => "sd_economic_potential",
        Dimension::Governance => "sd_governance",
    }));
    head.push(PARTIAL);
    let row = |summary: &super::summary::RayonSummary| {
        let zone = country.zones.iter().find(|zone| zone.code == summary.code);
        let names = zone.map(|zone| zone.names.clone());
        let name = |of: fn(kend_domain::Names) -> String| names.clone().map(of).unwrap_or_default();
        let mut row = vec![
            summary.code.to_string(),
            name(|names| names.az),
            name(|names| names.en),
            name(|names| names.ru),
            number(zone.map(|zone| zone.area_km2)),
            number(zone.map(|zone| zone.population)),
            number(summary.index),
            class(summary.class),
        ];
        row.extend(summary.class_shares.iter().map(ToString::to_string));
        row.extend([number(summary.index_of_values), class(summary.class_of_values)]);
        let sd = country.robustness.zones.get(summary.code.as_str());
        for values in [Some(&summary.dimensions), Some(&summary.dimensions_of_values), sd] {
            let of = |dimension| number(values.and_then(|values| values.get(dimension)).copied());
            row.extend(Dimension::ALL.iter().map(of));
        }
        row.push(partial(country));
        row
    };
    sheet(&head, country.rayons.iter().map(row))
}

fn clusters(country: &Country) -> Result<String, BuildError> {
    let mut head = vec![
        "class",
        "id",
        "name_az",
        "name_en",
        "name_ru",
        "area_km2",
        "population",
        "cells",
        "index",
        "index_by_area",
    ];
    head.extend(Dimension::ALL.iter().map(|dimension| dimension.word()));
    let gap_names: Vec<String> = Dimension::ALL.iter().map(|dimension| format!("gap_{dimension}")).collect();
    head.extend(gap_names.iter().map(String::as_str));
    head.extend(["zones", PARTIAL]);
    let rows = country.clusters.values().flatten().map(|cluster| {
        let mut row = vec![
            cluster.class.to_string(),
            cluster.id.to_string(),
            cluster.names.az.clone(),
            cluster.names.en.clone(),
            cluster.names.ru.clone(),
            cluster.area_km2.to_string(),
            cluster.population.to_string(),
            cluster.cells.len().to_string(),
            number(cluster.index),
            number(cluster.index_by_area),
        ];
        row.extend(Dimension::ALL.iter().map(|dimension| number(cluster.dimensions.get(dimension).copied())));
        let gaps = country.gaps.clusters.get(&cluster.class).and_then(|clusters| clusters.get(&cluster.id));
        let gap = |dimension| number(gaps.and_then(|gaps| gaps.get(dimension)).copied());
        row.extend(Dimension::ALL.iter().map(gap));
        let zone = |(code, share): &(AreaCode, f64)| format!("{code} {share}");
        row.push(cluster.zones.iter().map(zone).collect::<Vec<_>>().join("; "));
        row.push(partial(country));
        row
    });
    sheet(&head, rows)
}

/// Gaps of classes by variant, of clusters, and of each indicator.
fn gaps(country: &Country) -> Result<String, BuildError> {
    let head = ["of", "class", "cluster", "row", "dimension", "gap_percent", "significant"];
    let mut rows = Vec::new();
    let line =
        |of: &str, class: ReadinessClass, cluster: String, row: String, dimension: String, gap: f64, sign: bool| {
            let sign = if sign { "1" } else { "" }.to_owned();
            vec![of.to_owned(), class.to_string(), cluster, row, dimension, gap.to_string(), sign]
        };
    for (variant, classes) in &country.gaps.classes {
        for (class, gaps) in classes {
            let significant = country.gaps.significant.get(class);
            for (dimension, gap) in gaps {
                let sign = *variant == GapVariant::Area && significant.is_some_and(|own| own.contains(dimension));
                rows.push(line(
                    variant.word(),
                    *class,
                    String::new(),
                    String::new(),
                    dimension.to_string(),
                    *gap,
                    sign,
                ));
            }
        }
    }
    for (class, clusters) in &country.gaps.clusters {
        for (id, gaps) in clusters {
            for (dimension, gap) in gaps {
                rows.push(line("cluster", *class, id.to_string(), String::new(), dimension.to_string(), *gap, false));
            }
        }
    }
    for (row, classes) in &country.gaps.rows {
        for (class, gap) in classes {
            rows.push(line("indicator", *class, String::new(), row.to_string(), String::new(), *gap, false));
        }
    }
    sheet(&head, rows)
}
