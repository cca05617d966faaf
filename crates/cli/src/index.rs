//! `kend index`: composite indices by configuration, and the project folder of an office.
//!
//! All formulas and checks are `kend-readiness`'s and `kend-spatial`'s; here files are read and written. Whatever is wrong
//! is one line that names file and place, with exit code 2, and then no file of the result has changed.

mod build;
mod pack;
mod project;
mod report;
mod settings;

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use kend_readiness::{
    composite::{
        CompositeIndex, Frozen, FrozenError, ScoreError, Scored, Sheet, TableError, UnitTable, indicators_csv,
        results_csv,
    },
    robustness::{
        Experiment, effects, effects_csv, importance_csv, importances, mean_rank_shift, rank_ranges, ranks_csv,
        removal_csv, removals,
    },
};
use kend_spatial::{
    BuildError, CheckError, InitError, MakePackError, OutputError, Outputs, ReadCountryError, ReportError,
    SettingsError, SynthError, read_settings, uniform,
};

use self::settings::IndexSettingsError;
use crate::{
    document::{self, DocumentError, name},
    pack::PackCommandError,
};

/// The files of `--details`.
const DETAIL_FILES: [&str; 5] = ["indicators.csv", "ranks.csv", "effects.csv", "removal.csv", "importance.csv"];

/// What stands below the list of commands.
pub(crate) const THE_WAY: &str = "\
The way of an office, from nothing to an index:
  kend index init office                   a folder with settings, the 53 indicators and the names of the zones
  kend index check office                  what is there for each indicator, what is missing, what is wrong
  kend index build office --out result     columns, classes, clusters, gaps and tables
A country to try it on, with what has to be found in planted.json:
  kend index synth country --cell-m 1000
Another index of any kind, by a configuration and a table of its own (docs/composite.md):
  kend index score examples/hdi/hdi.toml --out hdi.csv";

/// Composite indices.
#[derive(Debug, Subcommand)]
pub(crate) enum IndexCommand {
    /// Score a table of units by a configuration (docs/composite.md).
    #[command(after_help = "\
Examples:
  kend index score examples/hdi/hdi.toml --out hdi.csv --details hdi-details
  kend index score index.toml --out first.csv --freeze goalposts.toml
  kend index score index.toml --table next.csv --goalposts goalposts.toml --out next-scores.csv")]
    Score(ScoreArguments),
    /// Make a project folder for an office: settings, indicators, names of rayons, folders for data (docs/index.md).
    #[command(after_help = "\
Example:
  kend index init office
Then put tables into office/statistics, maps into office/vectors and office/rasters, and say of each in
office/index.toml what it is. Nothing that is there already is changed.")]
    Init(project::InitArguments),
    /// Make a generated country: a complete project folder in which it is known what has to be found (docs/index.md).
    #[command(after_help = "\
Examples:
  kend index synth country --cell-m 1000
  kend index synth other --cell-m 1000 --seed 7
Everything in it but outlines and names is invented; every file and every result of it says SYNTHETIC.")]
    Synth(project::SynthArguments),
    /// Say what a project folder holds for each indicator, what is missing and what is wrong (docs/index.md).
    #[command(after_help = "\
Examples:
  kend index check examples/azerbaijan
  kend index check office --json > report.json
Exit code: 0 if nothing is wrong and an indicator can be used, 2 if not, 1 if the machine is at fault.")]
    Check(project::CheckArguments),
    /// Build the index of a project folder: columns, classes, clusters, gaps, tables (docs/index.md).
    #[command(after_help = "\
Examples:
  kend index build examples/azerbaijan --out result
  kend index build office --out result --quiet
What is missing makes the index partial, and the result says so. Bad input changes nothing in OUT; a build that was
stopped goes on where it was. Exit code: 0 done, 2 something in the folder is wrong, 1 the machine is at fault.")]
    Build(build::BuildArguments),
    /// Pack a finished index for devices, signed: clusters with their cells, places, map (docs/index.md).
    Pack(pack::PackArguments),
    /// Make the key that an office signs its packs with (docs/index.md).
    Key(pack::KeyArguments),
    /// Tell a finished index on one page: maps, clusters, gaps, ranks, what it rests on (docs/index.md).
    Report(report::ReportArguments),
}

/// What to score and where the result goes.
#[derive(Debug, Args)]
pub(crate) struct ScoreArguments {
    /// The configuration.
    config: PathBuf,
    /// The result: a line for each unit.
    #[arg(long)]
    out: PathBuf,
    /// The table in place of the one that the configuration names: a later round.
    #[arg(long)]
    table: Option<PathBuf>,
    /// A folder for what the result depends on: indicators.csv, ranks.csv, effects.csv, removal.csv, importance.csv.
    #[arg(long)]
    details: Option<PathBuf>,
    /// Keep goalposts and class thresholds of this round in a file, for later rounds.
    #[arg(long, conflicts_with = "goalposts")]
    freeze: Option<PathBuf>,
    /// Score by the goalposts and thresholds that an earlier round kept.
    #[arg(long)]
    goalposts: Option<PathBuf>,
}

/// Why nothing was scored or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexError {
    /// A file cannot be read.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A configuration or a file of goalposts cannot be used.
    #[error("{file}")]
    Settings {
        /// Its name.
        file: String,
        /// What is wrong, and where.
        #[source]
        source: IndexSettingsError,
    },
    /// The table cannot be used.
    #[error("{file}")]
    Table {
        /// Its name.
        file: String,
        /// What is wrong, and where.
        #[source]
        source: TableError,
    },
    /// The table cannot be scored.
    #[error("{file}")]
    Score {
        /// Its name.
        file: String,
        /// What is wrong, and where.
        #[source]
        source: ScoreError,
    },
    /// Goalposts cannot be kept.
    #[error("no goalposts to keep")]
    Freeze(#[from] FrozenError),
    /// An output is one of the inputs, or another output.
    #[error("{file} would be written over a file that is read, or twice")]
    Overwrite {
        /// Its name.
        file: String,
    },
    /// A project folder cannot be made.
    #[error(transparent)]
    Init(#[from] InitError),
    /// A country cannot be generated.
    #[error(transparent)]
    Synth(#[from] SynthError),
    /// A folder is no project, or its own files cannot be used.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// No index can be made of a project yet; what is wrong or missing was said.
    #[error("{folder} is not usable yet: {}", if *.problems == 0 { "no indicator can be used".to_owned() } else { format!("wrong in {problems} places") })]
    NotUsable {
        /// The folder.
        folder: String,
        /// How much is wrong.
        problems: usize,
    },
    /// No index can be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A finished index cannot be read.
    #[error(transparent)]
    Country(#[from] ReadCountryError),
    /// No pack can be made of an index.
    #[error(transparent)]
    Pack(#[from] MakePackError),
    /// A key cannot be made or used.
    #[error(transparent)]
    Key(#[from] PackCommandError),
    /// An index cannot be told.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// A file cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// Goalposts or a key cannot be put in TOML.
    #[error("can't write TOML")]
    Toml(#[from] toml::ser::Error),
    /// The summary cannot be printed.
    #[error("can't write the summary")]
    Write(#[from] std::io::Error),
}

impl IndexError {
    /// Whether what was given is at fault, and not the machine.
    pub(crate) const fn is_bad_input(&self) -> bool {
        match self {
            Self::Build(error) => error.is_bad_input(),
            Self::Pack(error) => error.is_bad_input(),
            Self::Key(error) => error.is_bad_input(),
            Self::Init(error) | Self::Synth(SynthError::Folder(error)) => matches!(error, InitError::Taken { .. }),
            Self::Synth(error) => matches!(error, SynthError::Cell { .. }),
            Self::Country(error) => !matches!(error, ReadCountryError::Read { .. }),
            other => !matches!(other, Self::Report(_) | Self::Output(_) | Self::Toml(_) | Self::Write(_)),
        }
    }
}

/// Runs a command of `kend index`; what it says goes to `output`.
pub(crate) fn run(command: IndexCommand, output: &mut impl Write) -> Result<(), IndexError> {
    match command {
        IndexCommand::Score(arguments) => score(&arguments, output),
        IndexCommand::Init(arguments) => project::init(&arguments, output),
        IndexCommand::Synth(arguments) => project::synth(&arguments, output),
        IndexCommand::Check(arguments) => project::check(&arguments, output),
        IndexCommand::Build(arguments) => build::build(&arguments, output),
        IndexCommand::Pack(arguments) => pack::pack(&arguments, output),
        IndexCommand::Key(arguments) => pack::key(&arguments, output),
        IndexCommand::Report(arguments) => report::report(&arguments, output),
    }
}

fn score(arguments: &ScoreArguments, output: &mut impl Write) -> Result<(), IndexError> {
    let config_bytes = document::bytes(&arguments.config)?;
    let in_config = |source| IndexError::Settings { file: name(&arguments.config), source };
    let index = settings::read_index(&config_bytes).map_err(in_config)?;
    // A configuration names its table from where it lies itself, so that a folder can be moved as a whole.
    let beside = arguments.config.parent().unwrap_or_else(|| Path::new("")).join(&index.config().table.file);
    let table_file = arguments.table.clone().unwrap_or(beside);
    refuse_overwriting(arguments, &table_file)?;

    let table_bytes = document::bytes(&table_file)?;
    let in_table = |source| IndexError::Table { file: name(&table_file), source };
    let table = Sheet::read(&table_bytes, &index.config().table)
        .map_err(TableError::from)
        .and_then(|sheet| UnitTable::read(&sheet, &index))
        .map_err(in_table)?;
    let frozen: Option<Frozen> = match &arguments.goalposts {
        None => None,
        Some(file) => {
            let in_goalposts = |source: SettingsError| IndexError::Settings { file: name(file), source: source.into() };
            Some(read_settings(&document::bytes(file)?).map_err(in_goalposts)?)
        }
    };
    let unfit = |source| IndexError::Score {
        // What does not fit together is told of the file that was added last.
        file: match (&source, &arguments.goalposts) {
            (ScoreError::Frozen(_), Some(goalposts)) => name(goalposts),
            _ => name(&table_file),
        },
        source,
    };
    let scored = index.score(&table, frozen.as_ref()).map_err(unfit)?;

    let mut outputs = Outputs::default();
    if let Some(folder) = &arguments.details {
        let texts = details(&index, &table, &scored).map_err(unfit)?;
        for (file, text) in DETAIL_FILES.iter().zip(texts) {
            outputs.stage(&folder.join(file), &text)?;
        }
    }
    if let Some(file) = &arguments.freeze {
        outputs.stage(file, &toml::to_string(&Frozen::of(&index, &scored)?)?)?;
    }
    outputs.stage(&arguments.out, results_csv(&index, &table, &scored))?;
    outputs.commit()?;
    summary(&index, &table, &scored, output)
}

/// What the result depends on, as texts of the detail files.
fn details(
    index: &CompositeIndex,
    table: &UnitTable,
    scored: &Scored,
) -> Result<[String; DETAIL_FILES.len()], ScoreError> {
    let rules = &index.config().robustness;
    let experiment = Experiment::new(index, table, scored)?;
    let ranges = rank_ranges(&experiment, rules.draws, uniform(rules.seed))?;
    let factors = experiment.factors();
    let shift = |point: &[f64]| -> Result<f64, ScoreError> {
        let values = experiment.run(point)?;
        Ok(mean_rank_shift(experiment.nominal(), &values).map_or(0.0, |(mean, _)| mean))
    };
    let found = effects(factors.len(), rules.effects_base, uniform(rules.seed), shift)?;
    Ok([
        indicators_csv(index, scored),
        ranks_csv(index, table, &ranges),
        effects_csv(&factors, found.as_deref()),
        removal_csv(&removals(&experiment, scored)?),
        importance_csv(&importances(index, scored)),
    ])
}

fn refuse_overwriting(arguments: &ScoreArguments, table: &Path) -> Result<(), IndexError> {
    // A file that is not there yet has no canonical path; two names of it still have to be known for one.
    let place = |file: &Path| {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        let beside = folder.canonicalize().ok().zip(file.file_name()).map(|(folder, name)| folder.join(name));
        let named = || std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        file.canonicalize().ok().or(beside).unwrap_or_else(named)
    };
    let inputs = [Some(arguments.config.as_path()), Some(table), arguments.goalposts.as_deref()];
    let mut taken: Vec<PathBuf> = inputs.into_iter().flatten().map(place).collect();
    let details = arguments.details.iter().flat_map(|folder| DETAIL_FILES.map(|file| folder.join(file)));
    for file in details.chain(arguments.freeze.clone()).chain([arguments.out.clone()]) {
        let there = place(&file);
        if taken.contains(&there) {
            return Err(IndexError::Overwrite { file: name(&file) });
        }
        taken.push(there);
    }
    Ok(())
}

fn summary(
    index: &CompositeIndex,
    table: &UnitTable,
    scored: &Scored,
    output: &mut impl Write,
) -> Result<(), IndexError> {
    let config = index.config();
    let (units, with_index) = (table.units().len(), scored.with_index());
    writeln!(output, "{}: {with_index} of {units} units have an index", config.name)?;
    for (indicator, result) in config.indicator.iter().zip(&scored.indicators) {
        if let Err(reason) = result.rule {
            writeln!(output, "indicator {} is left out: {reason}", indicator.id)?;
        }
    }
    if let Some(thresholds) = scored.thresholds.as_ref().filter(|limits| !limits.is_sorted_by(|low, high| low < high)) {
        writeln!(output, "class thresholds tie, some classes are empty: {thresholds:?}")?;
    }
    Ok(output.flush()?)
}
