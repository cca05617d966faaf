//! Tests of the tests: a bug of each invariant's kind, planted in a store, is found, and by the invariant meant.
//!
//! The bugs wrap the store that a device or hub stands on; the product is as it is.
#![expect(clippy::unwrap_used, reason = "all of it is test")]

mod bugs;

use std::collections::BTreeSet;

use kend_sim::invariants::{INVARIANTS, Invariant};
use kend_sim::seeds::{both_backends_come_to_the_same_end, other_clocks_change_nothing};
use kend_sim::storage::Storage;
use kend_sim::world::{Seat, as_it_is};
use kend_sim::{Failure, Fault, Setup, run};

use bugs::*;

/// Seeds in which a planted bug has to show.
const SEEDS: u64 = 240;

fn setup(seed: u64, faults: &[Fault]) -> Setup {
    let faults: BTreeSet<Fault> = faults.iter().copied().collect();
    Setup { disk: false, faults, ..Setup::of(seed) }
}

type Wrap = fn(Box<dyn Storage>, u64) -> Box<dyn Storage>;

#[track_caller]
fn is_found(wanted: Invariant, seat: Seat, faults: &[Fault], wrap: Wrap) {
    is_found_by(wanted, seat, faults, wrap, |setup, plant| run(setup, plant, false).err());
}

#[track_caller]
fn is_found_by(
    wanted: Invariant,
    seat: Seat,
    faults: &[Fault],
    wrap: Wrap,
    play: impl Fn(&Setup, kend_sim::world::Plant<'_>) -> Option<Failure>,
) {
    let mut other = BTreeSet::new();
    for seed in 0..SEEDS {
        let setup = setup(seed, faults);
        let plant = |at: Seat, storage: Box<dyn Storage>| if at == seat { wrap(storage, seed) } else { storage };
        if let Some(failure) = play(&setup, &plant) {
            if failure.violation.invariant == wanted {
                assert!(play(&setup, &as_it_is).is_none(), "the seed fails without the bug too");
                return;
            }
            other.insert(failure.violation.to_string());
        }
    }
    panic!("{wanted:?} found nothing in {SEEDS} seeds; others found {other:#?}");
}

#[test]
fn a_replica_that_tidies_texts_up_is_found_by_convergence() {
    is_found(Invariant::Convergence, Seat::Device, &[], |below, _| Box::new(TidiesUp { below }));
}

#[test]
fn a_projection_that_lags_behind_the_log_is_found_by_the_refold() {
    is_found(Invariant::Refold, Seat::Device, &[], |below, _| Box::new(LagsBehind { below }));
}

#[test]
fn a_hub_that_loses_an_entry_it_acknowledged_is_found_as_a_lost_write() {
    is_found(Invariant::NoLostWrite, Seat::Hub, &[], |below, _| Box::new(LosesEntries { below }));
}

#[test]
fn a_hub_that_acknowledges_before_it_is_durable_is_found_at_its_restart() {
    is_found(Invariant::AckIsDurable, Seat::Hub, &[Fault::Crash], |below, _| Box::new(AcksTooEarly::new(below)));
}

#[test]
fn a_hub_whose_cursor_skips_is_found_by_who_polled_to_the_end() {
    is_found(Invariant::CursorComplete, Seat::Hub, &[], |below, _| Box::new(SkipsInTheStream { below }));
}

#[test]
fn a_hub_that_takes_a_repeat_for_news_is_found_by_asking_again() {
    is_found(Invariant::Idempotence, Seat::Hub, &[], |below, _| Box::new(CountsRepeats { below, repeats: Vec::new() }));
}

#[test]
fn a_replica_that_believes_what_was_never_seen_is_found_by_causality() {
    is_found(Invariant::Causality, Seat::Hub, &[Fault::Hostile], |below, _| Box::new(BelievesContexts { below }));
}

#[test]
fn a_device_that_lets_its_wall_clock_decide_is_found_by_other_clocks() {
    let play = |setup: &Setup, plant: kend_sim::world::Plant<'_>| other_clocks_change_nothing(setup, plant).err();
    let wrap: Wrap = |below, _| Box::new(AsksTheClock { below });
    is_found_by(Invariant::ClockIndependence, Seat::Device, &[Fault::Clocks], wrap, play);
}

#[test]
fn a_replica_where_the_last_writer_wins_is_found_by_the_conflicts_it_hides() {
    is_found(Invariant::Conflicts, Seat::Device, &[], |below, _| Box::new(LastWriterWins { below }));
}

#[test]
fn a_device_that_forgets_old_texts_is_found_by_how_it_puts_new_ones_together() {
    is_found(Invariant::MergeView, Seat::Device, &[], |below, _| Box::new(ForgetsOldTexts { below }));
}

#[test]
fn a_replica_that_lets_approvals_cover_later_answers_is_found_by_their_pins() {
    is_found(Invariant::ApprovalPins, Seat::Hub, &[], |below, _| Box::new(ForgetsPins { below }));
}

#[test]
fn a_replica_that_revives_erased_content_is_found_by_erasure() {
    is_found(Invariant::Erasure, Seat::Device, &[], |below, _| Box::new(Revives::new(below)));
}

#[test]
fn a_hub_that_trusts_any_key_is_found_by_signatures() {
    is_found(Invariant::Signatures, Seat::Hub, &[Fault::Hostile], |below, seed| Box::new(TrustsAnyKey { below, seed }));
}

#[test]
fn a_hub_that_drops_the_other_branch_is_found_by_fork_safety() {
    is_found(Invariant::ForkSafety, Seat::Hub, &[Fault::Clone], |below, _| Box::new(DropsBranches { below }));
}

#[test]
fn a_hub_that_leaks_a_scope_is_found_by_authorisation() {
    is_found(Invariant::Authorisation, Seat::Hub, &[], |below, _| Box::new(LeaksScopes { below }));
}

#[test]
fn a_device_that_calls_safe_what_only_a_hub_has_is_found_by_receipts() {
    is_found(Invariant::Receipts, Seat::Device, &[], |below, _| Box::new(CallsItSafe { below }));
}

#[test]
fn a_device_that_stops_sending_is_found_by_progress() {
    is_found(Invariant::Progress, Seat::Device, &[], |below, _| Box::new(StopsSending { below }));
}

#[test]
fn a_hub_that_keeps_everything_aside_is_found_by_its_quota() {
    let wrap: Wrap = |below, _| Box::new(KeepsTooMuch { below, kept: Vec::new() });
    is_found(Invariant::Bounded, Seat::Hub, &[Fault::Hostile], wrap);
}

#[test]
fn a_database_that_forgets_the_time_is_found_by_the_store_in_memory() {
    let play =
        |setup: &Setup, plant: kend_sim::world::Plant<'_>| both_backends_come_to_the_same_end(setup, plant).err();
    let wrap: Wrap = |below, _| Box::new(ForgetsAnchors { below });
    is_found_by(Invariant::SameBackends, Seat::Device, &[], wrap, play);
}

#[test]
fn every_invariant_has_a_bug_that_it_finds() {
    let this = include_str!("main.rs");
    for said in &INVARIANTS {
        let planted = format!("(Invariant::{:?},", said.invariant);
        assert!(this.contains(&planted), "no bug is planted for {:?}", said.invariant);
    }
}

#[test]
fn a_hub_that_writes_segments_its_own_way_is_found_by_the_codec() {
    is_found(Invariant::Codec, Seat::Hub, &[], |below, _| Box::new(WritesItsOwnWay { below }));
}
