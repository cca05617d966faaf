//! `kend index build`: a project folder becomes an index.

use std::{
    io::{self, Write},
    ops::ControlFlow,
    path::PathBuf,
};

use clap::Args;
use kend_domain::{Dimension, Language, ReadinessClass};
use kend_spatial::{ChangeState, ColumnStatus, Country, Progress, write_reports};

use super::{IndexError, project::plain};

/// What is built and where the result goes.
#[derive(Debug, Args)]
pub(crate) struct BuildArguments {
    /// The project folder: index.toml and what it declares.
    folder: PathBuf,
    /// The folder of the result, made if it is not there; not the project folder. A result of before is replaced as a whole.
    #[arg(long)]
    out: PathBuf,
    /// The folder of a finished round before this one: its goalposts, thresholds, lag rules and ids of clusters are kept.
    #[arg(long)]
    baseline: Option<PathBuf>,
    /// Say nothing while it runs.
    #[arg(long)]
    quiet: bool,
}

/// Builds an index and says what came of it.
pub(super) fn build(arguments: &BuildArguments, output: &mut impl Write) -> Result<(), IndexError> {
    let mut watch = |progress: &Progress| {
        if !arguments.quiet {
            // Whoever closed the stream does not want to know.
            let _ = writeln!(io::stderr(), "{} of {}: {}", progress.done + 1, progress.of, progress.step);
        }
        ControlFlow::Continue(())
    };
    let BuildArguments { folder, out, baseline, .. } = arguments;
    let country = match baseline {
        Some(baseline) => kend_spatial::build_round(folder, out, baseline, &mut watch)?,
        None => kend_spatial::build(folder, out, &mut watch)?,
    };
    let reports = write_reports(&country, out, Language::ALL)?;
    told(&country, output)?;
    for report in reports {
        writeln!(output, "report: {}", report.display())?;
    }
    Ok(output.flush()?)
}

/// Per cent of a share.
fn percent(share: f64) -> f64 {
    const PER_CENT: f64 = 100.0;
    share * PER_CENT
}

/// What the index is made without.
fn partial(country: &Country, output: &mut impl Write) -> io::Result<()> {
    let missing = &country.manifest.missing;
    if missing.is_partial() {
        writeln!(output, "PARTIAL: its classes are not those of the full index")?;
    }
    if !missing.rows.is_empty() {
        let rows: Vec<String> = missing.rows.iter().map(u8::to_string).collect();
        writeln!(output, "rows that are missing: {}", rows.join(", "))?;
    }
    if !missing.dimensions.is_empty() {
        let words: Vec<&str> = missing.dimensions.iter().map(|dimension| dimension.word()).collect();
        writeln!(output, "dimensions without a value anywhere: {}", words.join(", "))?;
    }
    for (limit, (own, standard)) in &missing.limits {
        writeln!(output, "missing.{limit} is lowered to {own}, the method has {standard}")?;
    }
    Ok(())
}

/// Which round it is, what changed, and which clusters ended with it.
fn round(country: &Country, output: &mut impl Write) -> io::Result<()> {
    let round = &country.manifest.round;
    let (Some(former), Some(changes)) = (&round.former, &country.changes) else { return Ok(()) };
    writeln!(output, "round {} after round {}: rules of the first round", round.number, former.number)?;
    let moved = changes.zones.iter().filter(|zone| zone.index.state == ChangeState::Changed).count();
    writeln!(output, "{moved} of {} zones changed beyond their error", changes.zones.len())?;
    let old = Dimension::ALL.iter().filter(|dimension| !changes.updated.contains(dimension));
    let old: Vec<&str> = old.map(|dimension| dimension.word()).collect();
    if !old.is_empty() {
        writeln!(output, "not updated, which is not stable: {}", old.join(", "))?;
    }
    for cluster in &round.ended {
        writeln!(output, "ended: {}-{} {}", cluster.class, cluster.id, plain(&cluster.names.en))?;
    }
    Ok(())
}

/// The country in a few lines.
fn told(country: &Country, output: &mut impl Write) -> io::Result<()> {
    if country.manifest.synthetic {
        writeln!(output, "SYNTHETIC: everything but outlines and names is invented")?;
    }
    let (land, counted) = country.manifest.cells;
    let used = country.indicators.iter().filter(|column| column.status == ColumnStatus::Used).count();
    let (cell_m, all) = (country.grid.cell_m(), country.indicators.len());
    writeln!(output, "{counted} of {land} land cells of {cell_m} m count; {used} of {all} indicators")?;
    partial(country, output)?;
    writeln!(output, "profile {}, method {}", country.manifest.profile, country.manifest.method_version)?;
    round(country, output)?;
    for column in &country.indicators {
        if let ColumnStatus::LeftOut(reason) = column.status {
            writeln!(output, "row {} is left out: {reason}", column.row)?;
        }
    }
    writeln!(output, "thresholds of the index: {:?}", country.thresholds.values())?;
    if let Some(share) = country.between_zones.index {
        writeln!(output, "{:.0} % of the variance of the index lies between zones", percent(share))?;
    }
    for class in ReadinessClass::ALL.iter().rev() {
        let clusters = country.clusters.get(class).map_or(&[][..], Vec::as_slice);
        let area: f64 = clusters.iter().map(|cluster| cluster.area_km2).sum();
        let gaps = country.gaps.significant.get(class).into_iter().flatten();
        let gaps: Vec<&str> = gaps.map(|dimension| Dimension::word(*dimension)).collect();
        let number = clusters.len();
        writeln!(output, "{class}: {number} clusters, {area:.0} km2; lags most in {}", gaps.join(", "))?;
    }
    if let Some(sectors) = &country.sectors {
        writeln!(output, "sectors: {}", sectors.sentence())?;
    }
    for warning in &country.manifest.warnings {
        writeln!(output, "to be seen: {}", plain(warning))?;
    }
    Ok(())
}
