//! Later rounds by the real binary (method 10): a generated country, the same with one zone's figures raised in a newer year,
//! and what may not be a later round.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(dead_code, reason = "other tests spoil more of it")]
mod office;

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use kend_domain::{Dimension, ReadinessClass};
use kend_pack::Pack;
use kend_readiness::{Method, indicators};
use kend_spatial::{ChangeState, ClusterRecord, Country, read_country};
use office::{Office, files, told};

/// Rows whose figures the test makes: statistics by rayon. Their dimensions are all but potential and governance.
const OWN: [u8; 9] = [1, 2, 13, 14, 16, 26, 36, 44, 45];
/// Figures go through these in turn, so that goalposts rest on no zone alone.
const STEPS: usize = 11;
const STEP: f64 = 7.0;
const LOWEST: f64 = 10.0;

/// Areas that the project chose.
const AREAS: [(&str, &str); 2] = [("balakan-zagatala", "[\"AZ-BAL\", \"AZ-ZAQ\"]"), ("lerik", "[\"AZ-LER\"]")];

/// A generated country at 1000 m with own figures.
struct Series {
    scratch: tempfile::TempDir,
    codes: Vec<String>,
}

impl Series {
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("country");
        let made =
            Command::new(env!("CARGO_BIN_EXE_kend")).args(["index", "synth", "--cell-m", "1000"]).arg(&folder).output();
        assert!(made.unwrap().status.success());
        let names = fs::read_to_string(folder.join("names.csv")).unwrap();
        let codes = names.lines().skip(1).filter_map(|line| Some(line.split(',').next()?.to_owned())).collect();
        Self { scratch, codes }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// The figure of a zone in a row, as it is unless it is raised.
    fn figure(&self, code: &str, row: u8) -> f64 {
        let place = self.codes.iter().position(|own| own == code).unwrap();
        let shift = OWN.iter().position(|own| *own == row).unwrap();
        LOWEST + STEP * f64::from(u32::try_from((place + shift) % STEPS).unwrap())
    }

    /// Publishes own figures of a year, with a zone in which each is the best there is.
    fn publish(&self, year: u16, raised: Option<&str>) {
        let settings = self.at("country/index.toml");
        let mut text: toml::Table = toml::from_str(&fs::read_to_string(&settings).unwrap()).unwrap();
        text.insert("robustness".to_owned(), toml::from_str::<toml::Table>("draws = 20").unwrap().into());
        let areas = AREAS.map(|(id, rayons)| {
            let names = "names = { az = \"a\", en = \"b\", ru = \"c\" }";
            toml::Value::from(
                toml::from_str::<toml::Table>(&format!("id = \"{id}\"\n{names}\nrayons = {rayons}")).unwrap(),
            )
        });
        text.insert("areas".to_owned(), areas.to_vec().into());
        let statistics = text["statistics"].as_array_mut().unwrap();
        let row = |declared: &toml::Value| declared.get("indicator").and_then(toml::Value::as_integer);
        statistics.retain(|declared| row(declared).is_none_or(|row| !OWN.iter().any(|own| i64::from(*own) == row)));
        for row in OWN {
            let unit = &indicators()[usize::from(row) - 1].unit;
            let own = format!("file = \"own{row}.csv\"\nindicator = {row}\nyear = {year}\nunit = \"{unit}\"");
            statistics.push(toml::from_str::<toml::Table>(&own).unwrap().into());
            let figure = |code: &String| match raised {
                Some(raised) if raised == code => best(row),
                _ => self.figure(code, row),
            };
            let lines: Vec<String> = self.codes.iter().map(|code| format!("{code},{}\n", figure(code))).collect();
            let lines = lines.concat();
            fs::write(self.at(&format!("country/statistics/own{row}.csv")), format!("zone,{year}\n{lines}")).unwrap();
        }
        fs::write(settings, toml::to_string(&text).unwrap()).unwrap();
    }

    fn command(&self, out: &str, baseline: Option<&str>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kend"));
        command.args(["index", "build"]).arg(self.at("country")).arg("--out").arg(self.at(out));
        if let Some(baseline) = baseline {
            command.arg("--baseline").arg(self.at(baseline));
        }
        command
    }

    #[track_caller]
    fn built(&self, out: &str, baseline: Option<&str>) -> Country {
        let output = self.command(out, baseline).arg("--quiet").output().unwrap();
        assert!(output.status.success(), "{}", told(&output.stderr));
        read_country(&self.at(out)).unwrap()
    }
}

/// The figure with which a row scores 100.
fn best(row: u8) -> f64 {
    let highest = LOWEST + STEP * f64::from(u32::try_from(STEPS - 1).unwrap());
    let more = indicators()[usize::from(row) - 1].direction == kend_readiness::Direction::MoreIsBetter;
    if more { highest } else { LOWEST }
}

fn clusters(country: &Country) -> impl Iterator<Item = &ClusterRecord> {
    country.clusters.values().flatten()
}

/// Of clusters below Amplify of which nearly all live in one zone, the one that lacks least to the next class, and that zone:
/// raised, it leaves the class.
fn to_vanish(country: &Country) -> (ReadinessClass, u16, String) {
    let low = clusters(country).filter(|cluster| cluster.class <= ReadinessClass::AccelerateMedium);
    let alone = low.filter(|cluster| cluster.zones.first().is_some_and(|(_, share)| *share > 0.95));
    let lacks = |cluster: &ClusterRecord| country.thresholds.values()[cluster.class as usize] - cluster.index.unwrap();
    let cluster = alone.min_by(|one, other| lacks(one).total_cmp(&lacks(other))).unwrap();
    (cluster.class, cluster.id, cluster.zones[0].0.to_string())
}

fn in_zone(country: &Country, cluster: &ClusterRecord, code: &str) -> bool {
    cluster.cells.iter().any(|cell| country.zones[usize::from(country.zone[*cell as usize])].code.as_str() == code)
}

#[test]
fn a_raised_zone_changes_alone_under_the_rules_of_the_first_round() {
    let series = Series::new();
    series.publish(2023, None);
    let first = series.built("first", None);
    assert_eq!((first.manifest.round.number, &first.manifest.round.former, &first.changes), (1, &None, &None));
    let (class, gone, code) = to_vanish(&first);
    series.publish(2025, Some(&code));
    let second = series.built("second", Some("first"));

    // Rules are the same bit for bit, and where they come from is told.
    let round = &second.manifest.round;
    let former = round.former.as_ref().unwrap();
    let hash = former.blake3.clone();
    assert_eq!((round.number, former.number, &former.rules_of), (2, 1, &hash));
    same_rules(&first, &second);
    only(&series, &first, &second, &code);

    // Of the areas that the project chose that one alone changed which holds the zone.
    let changes = second.changes.as_ref().unwrap();
    for (area, (id, rayons)) in changes.areas.iter().zip(AREAS) {
        let holds = rayons.contains(&code);
        assert_eq!((area.code.as_str(), area.index.former != area.index.now), (id, holds));
    }
    assert_eq!(changes.areas.len(), AREAS.len());

    // The cluster that ended, and one that continues.
    let ended: Vec<(ReadinessClass, u16)> = round.ended.iter().map(|cluster| (cluster.class, cluster.id)).collect();
    assert!(ended.contains(&(class, gone)), "{ended:?}");
    assert!(second.clusters[&class].iter().all(|cluster| cluster.id != gone));
    let table = fs::read_to_string(series.at("second/changes.csv")).unwrap();
    assert!(table.lines().any(|line| line.contains(&format!("cluster,{class}-{gone},")) && line.contains(",ended,")));
    let identities = fs::read_to_string(series.at("second/clusters.csv")).unwrap();
    assert!(identities.lines().nth(1).unwrap().contains(",former,"), "{identities}");
    assert!(!fs::read_to_string(series.at("first/clusters.csv")).unwrap().contains(",new,"), "nothing is new at first");
    for language in ["az", "en", "ru"] {
        let read = |out: &str| fs::read_to_string(series.at(out).join(format!("report.{language}.html"))).unwrap();
        assert!(read("second").contains("id=\"changes\"") && !read("first").contains("id=\"changes\""));
    }

    killed_and_resumed(&series);
    packed(&series, &second);

    // What comes back is another cluster: the id of the one that ended is not given again.
    series.publish(2026, None);
    let third = series.built("third", Some("second"));
    let former = third.manifest.round.former.as_ref().unwrap();
    assert_eq!(
        (third.manifest.round.number, former.number, &former.rules_of),
        (3, 2, &hash),
        "the first round's rules"
    );
    same_rules(&first, &third);
    assert!(third.clusters[&class].iter().all(|cluster| cluster.id != gone));
    let highest = |country: &Country| country.manifest.round.highest_ids[&class];
    let new = |country: &Country, before: &Country| {
        let new = country.clusters[&class].iter().filter(|cluster| cluster.continues.is_none());
        new.map(|cluster| cluster.id).inspect(|id| assert!(*id > highest(before), "{id}")).count()
    };
    assert!(new(&second, &first) + new(&third, &second) > 0, "what came back has another id");
    assert!(highest(&third) > highest(&first));
}

fn same_rules(first: &Country, later: &Country) {
    let (one, other) = (&first.manifest, &later.manifest);
    assert_eq!(one.rules, other.rules);
    assert_eq!((&one.set_rules, &one.lag_rules), (&other.set_rules, &other.lag_rules));
    assert_eq!(one.lag_variants, other.lag_variants);
    assert_eq!((&one.thresholds, &one.dimension_thresholds), (&other.thresholds, &other.dimension_thresholds));
    assert_eq!((&one.clusters, &one.settled.weights), (&other.clusters, &other.settled.weights));
    let thresholds = |country: &Country| -> Vec<Option<f64>> {
        country.sectors.iter().flat_map(|own| &own.concentrations).map(|own| own.threshold).collect()
    };
    assert_eq!(thresholds(first), thresholds(later));
}

/// Only the raised zone and clusters with cells in it changed, the zone by what its figures say.
fn only(series: &Series, first: &Country, second: &Country, code: &str) {
    let changes = second.changes.as_ref().unwrap();
    assert_eq!(
        changes.updated.iter().copied().collect::<Vec<_>>(),
        [Dimension::EconomicSources, Dimension::Infrastructure, Dimension::HumanCapital]
    );
    for zone in &changes.zones {
        let (index, raised) = (&zone.index, zone.code.as_str() == code);
        assert_eq!(index.former == index.now, !raised, "{} {index:?}", zone.code);
        assert_eq!(index.state, if raised { ChangeState::Changed } else { ChangeState::Stable }, "{}", zone.code);
        let governance = &zone.dimensions[&Dimension::Governance];
        assert_eq!((governance.state, governance.difference()), (ChangeState::NotUpdated, Some(0.0)));
    }
    let before: BTreeMap<(ReadinessClass, u16), &ClusterRecord> =
        clusters(first).map(|cluster| ((cluster.class, cluster.id), cluster)).collect();
    let (mut held, mut others) = (0, 0);
    for cluster in clusters(second) {
        let own = before.get(&(cluster.class, cluster.id)).filter(|_| cluster.continues.is_some());
        if in_zone(second, cluster, code) || own.is_some_and(|own| in_zone(first, own, code)) {
            held += 1;
            continue;
        }
        others += 1;
        let own = own.unwrap_or_else(|| panic!("{}-{} is new", cluster.class, cluster.id));
        assert_eq!((&own.cells, own.index, &own.dimensions), (&cluster.cells, cluster.index, &cluster.dimensions));
    }
    assert!(held > 0 && others > 10, "{held} {others}");

    // By hand: dD = sum(w ds) / sum(w) over the rows with a value, ds from the figures between the goalposts 10 and 80.
    let values = |country: &Country| {
        let own = country.rayons.iter().find(|rayon| rayon.code.as_str() == code).unwrap();
        own.dimensions_of_values[&Dimension::HumanCapital]
    };
    let zone = first.zones.iter().find(|zone| zone.code.as_str() == code).unwrap();
    let (mut moved, mut all) = (0.0, 0.0);
    for column in first.indicators.iter().filter(|column| column.dimension == Dimension::HumanCapital) {
        if zone.scores.contains_key(&column.row) {
            all += column.weight;
            if OWN.contains(&column.row) {
                let points = (best(column.row) - series.figure(code, column.row)).abs() / (STEP * 10.0) * 100.0;
                moved += column.weight * points;
            }
        }
    }
    let difference = values(second) - values(first);
    assert!((difference - moved / all).abs() < 1e-9 && difference > 5.0, "{difference} for {}", moved / all);
    // The error is that of the method: sd_mc of both rounds, correlated.
    let change =
        &changes.zones.iter().find(|zone| zone.code.as_str() == code).unwrap().dimensions[&Dimension::HumanCapital];
    let error = |country: &Country, value: Option<f64>| {
        let sd = country.robustness.zones[code][&Dimension::HumanCapital];
        let thresholds = &country.dimension_thresholds[&Dimension::HumanCapital];
        kend_readiness::dimension_error(value.unwrap(), sd, thresholds, Method::standard())
    };
    let expected = kend_readiness::change_error(error(first, change.former), error(second, change.now), 0.7);
    assert_eq!(change.error, Some(expected));
}

/// A later round that is killed twice, and once refused beside another, has the bytes of one that was not.
fn killed_and_resumed(series: &Series) {
    for step in ["row 42,", "gaps"] {
        let mut running =
            series.command("killed", Some("first")).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(running.stderr.take().unwrap()).lines();
        let reached = lines.map(Result::unwrap).any(|line| line.contains(step));
        // A second build into the same folder is told so, and leaves the first alone.
        let beside = series.command("killed", Some("first")).arg("--quiet").output().unwrap();
        running.kill().unwrap();
        running.wait().unwrap();
        assert!(reached, "{step}");
        let said = told(&beside.stderr);
        assert_eq!(beside.status.code(), Some(1), "{said}");
        assert!(said.contains("another build is writing into") && said.contains("killed"), "{said}");
    }
    series.built("killed", Some("first"));
    let below = |out: &str| -> BTreeMap<PathBuf, Vec<u8>> {
        let strip = |path: PathBuf| path.strip_prefix(series.at(out)).unwrap().to_owned();
        files(&series.at(out)).into_iter().map(|(path, bytes)| (strip(path), bytes)).collect()
    };
    let (whole, killed) = (below("second"), below("killed"));
    assert!(whole.keys().eq(killed.keys()));
    for (path, bytes) in &whole {
        assert!(*bytes == killed[path], "{} differs", path.display());
    }
}

/// A pack of the round has the ids that clusters keep.
fn packed(series: &Series, second: &Country) {
    let kend = |options: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_kend"))
            .arg("index")
            .args(options)
            .current_dir(series.scratch.path())
            .output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", told(&output.stderr));
    };
    kend(&["key", "office.key"]);
    kend(&[
        "pack",
        "second",
        "--folder",
        "country",
        "--project",
        "generated",
        "--key",
        "office.key",
        "--name",
        "Office",
        "--class",
        "amplify",
        "--out",
        "second.kendpack",
    ]);
    let pack = Pack::read(&fs::read(series.at("second.kendpack")).unwrap()).unwrap();
    let own: Vec<String> =
        second.clusters[&ReadinessClass::Amplify].iter().map(|cluster| format!("amplify-{}", cluster.id)).collect();
    assert_eq!(pack.content().clusters.iter().map(|cluster| cluster.id.clone()).collect::<Vec<_>>(), own);
    assert_eq!(pack.content().round, Some(2));
}

/// Builds a later round of the good project, or is refused and leaves nothing.
#[track_caller]
fn refused(office: &Office, former: &Path, says: &[&str]) {
    let out = office.scratch().join("later");
    let output = later(office, former, &out);
    let said = told(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.starts_with("kend: ") && said.lines().count() == 1, "{said}");
    for part in says {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!out.exists(), "{said}");
}

fn later(office: &Office, former: &Path, out: &Path) -> Output {
    let folder = office.folder();
    let build = ["build".as_ref(), folder.as_os_str(), "--quiet".as_ref(), "--out".as_ref(), out.as_os_str()];
    office::kend(&[&build[..], &["--baseline".as_ref(), former.as_os_str()]].concat())
}

#[test]
fn what_differs_in_more_than_data_is_no_later_round_and_each_difference_is_named() {
    let office = Office::good();
    office.declare("cell_m = 5000", "cell_m = 2500");
    refused(&office, &office.out(), &["grid.cell_m: 5000 there, 2500 here"]);
    let office = Office::good();
    office.declare("profile = \"recommended\"", "profile = \"faithful\"\ndropped_rows = [36]");
    office.declare("point_km = 10", "point_km = 20");
    office.declare("rayons = []", "rayons = [\"AZ-SE\"]");
    office.declare("[zones]", "[clusters]\nleast_population = 100\n[speeds]\ntrack_kmh = 20\n[zones]");
    office.declare("index_min_dimensions = 3", "index_min_dimensions = 2");
    office.declare("unit = \"physicians per 10000 inhabitants\"", "unit = \"physicians\"\nper = \"population\"");
    let named = [
        "profile: recommended there, faithful here",
        "dropped_rows: none there, 36 here",
        "kernel.point_km: 10 there, 20 here",
        "excluded.rayons: none there, AZ-SE here",
        "clusters.least_population: 5000 there, 100 here",
        "speeds.track_kmh: 12 there, 20 here",
        "missing.index_min_dimensions: 3 there, 2 here",
        "weight of row 1:",
        "row 44: a table in physicians per 10000 inhabitants there, a table in physicians divided by population here",
    ];
    refused(&office, &office.out(), &named);
}

#[test]
fn a_former_result_that_is_unfinished_or_altered_is_refused() {
    let office = Office::good();
    refused(&office, &office.folder(), &["holds no finished index"]);
    refused(&office, &office.scratch().join("nowhere"), &["holds no finished index"]);
    let clusters = office.out().join("clusters.csv");
    let text = fs::read_to_string(&clusters).unwrap();
    fs::write(&clusters, text.replace("class", "clazz")).unwrap();
    refused(&office, &office.out(), &["clusters.csv", "not what the manifest says"]);
    fs::write(&clusters, text).unwrap();
    let manifest = office.out().join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let altered = text.replacen("\"threshold\": ", "\"threshold\": 1", 1);
    assert_ne!(altered, text);
    fs::write(&manifest, altered).unwrap();
    refused(&office, &office.out(), &["manifest.json", "changed by hand"]);
    fs::write(&manifest, &text).unwrap();
    let column = files(&office.out().join(".work")).into_keys().find(|path| path.to_string_lossy().contains("/land-"));
    fs::write(column.unwrap(), "damaged").unwrap();
    refused(&office, &office.out(), &["land-", "not what the manifest says"]);

    // The round before is not written over by the one after it.
    let office = Office::good();
    let before = files(&office.out());
    let output = later(&office, &office.out(), &office.out());
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output.stderr).contains("is the round before"), "{}", told(&output.stderr));
    assert!(files(&office.out()) == before);
}

#[test]
fn rows_that_come_and_go_are_told_and_what_is_new_has_no_part_in_the_index() {
    let office = Office::good();
    let first = read_country(&office.out()).unwrap();
    office.declare("indicator = 18\nyear", "indicator = 19\nyear");
    office.write("statistics/crimes.csv", "zone,2018\nAZ-NW,9\nAZ-NE,8\nAZ-SW,7\nAZ-SE,6\n");
    let crimes =
        "[[statistics]]\nfile = \"crimes.csv\"\nindicator = 45\nyear = 2018\nunit = \"crimes per 10000 inhabitants\"\n";
    office.declare("[[rasters]]", &format!("{crimes}[[rasters]]"));
    // Better than any figure of the first round: clipped at 100.
    office.write("statistics/physicians.csv", "zone,2018\nAZ-NW,10\nAZ-NE,20\nAZ-SW,30\nAZ-SE,400\n");
    let output = later(&office, &office.out(), &office.scratch().join("later"));
    assert!(output.status.success(), "{}", told(&output.stderr));
    let said = told(&output.stdout);
    assert!(said.contains("to be seen: rows that the first round did not use are not used: 19, 45"), "{said}");
    assert!(said.contains("to be seen: rows that the first round used are missing: 18"), "{said}");
    let second = read_country(&office.scratch().join("later")).unwrap();
    let mut rules = first.manifest.rules.clone();
    rules.remove(&18);
    assert_eq!(second.manifest.rules, rules);
    let crimes = &second.indicators[44];
    assert_eq!((crimes.status, crimes.rule), (kend_spatial::ColumnStatus::NotInSeries, None));
    let scores: Vec<f64> = second.zones.iter().map(|zone| zone.scores[&44]).collect();
    assert_eq!(scores, first.zones.iter().map(|zone| zone.scores[&44]).collect::<Vec<_>>());
    let changes = second.changes.unwrap();
    assert!(changes.updated.is_empty());
    assert!(changes.zones.iter().all(|zone| zone.index.state == ChangeState::NotUpdated));

    // What comes back in the third round is scored by the rule of the first.
    assert_eq!(second.manifest.round.kept.rules[&18], first.manifest.rules[&18]);
    office.declare("indicator = 19\nyear", "indicator = 18\nyear");
    let output = later(&office, &office.scratch().join("later"), &office.scratch().join("third"));
    assert!(output.status.success(), "{}", told(&output.stderr));
    let third = read_country(&office.scratch().join("third")).unwrap();
    assert_eq!((&third.manifest.rules, &third.lag_rules), (&first.manifest.rules, &first.lag_rules));
    assert_eq!(third.manifest.lag_variants, first.manifest.lag_variants);
    assert!(third.manifest.round.kept.rules.is_empty());
}
