//! The series that a declaration of `index.toml` names, read of its file.

use super::{Selection, Series, SeriesError, read_series};
use crate::{
    figure::FigureRules,
    folder::ProjectFolder,
    init::REGIONS,
    project::Declaration,
    table::{SheetFileError, SheetSource, read_sheet},
};

/// Why a declaration gives no series.
#[derive(Debug, thiserror::Error)]
pub enum StatisticsError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] SheetFileError),
    /// The table does not hold what is wanted of it.
    #[error(transparent)]
    Series(#[from] SeriesError),
    /// The sheet of a workbook does not.
    #[error("sheet {sheet}")]
    Sheet {
        /// Its name.
        sheet: String,
        /// Why.
        #[source]
        source: SeriesError,
    },
    /// There are no regions.
    #[error("region: there is no {REGIONS} with the names of regions")]
    NoRegions,
}

/// Reads the series of a declaration; beside it the name of its sheet.
pub(crate) fn read_declaration(
    declaration: &Declaration,
    folder: &ProjectFolder,
) -> Result<(Series, String), StatisticsError> {
    let names = match (declaration.region, &folder.regions) {
        (false, _) => &folder.names,
        (true, Some(regions)) => regions,
        (true, None) => return Err(StatisticsError::NoRegions),
    };
    let source = SheetSource {
        sheet: declaration.sheet.as_deref(),
        delimiter: declaration.delimiter,
        encoding: declaration.encoding,
    };
    let table = read_sheet(&folder.statistics().join(&declaration.file), source)?;
    let figures = FigureRules {
        decimal: declaration.decimal,
        dash_is_missing: declaration.dash_is_missing,
        missing: &declaration.missing,
    };
    let selection = Selection {
        column: declaration.column.as_deref(),
        year: declaration.year,
        rows: &declaration.rows,
        figures,
        factor: declaration.factor,
    };
    let sheet = table.name().to_owned();
    match read_series(&table, names, selection) {
        Ok(series) => Ok((series, sheet)),
        Err(error) if sheet.is_empty() => Err(error.into()),
        Err(source) => Err(StatisticsError::Sheet { sheet, source }),
    }
}
