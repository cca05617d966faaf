//! L9, L10, L12 to L17: devices, hubs, sticks and rights that change.

use kend_domain::Role;
use kend_sim::Scene;
use kend_sync::SetAsideCode;

const LEVEL: &str = "a/health_level";
const NOTE: &str = "a/health_notes";
const IN_2009_MS: i64 = 1_234_567_890_000;
const IN_2099_MS: i64 = 4_070_908_800_000;

fn two() -> Scene {
    let mut scene = Scene::new();
    scene.enumerator("Aynur");
    scene.enumerator("Rashad");
    scene
}

#[test]
fn l9_a_phone_put_back_from_a_backup_gets_its_own_work_back() {
    let mut scene = two();
    scene.device("Aynur").is_backed_up().sets(LEVEL, "2").sets(NOTE, "The well is dry.");
    scene.everybody_syncs();
    assert_eq!(scene.device("Aynur").is_put_back().shows(LEVEL), None);
    assert!(scene.device("Aynur").syncs().restored);
    assert_eq!(scene.device("Aynur").shows(NOTE).as_deref(), Some("The well is dry."));
    scene.device("Aynur").sets(NOTE, "The well is dry since May.");
    scene.everybody_syncs();
    assert_eq!(scene.device("Rashad").shows(NOTE).as_deref(), Some("The well is dry since May."));
    scene.rest();
}

#[test]
fn l9_a_phone_that_wrote_on_after_its_backup_is_told_and_both_versions_are_kept() {
    let mut scene = two();
    scene.device("Aynur").sets(LEVEL, "2").is_backed_up().sets(NOTE, "Written before the loss");
    scene.everybody_syncs();
    scene.device("Aynur").is_put_back().sets(NOTE, "Written after the loss");
    let outcome = scene.device("Aynur").syncs();
    assert_eq!(outcome.forked.len(), 1, "the device learns of it and its person gets a new one");
    assert_eq!(
        outcome.set_aside.iter().map(|aside| (aside.code, aside.kept)).collect::<Vec<_>>(),
        [(SetAsideCode::Fork, true)]
    );
    assert_eq!(scene.device("Server").shows(NOTE).as_deref(), Some("Written before the loss"));
    assert_eq!(scene.device("Server").aside(), 1, "the other version is kept aside for a person to look at");
    scene.rest();
}

#[test]
fn l10_clocks_in_2009_and_2099_change_nothing_that_is_shown() {
    let play = |aynur_ms: i64, rashad_ms: i64| {
        let mut scene = two();
        scene.device("Aynur").wall_clock_says(aynur_ms).sets(LEVEL, "2").syncs();
        scene.device("Rashad").wall_clock_says(rashad_ms).syncs();
        scene.device("Rashad").sets(LEVEL, "3").syncs();
        scene.device("Aynur").sets(NOTE, "Aynur's");
        scene.device("Rashad").sets(NOTE, "Rashad's");
        scene.everybody_syncs();
        let shown = (scene.device("Aynur").shows(LEVEL), scene.device("Server").shows(NOTE));
        scene.rest();
        shown
    };
    let right = play(kend_sim::clock::START_MS, kend_sim::clock::START_MS);
    assert_eq!(right.0.as_deref(), Some("3"), "who saw the first value has changed it");
    for (aynur_ms, rashad_ms) in [(IN_2009_MS, IN_2099_MS), (IN_2099_MS, IN_2009_MS), (i64::MAX, i64::MIN)] {
        assert_eq!(play(aynur_ms, rashad_ms), right);
    }
}

#[test]
fn l12_a_stick_read_twice_and_out_of_order_brings_everything_once() {
    let mut scene = two();
    scene.device("Aynur").sets(LEVEL, "2").sets(NOTE, "The well is dry.");
    scene.device("Aynur").carries_a_stick_to("Server", 2);
    scene.device("Aynur").sets(LEVEL, "3");
    scene.device("Aynur").carries_a_stick_to("Server", 2);
    assert_eq!(scene.device("Server").shows(LEVEL).as_deref(), Some("3"));
    assert_eq!(scene.device("Server").state().entries(), 3);
    assert_eq!(scene.device("Aynur").syncs().entries_sent, 3, "acknowledged, not taken in again");
    assert_eq!(scene.device("Server").state().entries(), 3);
    scene.rest();
}

#[test]
fn l13_a_hub_in_the_room_and_the_server_used_side_by_side_hold_everything_once() {
    let mut scene = Scene::new();
    scene.hub("Hub");
    scene.person("Aynur", Role::Enumerator, &["AZ-TOV"], &["Hub", "Server"]);
    scene.person("Rashad", Role::Enumerator, &["AZ-TOV"], &["Hub"]);
    scene.device("Aynur").sets(LEVEL, "2").syncs_with("Hub");
    assert!(!scene.device("Aynur").is_safe(), "a hub in the room is not the server");
    scene.device("Rashad").syncs();
    scene.device("Rashad").sets(NOTE, "The well is dry.").syncs();
    scene.device("Aynur").syncs_with("Server");
    assert!(scene.device("Aynur").is_safe());
    scene.everybody_syncs();
    for who in ["Aynur", "Rashad", "Hub", "Server"] {
        assert_eq!(scene.device(who).state().entries(), 2, "{who}");
    }
    assert!(scene.device("Rashad").is_safe(), "the hub brought the server's receipt");
    scene.rest();
}

#[test]
fn l14_a_revoked_phone_that_comes_back_hands_in_what_is_kept_aside_and_wipes_itself() {
    let mut scene = two();
    scene.device("Aynur").sets(LEVEL, "2");
    scene.everybody_syncs();
    scene.revokes("Aynur");
    scene.device("Aynur").sets(LEVEL, "written by whoever found it");
    assert!(scene.device("Aynur").syncs().set_aside.is_empty(), "it is told nothing any more");
    assert_eq!(scene.device("Aynur").state().entries(), 0, "it wiped itself");
    assert_eq!(scene.device("Server").aside(), 1, "it may have been honest work: a person decides");
    scene.everybody_syncs();
    assert_eq!(scene.device("Rashad").shows(LEVEL).as_deref(), Some("2"), "what came before it was lost counts");
    scene.rest();
}

#[test]
fn l14_a_device_below_a_hub_that_has_more_of_a_revoked_phone_than_the_server_goes_on() {
    let mut scene = Scene::new();
    scene.hub("Hub");
    scene.person("Rashad", Role::Enumerator, &["AZ-TOV"], &["Hub"]);
    scene.person("Aynur", Role::Enumerator, &["AZ-TOV"], &["Server", "Hub"]);
    scene.device("Rashad").sets(LEVEL, "1").syncs();
    scene.device("Hub").syncs();
    scene.device("Rashad").sets(LEVEL, "2").syncs();
    scene.device("Rashad").sets(LEVEL, "3").syncs();
    scene.revokes("Rashad");
    scene.device("Aynur").syncs_with("Server");
    assert!(scene.device("Aynur").sets(NOTE, "goes on").syncs_with("Hub").complete);
    assert_eq!(scene.device("Aynur").shows(LEVEL).as_deref(), Some("1"), "what the server had accepted counts");
    scene.rest();
}

#[test]
fn l15_an_area_that_goes_to_somebody_else_takes_nothing_along_that_is_only_on_the_phone() {
    let mut scene = Scene::new();
    scene.person("Aynur", Role::Enumerator, &["AZ-TOV", "AZ-QBA"], &["Server"]);
    scene.enumerator("Rashad");
    scene.device("Aynur").sets(LEVEL, "2");
    scene.everybody_syncs();
    scene.device("Aynur").sets(NOTE, "written before Aynur heard of it");
    scene.moves("Aynur", "AZ-QBA");
    let outcome = scene.device("Aynur").syncs();
    assert_eq!(scene.device("Server").aside(), 1, "kept for a person: Aynur may not write here any more");
    assert!(outcome.scopes_left.is_empty(), "the phone keeps what is not safe at the server");
    assert_eq!(scene.device("Aynur").shows(NOTE).as_deref(), Some("written before Aynur heard of it"));
    assert_eq!(scene.device("Rashad").shows(LEVEL).as_deref(), Some("2"));
    scene.rest();
}

#[test]
fn l15_an_area_that_goes_to_somebody_else_is_cleared_from_the_phone_when_all_is_safe() {
    let mut scene = Scene::new();
    scene.person("Aynur", Role::Enumerator, &["AZ-TOV", "AZ-QBA"], &["Server"]);
    scene.enumerator("Rashad");
    scene.device("Aynur").sets(LEVEL, "2");
    scene.everybody_syncs();
    scene.moves("Aynur", "AZ-QBA");
    assert_eq!(scene.device("Aynur").syncs().scopes_left.len(), 1);
    assert_eq!(scene.device("Aynur").state().entries(), 0);
    assert_eq!(scene.device("Rashad").shows(LEVEL).as_deref(), Some("2"));
    scene.rest();
}

#[test]
fn l16_a_server_put_back_from_yesterday_is_filled_up_again_by_whoever_comes() {
    let mut scene = two();
    scene.device("Aynur").sets(LEVEL, "2");
    scene.everybody_syncs();
    scene.device("Server").is_backed_up();
    scene.device("Aynur").sets(NOTE, "Written since the backup");
    scene.everybody_syncs();
    assert!(scene.device("Aynur").is_safe());
    scene.device("Server").is_put_back();
    assert_eq!(scene.device("Server").shows(NOTE), None);
    scene.device("Rashad").syncs();
    assert_eq!(scene.device("Server").shows(NOTE).as_deref(), Some("Written since the backup"), "Rashad had it too");
    scene.everybody_syncs();
    assert!(scene.device("Aynur").is_safe(), "by a new receipt: the old one ended with the old server");
    scene.rest();
}

#[test]
fn l16_a_branch_that_only_others_hold_is_handed_over_when_phone_and_server_were_both_put_back() {
    let mut scene = two();
    scene.device("Aynur").sets(LEVEL, "2").is_backed_up().syncs();
    scene.device("Server").is_backed_up();
    scene.device("Aynur").sets(NOTE, "Written before the loss");
    scene.everybody_syncs();
    scene.device("Server").is_put_back();
    scene.device("Aynur").is_put_back().sets(NOTE, "Written after the loss").syncs();
    assert_eq!(scene.device("Server").shows(NOTE).as_deref(), Some("Written after the loss"));
    scene.device("Rashad").syncs();
    assert_eq!(scene.device("Server").aside(), 1, "Rashad is the only one who has the other version");
    let again = scene.device("Rashad").syncs();
    assert_eq!((again.set_aside.len(), again.round_trips), (0, 1), "once is enough");
    scene.rest();
}

#[test]
fn l17_an_interview_created_twice_stays_two_and_loses_nothing() {
    let mut scene = two();
    scene.device("Aynur").sets(LEVEL, "2");
    scene.another_interview();
    scene.device("Rashad").sets(LEVEL, "4");
    scene.everybody_syncs();
    assert_eq!(scene.device("Aynur").stand(LEVEL), ["4"], "no conflict between two interviews");
    scene.rest();
}
