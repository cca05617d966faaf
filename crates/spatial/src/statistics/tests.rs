use std::{path::Path, sync::LazyLock};

use rust_xlsxwriter::{Format, Workbook};

use super::*;
use crate::{
    figure::Decimal,
    table::{SheetSource, read_sheet},
};

fn read_file(file: &Path, selection: Selection<'_>) -> Result<Series, SeriesError> {
    read_series(&read_sheet(file, SheetSource::default()).unwrap(), &NAMES, selection)
}

fn read(text: &str, selection: Selection<'_>) -> Result<Series, SeriesError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.csv");
    std::fs::write(&file, text).unwrap();
    read_file(&file, selection)
}

static NAMES: LazyLock<NameTable> = LazyLock::new(|| NameTable::shipped().unwrap());
static NO_FILTER: BTreeMap<String, String> = BTreeMap::new();

fn of_year(year: u16) -> Selection<'static> {
    Selection { column: None, year, rows: &NO_FILTER, figures: FigureRules::default(), factor: 1.0 }
}

fn of_column(column: &str) -> Selection<'_> {
    Selection { column: Some(column), ..of_year(2018) }
}

#[track_caller]
fn value(series: &Series, code: &str) -> Option<f64> {
    *series.values.get(&code.parse::<AreaCode>().unwrap()).unwrap()
}

const YEARS: &str = "\
,,,
2.2. Land in use 2018,,,
,,2017,2018 1)
Republic of Azerbaijan,,2018,5000
,Baku city,10,-
,Absheron-Khizi economic region,20,21
,\"Absheron
 district *\",30,31.5
,Khizi district 1),...,…
,,,
,1) without Baku,,
";

#[test]
fn a_header_of_years_under_title_rows_is_found_and_what_is_no_zone_is_listed() {
    let series = read(YEARS, of_year(2018)).unwrap();
    assert_eq!(series.header, "D3");
    assert_eq!(
        (value(&series, "AZ-BA"), value(&series, "AZ-ABS"), value(&series, "AZ-XIZ")),
        (Some(0.0), Some(31.5), None)
    );
    let listed: Vec<(&str, u32)> = series.unmatched.iter().map(|placed| (placed.name.as_str(), placed.row)).collect();
    assert_eq!(listed, [("Absheron-Khizi economic region", 6)]);
    assert_eq!(value(&read(YEARS, of_year(2017)).unwrap(), "AZ-BA"), Some(10.0));
    let error = read(YEARS, of_year(2016)).unwrap_err().to_string();
    assert!(error.starts_with("no column is headed `2016`; headers: "), "{error}");
}

#[test]
fn a_total_that_looks_like_a_year_is_no_header() {
    let table = "zone,unit,2017,2018\nTotal,ha,2018,40\nGuba,ha,1,2\n";
    assert_eq!(read(table, of_year(2018)).unwrap().header, "D1");
    // With nothing but years in the row of totals nothing is guessed.
    let table = "zone,2016,2017\nTotal,2018,1950\nGuba,1,2\n";
    assert!(matches!(read(table, of_year(2018)), Err(SeriesError::NoColumn { .. })));
    let table = "zone,2017,2018\nTotal,2018,...\nGuba,1,2\n";
    assert_eq!(value(&read(table, of_year(2018)).unwrap(), "AZ-QBA"), Some(2.0));
}

#[test]
fn the_header_of_a_long_table_is_at_its_top() {
    let regions: String = vec!["Sheki-Zagatala region,5\n"; 5000].concat();
    let series = read(&format!("zone,x\n{regions}Guba,6\n"), of_column("x")).unwrap();
    assert_eq!((value(&series, "AZ-QBA"), series.unmatched.len()), (Some(6.0), 5000));
}

#[test]
fn captions_under_merged_years_are_told_apart_by_the_year() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    sheet.merge_range(0, 0, 0, 4, "Employees", &plain).unwrap();
    sheet.merge_range(1, 1, 1, 2, "2017-ci il", &plain).unwrap();
    sheet.merge_range(1, 3, 1, 4, "2018-ci il", &plain).unwrap();
    for (column, caption) in (1..).zip(["Total", "Women", "Total", "Women"]) {
        sheet.write(2, column, caption).unwrap();
    }
    sheet.write(3, 0, "Şəki rayonu").unwrap();
    for (column, figure) in (1..).zip([1.0, 2.0, 3.0, 4.0]) {
        sheet.write(3, column, figure).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.xlsx");
    book.save(&file).unwrap();
    let series = read_file(&file, of_column("women")).unwrap();
    assert_eq!((value(&series, "AZ-SAK"), series.header.as_str()), (Some(4.0), "E3"));
    let error = read_file(&file, Selection { year: 2019, ..of_column("Total") }).unwrap_err();
    assert!(matches!(error, SeriesError::NoColumn { .. }), "{error}");
    let error = read_file(&file, of_year(2018)).unwrap_err().to_string();
    assert_eq!(error, "columns D2, E2 are all headed `2018`");
}

#[test]
fn a_table_with_a_row_for_each_year_is_read_by_the_rows_asked_for() {
    let panel = "region,year,milk\nShaki district,2017,5\nShaki district,2018,6\nGuba district,2018,7\n";
    let rows = BTreeMap::from([("Year".to_owned(), "2018".to_owned())]);
    let series = read(panel, Selection { rows: &rows, factor: 1000.0, ..of_column("milk") }).unwrap();
    assert_eq!((value(&series, "AZ-SAK"), value(&series, "AZ-QBA")), (Some(6000.0), Some(7000.0)));
    let error = read(panel, of_column("milk")).unwrap_err().to_string();
    assert_eq!(error, "rows 2 (`Shaki district`) and 3 (`Shaki district`) are both AZ-SAK");
    let rows = BTreeMap::from([("year".to_owned(), "2019".to_owned())]);
    let error = read(panel, Selection { rows: &rows, ..of_column("milk") }).unwrap_err().to_string();
    assert_eq!(error, "no row of a zone has `2019` in column `year`");
}

#[test]
fn one_zone_under_two_spellings_is_an_error_that_names_both_rows() {
    let error = read("zone,x\nŞəki rayonu,1\nGuba,2\nSheki city,3\n", of_column("x")).unwrap_err().to_string();
    assert_eq!(error, "rows 2 (`Şəki rayonu`) and 4 (`Sheki city`) are both AZ-SAK");
}

#[test]
fn what_is_wrong_is_told_by_its_cell() {
    let error = read("zone,x\nGuba,12 ha\n", of_column("x")).unwrap_err();
    assert_eq!(error.to_string(), "cell B2 (Guba)");
    let SeriesError::Figure { source, .. } = error else { panic!("{error}") };
    assert_eq!(source.to_string(), "`12 ha` is no number");
    let comma = "zone,x\nGuba,\"1 234,5\"\n";
    assert!(matches!(read(comma, of_column("x")), Err(SeriesError::Figure { .. })));
    let figures = FigureRules { decimal: Decimal::Comma, ..FigureRules::default() };
    assert_eq!(value(&read(comma, Selection { figures, ..of_column("x") }).unwrap(), "AZ-QBA"), Some(1234.5));
    let large = read("zone,x\nGuba,10\n", Selection { factor: f64::MAX, ..of_column("x") });
    assert!(matches!(large, Err(SeriesError::Overflow { .. })));
}

#[test]
fn columns_of_names_must_agree_and_be_there() {
    let both = read("code,name,x\nAZ-QBA,Quba,1\nAZ-SAK,Şəki,2\n", of_column("x")).unwrap();
    assert_eq!(both.values.len(), 2);
    let error = read("code,name,x\nAZ-QBA,Quba,1\nAZ-SAK,Qax,2\n", of_column("x")).unwrap_err().to_string();
    assert_eq!(error, "row 3: the names in two columns are those of different zones, AZ-SAK and AZ-QAX");
    let error = read("zone;x\nGuba;1\n", of_column("x")).unwrap_err().to_string();
    assert_eq!(error, "no cell holds the name of a zone; if `;` stands between cells, say delimiter = \";\"");
    assert!(matches!(read("zone,x\nGuba,1\n", of_column("y")), Err(SeriesError::NoColumn { .. })));
    assert!(matches!(read("zone,x,X *\nGuba,1,2\n", of_column("x")), Err(SeriesError::Columns { .. })));
}

proptest::proptest! {
    #[test]
    fn no_table_ends_the_run(text in "[A-Za-z0-9,;\"\n\r əıİŞ.*)-]{0,200}", year in 1990_u16..2030) {
        let wrapped = format!("zone,{year}\nGuba,1\n{text}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("t.csv");
        std::fs::write(&file, wrapped).unwrap();
        if let Ok(table) = read_sheet(&file, SheetSource::default()) {
            let _ = read_series(&table, &NAMES, of_year(year));
        }
    }
}
