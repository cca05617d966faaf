//! Workbooks and panels of the State Statistical Committee as published. They stand beside the repository where Kend was
//! made and nowhere else; without them these tests are skipped and say so.

use std::{collections::BTreeMap, io::Write as _, path::PathBuf};

use kend_spatial::{FigureRules, NameTable, Selection, Series, SheetSource, read_series, read_sheet};

#[expect(clippy::unwrap_used, reason = "a test fails loudly")]
fn originals() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../../shared/data/stats");
    if folder.is_dir() {
        return Some(folder);
    }
    // The test harness swallows `println!` of a passing test; a skip must be seen.
    let line = format!("SKIPPED: {} is not here: no workbook as published is read\n", folder.display());
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    None
}

#[expect(clippy::unwrap_used, reason = "a test fails loudly")]
fn series(folder: &std::path::Path, file: &str, column: Option<&str>, year: u16, rows: &[(&str, &str)]) -> Series {
    let rows: BTreeMap<String, String> =
        rows.iter().map(|(column, text)| ((*column).to_owned(), (*text).to_owned())).collect();
    let table = read_sheet(&folder.join(file), SheetSource::default()).unwrap();
    let selection = Selection { column, year, rows: &rows, figures: FigureRules::default(), factor: 1.0 };
    read_series(&table, &NameTable::shipped().unwrap(), selection).unwrap()
}

#[expect(clippy::unwrap_used, reason = "a code that is none fails the test")]
fn value(series: &Series, code: &str) -> Option<f64> {
    series.values.get(&code.parse().unwrap()).copied().flatten()
}

/// Figures read by eye in `002_2en.csv`, which is the same table as text.
#[test]
fn land_in_use_is_read_alike_from_the_workbook_and_from_its_text() {
    let Some(folder) = originals() else { return };
    let workbook = series(&folder, "azstat_raw/002_2en.xls", None, 2018, &[]);
    let text = series(&folder, "azstat_raw/002_2en.csv", None, 2018, &[]);
    assert_eq!(workbook.values.len(), text.values.len());
    for (code, value) in &workbook.values {
        let (one, other) = (value.unwrap_or(-1.0), text.values.get(code).copied().flatten().unwrap_or(-1.0));
        assert!((one - other).abs() < 0.006, "{code}: {one} and {other}");
    }
    assert_eq!(value(&text, "AZ-SM"), Some(12.0));
    assert_eq!(value(&text, "AZ-ABS"), Some(2824.54));
    assert_eq!(value(&text, "AZ-SMI"), Some(15962.46));
    let others: Vec<&str> = text.unmatched.iter().map(|placed| placed.name.as_str()).collect();
    assert!(others.contains(&"Republic of Azerbaijan") && others.contains(&"Ganja-Dashkasan economic region"));
    // The rayon of December 2023, of which there is no outline yet, is the only unit that finds no zone.
    let units: Vec<&&str> = others.iter().filter(|name| name.ends_with("district") || name.ends_with("city")).collect();
    assert_eq!(units, [&"Aghdara district"]);
}

#[test]
fn a_dash_is_nil_and_dots_are_no_value_in_a_workbook_as_published() {
    let Some(folder) = originals() else { return };
    let funds = series(&folder, "azstat_raw/003_5en.xls", None, 2018, &[]);
    assert_eq!(funds.values.get(&"AZ-XA".parse().unwrap()), Some(&None));
    assert_eq!((value(&funds, "AZ-SM"), value(&funds, "AZ-BA")), (Some(0.0), Some(13.0)));
    assert_eq!(value(&funds, "AZ-SAL"), Some(822.0));
}

#[test]
fn a_panel_with_a_row_for_each_year_is_read_for_one() {
    let Some(folder) = originals() else { return };
    let file = "azstat_dairy_panel_districts_2000_2024.csv";
    let milk = series(&folder, file, Some("milk_production_tons"), 2000, &[("year", "2000")]);
    assert_eq!(value(&milk, "AZ-ABS"), Some(11086.0));
    assert!(milk.values.len() >= 70, "{}", milk.values.len());
}

#[test]
fn a_published_workbook_cut_anywhere_is_an_error_or_a_table_and_nothing_worse() {
    let Some(folder) = originals() else { return };
    let whole = std::fs::read(folder.join("azstat_raw/003_5en.xls")).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let cut = scratch.path().join("cut.xls");
    for length in (0..whole.len()).step_by(509) {
        std::fs::write(&cut, &whole[..length]).unwrap();
        let _ = read_sheet(&cut, SheetSource::default());
    }
    let mut damaged = whole.clone();
    for place in (0..whole.len()).step_by(307) {
        damaged[place] ^= 0xFF;
        std::fs::write(&cut, &damaged).unwrap();
        let _ = read_sheet(&cut, SheetSource::default());
        damaged[place] = whole[place];
    }
}
