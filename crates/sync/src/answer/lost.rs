//! What a device that holds nothing of a scope lost of its own log there: a committee's, of its meetings.

use std::collections::BTreeMap;

use kend_log::{EntityKind, LogId, Segment};
use kend_store::Addressee;

use super::{Down, HubReplica};

impl Down {
    /// Adds what a device lost of a log of its own in a scope of which it holds nothing else, one answer's worth: no cursor and
    /// no digest of such a scope is told.
    pub(super) fn add_lost<H: HubReplica>(
        &mut self,
        own: &LogId,
        known: &BTreeMap<LogId, u64>,
        left_bytes: &mut usize,
        hub: &mut H,
    ) -> Result<(), H::Error> {
        let known_seq = known.get(own).copied().unwrap_or(0);
        let mut position = 0;
        while hub.head(own)?.is_some_and(|(seq, _)| known_seq < seq) {
            let page = hub.after(&own.scope, position, None, *left_bytes, Addressee::Anybody)?;
            position = page.cursor.max(position);
            let lost = page.segments.into_iter().filter(|segment| segment.log == *own && segment.last_seq > known_seq);
            for segment in lost {
                // Written when its people had other rights: interviews are not opened by the way.
                if !Segment::from_bytes(&segment.bytes).is_ok_and(|segment| holds_meetings_only(&segment)) {
                    return Ok(());
                }
                *left_bytes = left_bytes.saturating_sub(segment.bytes.len());
                self.segments.push(segment);
            }
            if !self.segments.is_empty() || !page.more {
                self.more |= page.more;
                break;
            }
        }
        Ok(())
    }
}

fn holds_meetings_only(segment: &Segment) -> bool {
    segment.entries().iter().all(|entry| entry.header.kind == EntityKind::Meeting)
}
