//! Evidence of time: what the device's clocks say beside the last hub time it heard. It decides nothing.

use kend_log::{Anchor, Said};
use kend_store::{Store, StoreError};
use kend_sync::HubTime;
use serde::{Deserialize, Serialize};

use crate::world::World;

/// Entries say the time to the second: finer is no evidence, and a third of a coded interview's bytes.
const SECOND_MS: u64 = 1_000;

/// Clocks that say an earlier moment than this are certainly wrong (2024-01-01, before the first version).
const EARLIEST_PLAUSIBLE_MS: i64 = 1_704_067_200_000;

const ANCHOR_SETTING: &str = "clock/anchor";

/// A hub's time, heard at a moment of the device's steady clock.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct HeardTime {
    id: [u8; 16],
    hub_ms: i64,
    monotonic_ms: u64,
    boot: [u8; 16],
}

/// What the clocks say now, with the hub's time where this boot has heard it.
pub(crate) fn said(store: &Store, world: &dyn World) -> Result<Said, StoreError> {
    let boot = world.boot();
    let heard = store.setting::<HeardTime>(ANCHOR_SETTING)?.filter(|heard| heard.boot == boot);
    let anchor = heard.map(|heard| Anchor { id: heard.id, hub_ms: heard.hub_ms, monotonic_ms: heard.monotonic_ms });
    let monotonic_ms = world.monotonic_ms();
    // What the wall clock goes differently from the steady one stays the same from entry to entry.
    let away_ms = world.wall_ms().saturating_sub_unsigned(monotonic_ms);
    let monotonic_ms = to_second(monotonic_ms);
    let wall_ms = nearest_second(away_ms).saturating_add_unsigned(monotonic_ms);
    Ok(Said { wall_ms, monotonic_ms, boot, anchor })
}

const fn to_second(ms: u64) -> u64 {
    ms - ms % SECOND_MS
}

fn nearest_second(ms: i64) -> i64 {
    let second_ms = SECOND_MS.cast_signed();
    ms.saturating_add(second_ms / 2).div_euclid(second_ms).saturating_mul(second_ms)
}

/// Remembers a time that the hub vouched for.
pub(crate) fn hear(store: &mut Store, world: &dyn World, time: HubTime) -> Result<(), StoreError> {
    let HubTime { id, hub_ms } = time;
    let now_ms = world.monotonic_ms();
    // Both are put back to the second, so that what is written in this second does not stand before it.
    let monotonic_ms = to_second(now_ms);
    let hub_ms = hub_ms.saturating_sub_unsigned(now_ms - monotonic_ms);
    let heard = HeardTime { id, hub_ms, monotonic_ms, boot: world.boot() };
    store.set_setting(ANCHOR_SETTING, &heard)
}

/// The date that a clock says which can't be right.
pub(crate) fn implausible(world: &dyn World) -> Option<String> {
    let wall_ms = world.wall_ms();
    (wall_ms < EARLIEST_PLAUSIBLE_MS).then(|| crate::world::iso(wall_ms).chars().take(10).collect())
}
