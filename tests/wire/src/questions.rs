//! The questions of the shipped instruments, as their sheets have them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

/// What a question takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Takes {
    /// One of these names.
    One(Vec<String>),
    /// Any of these names.
    Many(Vec<String>),
    /// A whole number.
    Integer,
    /// A decimal number.
    Decimal,
    /// A text.
    Text,
}

/// A question.
#[derive(Debug, Clone)]
pub struct Question {
    /// Its name.
    pub name: String,
    /// The groups that it stands in, from the outside.
    pub groups: Vec<String>,
    /// The repeat that it is asked in, if it is in one.
    pub repeat: Option<String>,
    /// What it takes.
    pub takes: Takes,
}

/// An instrument.
#[derive(Debug, Clone)]
pub struct Instrument {
    /// Its id.
    pub id: &'static str,
    /// The interview's kind.
    pub kind: &'static str,
    /// Its questions in their order.
    pub questions: Vec<Question>,
    /// Labels and hints by language, line by line.
    pub words: BTreeMap<&'static str, Vec<String>>,
}

const LABELS: [(&str, &str); 3] = [("az", "Azərbaycanca (az)"), ("en", "English (en)"), ("ru", "Русский (ru)")];

impl Instrument {
    /// The one for focus groups.
    pub fn fgd() -> Result<Self> {
        Self::read(
            "kend_fgd",
            "fgd",
            include_str!("../../../schema/instruments/fgd/survey.csv"),
            include_str!("../../../schema/instruments/fgd/choices.csv"),
        )
    }

    /// The one for key informants.
    pub fn kii() -> Result<Self> {
        Self::read(
            "kend_kii",
            "kii",
            include_str!("../../../schema/instruments/kii/survey.csv"),
            include_str!("../../../schema/instruments/kii/choices.csv"),
        )
    }

    fn read(id: &'static str, kind: &'static str, survey: &str, choices: &str) -> Result<Self> {
        let mut lists = BTreeMap::<String, Vec<String>>::new();
        for mut row in rows(choices)? {
            let (list, name) = (row.remove("list_name"), row.remove("name"));
            lists.entry(list.context("list_name")?).or_default().push(name.context("name")?);
        }
        let list = |name: Option<&str>| name.and_then(|name| lists.get(name)).cloned().context("a list of choices");
        let (mut questions, mut groups, mut repeat) = (Vec::new(), Vec::new(), None);
        let mut words = BTreeMap::<&'static str, Vec<String>>::new();
        for row in rows(survey)? {
            let cell = |name: &str| row.get(name).map(String::as_str).unwrap_or_default();
            for (language, label) in LABELS {
                let cells = [cell(&format!("label::{label}")), cell(&format!("hint::{label}"))];
                let lines = cells.into_iter().flat_map(str::lines).filter(|line| line.chars().count() >= 20);
                words.entry(language).or_default().extend(lines.map(str::to_owned));
            }
            let name = cell("name").to_owned();
            let mut kind = cell("type").split_whitespace();
            let takes = match kind.next() {
                Some("begin_group") => {
                    groups.push(name);
                    continue;
                }
                Some("begin_repeat") => {
                    repeat = Some(name);
                    continue;
                }
                Some("end_group") => {
                    groups.pop();
                    continue;
                }
                Some("end_repeat") => {
                    repeat = None;
                    continue;
                }
                Some("select_one") => Takes::One(list(kind.next())?),
                Some("select_multiple") => Takes::Many(list(kind.next())?),
                Some("integer") => Takes::Integer,
                Some("decimal") => Takes::Decimal,
                Some("text") => Takes::Text,
                _ => continue,
            };
            questions.push(Question { name, groups: groups.clone(), repeat: repeat.clone(), takes });
        }
        Ok(Self { id, kind, questions, words })
    }
}

/// The rows of a sheet by the names of its columns. They may leave out empty cells at their end, as for the form engine.
fn rows(sheet: &str) -> Result<Vec<BTreeMap<String, String>>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(sheet.as_bytes());
    let head = reader.headers()?.clone();
    let by_column = |row: csv::StringRecord| {
        head.iter().zip(row.iter()).map(|(column, cell)| (column.to_owned(), cell.to_owned())).collect()
    };
    Ok(reader.records().map(|row| row.map(by_column)).collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_instruments_are_read_to_their_end() {
        for instrument in [Instrument::fgd().unwrap(), Instrument::kii().unwrap()] {
            assert!(instrument.questions.len() > 80, "{}: {} questions", instrument.id, instrument.questions.len());
        }
    }
}
