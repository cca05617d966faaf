//! Evidence of time: what the device's clocks say beside the last hub time it heard. It decides nothing.

use kend_log::{Anchor, Said};
use kend_store::{Store, StoreError};
use kend_sync::HubTime;
use serde::{Deserialize, Serialize};

use crate::world::World;

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
    Ok(Said { wall_ms: world.wall_ms(), monotonic_ms: world.monotonic_ms(), boot, anchor })
}

/// Remembers a time that the hub vouched for.
pub(crate) fn hear(store: &mut Store, world: &dyn World, time: HubTime) -> Result<(), StoreError> {
    let HubTime { id, hub_ms } = time;
    let heard = HeardTime { id, hub_ms, monotonic_ms: world.monotonic_ms(), boot: world.boot() };
    store.set_setting(ANCHOR_SETTING, &heard)
}

/// The date that a clock says which can't be right.
pub(crate) fn implausible(world: &dyn World) -> Option<String> {
    let wall_ms = world.wall_ms();
    (wall_ms < EARLIEST_PLAUSIBLE_MS).then(|| crate::world::iso(wall_ms).chars().take(10).collect())
}
