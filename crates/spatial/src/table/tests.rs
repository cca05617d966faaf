use std::io::Write as _;

use rust_xlsxwriter::{Format, Workbook};

use super::*;

fn text(bytes: &[u8]) -> Result<SheetTable, SheetFileError> {
    read_bytes(bytes, SheetSource::default())
}

type Cells<'a> = &'a [(u32, u16, &'a str)];

fn workbook(sheets: &[(&str, Cells<'_>)]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, cells) in sheets {
        let sheet = workbook.add_worksheet().set_name(*name).unwrap();
        for (row, column, text) in *cells {
            sheet.write(*row, *column, *text).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

#[test]
fn rows_of_delimited_text_are_lines_of_the_file() {
    let table = text(b"\xEF\xBB\xBF\r\n\r\ntitle\r\n\"two\r\nlines\",1\r\n\r\nlast,2\r\n").unwrap();
    let cells: Vec<(u32, u32, String)> =
        table.cells.iter().map(|((row, column), cell)| (*row, *column, cell.words())).collect();
    let expected = [(2, 0, "title"), (3, 0, "two\nlines"), (3, 1, "1"), (6, 0, "last"), (6, 1, "2")];
    assert_eq!(cells, expected.map(|(row, column, text)| (row, column, text.to_owned())));
}

#[test]
fn text_of_another_encoding_is_refused_until_it_is_declared() {
    let bytes = b"\xDEamax\xFD;1\n";
    assert!(matches!(text(bytes), Err(SheetFileError::Text(_))));
    let source = SheetSource { delimiter: Some(';'), encoding: Encoding::Windows1254, ..SheetSource::default() };
    let table = read_bytes(bytes, source).unwrap();
    assert_eq!(table.get(0, 0), Some(&Value::Text("Şamaxı".to_owned())));
    let latin = read_bytes(b"Sch\xF6n\n", SheetSource { encoding: Encoding::Latin1, ..SheetSource::default() });
    assert_eq!(latin.unwrap().get(0, 0), Some(&Value::Text("Schön".to_owned())));
}

#[test]
fn a_workbook_gives_its_cells_and_merged_regions() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 1, 0, 2, "2018", &Format::new()).unwrap();
    sheet.write(1, 0, "Şəki").unwrap();
    sheet.write(1, 1, 12.5).unwrap();
    sheet.write(1, 2, true).unwrap();
    let table = text(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(table.name(), "Sheet1");
    assert_eq!(table.get(0, 2), None);
    assert_eq!(table.shown(0, 2), Some(&Value::Text("2018".to_owned())));
    assert_eq!(table.shown(1, 1), Some(&Value::Number(12.5)));
    assert_eq!(table.shown(1, 2), Some(&Value::Other("TRUE".to_owned())));
}

#[test]
fn the_sheet_is_the_one_with_content_or_the_one_named() {
    let one = workbook(&[("Data", &[(0, 0, "a")]), ("Sheet2", &[])]);
    assert_eq!(text(&one).unwrap().name(), "Data");
    let two = workbook(&[("A", &[(0, 0, "a")]), ("B", &[(0, 0, "b")])]);
    assert_eq!(text(&two).unwrap_err().to_string(), "has several sheets, say which by sheet = \"...\": A, B");
    let named = |sheet| read_bytes(&two, SheetSource { sheet: Some(sheet), ..SheetSource::default() });
    assert_eq!(named("B").unwrap().get(0, 0), Some(&Value::Text("b".to_owned())));
    assert_eq!(named("C").unwrap_err().to_string(), "has no sheet `C`; there are: A, B");
}

#[test]
fn a_workbook_cut_anywhere_is_an_error_and_nothing_worse() {
    let whole = workbook(&[("A", &[(0, 0, "Şəki"), (3, 2, "7")])]);
    for length in (0..whole.len()).step_by(97) {
        assert!(text(&whole[..length]).is_err(), "{length} bytes");
    }
    assert!(matches!(text(b""), Err(SheetFileError::Empty)));
    assert!(matches!(text(b"\n\n , ,\n"), Err(SheetFileError::Empty)));
    let broken = [COMPOUND_START, [0; 600].as_slice()].concat();
    assert!(matches!(text(&broken), Err(SheetFileError::Damaged(_))));
}

/// First bytes of an `.xls`.
const COMPOUND_START: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

#[test]
fn what_would_unfold_to_too_much_is_refused_before_it_is_read() {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("xl/worksheets/sheet1.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let zeros = vec![0_u8; 1024 * 1024];
    for _ in 0..=(MAX_INFLATED_BYTES / 1024 / 1024) {
        archive.write_all(&zeros).unwrap();
    }
    let bomb = archive.finish().unwrap().into_inner();
    assert!(bomb.len() < 1024 * 1024);
    assert!(matches!(text(&bomb), Err(SheetFileError::Inflated)));
}

#[test]
fn a_cell_in_the_last_corner_costs_no_more_than_another() {
    let corner = workbook(&[("A", &[(0, 0, "a"), (1_048_575, 16_383, "z")])]);
    assert_eq!(text(&corner).unwrap().cells.len(), 2);
}

#[test]
fn too_many_cells_or_bytes_are_refused() {
    let cells = ",1".repeat(MAX_CELLS / 1000);
    let lines = vec![cells; 1001].join("\n");
    assert!(matches!(text(lines.as_bytes()), Err(SheetFileError::TooManyCells)));

    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("long.csv");
    // A file of a thousand million empty rows, without its bytes on the disk.
    File::create(&long).unwrap().set_len(1_000_000_000).unwrap();
    assert!(matches!(read_sheet(&long, SheetSource::default()), Err(SheetFileError::TooLarge)));
    assert!(matches!(read_sheet(folder.path(), SheetSource::default()), Err(SheetFileError::NoFile)));
    let gone = folder.path().join("gone.csv");
    assert!(matches!(read_sheet(&gone, SheetSource::default()), Err(SheetFileError::Read(_))));
}
