//! The table of units: names, groups, weights, and numbers by column.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    config::TableConfig,
    index::CompositeIndex,
    scale::sound,
    score::ScoreError,
    sheet::{Sheet, SheetError},
};

/// A table that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// The sheet is none, or lacks a column.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// A unit has no name.
    #[error("line {line}, column {column}: the unit has no name")]
    NoName {
        /// The line.
        line: u64,
        /// Column of names.
        column: String,
    },
    /// A unit stands twice.
    #[error("line {line}, column {column}: unit `{unit}` is there twice, first in line {first}")]
    UnitTwice {
        /// The second line.
        line: u64,
        /// Column of names.
        column: String,
        /// The unit.
        unit: String,
        /// The first line.
        first: u64,
    },
    /// A cell is no number.
    #[error("line {line}, column {column}: `{found}` is not a number{hint}")]
    NotANumber {
        /// The line.
        line: u64,
        /// The column.
        column: String,
        /// The cell.
        found: String,
        /// What it may be.
        hint: &'static str,
    },
    /// A unit has no weight, or a negative one.
    #[error("line {line}, column {column}: the weight of a unit has to be a number from 0 on, found `{found}`")]
    BadWeight {
        /// The line.
        line: u64,
        /// Column of weights.
        column: String,
        /// The cell.
        found: String,
    },
    /// No unit has a weight above 0.
    #[error("column {column}: the weights of all units are 0")]
    NoWeight {
        /// Column of weights.
        column: String,
    },
    /// There are no units.
    #[error("there is a header, but no unit below it")]
    NoUnits,
    /// Lists of values have other lengths than the list of units, or hold what is no number up to 1e75.
    #[error("column {column}: expected a number of at most 1e75 or nothing for each of {units} units")]
    Values {
        /// The column.
        column: String,
        /// Number of units.
        units: usize,
    },
}

const MAYBE_COMMA: &str = "; if it has a decimal comma, say decimal = \",\" in [table]";
const MAYBE_POINT: &str = "; [table] says that decimals stand behind a comma";
const MAYBE_MISSING: &str = "; leave the cell empty or name the text in `missing` of [table] if there is no value";
const TOO_LARGE: &str = " of at most 1e75, the largest that is calculated with";

/// Units with their numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitTable {
    units: Vec<String>,
    groups: Vec<Option<String>>,
    weights: Vec<f64>,
    columns: BTreeMap<String, Vec<Option<f64>>>,
}

impl UnitTable {
    /// A table from lists: names of units, unique, and columns of as many numbers of at most 1e75. No groups, weights of 1.
    pub fn new(units: Vec<String>, columns: BTreeMap<String, Vec<Option<f64>>>) -> Result<Self, TableError> {
        let count = units.len();
        for (column, values) in &columns {
            if values.len() != count || values.iter().flatten().any(|value| !sound(*value)) {
                return Err(TableError::Values { column: column.clone(), units: count });
            }
        }
        let mut seen = BTreeMap::new();
        for (place, unit) in units.iter().enumerate() {
            let line = u64::try_from(place).unwrap_or(u64::MAX);
            if let Some(first) = seen.insert(unit, line) {
                return Err(TableError::UnitTwice { line, column: String::new(), unit: unit.clone(), first });
            }
        }
        Ok(Self { groups: vec![None; count], weights: vec![1.0; count], units, columns })
    }

    /// The table with a weight for each unit; refused unless each is a number from 0 to 1e75 and one is above 0.
    pub fn with_weights(mut self, weights: Vec<f64>) -> Result<Self, TableError> {
        let good = weights.len() == self.units.len() && weights.iter().all(|weight| sound(*weight) && *weight >= 0.0);
        if !good {
            return Err(TableError::Values { column: "weights".to_owned(), units: self.units.len() });
        }
        if weights.iter().all(|weight| *weight == 0.0) {
            return Err(TableError::NoWeight { column: "weights".to_owned() });
        }
        self.weights = weights;
        Ok(self)
    }

    /// Reads the columns an index asks for from a sheet.
    pub fn read(sheet: &Sheet, index: &CompositeIndex) -> Result<Self, TableError> {
        let config = &index.config().table;
        let units = units(sheet, config)?;
        let groups = match &config.group {
            None => vec![None; units.len()],
            Some(column) => sheet.cells(column)?.map(|(_, cell)| (!cell.is_empty()).then(|| cell.to_owned())).collect(),
        };
        let mut columns = BTreeMap::new();
        for column in index.number_columns() {
            let mut values = Vec::with_capacity(units.len());
            for (line, cell) in sheet.cells(column)? {
                values.push(number(cell, config).map_err(|hint| TableError::NotANumber {
                    line,
                    column: column.to_owned(),
                    found: cell.to_owned(),
                    hint,
                })?);
            }
            columns.insert(column.to_owned(), values);
        }
        let weights = match &config.weight {
            None => vec![1.0; units.len()],
            Some(column) => weights(sheet, column, config)?,
        };
        Ok(Self { units, groups, weights, columns })
    }

    /// Names of the units.
    pub fn units(&self) -> &[String] {
        &self.units
    }

    /// Weights of the units, at least 0.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The group of a unit.
    pub(super) fn group(&self, unit: usize) -> Option<&str> {
        self.groups.get(unit)?.as_deref()
    }

    pub(super) fn column(&self, column: &str) -> Result<&[Option<f64>], ScoreError> {
        let values = self.columns.get(column).map(Vec::as_slice);
        values.ok_or_else(|| ScoreError::NoColumn { column: column.to_owned() })
    }
}

fn units(sheet: &Sheet, config: &TableConfig) -> Result<Vec<String>, TableError> {
    let column = &config.unit;
    let mut first_lines = BTreeMap::new();
    let mut units = Vec::new();
    for (line, cell) in sheet.cells(column)? {
        if cell.is_empty() {
            return Err(TableError::NoName { line, column: column.clone() });
        }
        if let Some(first) = first_lines.insert(cell, line) {
            return Err(TableError::UnitTwice { line, column: column.clone(), unit: cell.to_owned(), first });
        }
        units.push(cell.to_owned());
    }
    if units.is_empty() { Err(TableError::NoUnits) } else { Ok(units) }
}

fn weights(sheet: &Sheet, column: &str, config: &TableConfig) -> Result<Vec<f64>, TableError> {
    let mut weights = Vec::new();
    for (line, cell) in sheet.cells(column)? {
        match number(cell, config) {
            Ok(Some(weight)) if weight >= 0.0 => weights.push(weight),
            _ => return Err(TableError::BadWeight { line, column: column.to_owned(), found: cell.to_owned() }),
        }
    }
    if weights.iter().any(|weight| *weight > 0.0) {
        Ok(weights)
    } else {
        Err(TableError::NoWeight { column: column.to_owned() })
    }
}

/// A number as a sheet writes it, or nothing; else what the text may be.
fn number(cell: &str, config: &TableConfig) -> Result<Option<f64>, &'static str> {
    if cell.is_empty() || config.missing.iter().any(|text| text.trim() == cell) {
        return Ok(None);
    }
    let allowed: BTreeSet<char> = ['+', '-', 'e', 'E', config.decimal].into();
    // Words that Rust would take for numbers (`NaN`, `inf`) and separators of thousands are none here.
    let plain = cell.chars().all(|letter| letter.is_ascii_digit() || allowed.contains(&letter));
    let other = if config.decimal == '.' { ',' } else { '.' };
    if !plain {
        let numeric =
            cell.chars().all(|letter| letter.is_ascii_digit() || allowed.contains(&letter) || letter == other);
        return Err(match (numeric, other) {
            (true, ',') => MAYBE_COMMA,
            (true, _) => MAYBE_POINT,
            (false, _) => MAYBE_MISSING,
        });
    }
    match cell.replace(config.decimal, ".").parse::<f64>() {
        Ok(value) if sound(value) => Ok(Some(value)),
        Ok(_) => Err(TOO_LARGE),
        Err(_) => Err(MAYBE_MISSING),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::composite::IndexConfig;

    fn config() -> IndexConfig {
        serde_json::from_value(serde_json::json!({
            "name": "t",
            "table": {"file": "x.csv", "unit": "unit", "weight": "area", "missing": ["NA", ".."]},
            "indicator": [{"id": "x", "parent": "top"}],
            "node": [{"id": "top"}],
        }))
        .unwrap()
    }

    fn read(text: &str, config: IndexConfig) -> Result<UnitTable, TableError> {
        let index = CompositeIndex::new(config).unwrap();
        UnitTable::read(&Sheet::read(text.as_bytes(), &index.config().table)?, &index)
    }

    #[track_caller]
    fn said(text: &str) -> String {
        read(text, config()).unwrap_err().to_string()
    }

    #[test]
    fn empty_cells_and_the_declared_words_are_missing_and_the_rest_are_numbers() {
        let table = read("unit,x,area,more\nA,-1.5e2,1,text\nB,,1,\nC,NA,0,\nD,..,2,\n", config()).unwrap();
        assert_eq!(table.column("x").unwrap(), [Some(-150.0), None, None, None]);
        let mut comma = config();
        (comma.table.delimiter, comma.table.decimal) = (';', ',');
        let table = read("unit;x;area\nA;1,5;2\n", comma).unwrap();
        assert_eq!(table.column("x").unwrap(), [Some(1.5)]);
    }

    #[test]
    fn a_cell_that_is_no_number_is_named_by_line_and_column() {
        for (cell, hint) in [
            ("high", MAYBE_MISSING),
            ("NaN", MAYBE_MISSING),
            ("inf", MAYBE_MISSING),
            ("-", MAYBE_MISSING),
            ("12%", MAYBE_MISSING),
            ("\"1,5\"", MAYBE_COMMA),
            ("1e999", TOO_LARGE),
            ("-1e76", TOO_LARGE),
        ] {
            let found = cell.trim_matches('"');
            let expected = format!("line 3, column x: `{found}` is not a number{hint}");
            assert_eq!(said(&format!("unit,x,area\nA,1,1\nB,{cell},1\n")), expected);
        }
        let mut comma = config();
        (comma.table.delimiter, comma.table.decimal) = (';', ',');
        let error = read("unit;x;area\nA;1.5;2\n", comma).unwrap_err().to_string();
        assert!(error.ends_with(MAYBE_POINT), "{error}");
    }

    #[test]
    fn units_are_named_once_and_weights_are_not_negative_nor_all_zero() {
        assert_eq!(
            said("unit,x,area\nA,1,1\nB,1,1\nA,2,1\n"),
            "line 4, column unit: unit `A` is there twice, first in line 2"
        );
        assert_eq!(said("unit,x,area\n ,1,1\n"), "line 2, column unit: the unit has no name");
        assert_eq!(said("unit,x,area\n"), "there is a header, but no unit below it");
        assert!(said("unit,x,area\nA,1,-2\n").ends_with("found `-2`"));
        assert!(said("unit,x,area\nA,1,\n").ends_with("found ``"));
        assert_eq!(said("unit,x,area\nA,1,0\nB,2,0\n"), "column area: the weights of all units are 0");
        assert_eq!(said("unit,area\nA,1\n"), "line 1: there is no column `x`; the header has: unit, area");
    }
}
