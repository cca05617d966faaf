//! Keeping answers and drafts, and reading them back.

use kend_log::{Act, Context, EntityKind, Op, Seen, Value};
use kend_store::{Append, StoreError};
use proptest::prelude::*;

use crate::common::{Kit, entry, interview, path, person, scope, set};

#[test]
fn what_was_kept_is_there_when_the_store_is_opened_again() {
    let mut kit = Kit::new(1);
    assert_eq!(kit.store.entity(interview()).unwrap(), None);
    kit.set("a/health_level", "2");
    let kept = kit.set("a/health_level", "3");
    assert_eq!((kept.dot.seq, kept.lamport), (2, 2));
    let before = kit.state();
    let kit = kit.reopened();
    assert_eq!(kit.state(), before);
    assert_eq!(kit.state().value("a/health_level"), Some(&Value::text("3")));
    assert_eq!(kit.state().live("a/health_level").len(), 1);
    let heads = kit.store.entities(EntityKind::Interview).unwrap();
    assert_eq!((heads.len(), heads[0].unacknowledged, heads[0].of_others), (1, true, false));
    assert_eq!(kit.store.entity_head(interview()).unwrap().as_ref(), Some(&heads[0]));
    assert_eq!(kit.store.entities(EntityKind::Village).unwrap(), []);
    kit.store.check().unwrap();
}

#[test]
fn an_entry_ends_the_drafts_that_it_names_and_no_others() {
    let mut kit = Kit::new(1);
    for at in ["a/health_notes", "a/finance_notes"] {
        kit.store.keep_draft(interview(), &path(at), person(), "Həkim").unwrap();
        kit.store.keep_draft(interview(), &path(at), person(), "Həkim həftədə bir").unwrap();
    }
    let mut kit = kit.reopened();
    assert_eq!(kit.store.drafts(interview()).unwrap().len(), 2);
    let ends_drafts = vec![path("a/health_notes")];
    kit.store.append(Append { ends_drafts, ..entry(vec![set("a/health_notes", "Həkim həftədə bir")]) }).unwrap();
    let drafts = kit.store.drafts(interview()).unwrap();
    assert_eq!(drafts.iter().map(|draft| draft.path.as_str()).collect::<Vec<_>>(), ["a/finance_notes"]);
    assert_eq!(drafts[0].text, "Həkim həftədə bir");
    kit.store.drop_draft(interview(), &path("a/finance_notes"), person()).unwrap();
    assert_eq!(kit.store.drafts(interview()).unwrap(), []);
}

#[test]
fn what_came_in_while_the_screen_was_open_is_not_overwritten() {
    let (mut phone, mut tablet) = (Kit::new(1), Kit::new(2));
    phone.knows(&tablet);
    phone.set("a/health_level", "2");
    let on_the_screen = phone.state().context().clone();
    tablet.set("a/health_level", "4");
    phone.pull(&mut tablet);
    let seen = Some(on_the_screen);
    phone.store.append(Append { seen, ..entry(vec![set("a/health_level", "3")]) }).unwrap();
    let state = phone.state();
    let values: Vec<_> = state.distinct("a/health_level").into_iter().filter_map(|live| live.value.clone()).collect();
    assert_eq!(values, [Value::text("3"), Value::text("4")]);
    phone.set("a/health_level", "4");
    assert!(phone.state().conflicts().is_empty());
}

#[test]
fn an_entry_that_can_not_be_kept_changes_nothing() {
    let mut kit = Kit::new(1);
    kit.set("a/health_level", "2");
    let before = kit.state();
    let elsewhere = Append { scope: "demo/AZ-GUS".parse().unwrap(), ..entry(vec![set("a/x", "1")]) };
    assert!(matches!(kit.store.append(elsewhere), Err(StoreError::OtherScope)));
    let unseen: Context =
        [(kend_domain::DeviceId::from_bytes([8; 16]), Seen { seq: 1, prefix: [0; 4] })].into_iter().collect();
    let claims = Append { seen: Some(unseen), ..entry(vec![set("a/x", "1")]) };
    assert!(matches!(kit.store.append(claims), Err(StoreError::NotSeen)));
    let large = set("a/x", &"x".repeat(64 * 1024 + 1));
    assert!(matches!(kit.store.append(entry(vec![set("a/y", "1"), large])), Err(StoreError::Entry(_))));
    assert!(matches!(kit.store.append(entry(vec![])), Err(StoreError::Entry(_))));
    assert_eq!(kit.state(), before);
    assert_eq!(kit.reopened().state(), before);
}

#[test]
fn settings_and_documents_are_read_back() {
    let mut kit = Kit::new(1);
    assert_eq!(kit.store.setting::<String>("language").unwrap(), None);
    kit.store.set_setting("language", &"az").unwrap();
    kit.store.set_setting("language", &"ru").unwrap();
    kit.store.put_document("pack", &[1, 2, 3]).unwrap();
    let kit = kit.reopened();
    assert_eq!(kit.store.setting::<String>("language").unwrap().as_deref(), Some("ru"));
    assert!(matches!(kit.store.setting::<u32>("language"), Err(StoreError::Setting(_))));
    assert_eq!(kit.store.document("pack").unwrap().as_deref(), Some(&[1, 2, 3][..]));
    assert_eq!(kit.store.document("instrument").unwrap(), None);
}

#[test]
fn another_process_s_writes_are_seen() {
    let mut kit = Kit::new(1);
    kit.set("a/health_level", "2");
    assert!(kit.state().value("a/health_level").is_some());
    let mut other = kend_store::Store::open(&kit.file(), &crate::common::key(), &[]).unwrap();
    other.append(entry(vec![set("a/health_level", "5")])).unwrap();
    assert_eq!(kit.state().value("a/health_level"), Some(&Value::text("5")));
    kit.set("a/health_level", "1");
    assert_eq!(kit.state().entries(), 3);
    assert_eq!(kit.store.logs().unwrap()[0].log.scope, scope());
}

/// What two devices do with one interview.
#[derive(Debug, Clone)]
enum Act2 {
    Set(u8, u8),
    Clear(u8),
    Add(u8),
    Remove(u8),
    Judge,
    Erase(bool),
    Exchange,
    Reopen,
}

fn acts() -> impl Strategy<Value = Vec<(bool, Act2)>> {
    let act = prop_oneof![
        6 => (0_u8..4, 0_u8..3).prop_map(|(at, value)| Act2::Set(at, value)),
        1 => (0_u8..4).prop_map(Act2::Clear),
        2 => (0_u8..3).prop_map(Act2::Add),
        1 => (0_u8..3).prop_map(Act2::Remove),
        1 => Just(Act2::Judge),
        1 => any::<bool>().prop_map(Act2::Erase),
        2 => Just(Act2::Exchange),
        1 => Just(Act2::Reopen),
    ];
    prop::collection::vec((any::<bool>(), act), 1..25)
}

fn ops(kit: &Kit, act: &Act2) -> Option<Op> {
    let at = |number: u8| path(&format!("a/quote/{number}/words"));
    let element = |number: u8| format!("P{number}").parse().unwrap();
    Some(match act {
        Act2::Set(number, value) => Op::Set { path: at(*number), value: Value::Integer((*value).into()) },
        Act2::Clear(number) => Op::Clear { path: at(*number) },
        Act2::Add(number) => Op::Add { path: path("i/quote"), element: element(*number) },
        Act2::Remove(number) => {
            let element = element(*number);
            let state = kit.store.entity(interview()).unwrap()?;
            let found = state.elements("i/quote").into_iter().find(|(known, _)| **known == element);
            let (_, seen) = found?;
            Op::Remove { path: path("i/quote"), element, seen }
        }
        Act2::Judge => Op::Judge { act: Act::Approve },
        Act2::Erase(sets) => {
            let under = Some(path(if *sets { "i/quote" } else { "a/quote/1" }));
            Op::Erase { under, reason: kend_log::Reason::ConsentWithdrawn }
        }
        Act2::Exchange | Act2::Reopen => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_projection_is_what_a_refold_of_the_log_gives(acts in acts()) {
        let (mut phone, mut tablet) = (Kit::new(1), Kit::new(2));
        phone.knows(&tablet);
        tablet.knows(&phone);
        for (first, act) in acts {
            match act {
                Act2::Exchange => {
                    phone.pull(&mut tablet);
                    tablet.pull(&mut phone);
                    let state = |kit: &Kit| kit.store.entity(interview()).unwrap().map(|state| state.to_bytes());
                    prop_assert_eq!(state(&phone), state(&tablet));
                }
                Act2::Reopen => phone = phone.reopened(),
                act => {
                    let kit = if first { &mut phone } else { &mut tablet };
                    if let Some(op) = ops(kit, &act) {
                        let kept = kit.store.append(entry(vec![op]));
                        prop_assert!(matches!(kept, Ok(_) | Err(StoreError::Erased)), "{kept:?}");
                    }
                }
            }
        }
        for mut kit in [phone, tablet] {
            if kit.store.entity(interview()).unwrap().is_some() {
                let refold = kit.refold();
                prop_assert_eq!(&kit.state(), &refold);
                kit = kit.reopened();
                prop_assert_eq!(&kit.state(), &refold);
            }
        }
    }
}
