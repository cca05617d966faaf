use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use kend_domain::Theme;
use kend_pack::{Pack, geonames_place};
use serde_json::Value;

use super::{DemoCommand, InterviewsArguments, interviews, run};

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
fn an_example_village_is_the_one_that_its_number_means() {
    // 586717 is Dondar Quşçu in GeoNames.
    let document: Value = serde_json::from_str(interviews::document()).unwrap();
    assert_eq!(lines(&document)[0]["village"], geonames_place(586_717).to_string());
}
