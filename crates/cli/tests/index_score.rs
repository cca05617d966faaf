//! `kend index score`, by running the binary: the examples as shipped, and what it says to whatever is not a table, not a
//! tree or not a number.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

#[expect(clippy::expect_used, reason = "a test fails loudly")]
fn examples() -> PathBuf {
    Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests")).join("../../examples")
}

#[expect(clippy::unwrap_used, reason = "a binary that cannot be run fails the test")]
fn kend(arguments: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kend")).args(["index", "score"]).args(arguments).output().unwrap()
}

#[track_caller]
fn succeeds(arguments: &[&Path]) -> String {
    let output = kend(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A table of text by line and column.
#[expect(clippy::unwrap_used, reason = "a table that is none fails the test")]
fn rows(file: &Path) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_path(file).unwrap().deserialize().map(Result::unwrap).collect()
}

fn column<'a>(rows: &'a [BTreeMap<String, String>], name: &str) -> Vec<&'a str> {
    rows.iter().filter_map(|row| row.get(name).map(String::as_str)).collect()
}

#[expect(clippy::unwrap_used, reason = "a number that is none fails the test")]
fn numbers(rows: &[BTreeMap<String, String>], name: &str) -> Vec<f64> {
    column(rows, name).into_iter().map(|cell| cell.parse().unwrap()).collect()
}

/// Published: UNDP 2022, CC BY 3.0 IGO, three decimals. The Dominican Republic is 0.7675024 from the figures of the table
/// and was published as 0.767: within what the rounding of the figures leaves open (0.00001), so it is held to that.
#[test]
fn the_hdi_of_every_country_comes_out_as_published() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("hdi.csv");
    let said = succeeds(&[&examples().join("hdi/hdi.toml"), Path::new("--out"), &out]);
    assert_eq!(said, "Human Development Index: 191 of 191 units have an index\n");
    let scored = rows(&out);
    let published = rows(&examples().join("hdi/hdi_2021.csv"));
    assert_eq!((scored.len(), column(&scored, "unit")), (191, column(&published, "country")));
    let pairs = column(&scored, "index").into_iter().zip(column(&published, "hdi_published"));
    let other: Vec<(&str, (&str, &str))> = column(&scored, "unit")
        .into_iter()
        .zip(pairs)
        .filter(|(_, (found, expected))| *found != format!("{expected:0<5}"))
        .collect();
    assert_eq!(other, [("Dominican Republic", ("0.768", "0.767"))]);

    // With more decimals: no country is further off than half of the last published one and the open 0.00001.
    let config = fs::read_to_string(examples().join("hdi/hdi.toml")).unwrap().replace("decimals = 3", "decimals = 9");
    let exact = folder.path().join("exact.toml");
    fs::write(&exact, config).unwrap();
    let table = examples().join("hdi/hdi_2021.csv");
    succeeds(&[&exact, Path::new("--table"), &table, Path::new("--out"), &out]);
    let furthest = numbers(&rows(&out), "index")
        .into_iter()
        .zip(numbers(&published, "hdi_published"))
        .map(|(found, expected)| (found - expected).abs())
        .fold(0.0, f64::max);
    assert!(furthest < 0.000_51, "{furthest}");
}

/// Numbers of the method's worked example (2.5), by hand.
#[test]
fn a_baseline_freezes_the_goalposts_by_which_the_next_round_is_scored() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let example = |name: &str| examples().join("worked-example").join(name);
    let config = example("example.toml");
    let (out, frozen) = (at("out.csv"), at("goalposts.toml"));
    succeeds(&[&config, Path::new("--out"), &out, Path::new("--freeze"), &frozen]);
    let baseline = rows(&out);
    assert_eq!(column(&baseline, "index"), ["", "37.5000", "87.5000"]);
    assert_eq!(column(&baseline, "rank"), ["", "2", "1"]);
    assert_eq!(column(&baseline, "i3.status"), ["missing", "observed", "observed"]);
    assert_eq!(column(&baseline, "dimension.present_share"), ["0.5000", "1.0000", "1.0000"]);
    let next = example("next_round.csv");
    let later = [Path::new("--table"), &next, Path::new("--goalposts"), &frozen];
    succeeds(&[&[&*config, Path::new("--out"), &out], later.as_slice()].concat());
    let later = rows(&out);
    let cells = ["index", "i1.score", "i2.score", "i3.score"].map(|name| column(&later, name).concat());
    assert_eq!(cells, ["62.5000", "100.0000", "100.0000", "25.0000"]);
}

#[test]
fn details_are_five_tables_and_equal_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let details = ["one", "two"].map(|name| {
        let (out, details) = (folder.path().join("out.csv"), folder.path().join(name));
        succeeds(&[&examples().join("hdi/hdi.toml"), Path::new("--out"), &out, Path::new("--details"), &details]);
        details
    });
    for file in ["indicators.csv", "ranks.csv", "effects.csv", "removal.csv", "importance.csv"] {
        let [one, two] = details.each_ref().map(|folder| fs::read_to_string(folder.join(file)).unwrap());
        assert!(one.lines().count() > 1, "{file}");
        assert_eq!(one, two, "{file}");
    }
    let ranks = rows(&details[0].join("ranks.csv"));
    let within = ranks.iter().all(|row| {
        let [low, median, high] = ["p5", "median", "p95"].map(|name| row[name].parse::<u32>().unwrap());
        low <= median && median <= high
    });
    assert!(within && ranks.len() == 191);
    let effects = rows(&details[0].join("effects.csv"));
    assert!(numbers(&effects, "total").iter().any(|total| *total > 0.2));
    let importance = rows(&details[0].join("importance.csv"));
    assert!(numbers(&importance, "correlation").iter().all(|r| *r > 0.8), "all of HDI goes with HDI");
}

/// A folder with a configuration and a table, both of which may be spoilt.
struct Case {
    folder: tempfile::TempDir,
}

const CONFIG: &str = r#"
name = "wells"
[table]
file = "wells.csv"
unit = "village"
weight = "area"
[[indicator]]
id = "depth"
parent = "water"
direction = "-"
[[indicator]]
id = "taps"
parent = "water"
[[node]]
id = "water"
"#;
const TABLE: &str = "village,area,depth,taps\nA,1,30,2\nB,2,10,4\nC,1,20,\n";

impl Case {
    #[expect(clippy::unwrap_used, reason = "a file that cannot be written fails the test")]
    fn new(config: &str, table: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("wells.toml"), config).unwrap();
        fs::write(folder.path().join("wells.csv"), table).unwrap();
        fs::write(folder.path().join("out.csv"), "before").unwrap();
        Self { folder }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What is said; and nothing is written, beside or over.
    #[track_caller]
    #[expect(clippy::unwrap_used, reason = "a folder that cannot be read fails the test")]
    fn refused(&self, more: &[&Path]) -> String {
        let (config, out) = (self.at("wells.toml"), self.at("out.csv"));
        let output = kend(&[&[&*config, Path::new("--out"), &out], more].concat());
        let said = String::from_utf8_lossy(&output.stderr).replace(&format!("{}/", self.folder.path().display()), "");
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert_eq!(fs::read_to_string(out).unwrap(), "before");
        assert_eq!(fs::read_dir(self.folder.path()).unwrap().count(), 3, "nothing lies beside");
        said
    }
}

#[track_caller]
fn says(config: &str, table: impl AsRef<[u8]>, expected: &str) {
    let said = Case::new(config, table.as_ref()).refused(&[]);
    assert!(said.contains(expected), "{said}\nwithout: {expected}");
}

#[test]
fn a_table_that_is_not_as_declared_is_refused_by_file_line_and_column() {
    says(
        CONFIG,
        "village,area,depth\nA,1,30\n",
        "wells.csv: line 1: there is no column `taps`; the header has: village",
    );
    says(
        CONFIG,
        TABLE.replace("B,", "A,"),
        "wells.csv: line 3, column village: unit `A` is there twice, first in line 2",
    );
    for cell in ["NaN", "deep", "inf", "1 000", "0x10"] {
        let expected = format!("wells.csv: line 2, column depth: `{cell}` is not a number");
        says(CONFIG, TABLE.replace("30", cell), &expected);
    }
    says(CONFIG, TABLE.replace("30", "\"3,5\""), "say decimal = \",\" in [table]");
    says(CONFIG, "village,2019,2020,2021\ndepth,1,2,3\n", "the header is a row of years");
    says(CONFIG, TABLE.replace(',', ";"), "say delimiter = \";\" in [table]");
    says(CONFIG, TABLE.replace(',', "\t"), "say delimiter = \"\\t\" in [table]");
    says(
        CONFIG,
        b"village,area,depth,taps\nG\xE4vle,1,30,2\n",
        "line 2: byte 0xE4 is not UTF-8; if the text is Latin-1",
    );
    let utf16: Vec<u8> = TABLE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    says(CONFIG, utf16, "say encoding = \"utf-16\" in [table]");
    says(
        CONFIG,
        TABLE.replace("A,1", "A,-1"),
        "line 2, column area: the weight of a unit has to be a number from 0 on",
    );
    says(CONFIG, "village,area,depth,taps\nA,0,1,2\nB,0,2,3\n", "column area: the weights of all units are 0");
    says(CONFIG, "", "wells.csv: the file is empty");
    says(CONFIG, "village,area,depth,taps\n", "wells.csv: there is a header, but no unit below it");
    says(CONFIG, TABLE.replace("A,1,30,2", "A,1,30"), "wells.csv: line 2: 3 cells, the header has 4");
    says(CONFIG, "village,area,depth,taps\n\"A,1,30,2\nB,2,10,4\n", "wells.csv: line 2: 1 cells, the header has 4");
}

#[test]
fn a_table_as_its_makers_keep_it_is_read_when_the_configuration_says_how() {
    let semicolons = CONFIG.replace("unit =", "delimiter = \";\"\ndecimal = \",\"\nmissing = [\"-\"]\nunit =");
    let table = "\u{FEFF}village;area;depth;taps\r\nA;1;30,5;2\r\nB;2;10;4\r\nC;1;20;-\r\n";
    let latin = CONFIG.replace("unit =", "encoding = \"latin-1\"\nunit =");
    let utf16: Vec<u8> = format!("\u{FEFF}{TABLE}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (config, table) in [
        (semicolons.as_str(), table.as_bytes()),
        (&latin, b"village,area,depth,taps\nG\xE4vle,1,30,2\nB,2,10,4\n"),
        (CONFIG, &utf16),
    ] {
        let case = Case::new(config, table);
        succeeds(&[&case.at("wells.toml"), Path::new("--out"), &case.at("out.csv")]);
    }
}

#[test]
fn a_configuration_that_cannot_be_is_refused_by_file_and_place() {
    let changed = |from: &str, to: &str| CONFIG.replace(from, to);
    says(
        &changed("id = \"taps\"", "id = \"taps\"\nwieght = 2"),
        TABLE,
        "wells.toml: line 13, column 1: unknown field `wieght`",
    );
    says(
        &changed("direction = \"-\"", "direction = \"down\""),
        TABLE,
        "wells.toml: line 10, column 13: unknown variant `down`",
    );
    says(&changed("direction = \"-\"", "direction = "), TABLE, "wells.toml: line 10");
    says(&changed("unit = \"village\"", ""), TABLE, "missing field `unit`");
    says(
        &changed("direction = \"-\"", "weight = -2"),
        TABLE,
        "indicator depth, weight: expected a number from 0 on, found -2",
    );
    let message = "line 10, column 10: invalid type: string \"two\", expected a number";
    says(&changed("direction = \"-\"", "weight = \"two\""), TABLE, message);
    says(&changed("direction = \"-\"", "weight = nan"), TABLE, "indicator depth, weight: expected a number from 0 on");
    says(
        &changed("parent = \"water\"", "parent = \"water\"\nweight = 0"),
        TABLE,
        "node water: expected a child with a weight above 0",
    );
    says(
        &changed("id = \"water\"", "id = \"water\"\nparent = \"water\""),
        TABLE,
        "the hierarchy has a cycle: water -> water",
    );
    says(
        &changed("id = \"taps\"\nparent = \"water\"", "id = \"taps\"\nparent = \"fire\""),
        TABLE,
        "`taps` is an orphan",
    );
    says(
        &format!(
            "{CONFIG}[[node]]\nid = \"air\"\nparent = \"water\"\n[[indicator]]\nid = \"taps\"\nparent = \"air\"\n"
        ),
        TABLE,
        "`taps` has two parents, `water` and `air`",
    );
    says(
        &changed("parent = \"water\"", "parent = [\"water\", \"air\"]"),
        TABLE,
        "wells.toml: line 9, column 10: invalid type: sequence, expected the id of one node: everything has one parent",
    );
    says(&format!("{CONFIG}[[node]]\nid = \"air\"\n"), TABLE, "`water` and `air` have no parent");
}

#[test]
fn files_that_are_not_there_or_would_be_written_over_are_named() {
    let case = Case::new(CONFIG, TABLE.as_bytes());
    let said = case.refused(&[Path::new("--table"), &case.at("gone.csv")]);
    assert!(said.contains("can't read gone.csv"), "{said}");
    let said = case.refused(&[Path::new("--table"), &case.at("out.csv")]);
    assert!(said.contains("out.csv would be written over a file that is read"), "{said}");
    let said = case.refused(&[Path::new("--freeze"), &case.at("./out.csv")]);
    assert!(said.contains("out.csv would be written over a file that is read, or twice"), "{said}");
    let said = case.refused(&[Path::new("--goalposts"), &case.at("wells.csv")]);
    assert!(said.contains("wells.csv: line 1, column 8"), "{said}");
    says(&CONFIG.replace("wells.csv", "gone.csv"), TABLE, "can't read gone.csv");

    let folder = case.at("out.csv/details");
    let (config, out) = (case.at("wells.toml"), case.at("result.csv"));
    let output = kend(&[&config, Path::new("--out"), &out, Path::new("--details"), &folder]);
    assert_eq!(output.status.code(), Some(1), "a folder that can't be made is no fault of the input");
    assert!(!out.exists());
    let output = kend(&[&config, Path::new("--out"), case.folder.path()]);
    assert_eq!(output.status.code(), Some(1), "a folder is not replaced by a file");
    assert!(case.at("wells.csv").exists());
}
