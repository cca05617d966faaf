//! Meetings of a committee: held in a browser on the hub, or on the committee's own device, which reads no interviews.

use crate::common::{Device, Hub, set};
use crate::people::{PASSWORD, code, command, cookie, supervisor};
use crate::phone::Phone;
use kend_domain::EntityId;
use kend_log::{EntityKind, Op, Reason};
use kend_sync::SetAsideCode;
use serde_json::{Value, json};

const TOVUZ: &str = "demo/AZ-TOV";

fn person(hub: &Hub, name: &str, role: &str, area: &str) {
    let who = ["--name", name, "--role", role, "--area", area, "--password-stdin"];
    assert_eq!(hub.command("people add", &who, PASSWORD), "");
}

async fn session(hub: &Hub, name: &str) -> String {
    cookie(&command(hub, "sign_in", &json!({"name": name, "password": PASSWORD})).send().await.unwrap())
}

async fn ask(hub: &Hub, session: &str, word: &str, request: Value) -> Value {
    let response = command(hub, word, &request).header("cookie", session).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200, "{word}");
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_committee_in_a_browser_holds_a_meeting_that_devices_get_and_readers_see_without_small_counts() {
    let hub = Hub::start();
    person(&hub, "Komitə", "committee", "AZ-TOV");
    person(&hub, "Analitik", "analyst", "AZ");
    person(&hub, "Başqa", "committee", "AZ-QBA");
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    let (committee, analyst, other) =
        (session(&hub, "Komitə").await, session(&hub, "Analitik").await, session(&hub, "Başqa").await);
    let begun = ask(&hub, &committee, "begin_meeting", json!({"cluster": "shamkir-tovuz"})).await;
    let meeting = &begun["summary"]["meeting"];
    for (hand, count) in [("agree", 9), ("object", 3)] {
        let tap = json!({"meeting": meeting, "card": "class", "hand": hand, "count": count});
        ask(&hub, &committee, "count_hands", tap).await;
    }
    let closed = ask(&hub, &committee, "close_meeting", json!({"meeting": meeting})).await;
    assert_eq!((&closed["summary"]["state"], &closed["summary"]["kept"]), (&json!("closed"), &json!("copied")));
    let seen = ask(&hub, &analyst, "list_meetings", json!({"cluster": "shamkir-tovuz"})).await;
    let class = &seen[0]["cards"][0];
    assert_eq!((&class["agree"]["count"], &class["object"]), (&json!(9), &json!({"count": null, "few": true})));
    let tap = json!({"meeting": meeting, "card": "class", "hand": "agree", "count": 1});
    for (session, expected) in [(&analyst, (403, "not_allowed")), (&other, (404, "not_found"))] {
        let refused = command(&hub, "count_hands", &tap).header("cookie", session).send().await.unwrap();
        assert_eq!(code(refused).await, (expected.0, expected.1.to_owned()));
    }
    let outcome = aynur.sync(&hub).await.unwrap();
    assert_eq!((outcome.entries_received, outcome.complete), (4, true));
}

#[tokio::test]
async fn a_committees_own_device_hands_in_its_meeting_is_sent_no_interview_and_erases_what_it_is_told_to() {
    let hub = Hub::start();
    supervisor(&hub);
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    let mut committee = Device::enrolled(&hub, 2, "committee", "AZ-TOV").await;
    aynur.write(TOVUZ, 7, vec![set("a/health_notes", "The clinic is far")]);
    aynur.sync(&hub).await.unwrap();
    committee.write_of(EntityKind::Meeting, TOVUZ, 8, vec![set("v/class/comment", "So it is")]);
    let outcome = committee.sync(&hub).await.unwrap();
    assert_eq!((outcome.entries_sent, outcome.entries_received, outcome.complete), (1, 0, true));
    assert_eq!(aynur.sync(&hub).await.unwrap().entries_received, 1);
    assert_eq!(aynur.state(8), committee.state(8));

    // Two are erased; of the interview the committee's device is told nothing, of its own meeting it is.
    aynur.write(TOVUZ, 7, vec![Op::Erase { under: None, reason: Reason::ConsentWithdrawn }]);
    aynur.sync(&hub).await.unwrap();
    let leyla = session(&hub, "Leyla").await;
    ask(&hub, &leyla, "erase_meeting", json!({"meeting": EntityId::from_bytes([8; 16])})).await;
    let outcome = committee.sync(&hub).await.unwrap();
    assert_eq!((outcome.orders_obeyed, outcome.entries_received), (1, 0));
    assert_eq!(committee.state(8), Vec::<String>::new());

    committee.write(TOVUZ, 9, vec![set("a/health_notes", "No interview of a committee")]);
    let codes: Vec<_> = committee.sync(&hub).await.unwrap().set_aside.iter().map(|aside| aside.code).collect();
    assert_eq!(codes, [SetAsideCode::NotAllowed]);
}

/// The app on three machines: a committee's tablet, and two people who go on with its meeting apart.
#[tokio::test]
async fn what_two_say_apart_of_a_committees_meeting_stands_side_by_side_until_one_chooses_for_everybody() {
    let hub = Hub::start();
    let tablet = Phone::joined(&hub.address, &hub.code("committee", "AZ-TOV")).await;
    let [first, second] = [
        Phone::joined(&hub.address, &hub.code("enumerator", "AZ-TOV")).await,
        Phone::joined(&hub.address, &hub.code("supervisor", "AZ-TOV")).await,
    ];
    let begun = tablet.give("begin_meeting", json!({ "cluster": "shamkir-tovuz" })).await;
    let meeting = &begun["summary"]["meeting"];
    let hands = |count: u32| json!({ "meeting": meeting, "card": "class", "hand": "agree", "count": count });
    tablet.give("count_hands", hands(9)).await;
    assert_eq!(tablet.give("status", json!({})).await["waiting_meetings"], 1);
    tablet.sync().await;
    assert_eq!(tablet.give("status", json!({})).await["waiting_meetings"], 0);
    assert_eq!(tablet.give("read_meeting", json!({ "meeting": meeting })).await["summary"]["kept"], "safe");

    for phone in [&first, &second] {
        phone.sync().await;
        let list = phone.give("list_meetings", json!({ "cluster": "shamkir-tovuz" })).await;
        assert_eq!((&list[0]["meeting"], &list[0]["cards"][0]["agree"]["count"]), (meeting, &json!(9)));
    }
    let order = |first: &str| json!({ "meeting": meeting, "order": [first, "theme_tourism"] });
    first.give("count_hands", hands(10)).await;
    first.give("rank_priorities", order("theme_health")).await;
    second.give("count_hands", hands(11)).await;
    second.give("rank_priorities", order("theme_digital")).await;
    for phone in [&first, &second, &first] {
        phone.sync().await;
    }
    let mut shown = Vec::new();
    for phone in [&first, &second] {
        let view = phone.give("read_meeting", json!({ "meeting": meeting })).await;
        let parts: Vec<&Value> = view["conflicts"].as_array().unwrap().iter().map(|one| &one["part"]).collect();
        assert_eq!(parts, ["order", "agree"]);
        assert_eq!(view["conflicts"][0]["values"].as_array().unwrap().len(), 2);
        let refused = phone.desktop().call("close_meeting", json!({ "meeting": meeting })).await.unwrap_err();
        assert_eq!(refused.code, kend_app::api::ErrorCode::WrongState);
        shown.push((view["conflicts"].clone(), view["summary"]["priorities"].clone()));
    }
    assert_eq!(shown[0], shown[1], "both show the same meanwhile");
    second.give("count_hands", hands(11)).await;
    second.give("rank_priorities", order("theme_digital")).await;
    second.give("close_meeting", json!({ "meeting": meeting })).await;
    second.sync().await;
    first.sync().await;
    let view = first.give("read_meeting", json!({ "meeting": meeting })).await;
    assert_eq!((&view["summary"]["state"], &view["conflicts"]), (&json!("closed"), &json!([])));
    assert_eq!(view["summary"]["cards"][0]["agree"]["count"], 11);
    // The tablet is told of nobody's entries but its own.
    tablet.sync().await;
    let own = tablet.give("read_meeting", json!({ "meeting": meeting })).await;
    assert_eq!((&own["summary"]["state"], &own["summary"]["cards"][0]["agree"]["count"]), (&json!("open"), &json!(9)));
}
