//! Tables as a statistical office publishes them: title rows, years as headers, decimal commas, dashes, footers, and a zone's
//! name now in one spelling, now in another.

use std::{fs, path::Path};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use super::{
    LABEL, SynthError, YEAR,
    country::Country,
    plan::REGIONS,
    random::{Purpose, Random},
    statistics::{Book, Kind, Layout, Series, Sheet},
};
use crate::names::{NameTable, Zone};

/// No value, as the State Statistical Committee writes it.
const MISSING: &str = "...";
/// Nil.
const NIL: &str = "-";
/// Years of a sheet with a column for each.
const YEARS: [u16; 4] = [YEAR - 3, YEAR - 2, YEAR - 1, YEAR];
/// A year before, figures were lower by this share.
const YEARLY: f64 = 0.02;
/// Every so many rows of a workbook have their figures as text, with a footnote mark.
const TEXT_EVERY: u32 = 7;

/// Writes all files into a folder.
pub(super) fn write(folder: &Path, country: &Country, books: &[Book]) -> Result<(), SynthError> {
    let names = NameTable::shipped()?;
    for (part, book) in (0..).zip(books) {
        let path = folder.join(book.file);
        let mut random = Random::new(country.seed, Purpose::Spellings, part);
        let sheets = book.sheets.iter().map(|sheet| (sheet, grid(sheet, &names, &mut random)));
        match book.kind {
            Kind::Text { delimiter, decimal } => {
                let lines = sheets.flat_map(|(_, grid)| grid);
                let text: String = lines.map(|line| text_line(&line, delimiter, decimal)).collect();
                fs::write(&path, text).map_err(|source| SynthError::Write { path: path.clone(), source })?;
            }
            Kind::Workbook => {
                let grids: Vec<_> = sheets.collect();
                workbook(&path, &grids)
                    .map_err(|source| SynthError::Workbook { file: book.file.to_owned(), source })?;
            }
        }
    }
    Ok(())
}

enum Cell {
    Text(String),
    Number { value: f64, decimals: usize },
}

/// The cells of a sheet.
fn grid(sheet: &Sheet, names: &NameTable, random: &mut Random) -> Vec<Vec<Cell>> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let title = match (sheet.layout, sheet.series.first()) {
        (Layout::Years, Some(series)) => series.caption,
        _ => "Şəhər və rayonlar üzrə əsas göstəricilər",
    };
    let mut grid = vec![vec![text(LABEL)], vec![text(title)], vec![text("")]];
    let mut header = vec![text(if sheet.by_region { "İqtisadi rayonlar" } else { "Şəhər və rayonlar" })];
    match sheet.layout {
        Layout::Years => header.extend(YEARS.map(|year| text(&year.to_string()))),
        Layout::Columns => header.extend(sheet.series.iter().map(|series| text(series.caption))),
    }
    grid.push(header);
    let row = |name: String, place: Option<usize>| {
        let mut row = vec![Cell::Text(name)];
        for series in &sheet.series {
            row.extend(cells(series, place, sheet.layout));
        }
        row
    };
    grid.push(row("Azərbaycan Respublikası".to_owned(), None));
    if sheet.by_region {
        grid.extend(REGIONS.iter().enumerate().map(|(place, (_, az, _))| row((*az).to_owned(), Some(place))));
    } else {
        for (place, zone) in names.zones().iter().enumerate() {
            grid.push(row(spelt(names, zone, random), Some(place)));
        }
    }
    grid.push(vec![text("")]);
    grid.push(vec![text("1) uydurma məlumat / synthetic figures")]);
    grid.push(vec![text(LABEL)]);
    grid
}

/// Cells of a series in the row of a zone, or in that of the country.
fn cells(series: &Series, place: Option<usize>, layout: Layout) -> Vec<Cell> {
    let value = match place {
        Some(place) => series.values.get(place).copied().flatten(),
        // A sum, whatever the figure is: readers have to leave the row out.
        None => Some(series.values.iter().flatten().sum()),
    };
    let cell = |value: Option<f64>| match value {
        None => Cell::Text(MISSING.to_owned()),
        Some(value) => Cell::Number { value, decimals: series.decimals },
    };
    match layout {
        Layout::Columns => vec![cell(value)],
        Layout::Years => {
            YEARS.map(|year| cell(value.map(|value| value * (1.0 - YEARLY * f64::from(YEAR - year))))).into()
        }
    }
}

/// One of the spellings of a zone's name: Azerbaijani, English, Russian, one of before, with what offices add or in capitals.
fn spelt(names: &NameTable, zone: &Zone, random: &mut Random) -> String {
    let (az, en, ru) = (&zone.names.az, &zone.names.en, &zone.names.ru);
    let mut spellings = vec![az.clone(), en.clone(), ru.clone(), format!("{az} rayonu"), format!("{en} district 1)")];
    spellings.extend([en.to_uppercase(), format!("  {az} ")]);
    spellings.extend(zone.other.iter().cloned());
    spellings.retain(|spelling| names.find(spelling).is_some_and(|found| found.code == zone.code));
    let place = super::features::whole((random.share() * super::features::count(spellings.len())).floor());
    spellings.get(place).unwrap_or(az).clone()
}

/// A figure as text, with spaces between thousands where the decimal mark is a comma.
fn figure(value: f64, decimals: usize, decimal: char) -> String {
    const GROUP: usize = 3;
    let text = format!("{value:.decimals$}");
    if text.bytes().all(|byte| !(b'1'..=b'9').contains(&byte)) {
        return NIL.to_owned();
    }
    if decimal == '.' {
        return text;
    }
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let digits = whole.len();
    let grouped: String = whole
        .chars()
        .enumerate()
        .flat_map(|(place, digit)| {
            let begins_group =
                place > 0 && (digits - place) % GROUP == 0 && digit.is_ascii_digit() && !whole.starts_with('-');
            begins_group.then_some('\u{a0}').into_iter().chain([digit])
        })
        .collect();
    if rest.is_empty() { grouped } else { format!("{grouped}{decimal}{rest}") }
}

fn text_line(line: &[Cell], delimiter: char, decimal: char) -> String {
    let cells = line.iter().map(|cell| match cell {
        Cell::Text(text) if text.contains([delimiter, '"']) => format!("\"{}\"", text.replace('"', "\"\"")),
        Cell::Text(text) => text.clone(),
        Cell::Number { value, decimals } => figure(*value, *decimals, decimal),
    });
    let line: Vec<String> = cells.collect();
    format!("{}\n", line.join(&delimiter.to_string()))
}

fn workbook(path: &Path, sheets: &[(&Sheet, Vec<Vec<Cell>>)]) -> Result<(), XlsxError> {
    let mut workbook = Workbook::new();
    // Not the time of writing: the same seed gives the same bytes.
    let made = ExcelDateTime::from_ymd(2020, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_title(LABEL).set_comment(LABEL).set_creation_datetime(&made));
    for (sheet, grid) in sheets {
        let written = workbook.add_worksheet();
        written.set_name(sheet.name)?;
        let columns = grid.iter().map(Vec::len).max().unwrap_or(1);
        let last = u16::try_from(columns.saturating_sub(1)).unwrap_or(u16::MAX);
        for (row, line) in (0_u32..).zip(grid) {
            for (column, cell) in (0_u16..).zip(line) {
                match cell {
                    // Titles run over all columns, as in tables that are made to be looked at.
                    Cell::Text(text) if row < 2 && last > 0 => {
                        written.merge_range(row, 0, row, last, text, &Format::new().set_bold())?;
                    }
                    Cell::Text(text) => {
                        written.write_string(row, column, text)?;
                    }
                    Cell::Number { value, decimals } if row.is_multiple_of(TEXT_EVERY) => {
                        written.write_string(row, column, format!("{}*", figure(*value, *decimals, ',')))?;
                    }
                    Cell::Number { value, decimals } => {
                        written.write_number(row, column, rounded(*value, *decimals))?;
                    }
                }
            }
        }
    }
    workbook.save(path)
}

/// A figure with as many decimals as are published.
fn rounded(value: f64, decimals: usize) -> f64 {
    format!("{value:.decimals$}").parse().unwrap_or(value)
}
