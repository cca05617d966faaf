//! Everything that a project declares, read; what cannot be read stays a message.

use std::error::Error;

use crate::{
    folder::ProjectFolder,
    project::Declaration,
    statistics::{Series, read_declaration},
};

/// A declaration and what came of it: the series with the name of its sheet, or why there is none.
pub(super) struct Read<'a> {
    pub(super) declaration: &'a Declaration,
    pub(super) series: Result<(Series, String), String>,
}

pub(super) fn read_declared(folder: &ProjectFolder) -> Vec<Read<'_>> {
    let read = |declaration| Read {
        declaration,
        series: read_declaration(declaration, folder).map_err(|error| chain(&error)),
    };
    folder.project.statistics.iter().map(read).collect()
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
