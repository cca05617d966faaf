//! An interview on one device, from consent to sign-off, through the commands that screens give.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod attachments;
mod house;

use house::{House, MORNING_MS, PASSPHRASE};
use kend_app::api::ErrorCode;
use serde_json::{Value, json};

#[track_caller]
fn question<'a>(view: &'a Value, path: &str) -> &'a Value {
    fn find<'a>(cards: &'a [Value], path: &str) -> Option<&'a Value> {
        cards.iter().find_map(|card| match card["card"].as_str() {
            Some("question") if card["path"] == path => Some(card),
            Some("repeat") => card["instances"].as_array()?.iter().find_map(|one| find(one["cards"].as_array()?, path)),
            _ => None,
        })
    }
    let sections = view["sections"].as_array().unwrap();
    let found = sections.iter().find_map(|section| find(section["cards"].as_array().unwrap(), path));
    found.unwrap_or_else(|| panic!("no question {path}"))
}

#[test]
fn a_focus_group_goes_from_consent_to_sign_off_and_into_the_readiness_of_its_cluster() {
    let mut house = House::of("Aysel", 1);
    let before = house.ask("read_readiness", json!({ "cluster": null }));
    let interview = house.start("Tovuz", "fgd");
    house.fill(&interview, [2, 3, 3, 2, 1, 3, 4, 3, 2]);
    house.world.pass(90);
    let view = house.ask("open_interview", json!({ "interview": interview }));
    assert_eq!(view["missing"], json!([]));
    assert_eq!(view["rights"]["sign_off"], true);

    let signed = house.ask("sign_off", json!({ "interview": interview }));
    assert_eq!(signed["summary"]["state"], "complete");
    assert_eq!(signed["summary"]["checks"], json!([]));

    let after = house.ask("read_readiness", json!({ "cluster": null }));
    assert_eq!(after["cluster"]["cluster"], "shamkir-tovuz");
    assert_eq!(after["interviews"], 1);
    assert_eq!(after["partial"]["indicators_total"], 53);
    assert_ne!(after["fingerprint"], before["fingerprint"]);
    assert_eq!(after["merged"]["provisional"], true);
    let digital = &after["themes"][0];
    assert_eq!((&digital["theme"], &digital["position"]), (&json!("digital"), &json!(30.0)));
}

#[test]
fn the_id_of_a_participant_follows_from_the_entry_that_adds_them() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    house.fill(&interview, [2; 9]);
    let store = house.store();
    let mut added = 0;
    for chained in store.history(interview.as_str().unwrap().parse().unwrap()).unwrap() {
        let header = &chained.entry.header;
        for op in chained.entry.ops() {
            if let kend_log::Op::Add { element, .. } = op {
                let own = header.said.instance(chained.device, header.entity, header.seq);
                assert_eq!(element.as_str(), own.to_string());
                added += 1;
            }
        }
    }
    assert_eq!(added, 8);
}

#[test]
fn one_conversation_recorded_twice_is_one_voice_and_every_word_stays() {
    let mut house = House::of("Aysel", 1);
    let [first, second] = [(); 2].map(|()| {
        let interview = house.start("Tovuz", "fgd");
        house.fill(&interview, [2; 9]);
        house.ask("sign_off", json!({ "interview": interview }));
        interview
    });
    let voices = |house: &mut House| house.ask("read_readiness", json!({ "cluster": null }))["interviews"].clone();
    let of = |house: &mut House, interview: &Value| {
        house.ask("open_interview", json!({ "interview": interview }))["summary"]["same_as"].clone()
    };
    assert_eq!(voices(&mut house), 2);
    let view = house.ask("say_the_same", json!({ "interview": second, "same_as": first }));
    assert_eq!((&view["summary"]["same_as"], &view["summary"]["state"]), (&first, &json!("draft")));
    assert_eq!(question(&view, "health_level")["value"], json!("2"));
    assert_eq!(voices(&mut house), 1);
    // It is signed off anew, and still counts once.
    house.ask("sign_off", json!({ "interview": second }));
    assert_eq!(voices(&mut house), 1);
    let compare = house.ask("compare_clusters", json!({}));
    let rows = compare["rows"].as_array().unwrap().iter();
    let held: Vec<(&Value, &Value)> =
        rows.filter(|row| row["interviews"] != 0).map(|row| (&row["id"], &row["interviews"])).collect();
    assert_eq!(held, [(&json!("shamkir-tovuz"), &json!(1)), (&json!("AZ-TOV"), &json!(1))]);

    let third = house.start("Tovuz", "fgd");
    for (interview, same_as, code) in [
        (&first, &first, ErrorCode::BadRequest),
        (&third, &second, ErrorCode::WrongState),
        (&third, &json!("09090909-0909-0909-0909-090909090909"), ErrorCode::NotFound),
        (&house.start("Tovuz", "kii"), &first, ErrorCode::BadRequest),
    ] {
        assert_eq!(house.refused("say_the_same", json!({ "interview": interview, "same_as": same_as })).0, code);
    }

    house.ask("say_the_same", json!({ "interview": second, "same_as": null }));
    assert_eq!(of(&mut house, &second), Value::Null);
    house.ask("sign_off", json!({ "interview": second }));
    assert_eq!(voices(&mut house), 2);
}

#[test]
fn who_says_it_of_each_others_interview_at_once_takes_neither_voice_away() {
    let mut house = House::of("Aysel", 1);
    let interviews = [(); 3].map(|()| {
        let interview = house.start("Tovuz", "fgd");
        house.fill(&interview, [2; 9]);
        house.ask("sign_off", json!({ "interview": interview }));
        interview
    });
    // As entries come from three people who did not know of each other.
    let mut says = |of: usize, same_as: usize| {
        let mut store = house.store();
        let entity = interviews[of].as_str().unwrap().parse().unwrap();
        let last = store.history(entity).unwrap().pop().unwrap().entry.header;
        let value = kend_log::Value::text(interviews[same_as].as_str().unwrap());
        let append = kend_store::Append {
            scope: store.entity_head(entity).unwrap().unwrap().scope,
            entity,
            kind: last.kind,
            actor: last.actor,
            ops: vec![kend_log::Op::Set { path: "m/same_as".parse().unwrap(), value }],
            said: last.said,
            form_version: 1,
            seen: None,
            ends_drafts: Vec::new(),
            salt: [9; 16],
        };
        store.append(append).unwrap();
        house.ask("read_readiness", json!({ "cluster": null }))["interviews"].clone()
    };
    assert_eq!(says(0, 1), 2);
    assert_eq!(says(1, 0), 2, "one of the two still counts");
    assert_eq!(says(1, 2), 1, "the first by the second is the third");
    assert_eq!(says(2, 0), 1, "a circle of three has one voice");
}

#[test]
fn what_is_missing_is_named_with_its_section_and_holds_sign_off_up() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    let view = house.ask("open_interview", json!({ "interview": interview }));
    let open_themes = view["missing"].as_array().unwrap().iter().filter(|lack| lack["reason"] == "open_theme");
    assert_eq!(open_themes.count(), 9);
    let (code, _) = house.refused("sign_off", json!({ "interview": interview }));
    assert_eq!(code, ErrorCode::MissingAnswers);
}

#[test]
fn a_draft_outlives_a_kill_with_every_character() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    house.answer(&interview, "digital_discussed", json!("yes"));
    let note = "Kəndin yarısında internet yoxdur. ".repeat(70);
    let kept = house.ask("keep_draft", json!({ "interview": interview, "path": "digital_notes", "text": note }));
    assert_eq!(kept["characters"], note.chars().count());

    let mut house = house.killed();
    assert_eq!(house.refused("open_interview", json!({ "interview": interview })).0, ErrorCode::Locked);
    house.ask("unlock", json!({ "passphrase": PASSPHRASE }));
    let view = house.ask("open_interview", json!({ "interview": interview }));
    assert_eq!(question(&view, "digital_notes")["draft"], note.as_str());

    let view = house.answer(&interview, "digital_notes", json!(note));
    assert_eq!(question(&view, "digital_notes")["draft"], Value::Null);
    assert_eq!(question(&view, "digital_notes")["value"], note.as_str());
}

#[test]
fn what_was_typed_before_a_kill_is_part_of_the_interview_once_it_is_signed_off() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    house.fill(&interview, [2, 3, 3, 2, 1, 3, 4, 3, 2]);
    let note = "Axşam internet zəifləyir.";
    house.ask("keep_draft", json!({ "interview": interview, "path": "digital_notes", "text": note }));
    let mut house = house.killed();
    house.ask("unlock", json!({ "passphrase": PASSPHRASE }));
    let signed = house.ask("sign_off", json!({ "interview": interview }));
    assert_eq!(question(&signed, "digital_notes")["value"], note);
    assert_eq!(question(&signed, "digital_notes")["draft"], Value::Null);
    assert_eq!(signed["summary"]["state"], "complete");
}

#[test]
fn a_text_that_was_emptied_before_a_kill_is_empty_once_the_interview_is_signed_off() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    house.fill(&interview, [2, 3, 3, 2, 1, 3, 4, 3, 2]);
    house.answer(&interview, "digital_notes", json!("said by mistake"));
    house.ask("keep_draft", json!({ "interview": interview, "path": "digital_notes", "text": "" }));
    let mut house = house.killed();
    house.ask("unlock", json!({ "passphrase": PASSPHRASE }));
    let signed = house.ask("sign_off", json!({ "interview": interview }));
    assert_eq!(question(&signed, "digital_notes")["value"], Value::Null);
}

#[test]
fn an_answer_that_breaks_its_constraint_is_refused_with_the_sheets_own_words_and_changes_nothing() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    house.answer(&interview, "transport_discussed", json!("yes"));
    house.answer(&interview, "transport_minutes", json!(40));
    house.ask("set_language", json!({ "language": "ru" }));
    let request = json!({ "interview": interview, "path": "transport_minutes", "value": 100_000 });
    let (code, detail) = house.refused("record_answer", request);
    assert_eq!(code, ErrorCode::BadAnswer);
    assert!(detail.unwrap().chars().any(|letter| ('а'..='я').contains(&letter)));
    let view = house.ask("open_interview", json!({ "interview": interview }));
    assert_eq!(question(&view, "transport_minutes")["value"], 40.0);
}

#[test]
fn undo_takes_back_answers_and_participants_one_by_one_also_after_a_kill() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    house.answer(&interview, "digital_discussed", json!("yes"));
    house.answer(&interview, "digital_level", json!("2"));
    house.answer(&interview, "digital_level", json!("4"));
    let view = house.participant(&interview, "female", "15_29", "student");
    assert_eq!(view["summary"]["participants"], 1);

    let mut house = house.killed();
    house.ask("unlock", json!({ "passphrase": PASSPHRASE }));
    let view = house.ask("undo", json!({ "interview": interview }));
    assert_eq!(view["summary"]["participants"], 0);
    let view = house.ask("undo", json!({ "interview": interview }));
    assert_eq!(question(&view, "digital_level")["value"], "2");
    let view = house.ask("undo", json!({ "interview": interview }));
    assert_eq!(question(&view, "digital_level")["value"], Value::Null);
}

#[test]
fn a_removed_participant_comes_back_whole_and_a_code_never_changes_hands() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    house.participant(&interview, "female", "15_29", "student");
    let view = house.participant(&interview, "male", "60_plus", "farmer");
    let people = |view: &Value| {
        let section = &view["sections"][1]["cards"];
        let repeat = section.as_array().unwrap().iter().find(|card| card["name"] == "participant").unwrap();
        repeat["instances"].as_array().unwrap().clone()
    };
    assert_eq!(people(&view)[1]["title"], "P2");
    let second = people(&view)[1]["instance"].clone();
    let remove = json!({ "interview": interview, "repeat": "participant", "instance": second });
    house.ask("remove_instance", remove);
    let view = house.participant(&interview, "male", "30_59", "official");
    assert_eq!(people(&view)[1]["title"], "P3");
    house.ask("undo", json!({ "interview": interview }));
    let view = house.ask("undo", json!({ "interview": interview }));
    assert_eq!(people(&view)[1]["title"], "P2");
    assert_eq!(people(&view)[1]["cards"][1]["value"], "60_plus");
}

#[test]
fn a_wrong_passphrase_opens_nothing_and_harms_nothing() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    let mut house = house.killed();
    assert_eq!(house.refused("unlock", json!({ "passphrase": "şamaxı alması" })).0, ErrorCode::WrongPassphrase);
    house.ask("unlock", json!({ "passphrase": PASSPHRASE }));
    house.ask("open_interview", json!({ "interview": interview }));
}

#[test]
fn a_truncated_pack_and_a_broken_sheet_are_refused_and_what_was_in_use_stays() {
    let mut house = House::of("Aysel", 1);
    let before = house.ask("sync_state", json!({}));
    let pack = include_bytes!("../../../schema/demo/demo.kendpack");
    let half = data_encoding::BASE64.encode(&pack[..pack.len() / 2]);
    assert_eq!(house.refused("import_pack", json!({ "content_base64": half })).0, ErrorCode::PackDamaged);
    let sheets = json!({
        "survey": "type,name,label::English (en),relevant\ntext,note,Note,${nobody} = 'yes'\n",
        "choices": "list_name,name,label::English (en)\n",
        "settings": "form_title,form_id,version\nBroken,kend_fgd,1\n",
    });
    let (code, detail) = house.refused("import_instrument", sheets);
    assert_eq!(code, ErrorCode::InstrumentBroken);
    assert!(detail.unwrap().contains("row 2"));
    assert_eq!(house.ask("sync_state", json!({})), before);
    house.start("Tovuz", "fgd");
}

#[test]
fn a_clock_of_1970_is_said_on_screen_and_stops_nothing() {
    let mut house = House::of("Aysel", 1);
    assert_eq!(house.ask("status", json!({}))["clock_says"], Value::Null);
    house.world.set_wall(0);
    assert_eq!(house.ask("status", json!({}))["clock_says"], "1970-01-01");
    let interview = house.start("Tovuz", "fgd");
    house.answer(&interview, "digital_discussed", json!("yes"));
    house.answer(&interview, "digital_level", json!("2"));
    house.world.set_wall(MORNING_MS);
    let view = house.answer(&interview, "digital_level", json!("3"));
    assert_eq!(question(&view, "digital_level")["value"], "3");
}

#[test]
fn a_village_missing_from_the_list_is_added_on_the_spot_in_its_rayon() {
    let mut house = House::of("Aysel", 1);
    let tovuz = house.village("Tovuz");
    let villages = house.ask("list_villages", json!({ "near": null }));
    let near = villages.as_array().unwrap().iter().find(|village| village["village"] == tovuz).unwrap();
    let request = json!({ "name": " Yeni Qışlaq ", "position": near["position"] });
    let added = house.ask("add_village", request);
    assert_eq!((&added["name"], &added["rayon"]), (&json!("Yeni Qışlaq"), &json!("AZ-TOV")));
    let at_sea = json!({ "name": "Dəniz", "position": { "latitude": 39.0, "longitude": 50.9 } });
    assert_eq!(house.refused("add_village", at_sea).0, ErrorCode::BadRequest);
    let request = json!({ "village": added["village"], "kind": "kii", "language": "az" });
    let started = house.ask("start_interview", request);
    assert_eq!(started["summary"]["village_name"], "Yeni Qışlaq");
}

#[test]
fn withdrawn_consent_erases_the_content_and_leaves_the_fact() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    house.answer(&interview, "digital_discussed", json!("yes"));
    house.answer(&interview, "digital_notes", json!("the unique word quizlanqoz"));
    let erased = house.ask("erase_interview", json!({ "interview": interview }));
    assert_eq!(erased["summary"]["state"], "erased");
    assert!(!erased.to_string().contains("quizlanqoz"));
    let request = json!({ "interview": interview, "path": "digital_notes", "value": "again" });
    assert_eq!(house.refused("record_answer", request).0, ErrorCode::WrongState);
}

#[test]
fn rubbish_gets_an_error_and_no_panic() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    let cases = [
        ("record_answer", json!({ "interview": interview, "path": "../../etc", "value": "x" })),
        ("record_answer", json!({ "interview": interview, "path": "digital_level", "value": "6" })),
        ("record_answer", json!({ "interview": interview, "path": "digital_level", "value": { "a": 1 } })),
        ("record_answer", json!({ "interview": "nobody", "path": "digital_level", "value": "1" })),
        ("keep_draft", json!({ "interview": interview, "path": "digital_notes", "text": "x".repeat(30_000) })),
        ("add_instance", json!({ "interview": interview, "repeat": "nothing", "answers": [] })),
        ("remove_instance", json!({ "interview": interview, "repeat": "A B", "instance": interview })),
        ("start_interview", json!({ "village": interview, "kind": "fgd", "language": "az" })),
        ("return_interview", json!({ "interview": interview, "comments": [{ "path": null, "text": "x" }] })),
        ("approve_interview", json!({ "interview": interview })),
        ("read_readiness", json!({ "cluster": "atlantis" })),
        ("import_pack", json!({ "content_base64": "not base64!" })),
        ("join_hub", json!({ "address": "file:///etc/passwd", "code": "x" })),
        ("sync", json!({})),
        ("no_such_command", json!({})),
    ];
    let before = house.ask("open_interview", json!({ "interview": interview }));
    for (command, request) in cases {
        house.refused(command, request);
    }
    assert_eq!(house.ask("open_interview", json!({ "interview": interview })), before);
}

#[test]
fn a_store_that_rotted_is_told_repaired_with_its_passphrase_and_the_damaged_file_is_kept() {
    let mut house = House::of("Aysel", 1);
    let interview = house.start("Tovuz", "fgd");
    house.fill(&interview, [2, 3, 3, 2, 1, 3, 4, 3, 2]);
    house.ask("lock", json!({}));
    let file = house.folder.path().join("kend.db");
    let whole = std::fs::read(&file).unwrap();
    let mut told = 0;
    // Page after page of the file, a few bytes each time.
    for page in (1..whole.len() / 4096).step_by(9) {
        let mut rotten = whole.clone();
        for byte in rotten.iter_mut().skip(page * 4096 + 700).take(40) {
            *byte ^= 0x55;
        }
        std::fs::write(&file, &rotten).unwrap();
        let looked = house
            .device
            .call("unlock", json!({ "passphrase": PASSPHRASE }))
            .and_then(|_| house.device.call("open_interview", json!({ "interview": interview })));
        if let Err(error) = &looked {
            assert_eq!(error.code, ErrorCode::StoreDamaged, "page {page}: {error}");
            let status = house.ask("status", json!({}));
            assert_eq!((&status["store"], &status["state"]), (&json!("damaged"), &json!("locked")), "page {page}");
            told += 1;
        }
        let (code, _) = house.refused("repair", json!({ "passphrase": "not this one" }));
        assert_eq!(code, ErrorCode::WrongPassphrase);
        let repaired = house.device.call("repair", json!({ "passphrase": PASSPHRASE }));
        if repaired.is_ok() {
            let status = house.ask("status", json!({}));
            assert_eq!(status["state"], "open", "page {page}");
            assert_eq!(status["person"]["name"], "Aysel");
            house.ask("list_interviews", json!({}));
            // Work goes on.
            house.start("Tovuz", "kii");
            if status["store"] != "sound" {
                let kept = std::fs::read(house.folder.path().join("damaged")).unwrap();
                assert!(kept == rotten, "page {page}");
            }
        } else {
            // Nothing readable: the damaged file stands where it stood.
            assert!(std::fs::read(&file).unwrap() == rotten, "page {page}: {repaired:?}");
        }
        house.ask("lock", json!({}));
        std::fs::remove_file(house.folder.path().join("kend.db-wal")).ok();
    }
    assert!(told > 0);
}

#[test]
fn repairing_a_sound_store_only_opens_it() {
    let mut house = House::of("Aysel", 1);
    house.ask("lock", json!({}));
    let status = house.ask("repair", json!({ "passphrase": PASSPHRASE }));
    assert_eq!((&status["store"], &status["state"]), (&json!("sound"), &json!("open")));
    assert!(!house.folder.path().join("damaged").exists());
}
