//! From a project folder to a device in a village: generated country, index, signed pack, and the calculator on a device, by
//! the commands that a person gives. What the device says of a change is what the office computes from scratch.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use kend_app::Suggestion;
use kend_domain::{AreaCode, ReadinessClass};
use kend_machine::Desktop;
use kend_pack::{Cluster, Pack};
use kend_readiness::{
    Direction, Indicator, Method, Thresholds,
    cells::{Change, ScoreRule},
    class_of, indicators,
};
use kend_spatial::{ClusterRecord, ColumnValues, Country, IndicatorColumn, read_country};
use serde_json::{Value, json};

/// Rows of which the test makes the figures itself: statistics by rayon, in five criteria and more.
const OWN: [u8; 10] = [1, 2, 13, 14, 16, 26, 36, 44, 45, 46];
/// Figures go through these in turn, so that the lowest and highest stand in many rayons and goalposts rest on none alone.
const STEPS: usize = 11;
const STEP: f64 = 7.0;
const LOWEST: f64 = 10.0;
/// How far the office and the device may be apart, points: both add up in f32, with seven digits. The method allows 0.2.
const WITHIN: f64 = 1e-3;

struct Office {
    scratch: tempfile::TempDir,
}

fn told(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Office {
    /// A generated country with own figures in some rows, and the office's key.
    fn new(robustness: &str) -> Self {
        let office = Self { scratch: tempfile::tempdir().unwrap() };
        office.kend("synth", &["country", "--cell-m", "2000"]);
        let settings = office.at("country/index.toml");
        let mut text: toml::Table = toml::from_str(&fs::read_to_string(&settings).unwrap()).unwrap();
        text.insert("robustness".to_owned(), toml::from_str::<toml::Table>(robustness).unwrap().into());
        text.insert("pack".to_owned(), toml::from_str::<toml::Table>("attribution = [\"Office\"]").unwrap().into());
        let statistics = text["statistics"].as_array_mut().unwrap();
        let row = |declared: &toml::Value| declared.get("indicator").and_then(toml::Value::as_integer);
        statistics.retain(|declared| row(declared).is_none_or(|row| !OWN.iter().any(|own| i64::from(*own) == row)));
        for row in OWN {
            let unit = &indicator(row).unit;
            let own = format!("file = \"own{row}.csv\"\nindicator = {row}\nyear = 2023\nunit = \"{unit}\"");
            statistics.push(toml::from_str::<toml::Table>(&own).unwrap().into());
        }
        fs::write(settings, toml::to_string(&text).unwrap()).unwrap();
        office.publish(&BTreeMap::new());
        office.kend("key", &["office.key"]);
        office
    }

    fn at(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn run(&self, command: &str, options: &[&str]) -> Output {
        let mut kend = Command::new(env!("CARGO_BIN_EXE_kend"));
        kend.args(["index", command]).args(options).current_dir(self.scratch.path()).output().unwrap()
    }

    #[track_caller]
    fn kend(&self, command: &str, options: &[&str]) -> String {
        let output = self.run(command, options);
        assert!(output.status.success(), "{command}: {}", told(&output.stderr));
        told(&output.stdout)
    }

    /// What is said when it can't be done; nothing is written.
    #[track_caller]
    fn refused(&self, command: &str, options: &[&str]) -> String {
        let output = self.run(command, options);
        assert_eq!(output.status.code(), Some(2), "{}", told(&output.stderr));
        told(&output.stderr)
    }

    /// Writes the figures of the own rows: their steps in the order of `names.csv`, or what is set for a rayon and row.
    fn publish(&self, set: &BTreeMap<(String, u8), f64>) {
        let names = fs::read_to_string(self.at("country/names.csv")).unwrap();
        let codes: Vec<&str> = names.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        for (shift, row) in OWN.iter().enumerate() {
            let line = |(place, code): (usize, &&str)| {
                let step = f64::from(u32::try_from((place + shift) % STEPS).unwrap());
                let value = set.get(&((*code).to_owned(), *row)).copied().unwrap_or(LOWEST + STEP * step);
                format!("{code},{value}\n")
            };
            let lines: String = codes.iter().enumerate().map(line).collect();
            fs::write(self.at(&format!("country/statistics/own{row}.csv")), format!("zone,2023\n{lines}")).unwrap();
        }
    }

    fn build(&self, out: &str) -> Country {
        self.kend("build", &["country", "--out", out, "--quiet"]);
        read_country(&self.at(out)).unwrap()
    }
}

const PACK: [&str; 9] =
    ["built", "--folder", "country", "--project", "generated", "--key", "office.key", "--name", "Office"];

fn indicator(row: u8) -> &'static Indicator {
    indicators().iter().find(|indicator| indicator.row == row).unwrap()
}

/// A figure that is nearly the worst, and within what other rayons have.
fn worse(row: u8) -> f64 {
    let last = LOWEST + STEP * f64::from(u32::try_from(STEPS - 1).unwrap());
    if indicator(row).direction == Direction::MoreIsBetter { LOWEST + 0.5 } else { last - 0.5 }
}

/// A device of somebody, with the commands of its window.
struct Field {
    desktop: Desktop,
    runtime: tokio::runtime::Runtime,
}

impl Field {
    fn new(folder: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let desktop = Desktop::open(folder.to_owned(), Suggestion::default()).unwrap();
        let field = Self { desktop, runtime };
        field.ask("create_store", &json!({ "passphrase": "şamaxı üzümü", "name": "Aysel", "language": "en" }));
        field
    }

    #[track_caller]
    fn ask(&self, command: &str, request: &Value) -> Value {
        let answer = self.runtime.block_on(self.desktop.call(command, request.clone()));
        answer.unwrap_or_else(|error| panic!("{command} {request}: {error:?}"))
    }

    fn import(&self, pack: &[u8], accept: bool) -> bool {
        let content = data_encoding::BASE64.encode(pack);
        let request = json!({ "content_base64": content, "accept_signer": accept });
        self.runtime.block_on(self.desktop.call("import_pack", request)).is_ok()
    }
}

#[track_caller]
fn near(found: &Value, expected: f64, within: f64) {
    let found = found.as_f64().unwrap_or(f64::NAN);
    assert!((found - expected).abs() <= within, "{found} for {expected}");
}

#[test]
fn what_if_on_a_device_is_what_the_office_computes_from_scratch() {
    let office = Office::new("draws = 20");
    let before = office.build("built");
    let said = office.kend("pack", &[&PACK[..], &["--round-year", "2026.9", "--out", "a.kendpack"]].concat());
    assert!(said.starts_with("SYNTHETIC") && said.contains("signed by Office, key "), "{said}");
    let bytes = fs::read(office.at("a.kendpack")).unwrap();
    let pack = Pack::read(&bytes).unwrap();
    pack.check_sections().unwrap();
    assert!(pack.content().synthetic);

    // The most populous cluster of the best class: all own rows become bad in all of its rayons.
    let cluster = &pack.content().clusters[0];
    let record = &before.clusters[&ReadinessClass::Amplify][0];
    let set = cluster.rayons.iter().flat_map(|code| OWN.map(|row| ((code.to_string(), row), worse(row))));
    office.publish(&set.collect());
    let after = office.build("changed");
    assert_eq!(before.manifest.rules, after.manifest.rules, "goalposts hold, as they do in a round");
    let office_says: Vec<f32> = record.cells.iter().map(|cell| after.scored.index[*cell as usize]).collect();

    cell_by_cell(&pack, cluster, &office_says);
    on_a_device(&office, &bytes, &before, cluster, &office_says);
}

/// The cells of the pack, asked what if.
fn cell_by_cell(pack: &Pack, cluster: &Cluster, office_says: &[f32]) {
    let calculator = pack.content().calculator.as_ref().unwrap();
    let zone =
        |code: &AreaCode| u16::try_from(pack.content().rayons.iter().position(|rayon| rayon.code == *code).unwrap());
    let rule = |row| -> ScoreRule { calculator.rules.iter().find(|rule| rule.row == row).unwrap().rule };
    let mut changes = Vec::new();
    for value in calculator.zones.iter().filter(|value| cluster.rayons.contains(&value.rayon)) {
        if OWN.contains(&value.row) {
            let (zone, rule) = (zone(&value.rayon).unwrap(), rule(value.row));
            let change = Change::Zone { zone, from: value.value, to: worse(value.row), rule };
            changes.push((indicator(value.row), change));
        }
    }
    assert_eq!(changes.len(), OWN.len() * cluster.rayons.len());
    let map = pack.cells(&cluster.id).unwrap().unwrap();
    let found = map.cells().what_if(&changes, Method::standard()).unwrap();
    assert_eq!(found.index.len(), office_says.len());
    let mut moved = 0;
    for ((device, office), own) in found.index.iter().zip(office_says).zip(&map.cells().office().index) {
        assert_eq!(device.is_nan(), office.is_nan());
        assert!(device.is_nan() || f64::from((device - office).abs()) <= WITHIN, "{device} for {office}");
        moved += usize::from((device - own).abs() > 1.0);
    }
    assert!(moved * 2 > office_says.len(), "{moved} of {} cells moved by more than a point", office_says.len());
}

/// The same by the commands of a window, and what else the calculator is asked in a village.
fn on_a_device(office: &Office, bytes: &[u8], before: &Country, cluster: &Cluster, office_says: &[f32]) {
    let field = Field::new(&office.at("device"));
    assert!(!field.import(bytes, false), "a signer that nobody has confirmed yet");
    assert!(field.import(bytes, true) && field.import(bytes, false));
    let id = json!({ "cluster": cluster.id });
    let change = |row: &u8| json!({ "row": row, "zone": null, "value": worse(*row) });
    let changes: Vec<Value> = OWN.iter().map(change).collect();
    let view = field.ask("calculate_what_if", &json!({ "cluster": cluster.id, "changes": changes }));
    assert_eq!(view["synthetic"], true);

    let record = &before.clusters[&ReadinessClass::Amplify][0];
    let people = |cell: &u32| f64::from(before.population[*cell as usize]);
    let known = || record.cells.iter().zip(office_says).filter(|(_, index)| !index.is_nan());
    let all: f64 = known().map(|(cell, _)| people(cell)).sum();
    let mean = known().map(|(cell, index)| people(cell) * f64::from(*index)).sum::<f64>() / all;
    near(&view["before"]["index"], record.index.unwrap(), WITHIN);
    near(&view["after"]["index"], mean, WITHIN);
    let thresholds: Thresholds = before.thresholds;
    let class = |index: f64| class_of(index, &thresholds).to_string();
    assert_eq!(view["before"]["class"], json!("amplify"));
    assert_eq!(view["after"]["class"], json!(class(mean)));
    assert_ne!(view["after"]["class"], view["before"]["class"], "the change is large enough to be seen");
    let doubtful = known().filter(|(_, index)| {
        thresholds.values().iter().any(|threshold| (f64::from(**index) - threshold).abs() <= WITHIN)
    });
    let within = 1e-6 + before.grid.cell_km2() * f64::from(u32::try_from(doubtful.count()).unwrap());
    for (place, class) in ReadinessClass::ALL.iter().enumerate() {
        let cells = known().filter(|(_, index)| class_of(f64::from(**index), &thresholds) == *class).count();
        let area_km2 = before.grid.cell_km2() * f64::from(u32::try_from(cells).unwrap());
        near(&view["after"]["area_km2"][place], area_km2, within);
    }

    let villages = field.ask("list_villages", &json!({ "near": null }));
    let own = villages.as_array().unwrap().iter().filter(|village| village["cluster"] == cluster.id.as_str());
    let own: Vec<&Value> = own.collect();
    assert_eq!(own.len(), cluster.area.as_ref().unwrap().villages.len());
    assert!(!own.is_empty(), "a cluster without a village to visit");
    for village in &own {
        let found = field.ask("locate_cluster", &json!({ "position": village["position"] }));
        assert_eq!((&found["cluster"], &found["by_cell"]), (&json!(cluster.id), &json!(true)));
    }
    let profile = field.ask("read_profile", &json!({ "village": own[0]["village"] }));
    assert!(profile["index"].is_f64() && !profile["travel"].as_array().unwrap().is_empty());
    assert!(!profile["values"].as_array().unwrap().is_empty());
    let village = own[0]["village"].clone();
    field.ask("start_interview", &json!({ "village": village, "kind": "fgd", "language": "az" }));

    let map = field.ask("read_map", &id);
    let classes: Vec<u64> = map["cells"]["classes"].as_array().unwrap().iter().filter_map(Value::as_u64).collect();
    let inside: u64 = classes.chunks(2).filter(|run| run[0] != 0).map(|run| run[1]).sum();
    assert_eq!(inside, office_says.len() as u64);
    for what in ["outline", "places", "rayons", "roads", "settlements"] {
        assert!(!map[what].as_array().unwrap().is_empty(), "{what}");
    }
    let gaps = field.ask("read_gaps", &id);
    let own_gaps = &before.gaps.clusters[&ReadinessClass::Amplify][&record.id];
    assert_eq!(gaps["own"].as_array().unwrap().len(), own_gaps.len());
    let peers = field.ask("read_peers", &id);
    // Of row 38 too few rayons have a figure, so that nobody has a score.
    assert_eq!((&peers["class"], peers["indicators"].as_array().unwrap().len()), (&json!("amplify"), 52));
    let rows = field.ask("compare_clusters", &json!({}));
    let rayons = rows["rows"].as_array().unwrap().iter().filter(|row| row["kind"] == "rayon" && row["index"].is_f64());
    assert_eq!(rayons.count(), before.rayons.len());
}

/// The record that a cluster of a pack was made of.
fn record<'a>(built: &'a Country, cluster: &Cluster) -> &'a ClusterRecord {
    let class = cluster.area.as_ref().unwrap().class;
    built.clusters[&class].iter().find(|record| format!("{class}-{}", record.id) == cluster.id).unwrap()
}

/// The mean of a column of cells over a cluster, weighted with people.
fn mean_of(record: &ClusterRecord, column: &IndicatorColumn, built: &Country) -> f64 {
    let ColumnValues::Cells(values) = &column.values else { panic!("row {} is of zones", column.row) };
    let cells = || record.cells.iter().map(|cell| *cell as usize).filter(|at| !values[*at].is_nan());
    let people: f64 = cells().map(|at| f64::from(built.population[at])).sum();
    cells().map(|at| f64::from(built.population[at]) * f64::from(values[at])).sum::<f64>() / people
}

/// Which zones of agriculture and tourism each cell is in, and how far it is between them.
fn has_the_sectors_of_the_office(pack: &Pack, cluster: &Cluster, built: &Country, field: &Field) {
    let (record, sectors) = (record(built, cluster), built.sectors.as_ref().unwrap());
    let gathered = |flags: &[u8]| -> Vec<u8> { record.cells.iter().map(|cell| flags[*cell as usize]).collect() };
    let map = pack.cells(&cluster.id).unwrap().unwrap();
    assert_eq!(map.layout().tourism, gathered(&sectors.tourism));
    let crops: Vec<(&str, Vec<u8>)> =
        sectors.crops.iter().map(|own| (own.crop.crop.as_str(), gathered(&own.flags))).collect();
    let packed: Vec<(&str, Vec<u8>)> =
        map.layout().crops.iter().map(|(crop, flags)| (crop.as_str(), flags.clone())).collect();
    assert_eq!((packed.len(), packed), (2, crops));
    let ways = sectors.clusters[&record.class].get(&record.id).map_or(0, Vec::len);
    let view = field.ask("read_sector", &json!({ "cluster": cluster.id, "crops": [] }));
    assert_eq!(view["travel"].as_array().unwrap().len(), ways);
    assert_eq!(view["crops"].as_array().unwrap().len(), 2);
}

#[test]
fn a_pack_is_the_same_bytes_and_says_what_does_not_fit_and_what_it_can_not_be_made_of() {
    let office = Office::new("draws = 20\nstability = true");
    let built = office.build("built");
    let pack = |name: &str, more: &[&str]| {
        let said = office.kend("pack", &[&PACK[..], &["--out", name], more].concat());
        (said, fs::read(office.at(name)).unwrap())
    };
    let classes = ["--class", "amplify", "--class", "accelerate_medium", "--cluster", "activate-1"];
    let (said, first) = pack("one.kendpack", &classes);
    assert!(said.contains("no year of the round was given"), "{said}");
    assert!(pack("again.kendpack", &classes).1 == first, "the same index gives the same bytes");
    let read = Pack::read(&first).unwrap();
    let content = read.content();
    let count = |class| built.clusters[&class].len();
    assert_eq!(
        content.clusters.len(),
        count(ReadinessClass::Amplify) + count(ReadinessClass::AccelerateMedium) + 1,
        "{said}"
    );
    assert!(content.clusters.iter().all(|cluster| read.has_cells(&cluster.id)));
    assert!(content.partial.is_some(), "row 38 has too few figures");
    assert_eq!(content.attribution.last().unwrap(), "Office");
    let rayons: Vec<_> = content.rayons.iter().filter_map(|rayon| rayon.readiness.as_ref()).collect();
    let shortest = rayons.iter().map(|rayon| rayon.profile.len()).min();
    assert!(shortest > Some(2), "{shortest:?} numbers in the shortest profile of a rayon");
    assert!(content.data_year > 2000.0 && content.round_year >= content.data_year);

    // The way to the next class, on a device.
    let field = Field::new(&office.at("device"));
    assert!(field.import(&first, true));
    for cluster in &content.clusters {
        let own = record(&built, cluster);
        let shares = built.robustness.cluster_classes[&own.class][&own.id];
        let area = cluster.area.as_ref().unwrap();
        assert_eq!(area.class_frequencies, Some(shares));
        // Attractions, tourism supply, and the ways of all rows of travel time but row 9, which is told in points.
        let counts = area.profile.iter().filter(|number| number.unit.is_none());
        assert_eq!(counts.count(), 2, "{:?}", area.profile);
        let value = |name: &str| area.profile.iter().find(|number| number.name.en == name).map(|number| number.value);
        let airports = &built.indicators[24];
        let minutes = mean_of(own, airports, &built);
        assert!((value(&indicator(25).name.en).unwrap() - minutes).abs() < 1e-3);
        let people = |village| content.places.iter().find(|place| place.village == village).unwrap().population;
        let peopled = area.villages.iter().filter_map(|village| people(*village)).filter(|people| *people > 0);
        assert_eq!(value("largest settlement"), peopled.max().map(f64::from));
        has_the_sectors_of_the_office(&read, cluster, &built, &field);
    }
    let medium = content.clusters.iter().find(|cluster| cluster.id == "accelerate_medium-1").unwrap();
    let lift = field.ask("lift_cluster", &json!({ "cluster": medium.id }));
    assert_eq!(lift["next"], "accelerate_high");
    assert!(!lift["cheapest"]["raises"].as_array().unwrap().is_empty());

    let refused = |options: &[&str]| office.refused("pack", &[&PACK[..], options].concat());
    assert!(refused(&["--cluster", "amplify-99"]).contains("no cluster amplify-99; its clusters are "));
    assert!(refused(&["--round-year", "1999"]).contains("the round is of 1999"));
    let roads = fs::read_dir(office.at("country/vectors")).unwrap();
    let settlements =
        roads.map(|entry| entry.unwrap().path()).find(|path| path.to_string_lossy().contains("settlements"));
    let settlements = settlements.unwrap();
    let whole = fs::read(&settlements).unwrap();
    fs::write(&settlements, [&whole[..], &[0]].concat()).unwrap();
    assert!(refused(&[]).contains("is not the file that the index was built of"));
    fs::write(&settlements, whole).unwrap();
    fs::write(office.at("office.key"), "not a key").unwrap();
    assert!(refused(&[]).contains("office.key is no key"));
    assert!(!office.at("built/generated.kendpack").exists());
}
