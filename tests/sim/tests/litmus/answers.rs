//! L1, L2, L4, L5, L7, L8, L11, L18: two who write at the same time, and what is erased.

use kend_domain::Role;
use kend_log::Act;
use kend_sim::Scene;

const LEVEL: &str = "a/health_level";
const NOTE: &str = "a/health_notes";
const ORDER: &str = "r/order";

fn two_note_takers() -> Scene {
    let mut scene = Scene::new();
    scene.enumerator("Aynur");
    scene.enumerator("Rashad");
    scene
}

#[test]
fn l1_two_who_give_one_answer_two_values_both_see_both_until_one_who_saw_both_decides() {
    let mut scene = two_note_takers();
    scene.device("Aynur").sets(LEVEL, "2");
    scene.device("Rashad").sets(LEVEL, "4");
    scene.everybody_syncs();
    for who in ["Aynur", "Rashad", "Server"] {
        assert_eq!(scene.device(who).stand(LEVEL), ["2", "4"], "{who}");
        assert_eq!(scene.device(who).conflicts(), [LEVEL], "{who}");
    }
    assert_eq!(scene.device("Aynur").shows(LEVEL), scene.device("Rashad").shows(LEVEL), "meanwhile all show one");
    scene.device("Rashad").sets(LEVEL, "3");
    scene.everybody_syncs();
    assert_eq!(scene.device("Aynur").stand(LEVEL), ["3"]);
    scene.rest();
}

#[test]
fn l2_two_who_give_one_answer_the_same_value_agree() {
    let mut scene = two_note_takers();
    scene.device("Aynur").sets(LEVEL, "3");
    scene.device("Rashad").sets(LEVEL, "3");
    scene.everybody_syncs();
    assert!(scene.device("Aynur").conflicts().is_empty());
    assert_eq!(scene.device("Server").stand(LEVEL), ["3"]);
    scene.rest();
}

#[test]
fn l4_two_who_go_on_with_one_note_keep_every_word_of_both() {
    let mut scene = two_note_takers();
    scene.device("Aynur").sets(NOTE, "The well is dry.");
    scene.everybody_syncs();
    scene.device("Aynur").sets(NOTE, "The well is dry. The road floods.");
    scene.device("Rashad").sets(NOTE, "The well is dry. The nurse left.");
    scene.everybody_syncs();
    let both = ["The well is dry. The nurse left.", "The well is dry. The road floods."];
    for who in ["Aynur", "Rashad", "Server"] {
        assert_eq!(scene.device(who).stand(NOTE), both, "{who}");
    }
    scene.device("Aynur").sets(NOTE, "The well is dry. The road floods. The nurse left.");
    scene.everybody_syncs();
    assert!(scene.device("Rashad").conflicts().is_empty(), "who saves what joins both has settled it");
    scene.rest();
}

#[test]
fn l5_a_quote_taken_off_while_another_writes_in_it_loses_no_word() {
    let mut scene = two_note_takers();
    scene.device("Aynur").adds_quote("7").sets("a/quote/7/words", "No nurse");
    scene.everybody_syncs();
    scene.device("Aynur").removes_quote("7");
    scene.device("Rashad").sets("a/quote/7/words", "No nurse since March");
    scene.everybody_syncs();
    for who in ["Aynur", "Rashad"] {
        assert!(scene.device(who).quotes().is_empty(), "it is off the list: {who}");
        assert_eq!(scene.device(who).shows("a/quote/7/words").as_deref(), Some("No nurse since March"), "{who}");
    }
    scene.device("Rashad").adds_quote("7");
    scene.everybody_syncs();
    assert_eq!(scene.device("Aynur").quotes(), ["7"], "put back on the list, with the last words");
    scene.rest();
}

#[test]
fn l5_a_quote_put_on_the_list_again_by_another_meanwhile_stays() {
    let mut scene = two_note_takers();
    scene.device("Aynur").adds_quote("7");
    scene.everybody_syncs();
    scene.device("Aynur").removes_quote("7");
    scene.device("Rashad").adds_quote("7");
    scene.everybody_syncs();
    assert_eq!(scene.device("Aynur").quotes(), ["7"]);
    scene.rest();
}

#[test]
fn l7_what_was_erased_stays_erased_also_when_an_edit_comes_half_a_year_later() {
    let mut scene = two_note_takers();
    scene.device("Aynur").sets("a/quote/7/words", "My name is Aliyev");
    scene.everybody_syncs();
    scene.device("Rashad").sets("a/quote/7/words", "My name is Aliyev, from Dondar");
    scene.device("Aynur").erases(Some("a/quote/7")).syncs();
    scene.days_pass(180);
    scene.device("Rashad").syncs();
    scene.everybody_syncs();
    for who in ["Aynur", "Rashad", "Server"] {
        assert_eq!(scene.device(who).shows("a/quote/7/words"), None, "{who}");
        assert!(!scene.device(who).may_set("a/quote/7/words", "once more"), "{who}");
    }
    scene.rest();
}

#[test]
fn l8_one_participant_withdraws_and_the_others_stay() {
    let mut scene = two_note_takers();
    scene.device("Aynur").adds_quote("7").sets("a/quote/7/words", "one who withdraws");
    scene.device("Aynur").adds_quote("8").sets("a/quote/8/words", "one who stays");
    scene.everybody_syncs();
    scene.device("Rashad").sets("a/quote/8/words", "one who stays, in full");
    scene.device("Aynur").erases(Some("a/quote/7"));
    scene.everybody_syncs();
    for who in ["Aynur", "Rashad", "Server"] {
        assert_eq!(scene.device(who).shows("a/quote/7/words"), None, "{who}");
        assert_eq!(scene.device(who).shows("a/quote/8/words").as_deref(), Some("one who stays, in full"), "{who}");
    }
    scene.rest();
}

#[test]
fn l8_who_started_the_same_interview_second_can_honour_a_withdrawal_too() {
    let mut scene = two_note_takers();
    scene.device("Aynur").sets(LEVEL, "2");
    scene.device("Rashad").sets("a/quote/7/words", "one who withdraws").erases(Some("a/quote/7"));
    scene.everybody_syncs();
    assert_eq!(scene.device("Server").aside(), 0);
    assert_eq!(scene.device("Aynur").shows("a/quote/7/words"), None);
    scene.rest();
}

#[test]
fn l11_an_interview_begun_with_one_form_goes_on_with_the_next_and_keeps_all_answers() {
    let mut scene = two_note_takers();
    scene.device("Aynur").sets(LEVEL, "2").sets("a/old_question", "asked no more");
    scene.everybody_syncs();
    scene.form_version(2);
    scene.device("Rashad").sets("a/new_question", "asked from now on");
    scene.form_version(1);
    scene.device("Aynur").sets(LEVEL, "3");
    scene.everybody_syncs();
    for who in ["Aynur", "Rashad", "Server"] {
        let device = scene.device(who);
        assert_eq!(device.shows(LEVEL).as_deref(), Some("3"), "{who}");
        assert_eq!(device.shows("a/old_question").as_deref(), Some("asked no more"), "{who}");
        assert_eq!(device.shows("a/new_question").as_deref(), Some("asked from now on"), "{who}");
        assert!(device.conflicts().is_empty(), "{who}");
    }
    scene.rest();
}

#[test]
fn l18_two_who_put_the_priorities_of_one_meeting_in_order_keep_both_orders_until_one_is_chosen() {
    let mut scene = two_note_takers();
    scene.a_meeting();
    scene.device("Aynur").sets(ORDER, "theme_health");
    scene.everybody_syncs();
    scene.device("Aynur").sets(ORDER, "theme_health theme_digital").judges(Act::Submit);
    scene.device("Rashad").sets(ORDER, "theme_finance theme_health").sets("v/class/comment", "no road");
    scene.everybody_syncs();
    for who in ["Aynur", "Rashad", "Server"] {
        let device = scene.device(who);
        assert_eq!(device.stand(ORDER), ["theme_finance theme_health", "theme_health theme_digital"], "{who}");
        assert_eq!(device.conflicts(), [ORDER], "{who}");
        let state = device.state();
        assert!(state.changed_since(state.standing()[0]), "the end does not cover what it had not seen: {who}");
    }
    scene.device("Aynur").sets(ORDER, "theme_finance theme_health").judges(Act::Submit);
    scene.everybody_syncs();
    let state = scene.device("Rashad").state();
    assert!(state.conflicts().is_empty() && !state.changed_since(state.standing()[0]));
    scene.rest();
}

#[test]
fn l18_a_committee_hands_in_its_meeting_and_holds_nobody_elses_words() {
    let mut scene = two_note_takers();
    scene.person("Committee", Role::Committee, &["AZ-TOV"], &["Server"]);
    scene.device("Aynur").sets(NOTE, "The well is dry.");
    scene.everybody_syncs();
    assert!(scene.device("Committee").shows(NOTE).is_none());
    scene.a_meeting();
    scene.device("Committee").sets(ORDER, "theme_health").judges(Act::Submit);
    scene.everybody_syncs();
    assert_eq!(scene.device("Rashad").shows(ORDER).as_deref(), Some("theme_health"));
    scene.rest();
}
