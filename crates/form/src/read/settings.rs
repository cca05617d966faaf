//! The settings sheet: one row.

use super::sheet::{Table, language_code};
use super::{InstrumentError, InstrumentProblem, Sheet};
use crate::words::Localized;

pub(super) struct Settings {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) title: Localized<String>,
    pub(super) default_language: Option<DefaultLanguage>,
    pub(super) allow_choice_duplicates: bool,
}

/// The default language and where it stands, to say so if no column is in it.
pub(super) struct DefaultLanguage {
    pub(super) code: String,
    row: usize,
    column: String,
}

impl DefaultLanguage {
    pub(super) fn error(&self, problem: InstrumentProblem) -> InstrumentError {
        InstrumentError { sheet: Sheet::Settings, row: self.row, column: self.column.clone(), problem }
    }
}

/// `instance_name`, `style` and the like concern other tools alone: they change no answer.
const KNOWN: [&str; 9] = [
    "form_id",
    "form_title",
    "version",
    "default_language",
    "allow_choice_duplicates",
    "style",
    "instance_name",
    "auto_send",
    "auto_delete",
];

pub(super) fn read(text: &str) -> Result<Settings, InstrumentError> {
    let table = Table::read(Sheet::Settings, text)?;
    for column in ["form_id", "version"] {
        table.require(column)?;
    }
    table.refuse_unknown(&KNOWN)?;
    let row = table.rows.first().ok_or_else(|| table.error(2, "form_id", InstrumentProblem::Empty))?;
    if let Some(second) = table.rows.get(1) {
        return Err(table.error(second.number, "form_id", InstrumentProblem::SecondRow));
    }
    let required = |column| match table.cell(row, column) {
        "" => Err(table.error(row.number, column, InstrumentProblem::Empty)),
        cell => Ok(cell.to_owned()),
    };
    let mut title = Localized::default();
    for (head, cell) in table.filled(row).filter(|(head, _)| head.column == "form_title") {
        title.put(head.language.as_deref(), cell.to_owned());
    }
    let default_language = match table.cell(row, "default_language") {
        "" | "default" => None,
        cell => {
            Some(DefaultLanguage { code: language_code(cell), row: row.number, column: "default_language".to_owned() })
        }
    };
    let allow_choice_duplicates = match table.cell(row, "allow_choice_duplicates").to_lowercase().as_str() {
        "" | "no" | "false" => false,
        "yes" | "true" => true,
        other => {
            let problem = InstrumentProblem::NotYesNo(other.to_owned());
            return Err(table.error(row.number, "allow_choice_duplicates", problem));
        }
    };
    Ok(Settings {
        id: required("form_id")?,
        version: required("version")?,
        title,
        default_language,
        allow_choice_duplicates,
    })
}
