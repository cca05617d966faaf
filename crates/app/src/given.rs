//! What this device has given by file. It says where copies are, and decides nothing: whatever the server has not signed
//! for is offered to the next hub, and stands in the next bundle, all the same.

use kend_domain::Scope;
use kend_store::{Store, StoreError};
use kend_sync::LogHead;
use serde::{Deserialize, Serialize};

use crate::api::GivenView;
use crate::world::iso;

const GIVEN_SETTING: &str = "bundle/given";

/// How far each own log stood in the last bundle that was written whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Given {
    at_ms: i64,
    logs: Vec<GivenLog>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct GivenLog {
    scope: Scope,
    seq: u64,
}

impl Given {
    /// What was given last; nothing before the first time.
    pub(crate) fn read(store: &Store) -> Result<Self, StoreError> {
        Ok(store.setting(GIVEN_SETTING)?.unwrap_or_default())
    }

    /// Remembers what was given now.
    pub(crate) fn keep(store: &mut Store, heads: &[LogHead], at_ms: i64) -> Result<(), StoreError> {
        let mut given = Self::read(store)?;
        given.at_ms = at_ms;
        for head in heads {
            given.logs.retain(|log| log.scope != head.scope);
            given.logs.push(GivenLog { scope: head.scope.clone(), seq: head.seq });
        }
        store.set_setting(GIVEN_SETTING, &given)
    }

    /// Whether an own entry of a scope was given.
    pub(crate) fn holds(&self, scope: &Scope, seq: u64) -> bool {
        self.logs.iter().any(|log| log.scope == *scope && log.seq >= seq)
    }

    /// For the screen; none when nothing of what waits was given.
    pub(crate) fn view(&self, interviews: u32) -> Option<GivenView> {
        (interviews > 0).then(|| GivenView { at: iso(self.at_ms), interviews })
    }
}
