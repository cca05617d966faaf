//! What is in the demo's pack, as a table for the person who builds it.

use std::fmt::Write as _;

use kend_domain::{Dimension, Language};
use kend_pack::Cluster;
use kend_readiness::{BadThresholds, Method, Thresholds, class_of, indicators, position};

use super::{DemoError, build::Built};

/// The table.
pub(super) fn describe(built: &Built) -> Result<String, DemoError> {
    let content = built.pack.content();
    let mut text = String::new();
    let total = indicators().len();
    line(
        &mut text,
        format_args!("{} (pack {}, method {})", content.project.title.en, content.version, content.method_version),
    );
    line(&mut text, format_args!("fingerprint {}", built.pack.fingerprint()));
    line(&mut text, format_args!("{} rayons, {} places", content.rayons.len(), content.places.len()));
    line(&mut text, format_args!("data year {:.2}\n", content.data_year));
    line(&mut text, format_args!("indicators present: {} of {total}", built.coverage.len()));
    line(&mut text, format_args!("{:>4}  {:<28} {:>7}  {:<9} {:<40}", "row", "indicator", "rayons", "period", "unit"));
    for indicator in indicators() {
        let Some((observed, of)) = built.coverage.get(&indicator.row) else { continue };
        let value = content
            .clusters
            .first()
            .and_then(|cluster| cluster.indicators.iter().find(|value| value.row == indicator.row));
        let period = value.and_then(|value| value.period.as_deref()).unwrap_or_default();
        let unit = value.map(|value| value.unit.en.as_str()).unwrap_or_default();
        let name = indicator.name.get(Language::En);
        line(
            &mut text,
            format_args!("{:>4}  {name:<28} {:>7}  {period:<9} {unit}", indicator.row, format!("{observed}/{of}")),
        );
    }
    let without: Vec<&str> = content
        .partial
        .iter()
        .flat_map(|partial| &partial.dimensions_without_data)
        .map(|dimension| Dimension::word(*dimension))
        .collect();
    line(&mut text, format_args!("no data: {}\n", without.join(", ")));
    line(
        &mut text,
        format_args!("thresholds, area quintiles over {} rayons: index {:?}", built.indexed, content.index_thresholds),
    );
    for cluster in &content.clusters {
        describe_cluster(&mut text, cluster, content.index_thresholds, built)?;
    }
    Ok(text)
}

fn describe_cluster(text: &mut String, cluster: &Cluster, index: [f64; 4], built: &Built) -> Result<(), DemoError> {
    let unfit = |error: BadThresholds| DemoError::Unfit(error.to_string());
    let method = Method::standard();
    let index = Thresholds::new(index).map_err(unfit)?;
    let report = built.clusters.iter().find(|entry| entry.id == cluster.id);
    let rayons: Vec<&str> = cluster.rayons.iter().map(kend_domain::AreaCode::as_str).collect();
    line(text, format_args!("\n{} ({})", cluster.names.en, rayons.join(", ")));
    if let Some(report) = report {
        let (number, paragraphs, remark) = (report.number_in_report, &report.report_paragraphs, &report.remark);
        line(text, format_args!("  village cluster {number} of the report, paragraphs {paragraphs}. {remark}"));
    }
    let (villages, people, year) = (cluster.villages_total, cluster.population, cluster.population_year);
    line(text, format_args!("  {villages} villages, {people} inhabitants in {year}"));
    line(text, format_args!("  index {:.2}: {} (partial)", cluster.index, class_of(cluster.index, &index)));
    for dimension in &cluster.dimensions {
        let (Some(value), Some(four), Some(sd)) = (dimension.value, dimension.thresholds, dimension.sd_mc) else {
            line(text, format_args!("  {:<20} no data", dimension.dimension));
            continue;
        };
        let thresholds = Thresholds::new(four).map_err(unfit)?;
        let class = class_of(value, &thresholds);
        let position = position(value, &thresholds, method);
        line(
            text,
            format_args!(
                "  {:<20} {value:>6.2}  {class:<18} position {position:>5.1}  sd_mc {sd:>5.2}  thresholds {four:?}",
                dimension.dimension
            ),
        );
    }
    for value in &cluster.indicators {
        if let (Some(number), Some(score), Some(norm)) = (value.value, value.score, value.norm) {
            let measure = &value.unit.en;
            line(
                text,
                format_args!("  row {:>2}  {number:>7.2} {measure}: score {score:.1}, norm {norm:.1}", value.row),
            );
        }
    }
    Ok(())
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{arguments}");
}
