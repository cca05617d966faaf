//! `kend index report`: a finished index as one page for people.

use std::{io::Write, path::PathBuf};

use clap::Args;
use kend_domain::Language;
use kend_spatial::{read_country, report_file, write_report_files};

use super::IndexError;

/// Which result is told, and how.
#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// The folder that `kend index build` made.
    folder: PathBuf,
    /// The page; report.LANGUAGE.html in the folder of the result where it is left out.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Its language: az, en or ru.
    #[arg(long, default_value_t = Language::Az)]
    language: Language,
}

/// Writes the page and says where it is.
pub(super) fn report(arguments: &ReportArguments, output: &mut impl Write) -> Result<(), IndexError> {
    let ReportArguments { folder, out, language } = arguments;
    let country = read_country(folder)?;
    let file = out.clone().unwrap_or_else(|| folder.join(report_file(*language)));
    write_report_files(&country, &[(*language, file.clone())])?;
    writeln!(output, "made {}", file.display())?;
    Ok(output.flush()?)
}
