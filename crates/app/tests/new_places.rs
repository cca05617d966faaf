//! Something new on the map of a cluster, on the made-up pack: asked as a screen asks.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests: a step that fails fails the test")]

#[expect(dead_code, reason = "new places break nothing and kill nobody")]
mod house;

use house::House;
use kend_app::api::ErrorCode;
use kend_pack::{Pack, synthetic};
use serde_json::{Value, json};

const B: &str = "synthetic-b";
const CLINIC: u32 = 43;
const MAST: u32 = 20;
const PROJECT: u32 = 52;
/// The middle of the cluster's window, away from its lake.
const MIDDLE: [f64; 2] = [3_550.0, -1_050.0];

fn house_of(pack: &Pack) -> House {
    let mut house = House::of("Aysel", 1);
    let bytes = pack.write_signed(&synthetic::key()).unwrap();
    let request = json!({ "content_base64": data_encoding::BASE64.encode(&bytes), "accept_signer": true });
    house.ask("import_pack", request);
    house
}

fn house() -> House {
    house_of(&synthetic::pack().unwrap())
}

fn place(row: u32, [x_m, y_m]: [f64; 2]) -> Value {
    let radius_km = (row == MAST).then_some(1.5);
    json!({ "row": row, "zone": null, "value": null, "place": { "x_m": x_m, "y_m": y_m, "radius_km": radius_km } })
}

fn ask(house: &mut House, changes: &[Value]) -> Value {
    house.ask("calculate_what_if", json!({ "cluster": B, "changes": changes, "cells": true }))
}

fn index(view: &Value, when: &str) -> f64 {
    view[when]["index"].as_f64().unwrap()
}

fn gain(view: &Value) -> f64 {
    index(view, "after") - index(view, "before")
}

/// The value of each place of runs.
fn spread(runs: &Value) -> Vec<u64> {
    let runs: Vec<u64> = runs.as_array().unwrap().iter().filter_map(Value::as_u64).collect();
    let pairs = runs.as_chunks::<2>().0;
    pairs.iter().flat_map(|[value, length]| std::iter::repeat_n(*value, usize::try_from(*length).unwrap())).collect()
}

#[test]
fn a_clinic_a_mast_and_a_project_raise_cells_around_them_and_none_elsewhere_falls() {
    let mut house = house();
    let levers = house.ask("read_levers", json!({ "cluster": B }));
    let takes = |row: usize| levers["levers"][row - 1]["takes"].clone();
    assert_eq!(
        [12, 20, 43, 9, 44].map(takes),
        [json!("point"), json!("mast"), json!("destination"), json!(null), json!(null)]
    );
    let before = spread(&house.ask("read_map", json!({ "cluster": B }))["cells"]["classes"]);
    let mut gains = Vec::new();
    for row in [CLINIC, MAST, PROJECT] {
        let view = ask(&mut house, &[place(row, MIDDLE)]);
        gains.push(gain(&view));
        let change = &view["changes"][0];
        assert!(gain(&view) > 0.01, "row {row}: {}", gain(&view));
        assert!(change["score_after"].as_f64() > change["score_before"].as_f64(), "{change}");
        assert_eq!((&change["places"], &change["zone"]), (&json!(1), &Value::Null));
        let cautions = view["cautions"].as_array().unwrap();
        assert!(!cautions.contains(&json!("spread_evenly")));
        assert_eq!(cautions.contains(&json!("ways_here")), row == CLINIC);
        assert_eq!(cautions.contains(&json!("at_least")), row == MAST, "only circles may overlap what is there");
        let after = spread(&view["classes"]);
        assert_eq!(before.len(), after.len());
        assert!(before.iter().zip(&after).all(|(before, after)| before <= after), "no class falls");
    }
    // All at once add up.
    let all = ask(&mut house, &[CLINIC, MAST, PROJECT].map(|row| place(row, MIDDLE)));
    assert!((gain(&all) - gains.iter().sum::<f64>()).abs() < 1e-3);
    assert_ne!(spread(&all["classes"]), before);
    assert_eq!(ask(&mut house, &[])["classes"], house.ask("read_map", json!({ "cluster": B }))["cells"]["classes"]);
}

#[test]
fn several_new_places_of_a_row_are_there_at_once_in_any_order() {
    let mut house = house();
    let other = [2_050.0, 950.0];
    for row in [CLINIC, MAST, PROJECT] {
        let one = ask(&mut house, &[place(row, MIDDLE)]);
        let both = ask(&mut house, &[place(row, MIDDLE), place(row, other)]);
        assert!(gain(&both) > gain(&one) + 0.001, "row {row}");
        assert_eq!((&both["changes"][0]["places"], both["changes"].as_array().unwrap().len()), (&json!(2), 1));
        assert_eq!(both, ask(&mut house, &[place(row, other), place(row, MIDDLE)]));
    }
    // The same place twice is two projects, one clinic and one circle.
    for (row, twice) in [(CLINIC, false), (MAST, false), (PROJECT, true)] {
        let one = ask(&mut house, &[place(row, MIDDLE)]);
        let both = ask(&mut house, &[place(row, MIDDLE), place(row, MIDDLE)]);
        assert_eq!(gain(&both) > gain(&one) + 1e-6, twice, "row {row}");
    }
}

#[test]
fn places_that_can_not_be_are_refused_each_with_its_word() {
    let mut house = house();
    let lake = [550.0, -2_550.0];
    let many: Vec<Value> = (0..51).map(|_| place(PROJECT, MIDDLE)).collect();
    let with_zone = json!({ "row": CLINIC, "zone": "AZ-SY2", "place": { "x_m": 0.0, "y_m": 0.0, "radius_km": null } });
    let both = json!({ "row": CLINIC, "value": 5.0, "place": { "x_m": 0.0, "y_m": 0.0, "radius_km": null } });
    let wide = json!({ "row": MAST, "place": { "x_m": 3550.0, "y_m": 50.0, "radius_km": 51.0 } });
    let round_clinic = json!({ "row": CLINIC, "place": { "x_m": 3550.0, "y_m": 50.0, "radius_km": 1.0 } });
    let even = json!({ "row": CLINIC, "value": 5.0 });
    let cases = [
        ("outside", vec![place(PROJECT, [-12_000.0, 0.0])], ErrorCode::PlaceOutside),
        ("no number", vec![place(PROJECT, [3550.0, 99e9])], ErrorCode::PlaceOutside),
        ("in the lake", vec![place(CLINIC, lake)], ErrorCode::PlaceBlocked),
        ("a row of rayons", vec![place(44, MIDDLE)], ErrorCode::TakesNoPlace),
        ("two sets of destinations", vec![place(9, MIDDLE)], ErrorCode::TakesNoPlace),
        ("no such row", vec![place(54, MIDDLE)], ErrorCode::BadRequest),
        ("too many", many, ErrorCode::TooLarge),
        ("in a rayon", vec![with_zone], ErrorCode::BadRequest),
        ("a value too", vec![both], ErrorCode::BadRequest),
        ("neither", vec![json!({ "row": CLINIC })], ErrorCode::BadRequest),
        ("too far", vec![wide], ErrorCode::BadRequest),
        ("a radius for nothing", vec![round_clinic], ErrorCode::BadRequest),
        ("moved evenly as well", vec![even, place(CLINIC, MIDDLE)], ErrorCode::BadRequest),
    ];
    for (name, changes, expected) in cases {
        let refused = house.refused("calculate_what_if", json!({ "cluster": B, "changes": changes }));
        assert_eq!(refused.0, expected, "{name}: {:?}", refused.1);
    }
    // A project may stand in a lake: it is counted from above.
    assert!(gain(&ask(&mut house, &[place(PROJECT, lake)])) > 0.0);
}

#[test]
fn a_pack_without_friction_takes_no_destination_and_one_of_before_nothing_at_all() {
    let whole = synthetic::pack().unwrap();
    let mut house = house_of(&whole.clone().without_friction(B).unwrap());
    let levers = house.ask("read_levers", json!({ "cluster": B }));
    let takes = |row: usize| levers["levers"][row - 1]["takes"].clone();
    assert_eq!([12, 20, 43].map(takes), [json!("point"), json!("mast"), json!(null)]);
    assert!(levers["levers"][42]["cautions"].as_array().unwrap().contains(&json!("spread_evenly")));
    let refused = house.refused("calculate_what_if", json!({ "cluster": B, "changes": [place(CLINIC, MIDDLE)] }));
    assert_eq!(refused.0, ErrorCode::TakesNoPlace);
    assert!(gain(&ask(&mut house, &[place(PROJECT, MIDDLE)])) > 0.0);

    let mut content = whole.content().clone();
    content.calculator.as_mut().unwrap().additions.clear();
    let cells = content.clusters.iter().map(|cluster| (cluster.id.clone(), whole.cells(&cluster.id).unwrap().unwrap()));
    let cells = cells.collect();
    let mut house = house_of(&Pack::with_cells(content, &cells, None).unwrap());
    for row in [CLINIC, MAST, PROJECT] {
        let refused = house.refused("calculate_what_if", json!({ "cluster": B, "changes": [place(row, MIDDLE)] }));
        assert_eq!(refused.0, ErrorCode::TakesNoPlace);
    }
}
