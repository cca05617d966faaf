//! L3, L6: review and answers at the same time.

use kend_log::Act;
use kend_sim::Scene;

const LEVEL: &str = "a/health_level";

#[test]
fn l3_a_return_an_approval_and_an_edit_at_the_same_time_all_stand_and_the_edit_shows_as_a_change() {
    let mut scene = Scene::new();
    scene.enumerator("Aynur");
    scene.supervisor("Leyla");
    scene.supervisor("Kamran");
    scene.device("Aynur").sets(LEVEL, "2").judges(Act::Submit);
    scene.everybody_syncs();
    scene.device("Leyla").returns("Who said this?");
    scene.device("Kamran").judges(Act::Approve);
    scene.device("Aynur").sets(LEVEL, "3");
    scene.everybody_syncs();
    for who in ["Aynur", "Leyla", "Kamran", "Server"] {
        let device = scene.device(who);
        let mut standing = device.standing();
        standing.sort();
        assert_eq!(standing, [Act::Return, Act::Approve], "{who}");
        assert_eq!(device.shows(LEVEL).as_deref(), Some("3"), "{who}");
        assert!(device.conflicts().is_empty(), "a comment stands beside the answers, not on them: {who}");
        let state = device.state();
        let approval = state.judgements().iter().find(|judged| judged.act == Act::Approve).unwrap();
        assert!(state.changed_since(approval), "{who}");
        assert!(!approval.pin.holds(state.shown(LEVEL).unwrap().dot), "what was approved is still the 2: {who}");
    }
    scene.device("Leyla").judges(Act::Approve);
    scene.everybody_syncs();
    assert_eq!(scene.device("Aynur").standing(), [Act::Approve], "who saw all decides");
    scene.rest();
}

#[test]
fn l6_two_supervisors_who_settle_one_conflict_apart_make_a_new_one_that_a_third_look_settles() {
    let mut scene = Scene::new();
    scene.enumerator("Aynur");
    scene.enumerator("Rashad");
    scene.supervisor("Leyla");
    scene.supervisor("Kamran");
    scene.device("Aynur").sets(LEVEL, "1");
    scene.device("Rashad").sets(LEVEL, "4");
    scene.everybody_syncs();
    scene.device("Leyla").sets(LEVEL, "2");
    scene.device("Kamran").sets(LEVEL, "3");
    scene.everybody_syncs();
    for who in ["Aynur", "Leyla", "Kamran", "Server"] {
        assert_eq!(scene.device(who).stand(LEVEL), ["2", "3"], "the first two values are settled: {who}");
    }
    scene.device("Kamran").sets(LEVEL, "2");
    scene.everybody_syncs();
    assert_eq!(scene.device("Rashad").stand(LEVEL), ["2"]);
    scene.rest();
}
