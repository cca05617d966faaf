//! `kend readiness`: the merge for scripts and analysts. One document in, one document out.
//!
//! All arithmetic and all checks of the input are `kend-readiness`'s, the same that the app's screens use; here a file
//! is read and a result printed. Bad input is one line that names the place, and exit code 2.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use kend_domain::{Dimension, Language, ReadinessClass};
use kend_readiness::{Fault, IndexOutput, MergeInput, MergeOutput, Method, merge, vocabulary};

use crate::document::{self, DocumentError, name};

/// Readiness of a cluster.
#[derive(Debug, Subcommand)]
pub(crate) enum ReadinessCommand {
    /// Merge a cluster's data and interviews.
    Merge(MergeArguments),
}

/// What to merge and how to print it.
#[derive(Debug, Args)]
pub(crate) struct MergeArguments {
    /// The document to read (schema/json-schema/readiness-merge-input.schema.json); `-` for standard input.
    file: PathBuf,
    /// Print the whole result as JSON (schema/json-schema/readiness-merge-output.schema.json).
    #[arg(long)]
    json: bool,
}

/// Why nothing was merged or printed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadinessError {
    /// The document cannot be read.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The document is not what it should be.
    #[error("{file}")]
    Input {
        /// Its name.
        file: String,
        /// The place and what was expected there.
        #[source]
        source: Fault,
    },
    /// The result cannot be printed.
    #[error("can't write the result")]
    Write(#[from] std::io::Error),
    /// The result cannot be put in JSON.
    #[error("can't write the result as JSON")]
    Json(#[from] serde_json::Error),
}

impl ReadinessError {
    /// Whether the document is at fault, and not the output.
    pub(crate) const fn is_bad_input(&self) -> bool {
        matches!(self, Self::Document(_) | Self::Input { .. })
    }
}

/// Runs a command of `kend readiness`; what it says goes to `output`.
pub(crate) fn run(command: ReadinessCommand, output: &mut impl Write) -> Result<(), ReadinessError> {
    let ReadinessCommand::Merge(MergeArguments { file, json }) = command;
    let document = read(&file)?;
    let method = Method::standard();
    let merged = MergeInput::read(&document)
        .and_then(|input| merge(&input, method))
        .map_err(|source| ReadinessError::Input { file: name(&file), source })?;
    if json {
        serde_json::to_writer_pretty(&mut *output, &merged)?;
        writeln!(output)?;
    } else {
        table(&merged, output)?;
    }
    output.flush()?;
    Ok(())
}

fn read(file: &Path) -> Result<String, ReadinessError> {
    let document = document::bytes(file)?;
    String::from_utf8(document).map_err(|error| {
        let problem = format!("expected UTF-8, found another byte after byte {}", error.utf8_error().valid_up_to());
        ReadinessError::Input { file: name(file), source: Fault { pointer: String::new(), problem } }
    })
}

fn class_name(class: ReadinessClass) -> &'static str {
    vocabulary().classes.get(&class).map_or(class.word(), |name| name.get(Language::En))
}

fn dimension_name(dimension: Dimension) -> &'static str {
    vocabulary().dimensions_short.get(&dimension).map_or(dimension.word(), |name| name.get(Language::En))
}

fn number(number: Option<f64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{number:.1}"))
}

/// The result for reading, a screen wide.
fn table(merged: &MergeOutput, output: &mut impl Write) -> std::io::Result<()> {
    index(&merged.index, output)?;
    if merged.partial {
        writeln!(output, "partial: a dimension has no data, the index is over the others")?;
    }
    writeln!(output)?;
    writeln!(output, "{:<15}{:>9}{:>8}{:>8}{:>8}  label", "class position", "data", "voices", "weight", "merged")?;
    for (dimension, found) in &merged.dimensions {
        let weight = found.kappa.map_or_else(|| "-".to_owned(), |kappa| format!("{kappa:.2}"));
        let label = found.label.map_or("no data", kend_domain::Relation::word);
        let [data, voices, together] = [found.position, found.q, found.merged_position].map(number);
        let name = dimension_name(*dimension);
        writeln!(output, "{name:<15}{data:>9}{voices:>8}{weight:>8}{together:>8}  {label}")?;
    }
    Ok(())
}

fn index(index: &IndexOutput, output: &mut impl Write) -> std::io::Result<()> {
    let (Some(class), Some(merged_class)) = (index.class, index.merged_class) else {
        return writeln!(output, "no dimension has data: there is no index");
    };
    writeln!(output, "data alone  {:>6}  {}", number(index.value), class_name(class))?;
    writeln!(output, "merged      {:>6}  {}", number(index.merged), class_name(merged_class))?;
    let classes = index.range_classes.iter().flatten();
    let classes: Vec<&str> = classes.map(|class| class_name(*class)).collect();
    let (low, high) = (number(index.range_low), number(index.range_high));
    writeln!(output, "90 % range  {low} to {high}: {}", classes.join(", "))?;
    if index.provisional {
        writeln!(
            output,
            "provisional: fewer than two villages or no focus group; the class of the data stays official"
        )?;
    }
    Ok(())
}
