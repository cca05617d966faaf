//! Everything that a project declares, read; what cannot be read stays a message.

use std::{error::Error, path::Path};

use crate::{
    figure::FigureRules,
    names::NameTable,
    project::{Declaration, Project},
    statistics::{Selection, Series, read_series},
    table::{SheetSource, read_sheet},
};

/// A declaration and what came of it: the series with the name of its sheet, or why there is none.
pub(super) struct Read<'a> {
    pub(super) declaration: &'a Declaration,
    pub(super) series: Result<(Series, String), String>,
}

pub(super) fn read_declared<'a>(project: &'a Project, names: &NameTable, statistics: &Path) -> Vec<Read<'a>> {
    let read = |declaration| Read { declaration, series: read_one(declaration, names, statistics) };
    project.statistics.iter().map(read).collect()
}

fn read_one(declaration: &Declaration, names: &NameTable, statistics: &Path) -> Result<(Series, String), String> {
    let source = SheetSource {
        sheet: declaration.sheet.as_deref(),
        delimiter: declaration.delimiter,
        encoding: declaration.encoding,
    };
    let table = read_sheet(&statistics.join(&declaration.file), source).map_err(|error| chain(&error))?;
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
    let series = read_series(&table, names, selection).map_err(|error| match table.name() {
        "" => chain(&error),
        sheet => format!("sheet {sheet}: {}", chain(&error)),
    })?;
    Ok((series, table.name().to_owned()))
}

/// An error with all its causes.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
