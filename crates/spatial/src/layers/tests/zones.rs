use geo::Area as _;

use super::make::{Folder, Rows, plane, said, zones};
use crate::{NameTable, layers::read_outlines};

const WEST: &str = "POLYGON ((47 40, 47.5 40, 47.5 40.5, 47 40.5, 47 40))";
const EAST: &str = "POLYGON ((47.5 40, 48 40, 48 40.5, 47.5 40.5, 47.5 40))";

fn names() -> NameTable {
    NameTable::read("code,az,en,ru,other\nAZ-A,Şəki,,,\nAZ-B,Oğuz,,,\n").unwrap()
}

fn read(rows: Rows<'_>, keys: &str) -> Result<Vec<(String, f64)>, String> {
    let folder = Folder::new();
    folder.layer("GPKG", "z.gpkg", Some(4326), &["kod", "ad"], rows);
    let declared = zones(&format!("file = \"z.gpkg\"\n{keys}"));
    let outlines = read_outlines(folder.path(), &declared, &names(), &plane()).map_err(|error| said(&error))?;
    Ok(outlines.zones.into_iter().map(|(code, outline)| (code.to_string(), outline.unsigned_area() / 1e6)).collect())
}

#[test]
fn each_zone_has_its_outline_by_code_or_by_name() {
    let rows: Rows<'_> = &[(EAST, &["AZ-B", "OGHUZ rayonu"]), (WEST, &["AZ-A", "Sheki district"])];
    for keys in ["code = \"kod\"", "name = \"ad\""] {
        let zones = read(rows, keys).unwrap();
        assert_eq!((zones[0].0.as_str(), zones[1].0.as_str()), ("AZ-A", "AZ-B"));
        // Half a degree by half a degree at 40.25 degrees north.
        assert!(zones.iter().all(|(_, km2)| (km2 - 2360.0).abs() < 5.0), "{zones:?}");
    }
}

#[test]
fn a_zone_unknown_twice_missing_or_over_another_is_named() {
    let cases: [(Rows<'_>, &str); 5] = [
        (&[(WEST, &["AZ-X", ""])], "feature 1: `AZ-X` is not in names.csv"),
        (&[(WEST, &["", ""])], "feature 1: `` is not in names.csv"),
        (&[(WEST, &["AZ-A", ""]), (EAST, &["AZ-A", ""])], "feature 2: is AZ-A, as feature 1 is"),
        (&[(WEST, &["AZ-A", ""])], "layer places: there is no outline of AZ-B"),
        (&[(WEST, &["AZ-A", ""]), (WEST, &["AZ-B", ""])], "layer places: AZ-A and AZ-B share 2361.8 km²"),
    ];
    for (rows, expected) in cases {
        let said = read(rows, "code = \"kod\"").unwrap_err();
        assert!(said.ends_with(expected), "{said}");
    }
}
