//! A meeting of a committee, through the commands that screens give: in the room, outside of it, and by every role.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests: a step that fails fails the test")]

#[expect(dead_code, reason = "a meeting breaks nothing")]
mod house;

use std::sync::Arc;

use house::{FakeWorld, House, MORNING_MS};
use kend_app::api::{ApiError, ErrorCode};
use kend_app::{Desk, Library, Person, Standing, commands};
use kend_domain::{Areas, Language, PersonId, Role};
use serde_json::{Value, json};

const CLUSTER: &str = "shamkir-tovuz";

fn begun() -> (House, Value) {
    let mut house = House::of("Aysel", 1);
    let view = house.ask("begin_meeting", json!({ "cluster": CLUSTER }));
    (house, view["summary"]["meeting"].clone())
}

fn hands(house: &mut House, meeting: &Value, card: &str, hand: &str, count: u32) -> Value {
    house.ask("count_hands", json!({ "meeting": meeting, "card": card, "hand": hand, "count": count }))
}

fn card<'a>(summary: &'a Value, card: &str) -> &'a Value {
    summary["cards"].as_array().unwrap().iter().find(|each| each["card"] == card).unwrap()
}

/// Gives a command to the store of a house as somebody else would, on a hub.
fn asked_as(house: &House, role: Role, areas: &[&str], command: &str, request: Value) -> Result<Value, ApiError> {
    let mut store = house.store();
    let mut library = Arc::new(Library::open(&store).unwrap());
    let areas = Areas(areas.iter().map(|area| area.parse().unwrap()).collect());
    let person = Person { person: PersonId::from_bytes([9; 16]), name: "Orxan".to_owned(), role, areas };
    let world = FakeWorld::at(MORNING_MS, 77);
    let mut desk = Desk {
        store: &mut store,
        library: &mut library,
        person: &person,
        language: Language::En,
        standing: Standing::Hub { has_blob: |_, _| false },
        world: &*world,
    };
    commands::call(&mut desk, command, request)
}

#[test]
fn a_meeting_goes_from_its_first_card_to_its_verdict_and_says_what_was_corrected_after() {
    let (mut house, meeting) = begun();
    let open = house.ask("read_meeting", json!({ "meeting": meeting }));
    let cards = open["summary"]["cards"].as_array().unwrap();
    let words: Vec<&str> = cards.iter().map(|card| card["card"].as_str().unwrap()).collect();
    assert_eq!((words.len(), words[0], words[1]), (17, "class", "dimension_economic_sources"), "two gaps at the end");
    assert!(words[15].starts_with("gap_") && words[16].starts_with("gap_"));
    assert_eq!((&open["summary"]["state"], &open["can_undo"]), (&json!("open"), &json!(false)));

    house.ask("count_people", json!({ "meeting": meeting, "group": "women", "count": 6 }));
    hands(&mut house, &meeting, "class", "agree", 9);
    hands(&mut house, &meeting, "class", "object", 2);
    let comment = json!({ "meeting": meeting, "card": "class", "text": "  Yol yoxdur.  " });
    let said = house.ask("comment_on_card", comment);
    let class = card(&said["summary"], "class");
    assert_eq!((&class["outcome"], &class["comment"]), (&json!("agreed"), &json!("Yol yoxdur.")));

    let offered: Vec<Value> = open["offered"].as_array().unwrap().iter().map(|one| one["priority"].clone()).collect();
    let order = json!([offered[2], offered[0]]);
    house.ask("rank_priorities", json!({ "meeting": meeting, "order": order }));
    let closed = house.ask("close_meeting", json!({ "meeting": meeting }));
    assert_eq!(closed["summary"]["state"], "closed");
    let kept: Vec<Value> =
        closed["summary"]["priorities"].as_array().unwrap().iter().map(|one| one["priority"].clone()).collect();
    assert_eq!(json!(kept), order);

    house.world.pass(30);
    let corrected = hands(&mut house, &meeting, "theme_health", "object", 7);
    assert_eq!(corrected["summary"]["state"], "corrected");
    assert_eq!(card(&corrected["summary"], "theme_health")["corrected"], true);
    assert_eq!(card(&corrected["summary"], "class")["corrected"], false);
    assert_eq!(house.ask("close_meeting", json!({ "meeting": meeting }))["summary"]["state"], "closed");
}

#[test]
fn every_tap_is_there_after_a_kill_and_can_be_taken_back_but_never_the_beginning() {
    let (mut house, meeting) = begun();
    hands(&mut house, &meeting, "class", "agree", 1);
    hands(&mut house, &meeting, "class", "agree", 2);
    house.ask("keep_comment", json!({ "meeting": meeting, "card": "class", "text": "half a sen" }));
    let mut house = house.killed();
    house.ask("unlock", json!({ "passphrase": house::PASSPHRASE }));
    let view = house.ask("read_meeting", json!({ "meeting": meeting }));
    let class = card(&view["summary"], "class");
    assert_eq!((&class["agree"]["count"], &class["draft"]), (&json!(2), &json!("half a sen")));
    for left in [json!(1), Value::Null] {
        let view = house.ask("undo_in_meeting", json!({ "meeting": meeting }));
        assert_eq!(card(&view["summary"], "class")["agree"]["count"], left);
    }
    assert_eq!(house.refused("undo_in_meeting", json!({ "meeting": meeting })).0, ErrorCode::WrongState);
    // What was typed and not left goes with the end, so that no word stays behind.
    let closed = house.ask("close_meeting", json!({ "meeting": meeting }));
    assert_eq!(card(&closed["summary"], "class")["comment"], "half a sen");
}

#[test]
fn what_was_not_offered_or_is_no_card_or_too_much_changes_nothing() {
    let (mut house, meeting) = begun();
    let before = house.ask("read_meeting", json!({ "meeting": meeting }));
    let refused = [
        ("count_hands", json!({ "meeting": meeting, "card": "theme_weather", "hand": "agree", "count": 1 })),
        ("count_hands", json!({ "meeting": meeting, "card": "class/agree", "hand": "agree", "count": 1 })),
        ("rank_priorities", json!({ "meeting": meeting, "order": ["theme_health", "theme_health"] })),
        ("rank_priorities", json!({ "meeting": meeting, "order": ["intervention_moon"] })),
    ];
    for (command, request) in refused {
        assert_eq!(house.refused(command, request).0, ErrorCode::BadRequest, "{command}");
    }
    let many = json!({ "meeting": meeting, "card": "class", "hand": "agree", "count": 1000 });
    assert_eq!(house.refused("count_hands", many).0, ErrorCode::TooLarge);
    let long = json!({ "meeting": meeting, "card": "class", "text": "a".repeat(2001) });
    assert_eq!(house.refused("comment_on_card", long).0, ErrorCode::TooLarge);
    assert_eq!(house.refused("begin_meeting", json!({ "cluster": "atlantis" })).0, ErrorCode::NotFound);
    assert_eq!(house.ask("read_meeting", json!({ "meeting": meeting })), before);
}

#[test]
fn committee_enumerator_supervisor_and_cluster_unit_hold_a_meeting_and_others_read_without_small_counts() {
    let (mut house, meeting) = begun();
    hands(&mut house, &meeting, "class", "agree", 9);
    hands(&mut house, &meeting, "class", "object", 4);
    house.ask("comment_on_card", json!({ "meeting": meeting, "card": "class", "text": "Yol yoxdur." }));
    let here = ["AZ-TOV"];
    let read = |role, areas: &[&str]| asked_as(&house, role, areas, "read_meeting", json!({ "meeting": meeting }));
    for role in [Role::Committee, Role::Enumerator, Role::Supervisor, Role::ClusterUnit] {
        let view = read(role, &["AZ-TOV", "AZ-SKR"]).unwrap();
        assert_eq!((&view["summary"]["edit"], role), (&json!(true), role));
        assert_eq!(card(&view["summary"], "class")["object"]["count"], 4, "{role}");
        // Before it shows in a list, also to them, as it does on the readiness screen.
        let list =
            asked_as(&house, role, &["AZ-TOV", "AZ-SKR"], "list_meetings", json!({ "cluster": CLUSTER })).unwrap();
        assert_eq!(card(&list[0], "class")["object"], json!({ "count": null, "few": true }), "{role}");
        asked_as(&house, role, &here, "begin_meeting", json!({ "cluster": CLUSTER })).unwrap();
    }
    for role in [Role::National, Role::Analyst] {
        let view = read(role, &["AZ"]).unwrap();
        assert_eq!((&view["summary"]["edit"], &view["can_undo"]), (&json!(false), &json!(false)), "{role}");
        let class = card(&view["summary"], "class");
        assert_eq!((&class["agree"]["count"], &class["object"]["count"]), (&json!(9), &Value::Null), "{role}");
        assert_eq!((&class["outcome"], &class["comment"]), (&json!("agreed"), &json!("Yol yoxdur.")), "{role}");
        let named = if role == Role::National { json!("Aysel") } else { Value::Null };
        assert_eq!(view["summary"]["person_name"], named, "{role}");
        let tap = json!({ "meeting": meeting, "card": "class", "hand": "agree", "count": 1 });
        for (command, request) in [("count_hands", tap), ("begin_meeting", json!({ "cluster": CLUSTER }))] {
            let refused = asked_as(&house, role, &["AZ"], command, request).unwrap_err();
            assert_eq!(refused.code, ErrorCode::NotAllowed, "{role} {command}");
        }
    }
    let elsewhere = read(Role::Committee, &["AZ-QUS"]).unwrap_err();
    assert_eq!(elsewhere.code, ErrorCode::NotFound);
}

/// Method 9: on a projector the quotes are those for the committee, whoever holds the meeting.
#[test]
fn the_cards_show_a_room_no_more_than_its_committee_may_read() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    house.fill(&interview, [2; 9]);
    house.ask("sign_off", json!({ "interview": interview }));
    let own = house.ask("read_readiness", json!({ "cluster": CLUSTER }));
    let room = house.ask("read_meeting_cards", json!({ "cluster": CLUSTER }));
    assert!(own["themes"][0]["position"].is_number());
    assert_eq!(room["themes"][0]["position"], Value::Null, "it would be the level of one village");
    assert_eq!(room["fingerprint"], own["fingerprint"]);
}

#[test]
fn erased_words_of_a_meeting_are_gone_and_that_it_was_held_stays() {
    let (mut house, meeting) = begun();
    hands(&mut house, &meeting, "class", "agree", 9);
    house.ask("comment_on_card", json!({ "meeting": meeting, "card": "class", "text": "Yol yoxdur." }));
    let erased = house.ask("erase_meeting", json!({ "meeting": meeting }));
    assert_eq!((&erased["summary"]["state"], &erased["summary"]["cards"]), (&json!("erased"), &json!([])));
    let tap = json!({ "meeting": meeting, "card": "class", "hand": "agree", "count": 1 });
    assert_eq!(house.refused("count_hands", tap).0, ErrorCode::WrongState);
    assert_eq!(house.refused("erase_meeting", json!({ "meeting": meeting })).0, ErrorCode::WrongState);
}
