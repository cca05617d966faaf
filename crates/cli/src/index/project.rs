//! The project folder of an office: making it, and saying what is in it.

use std::{io::Write, path::PathBuf};

use clap::Args;
use kend_spatial::{Found, INDEX_TOML, IndicatorReport, LayerReport, NotMatched, RasterRange, Report, SynthSettings};

use super::IndexError;

/// Where a project folder is made.
#[derive(Debug, Args)]
pub(crate) struct InitArguments {
    /// The folder; it has to be new or empty.
    folder: PathBuf,
}

/// Where a generated country is made, and which.
#[derive(Debug, Args)]
pub(crate) struct SynthArguments {
    /// The folder; it has to be new or empty.
    folder: PathBuf,
    /// Side of the cells in metres, 30 to 5000.
    #[arg(long, default_value_t = 100.0)]
    cell_m: f64,
    /// What chance begins with: the same number gives the same country.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Which project folder is checked, and how it is told.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// The project folder.
    folder: PathBuf,
    /// Print all of it as JSON.
    #[arg(long)]
    json: bool,
}

/// Makes a project folder.
pub(super) fn init(arguments: &InitArguments, output: &mut impl Write) -> Result<(), IndexError> {
    kend_spatial::init(&arguments.folder)?;
    let settings = arguments.folder.join(INDEX_TOML);
    writeln!(output, "made {}: its settings are in {}", arguments.folder.display(), settings.display())?;
    Ok(output.flush()?)
}

/// Makes a generated country.
pub(super) fn synth(arguments: &SynthArguments, output: &mut impl Write) -> Result<(), IndexError> {
    let SynthArguments { folder, cell_m, seed } = arguments;
    let planted = kend_spatial::synth(folder, SynthSettings { cell_m: *cell_m, seed: *seed })?;
    writeln!(output, "made {}: {}", folder.display(), planted.label)?;
    writeln!(
        output,
        "{} clusters of all classes are planted; what has to be found is in planted.json",
        planted.clusters.len()
    )?;
    Ok(output.flush()?)
}

/// Says what a project folder holds and lacks.
pub(super) fn check(arguments: &CheckArguments, output: &mut impl Write) -> Result<(), IndexError> {
    let report = kend_spatial::check(&arguments.folder)?;
    if arguments.json {
        serde_json::to_writer_pretty(&mut *output, &report).map_err(std::io::Error::from)?;
        writeln!(output)?;
    } else {
        write!(output, "{}", told(&report))?;
    }
    output.flush()?;
    if report.usable {
        return Ok(());
    }
    Err(IndexError::NotUsable { folder: arguments.folder.display().to_string(), problems: report.problems.len() })
}

/// The report for people.
fn told(report: &Report) -> String {
    let excluded: Vec<&str> = report.excluded.iter().map(kend_domain::AreaCode::as_str).collect();
    let mut text = format!("{} zones; left out: {}\n\n", report.zones, listed(&excluded));
    let head = ["row", "indicator", "kind", "status", "zones", "year", "unit", "divided by", "file"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(report.indicators.iter().map(|indicator| indicator_row(indicator, report.zones)));
    rows.extend(report.figures.iter().map(|figure| {
        let start = ["", &figure.name, "figure", if figure.found.is_some() { "" } else { "wrong" }].map(str::to_owned);
        let unit = figure.found.as_ref().map_or("", |found| &found.unit);
        [start.to_vec(), found_cells(figure.found.as_ref(), report.zones, unit, "")].concat()
    }));
    text += &aligned(&rows);
    text += "\ndimensions, by the weight of indicators that can be used:\n";
    text += &aligned(
        &report
            .dimensions
            .iter()
            .map(|found| {
                let enough = if found.may_have_value { "enough" } else { "too little" };
                vec![found.dimension.to_string(), percent(found.weight_share), enough.to_owned()]
            })
            .collect::<Vec<_>>(),
    );
    if !report.layers.is_empty() {
        text += "\nlayers:\n";
        text += &aligned(&report.layers.iter().map(|layer| layer_row(layer, report.zones)).collect::<Vec<_>>());
    }
    section(&mut text, "`kend index build` still needs", report.build_lacks.iter().cloned());
    let remarks = report
        .indicators
        .iter()
        .flat_map(|indicator| indicator.remarks.iter().map(|remark| format!("row {}: {remark}", indicator.row)));
    section(&mut text, "differs from the method", remarks);
    let lacking = report.indicators.iter().filter(|indicator| indicator.found.is_some()).filter_map(|indicator| {
        let codes: Vec<&str> = indicator.zones_missing.iter().map(kend_domain::AreaCode::as_str).collect();
        (!codes.is_empty()).then(|| format!("row {}: {}", indicator.row, listed(&codes)))
    });
    section(&mut text, "no value for these zones", lacking);
    section(&mut text, "rows whose name is no zone's", report.not_matched.iter().map(not_matched_line));
    section(&mut text, "to be seen in tables", report.tables_to_see.iter().cloned());
    let seen = report.layers.iter().flat_map(|layer| {
        layer.warnings.iter().map(|warning| format!("{}, layer {} ({}): {warning}", layer.file, layer.layer, layer.of))
    });
    section(&mut text, "to be seen in layers", seen);
    section(&mut text, "not used, since nothing is declared of them", report.not_used.iter().cloned());
    let problems = report.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.message));
    section(&mut text, "wrong", problems);
    text
}

/// A text on one line: what a file says must neither break a table nor move the cursor of a terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn indicator_row(indicator: &IndicatorReport, zones: usize) -> Vec<String> {
    let kind = serde_json::to_value(indicator.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
    let start = [
        indicator.row.to_string(),
        indicator.name.clone(),
        kind.unwrap_or_default(),
        indicator.status.word().to_owned(),
    ];
    let found = indicator.found.as_ref();
    let unit = found.map_or(indicator.unit.as_str(), |found| &found.unit);
    [start.to_vec(), found_cells(found, zones, unit, &indicator.denominator)].concat()
}

/// Coverage, year, unit, denominator and file.
fn found_cells(found: Option<&Found>, zones: usize, unit: &str, denominator: &str) -> Vec<String> {
    let Some(found) = found else {
        return ["-", "-", unit, denominator, "-"].map(str::to_owned).to_vec();
    };
    let coverage = format!("{}/{zones} {}", found.zones_observed, percent(found.coverage));
    let sheet = if found.sheet.is_empty() { String::new() } else { format!("{}!", found.sheet) };
    let per = found.per.as_deref().unwrap_or("-");
    let place = format!("{} {sheet}{}", found.file, found.header);
    vec![coverage, found.year.to_string(), unit.to_owned(), per.to_owned(), place]
}

/// What was found in a layer.
fn layer_row(layer: &LayerReport, zones: usize) -> Vec<String> {
    let set = layer.set.as_ref().map(|set| format!(" ({set})")).unwrap_or_default();
    let in_zones = layer.by_zone.as_ref().map(|counts| format!("in {} of {zones} zones", counts.len()));
    let found = match (layer.usable, layer.range) {
        (false, _) => "wrong".to_owned(),
        (true, Some(range)) => range_words(&range),
        (true, None) => format!("{} of {} used", layer.used, layer.read),
    };
    let extent = layer
        .extent_degrees
        .map(|[west, south, east, north]| format!("{west:.2} to {east:.2} E, {south:.2} to {north:.2} N"));
    vec![
        layer.file.clone(),
        layer.layer.clone(),
        format!("{}{set}", layer.of),
        layer.kind.clone(),
        found,
        in_zones.unwrap_or_default(),
        layer.year.map(|year| year.to_string()).unwrap_or_default(),
        layer.crs.clone(),
        extent.unwrap_or_default(),
    ]
}

fn range_words(range: &RasterRange) -> String {
    let size = format!("{} x {} cells", range.columns, range.rows);
    let values = range.values.map(|values| {
        let cells = u64::from(range.columns) * u64::from(range.rows);
        format!(", {} missing, {} to {}, sum {}", cells - values.observed, values.minimum, values.maximum, values.sum)
    });
    size + &values.unwrap_or_default()
}

fn not_matched_line(found: &NotMatched) -> String {
    let sheet = if found.sheet.is_empty() { String::new() } else { format!(", sheet {}", found.sheet) };
    format!("{}{sheet}, row {}: {}", found.file, found.row, found.name)
}

/// Whole per cent, rounded down: 64.8 % must not look like the 65 % that are needed.
fn percent(share: f64) -> String {
    const PER_CENT: f64 = 100.0;
    // What is added is less than one zone in a million; it keeps 0.29 from becoming 28 %.
    const BELOW_ANY_ZONE: f64 = 1e-6;
    format!("{:.0} %", (share * PER_CENT + BELOW_ANY_ZONE).floor())
}

fn listed(words: &[&str]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

fn section(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.map(|line| format!("  {}\n", plain(&line))).collect();
    if !lines.is_empty() {
        text.extend(["\n", title, ":\n", &lines.concat()]);
    }
}

/// Rows with their cells below each other. Nothing is cut off: a unit is part of a number.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{:width$}", plain(cell)));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    rows.iter().map(line).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_below_a_limit_does_not_look_like_the_limit() {
        assert_eq!([percent(46.0 / 71.0), percent(0.29), percent(1.0), percent(0.0)], ["64 %", "29 %", "100 %", "0 %"]);
    }

    #[test]
    fn a_cell_stays_on_its_line_whatever_a_file_says() {
        let rows = [["Şəki", "b"], ["a\u{1b}[2J\n", "d"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(aligned(&rows), "Şəki    b\na [2J   d\n");
    }
}
