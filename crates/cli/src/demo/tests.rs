use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    path::PathBuf,
};

use kend_domain::{Dimension, Theme};
use kend_pack::{IndicatorStatus, Pack, geonames_place};
use serde_json::Value;

use super::{
    DemoCommand, DemoError, InterviewsArguments, PackArguments, build, describe, figures, files, interviews, run,
};

#[test]
fn the_committed_pack_equals_a_fresh_build() {
    let fresh = build::build().unwrap().pack;
    assert!(
        Pack::demo().unwrap() == fresh
            && include_bytes!("../../../../schema/demo/demo.kendpack") == &*fresh.write().unwrap(),
        "build it anew: cargo run -p kend-cli -- demo pack --out schema/demo/demo.kendpack"
    );
}

#[test]
fn what_is_missing_stays_missing_and_what_is_there_is_said() {
    let built = build::build().unwrap();
    let content = built.pack.content();
    let partial = content.partial.as_ref().unwrap();
    assert_eq!(partial.indicators_present, [2, 4, 44, 48]);
    assert_eq!(partial.dimensions_without_data, [Dimension::Infrastructure, Dimension::Governance]);
    assert_eq!((content.rayons.len(), built.coverage[&2]), (74, (49, 71)));
    for cluster in &content.clusters {
        let there = cluster.indicators.iter().filter(|value| value.status == IndicatorStatus::Observed);
        assert_eq!(there.map(|value| value.row).collect::<Vec<_>>(), partial.indicators_present, "{}", cluster.id);
        assert!(cluster.dimensions[1].value.is_none() && cluster.dimensions[4].value.is_none());
    }
}

#[test]
fn a_cluster_s_value_is_the_mean_of_its_rayons_weighed_by_population() {
    let files = files::read().unwrap();
    let figure = |name: &str, unit: &str| {
        let row = files.statistics.iter().find(|row| row.figure == name && row.unit_id.as_str() == unit);
        row.unwrap().value
    };
    let total = |name: &str| figure(name, "AZ-SKR") + figure(name, "AZ-TOV");
    let pack = Pack::demo().unwrap();
    let cluster = pack.cluster("shamkir-tovuz").unwrap();
    // Weighed by population, rates are totals over totals.
    let employees = cluster.indicators[1].value.unwrap();
    assert!((employees - 100.0 * total("employees") / total("population")).abs() < 1e-5);
    let branches = cluster.indicators[47].value.unwrap();
    assert!((branches - 10_000.0 * total("bank_branches") / total("population")).abs() < 1e-5);
    assert!((f64::from(cluster.population) - total("population")).abs() < 1e-9);
}

#[test]
fn the_description_names_classes_coverage_and_gaps_in_the_data() {
    let text = describe::describe(&build::build().unwrap()).unwrap();
    for words in
        ["indicators present: 4 of 53", "49/71", "no data: infrastructure, governance", "accelerate_", "(partial)"]
    {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[test]
fn a_pack_is_written_where_asked_and_a_bad_path_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("demo.kendpack");
    let command = |out: PathBuf| DemoCommand::Pack(PackArguments { out: Some(out), describe: false });
    run(command(out.clone()), &mut Vec::new()).unwrap();
    assert!(Pack::read(&std::fs::read(out).unwrap()).is_ok());
    let error = run(command(folder.path().join("no/such/folder")), &mut Vec::new()).unwrap_err();
    assert!(matches!(error, DemoError::Write { .. }));
}

#[test]
fn a_period_stands_for_its_middle() {
    for (period, time) in
        [("2023", Some(2023.5)), ("2024-01", Some(2024.0 + 0.5 / 12.0)), ("2024-13", None), ("", None)]
    {
        assert_eq!(figures::point_in_time(period), time, "{period}");
    }
}

fn lines(document: &Value) -> &Vec<Value> {
    document["interviews"].as_array().unwrap()
}

#[test]
fn the_example_interviews_are_marked_and_follow_their_schema() {
    let mut printed = Vec::new();
    run(DemoCommand::Interviews(InterviewsArguments { json: true, ..InterviewsArguments::default() }), &mut printed)
        .unwrap();
    let document: Value = serde_json::from_slice(&printed).unwrap();
    let schema = include_str!("../../../../schema/json-schema/demo-interviews.schema.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert_eq!(wrong, [] as [String; 0]);
    let mut unmarked = document.clone();
    unmarked["interviews"][0]["example"] = Value::Bool(false);
    assert!(!validator.is_valid(&unmarked));

    let pack = Pack::demo().unwrap();
    for interview in lines(&document) {
        let place = pack.place(interview["village"].as_str().unwrap().parse().unwrap()).unwrap();
        assert_eq!(place.names.az, interview["village_name"].as_str().unwrap());
        assert_eq!(
            pack.cluster_of(place.village, &place.rayon, place.position).unwrap().id,
            document["cluster"].as_str().unwrap()
        );
    }
    let summary = interviews::summary().unwrap();
    assert_eq!(summary.lines().count(), 1 + lines(&document).len());
    assert!(summary.contains("Invented"));
}

/// Questions of an instrument by name: type, and the names a choice may have.
fn questions(kind: &str) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let folder =
        PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../schema/instruments").join(kind);
    let sheet = |name: &str| -> Vec<BTreeMap<String, String>> {
        csv::Reader::from_path(folder.join(name)).unwrap().deserialize().map(Result::unwrap).collect()
    };
    let mut choices: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in sheet("choices.csv") {
        choices.entry(row["list_name"].clone()).or_default().insert(row["name"].clone());
    }
    let question = |row: BTreeMap<String, String>| {
        let list = row["type"].split_once(' ').and_then(|(_, list)| choices.get(list)).cloned().unwrap_or_default();
        (row["name"].clone(), (row["type"].clone(), list))
    };
    sheet("survey.csv").into_iter().filter(|row| !row["type"].starts_with("end")).map(question).collect()
}

#[test]
fn every_example_answer_is_a_question_of_its_instrument_with_a_value_it_takes() {
    let document: Value = serde_json::from_str(interviews::document()).unwrap();
    for interview in lines(&document) {
        let questions = questions(interview["kind"].as_str().unwrap());
        let key = &interview["key"];
        let check = |answers: &Value| {
            for (name, value) in answers.as_object().unwrap() {
                let (kind, choices) = questions.get(name).unwrap_or_else(|| panic!("{key}: no question {name}"));
                let value = value.as_str().unwrap();
                match kind.split_whitespace().next().unwrap() {
                    "select_one" => assert!(choices.contains(value), "{key}: {name} = {value}"),
                    "select_multiple" => {
                        assert!(value.split(' ').all(|choice| choices.contains(choice)), "{key}: {name} = {value}");
                    }
                    "text" => {}
                    other => panic!("{key}: {name} is of type {other}"),
                }
            }
        };
        check(&interview["answers"]);
        for (repeat, instances) in interview["instances"].as_object().unwrap() {
            assert_eq!(questions[repeat].0, "begin_repeat", "{key}: {repeat}");
            instances.as_array().unwrap().iter().for_each(check);
        }
    }
}

#[test]
fn the_example_interviews_leave_no_theme_open_and_no_disagreement_unsettled() {
    let document: Value = serde_json::from_str(interviews::document()).unwrap();
    for interview in lines(&document) {
        let answer = |theme: &Theme, question: &str| interview["answers"][format!("{theme}_{question}")].as_str();
        for theme in Theme::ALL {
            let place = format!("{}: {theme}", interview["key"]);
            if answer(theme, "discussed").unwrap() == "no" {
                assert!(answer(theme, "level").is_none(), "{place}");
                continue;
            }
            let level = |question| answer(theme, question).unwrap().parse::<i8>().unwrap();
            let apart = (level("level") - level("level_second")).abs() >= 2;
            assert_eq!(answer(theme, "level_agreed").is_some(), apart, "{place}");
            assert!(answer(theme, "evidence").is_some(), "{place}");
        }
    }
}

#[test]
fn the_attribution_carried_in_the_pack_is_the_documented_one() {
    let documented = include_str!("../../../../schema/demo/ATTRIBUTION.md");
    for line in &Pack::demo().unwrap().content().attribution {
        assert!(documented.contains(&format!("- {line}\n")), "{line}");
    }
}

/// The folder of originals, which stands beside the repository where the demo was made and nowhere else.
fn originals() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../../shared/data");
    if folder.is_dir() {
        return Some(folder);
    }
    // The test harness swallows `println!` of a passing test; a skip must be seen.
    let line =
        format!("SKIPPED: {} is not here: shipped figures are not compared with their originals\n", folder.display());
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    None
}

/// The unit that a unit of the originals was dissolved into.
fn dissolved(unit: &str) -> &str {
    match unit {
        "AZ-LA" => "AZ-LAN",
        "AZ-SA" => "AZ-SAK",
        "AZ-YE" => "AZ-YEV",
        "AZ-SUS-city" => "AZ-SUS",
        other => other,
    }
}

#[test]
fn the_shipped_statistics_are_the_published_ones() {
    let Some(folder) = originals() else { return };
    let names = BTreeMap::from([
        (("population_mid_year_derived", "2023"), "population"),
        (("employees", "2024-07-01"), "employees"),
        (("physicians_per_10k", "2023"), "physicians_per_10000"),
        (("bank_branches", "2026-02"), "bank_branches"),
    ]);
    let mut published: BTreeMap<(String, String), f64> = BTreeMap::new();
    let mut reader = csv::Reader::from_path(folder.join("stats/az_rayon_indicators_long.csv")).unwrap();
    for row in reader.deserialize::<BTreeMap<String, String>>().map(Result::unwrap) {
        let Some(figure) = names.get(&(row["indicator"].as_str(), row["period"].as_str())) else { continue };
        if row["level"] == "rayon" {
            let unit = dissolved(&row["unit_id"]).to_owned();
            *published.entry(((*figure).to_owned(), unit)).or_default() += row["value"].parse::<f64>().unwrap();
        }
    }
    let shipped: BTreeMap<(String, String), f64> = files::read()
        .unwrap()
        .statistics
        .into_iter()
        .filter(|row| row.figure != "cropland_share")
        .map(|row| ((row.figure, row.unit_id.to_string()), row.value))
        .collect();
    assert_eq!(shipped.len(), 73 + 52 + 51 + 74);
    assert_eq!(shipped, published);
}

#[test]
fn the_shipped_places_and_outlines_are_the_published_ones() {
    let Some(folder) = originals() else { return };
    let mut reader = csv::Reader::from_path(folder.join("settlements/az_places_geonames500.csv")).unwrap();
    let published: BTreeMap<u32, BTreeMap<String, String>> = reader
        .deserialize::<BTreeMap<String, String>>()
        .map(Result::unwrap)
        .map(|row| (row["geonames_id"].parse().unwrap(), row))
        .collect();
    let files = files::read().unwrap();
    for place in &files.places {
        let original = &published[&place.geonames_id];
        let number = |key: &str| original[key].parse::<f64>().unwrap();
        assert!((number("lat") - place.latitude).abs() < 1e-9 && (number("lon") - place.longitude).abs() < 1e-9);
        assert!(place.population.is_none_or(|population| (f64::from(population) - number("population")).abs() < 1e-9));
    }
    let text = std::fs::read_to_string(folder.join("boundaries/az_admin1_naturalearth.geojson")).unwrap();
    let outlines: Value = serde_json::from_str(&text).unwrap();
    let mut corners = BTreeSet::new();
    collect_corners(&outlines["features"], &mut corners);
    let mut shipped = BTreeSet::new();
    for rayon in &files.rayons {
        for [longitude, latitude] in rayon.geometry.coordinates.iter().flatten().flatten() {
            shipped.insert(corner(*longitude, *latitude));
        }
    }
    assert_eq!(shipped.difference(&corners).count(), 0);
    // Dissolving four cities loses the few corners inside.
    assert!(corners.difference(&shipped).count() < 20);
}

/// A position in units of 0.00001 degrees, so that it can be compared.
#[expect(clippy::cast_possible_truncation, reason = "degrees times 100000 fit an i32")]
fn corner(longitude: f64, latitude: f64) -> (i32, i32) {
    ((longitude * 1e5).round() as i32, (latitude * 1e5).round() as i32)
}

fn collect_corners(value: &Value, corners: &mut BTreeSet<(i32, i32)>) {
    match value {
        Value::Array(items) => match items.as_slice() {
            [Value::Number(longitude), Value::Number(latitude)] => {
                corners.insert(corner(longitude.as_f64().unwrap(), latitude.as_f64().unwrap()));
            }
            items => items.iter().for_each(|item| collect_corners(item, corners)),
        },
        Value::Object(fields) => fields.values().for_each(|field| collect_corners(field, corners)),
        _ => {}
    }
}

#[test]
fn the_shipped_cropland_is_sampled_from_the_published_raster() {
    use geo::{BoundingRect as _, Contains as _};
    const WEST: f64 = 44.5;
    const NORTH: f64 = 42.0;
    const CELL: f64 = 0.05;
    /// Samples along each side of a cell.
    const SAMPLES: u32 = 20;
    const COLUMNS: usize = 122;

    let Some(folder) = originals() else { return };
    let file = std::fs::File::open(folder.join("rasters/az_landcover_modis_mcd12c1_2019.tif")).unwrap();
    let image = tiff::decoder::Decoder::new(std::io::BufReader::new(file)).unwrap().read_image().unwrap();
    let tiff::decoder::DecodingResult::U8(classes) = image else { panic!("not of bytes") };
    let step = CELL / f64::from(SAMPLES);
    let pack = Pack::demo().unwrap();
    for row in files::read().unwrap().statistics.iter().filter(|row| row.figure == "cropland_share") {
        let shape = pack.rayon(&row.unit_id).unwrap().shape();
        let bounds = shape.bounding_rect().unwrap();
        let (mut crops, mut all) = (0.0, 0.0);
        let mut latitude = NORTH - step / 2.0;
        let mut line = 0_u32;
        while latitude > bounds.min().y {
            let weight = latitude.to_radians().cos();
            let mut column = 0_u32;
            let mut longitude = WEST + step / 2.0;
            while latitude < bounds.max().y && longitude < bounds.max().x {
                if longitude > bounds.min().x && shape.contains(&geo::Point::new(longitude, latitude)) {
                    all += weight;
                    crops += weight
                        * match classes[(line / SAMPLES) as usize * COLUMNS + (column / SAMPLES) as usize] {
                            12 => 1.0,
                            14 => 0.5,
                            _ => 0.0,
                        };
                }
                column += 1;
                longitude = WEST + step * (f64::from(column) + 0.5);
            }
            line += 1;
            latitude = NORTH - step * (f64::from(line) + 0.5);
        }
        // Shipped with one decimal; samples on an outline may fall to either side.
        assert!(
            (100.0 * crops / all - row.value).abs() < 0.2,
            "{}: {} {}",
            row.unit_id,
            100.0 * crops / all,
            row.value
        );
    }
}

#[test]
fn an_example_village_is_the_one_that_its_number_means() {
    // 586717 is Dondar Quşçu in GeoNames.
    let document: Value = serde_json::from_str(interviews::document()).unwrap();
    assert_eq!(lines(&document)[0]["village"], geonames_place(586_717).to_string());
}
