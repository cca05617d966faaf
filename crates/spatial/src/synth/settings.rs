//! The `index.toml` of a generated project: that of a new one with everything declared.

use super::{
    LABEL, YEAR,
    plan::LEAST_CLUSTER_KM2,
    statistics::{Book, Kind, Layout, Of},
};

/// Declarations of zones, vectors and rasters: they are the same for every seed.
const LAYERS: &str = include_str!("layers.toml");

/// The text of the settings.
pub(super) fn index_toml(template: &str, cell_m: f64, seed: u64, books: &[Book]) -> String {
    // The key stands before the first table.
    let (head, rest) = template.split_once("\n[grid]").unwrap_or((template, ""));
    let rest = rest.replacen("\ncell_m = 100\n", &format!("\ncell_m = {cell_m}\n"), 1);
    format!(
        "# {LABEL} Seed {seed}.\n{head}\n\
         # Every result says so.\nsynthetic = true\n\n[grid]{rest}\n\
         # Method 4 (5), calibrated once: with the smallest area of the report there are as many clusters as are planted.\n\
         [clusters]\nleast_area_km2 = {LEAST_CLUSTER_KM2}\n\n{}\n{LAYERS}",
        statistics(books)
    )
}

fn statistics(books: &[Book]) -> String {
    let mut text = String::new();
    for book in books {
        for sheet in &book.sheets {
            for series in &sheet.series {
                let mut lines = vec!["[[statistics]]".to_owned(), format!("file = \"{}\"", book.file)];
                if book.kind == Kind::Workbook {
                    lines.push(format!("sheet = \"{}\"", sheet.name));
                }
                match series.of {
                    Of::Row(row) => lines.push(format!("indicator = {row}")),
                    Of::Figure(name) => lines.push(format!("figure = \"{name}\"")),
                    Of::Product(name) => lines.extend(["indicator = 8".to_owned(), format!("product = \"{name}\"")]),
                }
                if sheet.layout == Layout::Columns {
                    lines.push(format!("column = \"{}\"", series.caption));
                }
                lines.push(format!("year = {YEAR}"));
                lines.push(format!("unit = \"{}\"", series.unit));
                lines.push(format!("factor = {:?}", series.factor));
                lines.extend(series.per.map(|per| format!("per = \"{per}\"")));
                if sheet.by_region {
                    lines.push("region = true".to_owned());
                }
                match book.kind {
                    Kind::Text { delimiter, decimal } => {
                        lines.push(format!("delimiter = \"{}\"", delimiter.escape_default()));
                        lines.push(format!("decimal = \"{decimal}\""));
                    }
                    Kind::Workbook => lines.push("decimal = \",\"".to_owned()),
                }
                text.push_str(&lines.join("\n"));
                text.push_str("\n\n");
            }
        }
    }
    text
}
