//! CSV to rows with known heads.
//!
//! Rows are numbered as a spreadsheet shows them, so that a designer finds the cell: lines inside a quoted cell do not
//! count, blank lines do.

use super::{InstrumentError, InstrumentProblem, Sheet};
use crate::limits;

/// A sheet with its heads understood.
pub(super) struct Table {
    pub(super) sheet: Sheet,
    pub(super) heads: Vec<Head>,
    pub(super) rows: Vec<Row>,
}

/// A column's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// As it stands in the sheet.
    pub(super) written: String,
    /// Its canonical name.
    pub(super) column: String,
    /// The code of its language.
    pub(super) language: Option<String>,
}

/// A row that has something in it.
pub(super) struct Row {
    pub(super) number: usize,
    /// One for each head, trimmed.
    pub(super) cells: Vec<String>,
}

/// Columns with words or media, one for each language.
const IN_LANGUAGES: [&str; 9] = [
    "label",
    "hint",
    "guidance_hint",
    "constraint_message",
    "required_message",
    "image",
    "audio",
    "video",
    "big-image",
];

pub(super) const MEDIA: [&str; 4] = ["image", "audio", "video", "big-image"];

impl Head {
    fn read(written: &str) -> Self {
        let mut parts = written.split("::").map(str::trim);
        let first = parts.next().unwrap_or_default().to_lowercase().replace(' ', "_");
        let column = if first == "media" { parts.next().unwrap_or_default().to_lowercase() } else { first };
        let column = match column.as_str() {
            "readonly" => "read_only".to_owned(),
            "calculate" => "calculation".to_owned(),
            "relevance" => "relevant".to_owned(),
            _ => column,
        };
        let language = parts.next().map(language_code);
        let known = IN_LANGUAGES.contains(&column.as_str()) || column == "form_title";
        if parts.next().is_some() || (language.is_some() && !known) {
            return Self { written: written.to_owned(), column: written.to_owned(), language: None };
        }
        Self { written: written.to_owned(), column, language }
    }

    /// Whether the column holds remarks for designers.
    fn is_remark(&self) -> bool {
        self.column.is_empty() || self.column.starts_with('#') || matches!(self.column.as_str(), "note" | "notes")
    }

    pub(super) fn is_media(&self) -> bool {
        MEDIA.contains(&self.column.as_str())
    }
}

/// The code in a language's name: `az` of `Azərbaycanca (az)`; the whole name where there is none.
pub(super) fn language_code(name: &str) -> String {
    let name = name.trim();
    name.strip_suffix(')')
        .and_then(|rest| rest.rsplit_once('('))
        .map(|(_, code)| code.trim())
        .filter(|code| !code.is_empty())
        .unwrap_or(name)
        .to_owned()
}

impl Table {
    pub(super) fn read(sheet: Sheet, text: &str) -> Result<Self, InstrumentError> {
        let error = |row, column: &str, problem| InstrumentError { sheet, row, column: column.to_owned(), problem };
        if text.len() > limits::SHEET_BYTES {
            return Err(error(1, "", InstrumentProblem::SheetTooLarge(limits::SHEET_BYTES)));
        }
        // One kind of line end, also after the last line: rows are counted by them.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n") + "\n";
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        let mut table = Self { sheet, heads: Vec::new(), rows: Vec::new() };
        let (mut number, mut lines_before) = (0, 0);
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return Ok(table),
                Err(problem) => return Err(error(number + 1, "", InstrumentProblem::Csv(problem.to_string()))),
            }
            let lines = usize::try_from(reader.position().line()).unwrap_or(usize::MAX).saturating_sub(1);
            let inside = record.iter().map(|cell| cell.matches('\n').count()).sum::<usize>();
            number += lines.saturating_sub(lines_before).saturating_sub(inside).max(1);
            lines_before = lines;
            if table.heads.is_empty() {
                table.take_heads(&record, number)?;
                continue;
            }
            let mut cells = record.iter().map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
            if cells.iter().skip(table.heads.len()).any(|cell| !cell.is_empty()) {
                return Err(error(number, "", InstrumentProblem::NoHead));
            }
            cells.resize(table.heads.len(), String::new());
            if cells.iter().all(String::is_empty) {
                continue;
            }
            if table.rows.len() == limits::SHEET_ROWS {
                let problem = InstrumentProblem::TooMany { what: "rows", limit: limits::SHEET_ROWS };
                return Err(error(number, "", problem));
            }
            table.rows.push(Row { number, cells });
        }
    }

    fn take_heads(&mut self, record: &csv::StringRecord, number: usize) -> Result<(), InstrumentError> {
        let error = |column: &str, problem| InstrumentError {
            sheet: self.sheet,
            row: number,
            column: column.to_owned(),
            problem,
        };
        if record.len() > limits::SHEET_COLUMNS {
            let problem = InstrumentProblem::TooMany { what: "columns", limit: limits::SHEET_COLUMNS };
            return Err(error("", problem));
        }
        let mut heads = Vec::<Head>::new();
        for written in record {
            let mut head = Head::read(written.trim());
            // The choices and settings sheets have names of their own for the same things.
            head.column = match (self.sheet, head.column.as_str()) {
                (Sheet::Choices, "list") => "list_name".to_owned(),
                (Sheet::Choices, "value") => "name".to_owned(),
                (Sheet::Settings, "title") => "form_title".to_owned(),
                (Sheet::Settings, "id_string") => "form_id".to_owned(),
                _ => head.column,
            };
            let twin = |other: &Head| other.column == head.column && other.language == head.language;
            if !head.is_remark() && heads.iter().any(twin) {
                return Err(error(written, InstrumentProblem::DuplicateColumn));
            }
            heads.push(head);
        }
        self.heads = heads;
        Ok(())
    }

    /// The codes of the languages of the columns, in order.
    pub(super) fn languages(&self) -> Vec<String> {
        let mut languages = Vec::new();
        for language in self.heads.iter().filter_map(|head| head.language.as_ref()) {
            if !languages.contains(language) {
                languages.push(language.clone());
            }
        }
        languages
    }

    pub(super) fn error(&self, row: usize, column: &str, problem: InstrumentProblem) -> InstrumentError {
        let written = self.heads.iter().find(|head| head.column == column).map_or(column, |head| &head.written);
        InstrumentError { sheet: self.sheet, row, column: written.to_owned(), problem }
    }

    pub(super) fn require(&self, column: &str) -> Result<(), InstrumentError> {
        if self.heads.iter().any(|head| head.column == column) {
            Ok(())
        } else {
            Err(self.error(1, column, InstrumentProblem::MissingColumn))
        }
    }

    /// Refuses content in columns that are not known.
    pub(super) fn refuse_unknown(&self, known: &[&str]) -> Result<(), InstrumentError> {
        for row in &self.rows {
            for (head, cell) in self.filled(row) {
                if !cell.is_empty() && !head.is_remark() && !known.contains(&head.column.as_str()) {
                    return Err(InstrumentError {
                        sheet: self.sheet,
                        row: row.number,
                        column: head.written.clone(),
                        problem: InstrumentProblem::UnknownColumn,
                    });
                }
            }
        }
        Ok(())
    }

    /// The cells of a row that have something in them.
    pub(super) fn filled<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = (&'a Head, &'a str)> {
        self.heads.iter().zip(row.cells.iter().map(String::as_str)).filter(|(_, cell)| !cell.is_empty())
    }

    /// The cell of a column without languages; empty where there is none.
    pub(super) fn cell<'a>(&self, row: &'a Row, column: &str) -> &'a str {
        let place = self.heads.iter().position(|head| head.column == column && head.language.is_none());
        place.and_then(|place| row.cells.get(place)).map_or("", String::as_str)
    }

    pub(super) fn is_remark(head: &Head) -> bool {
        head.is_remark()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_understood_however_they_are_written() {
        for (written, column, language) in [
            ("label::Azərbaycanca (az)", "label", Some("az")),
            ("Label :: Русский (ru)", "label", Some("ru")),
            ("hint::Deutsch", "hint", Some("Deutsch")),
            ("media::image::English (en)", "image", Some("en")),
            ("media::audio", "audio", None),
            ("constraint message", "constraint_message", None),
            ("readonly", "read_only", None),
            ("bind::foo", "bind::foo", None),
            ("relevant::English (en)", "relevant::English (en)", None),
        ] {
            let head = Head::read(written);
            assert_eq!((head.column.as_str(), head.language.as_deref()), (column, language), "{written}");
        }
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_shows_them() {
        let text = "\u{feff}type,name\r\ntext,a\r\n\r\n\"te\nxt\",b\n,\n\ntext,c";
        let table = Table::read(Sheet::Survey, text).unwrap();
        assert_eq!(table.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 4, 7]);
    }
}
