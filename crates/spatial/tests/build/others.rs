//! What rows could have been made of as well is what a project that chose so would have made; and rows that are left out.

use kend_spatial::{ColumnStatus, Country, DataChoice};

use crate::country::{Case, ZONES, centre, collection, degrees, feature, point};

/// Tables for all rows but these, so that there is an index.
fn case(without: &[u8]) -> Case {
    let case = Case::new("[clusters]\nleast_area_km2 = 1\n[robustness]\ndraws = 20\n");
    let rows = (1..=53).filter(|row| ![8, 10].contains(row) && !without.contains(row));
    case.tables(&rows.map(|row| (row, [0.0, 1.0, 4.0, 9.0].map(Some))).collect::<Vec<_>>(), "");
    case
}

fn change(case: &Case, from: &str, to: &str) {
    let text = case.read("index.toml");
    assert!(text.contains(from), "{from}");
    case.write("index.toml", &text.replacen(from, to, 1));
}

/// Scores of zones under an option.
#[track_caller]
fn other(country: &Country, choice: DataChoice, option: &str, row: u8) -> Vec<Option<f64>> {
    let is_it = |own: &&kend_spatial::OtherRow| (own.choice, own.option.as_str(), own.row) == (choice, option, row);
    country.robustness.others.iter().find(is_it).unwrap_or_else(|| panic!("row {row}, {option}")).scores.clone()
}

fn own(country: &Country, row: u8) -> Vec<Option<f64>> {
    country.zones.iter().map(|zone| zone.scores.get(&row).copied()).collect()
}

#[track_caller]
fn near(found: &[Option<f64>], expected: &[Option<f64>], within: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let (found, expected) = (found.unwrap(), expected.unwrap());
        assert!((found - expected).abs() <= within, "{found} and not {expected}");
    }
}

#[test]
fn other_kernels_speeds_and_the_other_profile_are_those_of_projects_that_choose_them() {
    let case = case(&[1, 22, 43, 52]);
    let points = [centre(2, 3), centre(4, 12), centre(15, 15)].map(|at| point(at, ""));
    case.write("vectors/points.geojson", &collection(&points));
    case.add("[[vectors]]\nfile = \"points.geojson\"\nyear = 2020\nindicator = 52\n");
    case.add("[[vectors]]\nfile = \"points.geojson\"\nyear = 2020\nindicator = 43\n");
    let road = [centre(2, 0), centre(2, 19)].map(degrees).map(|(x, y)| format!("[{x:.12},{y:.12}]")).join(",");
    let road = feature("LineString", &format!("[{road}]"), "\"highway\":\"primary\"");
    case.write("vectors/roads.geojson", &collection(&[road]));
    case.add("[[vectors]]\nfile = \"roads.geojson\"\nyear = 2020\nrole = \"roads\"\nroad_class = \"highway\"\n");
    case.add("[[vectors]]\nfile = \"roads.geojson\"\nyear = 2020\nindicator = 22\n");
    case.tables(&[(1, [100.0, 200.0, 600.0, 400.0].map(Some))], "per = \"population\"\n");
    let base = case.built();

    // A table without a denominator and rows that are by cell have no other profile.
    let of = |choice| base.robustness.others.iter().filter(move |own| own.choice == choice).map(|own| own.row);
    assert_eq!(of(DataChoice::Profile).collect::<Vec<_>>(), [1, 22]);
    assert_eq!(of(DataChoice::Kernel).collect::<Vec<_>>(), [52, 52]);
    assert_eq!(of(DataChoice::Speed).collect::<Vec<_>>(), [43, 43]);

    change(&case, "point_km = 10", "point_km = 5");
    let narrow = case.built();
    near(&other(&base, DataChoice::Kernel, "5 km", 52), &own(&narrow, 52), 1e-12);
    near(&other(&narrow, DataChoice::Kernel, "10 km", 52), &own(&base, 52), 1e-12);
    assert_ne!(own(&base, 52), own(&narrow, 52));
    change(&case, "point_km = 5", "point_km = 10");

    change(&case, "profile = \"recommended\"", "profile = \"faithful\"");
    change(&case, "unit = \"u\"\nper = \"population\"\n", "unit = \"u\"\n");
    let faithful = case.built();
    for row in [1, 22] {
        near(&other(&base, DataChoice::Profile, "faithful", row), &own(&faithful, row), 1e-12);
    }
    near(&other(&faithful, DataChoice::Profile, "recommended", 22), &own(&base, 22), 1e-12);

    // A fifth faster everywhere; f32 rounds both ways.
    change(&case, "profile = \"faithful\"", "profile = \"recommended\"");
    let speeds = case.read("index.toml");
    let faster: Vec<String> = speeds
        .lines()
        .map(|line| match line.strip_prefix("# ").unwrap_or(line).split_once("_kmh = ") {
            Some((name, rest)) => {
                let number = rest.split_whitespace().next().unwrap();
                format!("{name}_kmh = {}", 1.2 * number.parse::<f64>().unwrap())
            }
            None => line.to_owned(),
        })
        .collect();
    assert_eq!(faster.iter().zip(speeds.lines()).filter(|(now, before)| now != before).count(), 10);
    case.write("index.toml", &faster.join("\n"));
    near(&other(&base, DataChoice::Speed, "120 %", 43), &own(&case.built(), 43), 1e-3);
}

#[test]
fn a_row_that_is_dropped_counts_as_one_that_nothing_is_declared_for_and_says_so() {
    let without = case(&[36]).built();
    let case = case(&[]);
    change(&case, "# dropped_rows = []", "dropped_rows = [36]");
    let dropped = case.built();
    assert_eq!(dropped.indicators[35].status, ColumnStatus::Dropped);
    assert_eq!(without.indicators[35].status, ColumnStatus::Undeclared);
    assert_eq!(dropped.scored, without.scored);
    assert!(dropped.manifest.missing.rows.contains(&36));
    assert!(dropped.zones.iter().all(|zone| !zone.values.contains_key(&36)), "{ZONES:?}");
    let report = kend_spatial::check(&case.folder()).unwrap();
    assert_eq!(report.indicators[35].status.word(), "dropped");
}
