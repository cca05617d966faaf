//! `kend index init` and `kend index check`, by running the binary.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

#[expect(clippy::unwrap_used, reason = "a binary that cannot be run fails the test")]
fn kend(command: &str, folder: &Path, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kend")).args(["index", command]).arg(folder).args(options).output().unwrap()
}

fn told(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_project_folder_is_made_once() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("office");
    let first = kend("init", &folder, &[]);
    assert!(first.status.success(), "{}", told(&first.stderr));
    assert!(told(&first.stdout).contains("index.toml"));
    fs::write(folder.join("names.csv"), "mine").unwrap();
    let second = kend("init", &folder, &[]);
    assert_eq!(second.status.code(), Some(2));
    assert!(told(&second.stderr).contains("is there already and not empty; nothing in it was changed"));
    assert_eq!(fs::read_to_string(folder.join("names.csv")).unwrap(), "mine");

    let here = scratch.path().join("here");
    fs::create_dir(&here).unwrap();
    let inside = Command::new(env!("CARGO_BIN_EXE_kend")).args(["index", "init", "."]).current_dir(&here).output();
    assert!(inside.unwrap().status.success());
    assert_eq!(fs::read_dir(&here).unwrap().count(), 6);
}

/// A new project with one table and what is declared of it.
#[expect(clippy::unwrap_used, reason = "a folder that can't be made fails the test")]
fn project(table: &str, declared: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert!(kend("init", folder.path(), &[]).status.success());
    fs::write(folder.path().join("statistics/physicians.csv"), table).unwrap();
    let settings = folder.path().join("index.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(settings, format!("{text}\n{declared}")).unwrap();
    folder
}

/// Row 44 for all rayons but the city left out below the table.
#[expect(clippy::unwrap_used, reason = "a folder without names fails the test")]
fn table(folder: &Path) -> String {
    let names = fs::read_to_string(folder.join("names.csv")).unwrap();
    let codes = names.lines().skip(1).filter_map(|line| line.split(',').next()).filter(|code| *code != "AZ-XA");
    format!("zone;2018\nCəmi;30\n{}", codes.map(|code| format!("{code};21,5\n")).collect::<Vec<_>>().concat())
}

const DECLARED: &str = "[[statistics]]\nfile = \"physicians.csv\"\nindicator = 44\nyear = 2018\n\
    unit = \"physicians per 10000 inhabitants\"\ndelimiter = \";\"\n";

#[test]
fn a_project_says_what_it_holds_for_each_indicator_and_what_it_lacks() {
    let folder = project("", &format!("{DECLARED}decimal = \",\"\n"));
    fs::write(folder.path().join("statistics/physicians.csv"), table(folder.path())).unwrap();
    fs::write(folder.path().join("statistics/later.xlsx"), "").unwrap();
    let output = kend("check", folder.path(), &[]);
    let said = told(&output.stdout);
    assert!(output.status.success(), "{said}{}", told(&output.stderr));
    let line = |start: &str| said.lines().find(|line| line.starts_with(start)).unwrap_or_default().to_owned();
    let cells: Vec<String> =
        line("44 ").split("  ").filter(|cell| !cell.is_empty()).map(|cell| cell.trim().to_owned()).collect();
    let expected = [
        "44",
        "Physicians",
        "stat_rayon",
        "ready",
        "70/71 98 %",
        "2018",
        "physicians per 10000 inhabitants",
        "-",
        "physicians.csv B1",
    ];
    assert_eq!(cells, expected);
    assert!(line("1 ").contains("undeclared"), "{said}");
    assert!(line("human_capital").ends_with("8 %  too little"), "{said}");
    for part in ["row 44: AZ-XA", "physicians.csv, row 2: Cəmi", "later.xlsx"] {
        assert!(said.contains(part), "{part}: {said}");
    }

    let output = kend("check", folder.path(), &["--json"]);
    assert!(output.status.success());
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["usable"], true);
    assert_eq!(report["indicators"][43]["status"], "ready");
    assert_eq!(report["indicators"][43]["found"]["zones_observed"], 70);
    assert_eq!(report["indicators"][43]["zones_missing"], serde_json::json!(["AZ-XA"]));
    assert_eq!(report["indicators"].as_array().unwrap().len(), 53);
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_exit_code_2() {
    let folder = project("", DECLARED);
    fs::write(folder.path().join("statistics/physicians.csv"), table(folder.path())).unwrap();
    let output = kend("check", folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    let said = told(&output.stdout);
    assert!(said.contains("statistics/physicians.csv (indicator 44): cell B3 (AZ-ABS): `21,5` has a `,`"), "{said}");
    assert!(told(&output.stderr).ends_with("is not usable yet: wrong in 1 places\n"));

    let folder = project("x", "");
    let output = kend("check", folder.path(), &["--json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output.stderr).ends_with("is not usable yet: no indicator can be used\n"));
    assert!(told(&output.stdout).contains("\"usable\": false"));

    let output = kend("check", &folder.path().join("statistics"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output.stderr).starts_with("kend: index.toml: can't be read: "), "{}", told(&output.stderr));
    let folder = project("", "[[statistics]]\nfile = 3\n");
    let output = kend("check", folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output.stderr).starts_with("kend: index.toml: line "), "{}", told(&output.stderr));
}

#[test]
fn layers_of_maps_are_told_with_what_was_found() {
    let declared = "[[vectors]]\nfile = \"wua.geojson\"\nindicator = 53\ncomplete = true\nyear = 2019\n";
    let folder = project("", declared);
    let feature = |at: &str| {
        format!("{{\"type\":\"Feature\",\"properties\":{{}},\"geometry\":{{\"type\":\"Point\",\"coordinates\":{at}}}}}")
    };
    let features = [feature("[47.5, 40.2]"), feature("[47.6, 40.3]"), feature("[0, 0]")].join(",");
    let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[{features}]}}");
    fs::write(folder.path().join("vectors/wua.geojson"), &text).unwrap();
    fs::write(folder.path().join("vectors/spare.geojson"), &text).unwrap();
    fs::remove_file(folder.path().join("statistics/physicians.csv")).unwrap();
    let output = kend("check", folder.path(), &[]);
    let said = told(&output.stdout);
    assert!(output.status.success(), "{said}{}", told(&output.stderr));
    let line = said.lines().find(|line| line.starts_with("vectors/wua.geojson  wua  indicator 53")).unwrap_or_default();
    for part in ["points", "2 of 3 used", "2019", "EPSG:4326", "47.50 to 47.60 E, 40.20 to 40.30 N"] {
        assert!(line.contains(part), "{part}: {said}");
    }
    for part in ["vectors/spare.geojson", "1 lie far from the centre of the plane", "53 "] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(told(&output.stderr), "", "GDAL says nothing on its own");

    fs::write(folder.path().join("vectors/wua.geojson"), &text[..text.len() - 30]).unwrap();
    let output = kend("check", folder.path(), &["--json"]);
    assert_eq!(output.status.code(), Some(2));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["problems"][0]["place"], "vectors/wua.geojson (indicator 53)");
    assert_eq!(report["layers"][0]["usable"], false);
    assert!(told(&output.stderr).ends_with("is not usable yet: wrong in 1 places\n"), "{}", told(&output.stderr));
}
