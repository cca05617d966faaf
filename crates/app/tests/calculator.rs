//! The calculator on cells, on the made-up pack: every command in the way that a screen asks.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a step that fails fails the test")]

#[expect(dead_code, reason = "the calculator breaks nothing and kills nobody")]
mod house;

use house::House;
use kend_app::api::ErrorCode;
use kend_pack::synthetic;
use serde_json::{Value, json};

const A: &str = "synthetic-a";
const B: &str = "synthetic-b";

fn signed() -> Vec<u8> {
    synthetic::pack().unwrap().write_signed(&synthetic::key()).unwrap()
}

fn import(bytes: &[u8], accept: bool) -> Value {
    json!({ "content_base64": data_encoding::BASE64.encode(bytes), "accept_signer": accept })
}

/// A device with the made-up pack.
fn house() -> House {
    let mut house = House::of("Aysel", 1);
    house.ask("import_pack", import(&signed(), true));
    house
}

#[track_caller]
fn near(found: &Value, expected: f64, within: f64) {
    let found = found.as_f64().unwrap_or(f64::NAN);
    assert!((found - expected).abs() <= within, "{found} for {expected}");
}

#[track_caller]
fn by_row(rows: &Value, row: u32) -> &Value {
    rows.as_array().unwrap().iter().find(|lever| lever["row"] == row).unwrap()
}

#[test]
fn a_pack_is_taken_from_a_new_signer_only_when_a_person_says_so_and_unsigned_only_as_the_demo() {
    let mut house = House::of("Aysel", 1);
    let before = house.ask("sync_state", json!({}));
    assert_eq!((&before["pack_signer"], &before["pack_synthetic"]), (&Value::Null, &json!(false)));
    let unsigned = synthetic::pack().unwrap().write().unwrap();
    assert_eq!(house.refused("import_pack", import(&unsigned, true)).0, ErrorCode::PackUnsigned);
    let (code, detail) = house.refused("import_pack", import(&signed(), false));
    assert_eq!(code, ErrorCode::PackOtherSigner);
    assert!(detail.unwrap().starts_with("SYNTHETIC office, key "));
    let mut damaged = signed();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    assert_eq!(house.refused("import_pack", import(&damaged, true)).0, ErrorCode::PackDamaged);
    assert_eq!(house.ask("sync_state", json!({})), before);

    let after = house.ask("import_pack", import(&signed(), true));
    assert_eq!((&after["pack_signer"]["name"], &after["pack_synthetic"]), (&json!("SYNTHETIC office"), &json!(true)));
    // The same signer again needs nobody, the demo always may come back, and another signer is told.
    house.ask("import_pack", import(&signed(), false));
    let other = kend_pack::PackKey::new("Other".to_owned(), &[9; 32]);
    let others = synthetic::pack().unwrap().write_signed(&other).unwrap();
    assert_eq!(house.refused("import_pack", import(&others, false)).0, ErrorCode::PackOtherSigner);
    let demo = include_bytes!("../../../schema/demo/demo.kendpack");
    assert_eq!(house.ask("import_pack", import(demo, false)), before);
}

#[test]
fn a_value_of_one_rayon_or_of_all_moves_the_cluster_and_says_what_must_be_said() {
    let mut house = house();
    let levers = house.ask("read_levers", json!({ "cluster": A }));
    assert_eq!((levers["levers"].as_array().unwrap().len(), &levers["synthetic"]), (53, &json!(true)));
    let physicians = by_row(&levers["levers"], 44);
    assert_eq!((&physicians["by_rayon"], physicians["zones"].as_array().unwrap().len()), (&json!(true), 2));
    assert!(physicians["cautions"].as_array().unwrap().contains(&json!("rayon_wide")));
    let best = &physicians["best"];
    let one = json!({ "cluster": A, "changes": [{ "row": 44, "zone": "AZ-SY1", "value": best }] });
    let one = house.ask("calculate_what_if", one);
    let all = json!({ "cluster": A, "changes": [{ "row": 44, "zone": null, "value": best }] });
    let all = house.ask("calculate_what_if", all);
    let index = |view: &Value, when: &str| view[when]["index"].as_f64().unwrap();
    assert!(index(&one, "before") < index(&one, "after") && index(&one, "after") < index(&all, "after"));
    assert_eq!(all["changes"].as_array().unwrap().len(), 2);
    // All rayons at 100 points: the index moves by the weight times what the mean score lacks.
    let gain = physicians["weight"].as_f64().unwrap() * (100.0 - physicians["score"].as_f64().unwrap());
    near(&all["after"]["index"], index(&all, "before") + gain, 0.05);
    near(&all["after"]["merged"]["value"], all["before"]["merged"]["value"].as_f64().unwrap() + gain, 0.05);
    let readiness = house.ask("read_readiness", json!({ "cluster": A }));
    // The readiness screen adds up dimensions, which are kept to six decimals.
    near(&readiness["data"]["value"], index(&all, "before"), 1e-5);
    assert_eq!(readiness["merged"], all["before"]["merged"]);
    assert_eq!((&readiness["cells"], &readiness["synthetic"]), (&json!(true), &json!(true)));
    assert_eq!(readiness["class_frequencies"].as_array().unwrap().len(), 5);
    assert_eq!(house.ask("status", json!({}))["project"]["synthetic"], true);
    // Human capital moves, the others do not.
    let moved = |place: usize| all["after"]["dimensions"][place] != all["before"]["dimensions"][place];
    assert_eq!([0, 1, 2, 3, 4].map(moved), [false, false, true, false, false]);
    let sum = |values: &Value| values.as_array().unwrap().iter().filter_map(Value::as_f64).sum::<f64>();
    near(&json!(sum(&all["after"]["area_km2"])), 50.0, 1e-9);
    near(&json!(sum(&all["after"]["people"])), sum(&all["before"]["people"]), 1e-6);
}

#[test]
fn a_value_that_differs_from_cell_to_cell_is_moved_evenly_and_several_at_once_add_up() {
    let mut house = house();
    let levers = house.ask("read_levers", json!({ "cluster": B }));
    let school = by_row(&levers["levers"], 42);
    assert_eq!((&school["by_rayon"], &school["zones"]), (&json!(false), &json!([])));
    let change = |row: u32, value: &Value| json!({ "row": row, "zone": null, "value": value });
    // Ten points better than now.
    let (worst, best) = (school["worst"].as_f64().unwrap(), school["best"].as_f64().unwrap());
    let better = json!(worst + (best - worst) * (school["score"].as_f64().unwrap() + 10.0) / 100.0);
    let mut ask = |changes: Value| house.ask("calculate_what_if", json!({ "cluster": B, "changes": changes }));
    let alone = ask(json!([change(42, &better)]));
    assert!(alone["cautions"].as_array().unwrap().contains(&json!("spread_evenly")));
    let gain = |view: &Value| view["after"]["index"].as_f64().unwrap() - view["before"]["index"].as_f64().unwrap();
    near(&json!(gain(&alone)), school["weight"].as_f64().unwrap() * 10.0, 0.02);
    let other = by_row(&levers["levers"], 44)["best"].clone();
    let (second, both) = (ask(json!([change(44, &other)])), ask(json!([change(42, &better), change(44, &other)])));
    near(&json!(gain(&both)), gain(&alone) + gain(&second), 1e-3);
    let nothing = ask(json!([]));
    assert_eq!(nothing["before"], nothing["after"]);
}

#[test]
fn changes_that_can_not_be_are_refused_with_the_row() {
    let mut house = house();
    let cases = [
        (json!([{ "row": 54, "zone": null, "value": 1 }]), "there is no row 54"),
        (json!([{ "row": 42, "zone": "AZ-SY1", "value": 1 }]), "row 42: it differs from cell to cell"),
        (json!([{ "row": 44, "zone": "AZ-SY4", "value": 1 }]), "row 44: the cluster has no such rayon"),
        (
            json!([{ "row": 44, "zone": null, "value": 1 }, { "row": 44, "zone": "AZ-SY1", "value": 2 }]),
            "row 44 is changed twice",
        ),
    ];
    for (changes, expected) in cases {
        let refused = house.refused("calculate_what_if", json!({ "cluster": A, "changes": changes }));
        assert_eq!(refused.0, ErrorCode::BadRequest, "{expected}");
        assert!(refused.1.unwrap_or_default().contains(expected), "{expected}");
    }
    let nowhere = house.refused("calculate_what_if", json!({ "cluster": "nowhere", "changes": [] }));
    assert_eq!(nowhere.0, ErrorCode::NotFound);
}

#[test]
fn the_cheapest_way_to_the_next_class_is_told_with_raw_values() {
    let mut house = house();
    let lift = house.ask("lift_cluster", json!({ "cluster": B }));
    assert_eq!((&lift["class"], &lift["next"]), (&json!("accelerate_low"), &json!("accelerate_medium")));
    let cheapest = &lift["cheapest"];
    assert_eq!(cheapest["enough"], true);
    assert!(cheapest["index"].as_f64().unwrap() >= lift["threshold"].as_f64().unwrap());
    assert!(!lift["sets"].as_array().unwrap().is_empty());
    for plan in lift["sets"].as_array().unwrap().iter().chain([cheapest]) {
        assert!(plan["people_share"].as_f64().unwrap() > 0.0);
        for raise in plan["raises"].as_array().unwrap() {
            assert!(raise["points"].as_f64().unwrap() > 0.0);
            assert_ne!(raise["value"], raise["value_then"]);
            assert!(!raise["cautions"].as_array().unwrap().contains(&json!("not_actionable")));
        }
    }
}

#[test]
fn peers_and_gaps_stand_beside_the_class() {
    let mut house = house();
    let peers = house.ask("read_peers", json!({ "cluster": A }));
    assert_eq!((&peers["class"], &peers["next"]), (&json!("accelerate_high"), &json!("amplify")));
    assert_eq!(peers["indicators"].as_array().unwrap().len(), 53);
    let gaps = house.ask("read_gaps", json!({ "cluster": A }));
    assert_eq!((gaps["own"].as_array().unwrap().len(), gaps["classes"].as_array().unwrap().len()), (5, 5));
    assert!(gaps["own"].as_array().unwrap().iter().any(|gap| gap["significant"] == true));
    assert!(!gaps["interventions"].as_array().unwrap().is_empty());
}

#[test]
fn the_map_fills_its_grid_and_shows_every_village_in_its_cell() {
    let mut house = house();
    let map = house.ask("read_map", json!({ "cluster": A }));
    let cells = &map["cells"];
    let places = cells["columns"].as_u64().unwrap() * cells["rows"].as_u64().unwrap();
    for runs in ["classes", "doubtful"] {
        let runs: Vec<u64> = cells[runs].as_array().unwrap().iter().filter_map(Value::as_u64).collect();
        assert_eq!(runs.chunks(2).map(|run| run[1]).sum::<u64>(), places);
        assert!(runs.chunks(2).zip(runs.chunks(2).skip(1)).all(|(one, next)| one[0] != next[0]));
    }
    let inside: u64 = (cells["classes"].as_array().unwrap().chunks(2))
        .filter(|run| run[0] != 0)
        .map(|run| run[1].as_u64().unwrap())
        .sum();
    assert_eq!(inside, 5000);
    let villages = map["places"].as_array().unwrap();
    assert_eq!(villages.len(), 8);
    assert!(villages.iter().all(|village| village["class"].is_string()));
    assert!(!map["roads"].as_array().unwrap().is_empty() && !map["rayons"].as_array().unwrap().is_empty());
}

#[test]
fn a_position_is_found_by_the_cell_and_not_by_the_rayon() {
    let mut house = house();
    let villages = house.ask("list_villages", json!({ "near": null }));
    for village in villages.as_array().unwrap() {
        let found = house.ask("locate_cluster", json!({ "position": village["position"] }));
        assert_eq!((&found["cluster"], &found["by_cell"]), (&village["cluster"], &json!(true)));
        assert_eq!(found["rayon"], village["rayon"]);
    }
    let rayons = villages.as_array().unwrap().iter().filter(|village| village["rayon"] == "AZ-SY2");
    let clusters: std::collections::BTreeSet<String> = rayons.map(|village| village["cluster"].to_string()).collect();
    assert_eq!(clusters.len(), 2, "one rayon, two clusters");
    let edge = house.ask("locate_cluster", json!({ "position": { "latitude": 40.25, "longitude": 47.351 } }));
    assert_eq!((&edge["cluster"], &edge["by_cell"]), (&Value::Null, &json!(false)));
}

#[test]
fn a_cluster_whose_cells_gave_way_is_found_by_its_outline() {
    let mut house = House::of("Aysel", 1);
    let pack = synthetic::pack().unwrap().without_cells(A).unwrap();
    house.ask("import_pack", import(&pack.write_signed(&synthetic::key()).unwrap(), true));
    let villages = house.ask("list_villages", json!({ "near": null }));
    let village = villages.as_array().unwrap().iter().find(|village| village["cluster"] == A).unwrap();
    let found = house.ask("locate_cluster", json!({ "position": village["position"] }));
    assert_eq!((&found["cluster"], &found["by_cell"], &found["class"]), (&json!(A), &json!(false), &Value::Null));
}

#[test]
fn values_are_told_in_the_unit_that_the_pack_has_them_in() {
    let mut house = House::of("Aysel", 1);
    let made_up = synthetic::pack().unwrap();
    let mut content = made_up.content().clone();
    let points = || kend_domain::Names { az: "bal".to_owned(), en: "points".to_owned(), ru: "баллы".to_owned() };
    for value in content.clusters.iter_mut().flat_map(|cluster| &mut cluster.indicators) {
        if value.row == 44 {
            value.unit = points();
        }
    }
    for value in content.calculator.iter_mut().flat_map(|calculator| &mut calculator.zones) {
        if value.row == 44 {
            value.unit = Some(points());
        }
    }
    let cells = [A, B].map(|id| (id.to_owned(), made_up.cells(id).unwrap().unwrap()));
    let pack = kend_pack::Pack::with_cells(content, &cells.into(), None).unwrap();
    house.ask("import_pack", import(&pack.write_signed(&synthetic::key()).unwrap(), true));
    house.ask("set_language", json!({ "language": "en" }));
    let levers = house.ask("read_levers", json!({ "cluster": A }));
    let best = &by_row(&levers["levers"], 44)["best"];
    let change = json!({ "cluster": A, "changes": [{ "row": 44, "zone": null, "value": best }] });
    let tried = house.ask("calculate_what_if", change);
    let profile = house.ask("read_profile", json!({ "cluster": A }));
    let units = [by_row(&levers["levers"], 44), by_row(&tried["changes"], 44), by_row(&profile["values"], 44)];
    assert_eq!(units.map(|row| &row["unit"]), [&json!("points"); 3]);
}

#[test]
fn an_interview_counts_for_the_cluster_around_its_village_alone() {
    let mut house = house();
    let villages = house.ask("list_villages", json!({ "near": null }));
    // The rayon that both clusters share.
    let in_b =
        villages.as_array().unwrap().iter().find(|village| village["rayon"] == "AZ-SY2" && village["cluster"] == B);
    let name = in_b.unwrap()["name"].as_str().unwrap().to_owned();
    let interview = house.start(&name, "fgd");
    house.fill(&interview, [2; 9]);
    house.world.pass(90);
    house.ask("sign_off", json!({ "interview": interview }));
    let count = |house: &mut House, cluster: &str| {
        house.ask("read_readiness", json!({ "cluster": cluster }))["interviews"].clone()
    };
    assert_eq!((count(&mut house, A), count(&mut house, B)), (json!(0), json!(1)));
    let compare = house.ask("compare_clusters", json!({}));
    let row = |id: &str| compare["rows"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap().clone();
    assert_eq!(
        (&row(A)["interviews"], &row(B)["interviews"], &row("AZ-SY2")["villages_visited"]),
        (&json!(0), &json!(1), &json!(1))
    );
    let profile = house.ask("read_profile", json!({ "village": in_b.unwrap()["village"] }));
    assert_eq!((&profile["fgd"]["complete"], &profile["cluster"]), (&json!(1), &json!(B)));
    assert!(profile["index"].is_f64() && profile["travel"].as_array().unwrap().len() == 4);
}

#[test]
fn clusters_and_rayons_are_compared_and_each_has_a_profile() {
    let mut house = house();
    let compare = house.ask("compare_clusters", json!({}));
    let kinds: Vec<&str> = compare["rows"].as_array().unwrap().iter().filter_map(|row| row["kind"].as_str()).collect();
    assert_eq!(kinds, ["cluster", "cluster", "rayon", "rayon", "rayon", "rayon"]);
    for (request, values) in [(json!({ "cluster": A }), true), (json!({ "rayon": "AZ-SY4" }), true)] {
        let profile = house.ask("read_profile", request);
        assert_eq!(profile["numbers"].as_array().unwrap().len(), 4);
        assert_eq!(!profile["values"].as_array().unwrap().is_empty(), values);
        assert!(profile["class"].is_string() && profile["area_km2"].is_f64());
    }
    assert_eq!(house.refused("read_profile", json!({ "rayon": "AZ-NO" })).0, ErrorCode::NotFound);
    assert_eq!(house.refused("read_profile", json!({ "cluster": "nowhere" })).0, ErrorCode::NotFound);
}

#[test]
fn sectors_tell_where_zones_are_and_whether_they_meet() {
    let mut house = house();
    let sector = house.ask("read_sector", json!({ "cluster": A, "crops": ["grapes"] }));
    let zones = sector["zones"].as_array().unwrap();
    assert_eq!(zones.len(), 3 + 4);
    let production = zones.iter().find(|zone| zone["zone"] == "production").unwrap();
    assert_eq!((&production["side"], &production["crop"]), (&json!("east"), &json!("grapes")));
    assert_eq!(sector["finding"], "overlap");
    assert_eq!(sector["travel"].as_array().unwrap().len(), 3 + 1);
    let all = house.ask("read_sector", json!({ "cluster": A, "crops": [] }));
    assert_eq!(all["zones"].as_array().unwrap().len(), 2 * 3 + 4);
    let unknown = house.refused("read_sector", json!({ "cluster": A, "crops": ["bananas"] }));
    assert_eq!(unknown, (ErrorCode::NotFound, Some("bananas".to_owned())));
}

/// By hand: with 4 of 53 rows, row 2 has two of the three parts of weight that are there in its dimension, which is one of three.
#[test]
fn a_partial_index_is_tried_by_the_limits_of_its_office() {
    let mut house = House::of("Aysel", 1);
    let levers = house.ask("read_levers", json!({ "cluster": "shamkir-tovuz" }));
    let row = levers["levers"].as_array().unwrap().iter().find(|lever| lever["row"] == 2).unwrap();
    let change = json!({ "row": 2, "zone": null, "value": row["best"] });
    let view = house.ask("calculate_what_if", json!({ "cluster": "shamkir-tovuz", "changes": [change] }));
    let of = |when: &str| view[when]["index"].as_f64().unwrap();
    let expected = (100.0 - row["score"].as_f64().unwrap()) * 2.0 / 3.0 / 3.0;
    near(&json!(of("after") - of("before")), expected, 0.2);
    assert!(house.ask("lift_cluster", json!({ "cluster": "shamkir-tovuz" }))["sets"].is_array());
    let located = json!({ "position": { "latitude": 40.99249, "longitude": 45.62838 } });
    assert_eq!(house.ask("locate_cluster", located)["by_cell"], json!(true));
}

#[test]
fn a_pack_without_cells_says_so_and_still_has_a_map_and_profiles() {
    let mut house = House::of("Aysel", 1);
    // As packs were before they had cells: clusters are lists of rayons.
    let mut content = kend_pack::Pack::demo().unwrap().content().clone();
    content.calculator = None;
    for cluster in &mut content.clusters {
        cluster.area = None;
    }
    let pack = kend_pack::Pack::new(content).unwrap();
    house.ask("import_pack", import(&pack.write_signed(&synthetic::key()).unwrap(), true));
    let cluster = json!({ "cluster": "shamkir-tovuz" });
    for command in ["read_levers", "lift_cluster", "read_peers", "read_gaps"] {
        assert_eq!(house.refused(command, cluster.clone()).0, ErrorCode::NoCells, "{command}");
    }
    let what_if = json!({ "cluster": "shamkir-tovuz", "changes": [] });
    assert_eq!(house.refused("calculate_what_if", what_if).0, ErrorCode::NoCells);
    let sector = json!({ "cluster": "shamkir-tovuz", "crops": [] });
    assert_eq!(house.refused("read_sector", sector).0, ErrorCode::NoCells);
    let map = house.ask("read_map", cluster.clone());
    assert_eq!((&map["cells"], &map["outline"]), (&Value::Null, &json!([])));
    assert!(!map["rayons"].as_array().unwrap().is_empty() && !map["places"].as_array().unwrap().is_empty());
    assert!(house.ask("read_profile", cluster)["villages"].is_u64());
    assert!(!house.ask("compare_clusters", json!({}))["rows"].as_array().unwrap().is_empty());
    let tovuz = house.ask("locate_cluster", json!({ "position": { "latitude": 40.99249, "longitude": 45.62838 } }));
    assert_eq!((&tovuz["cluster"], &tovuz["by_cell"]), (&json!("shamkir-tovuz"), &json!(false)));
}
