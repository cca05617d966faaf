//! What is in a bundle, in numbers that people know: interviews and recordings, not segments and bytes.

use std::collections::BTreeSet;

use kend_domain::EntityId;
use kend_log::{EntityKind, Segment};

use crate::record::{Record, RecordKind};

/// Most interviews and blobs that are told apart. What is beyond is not counted: counting must not cost the memory.
const MAX_COUNTED: usize = 1_000_000;

/// What records were there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    records: [u64; RecordKind::ALL.len()],
    entries: u64,
    interviews: BTreeSet<EntityId>,
    blobs: BTreeSet<[u8; 32]>,
    unread_segments: u64,
    size_bytes: u64,
}

impl Contents {
    /// Counts a record.
    pub fn add(&mut self, record: &Record) {
        let kind = record.kind();
        if let Some(count) =
            RecordKind::ALL.iter().position(|other| *other == kind).and_then(|place| self.records.get_mut(place))
        {
            *count += 1;
        }
        match record {
            Record::Segment(bytes) => self.add_segment(bytes),
            Record::Blob(piece) if self.blobs.len() < MAX_COUNTED => {
                self.blobs.insert(piece.blob);
            }
            _ => {}
        }
        self.size_bytes = self.size_bytes.saturating_add(record.size_bytes());
    }

    fn add_segment(&mut self, bytes: &[u8]) {
        let Ok(segment) = Segment::from_bytes(bytes) else {
            self.unread_segments += 1;
            return;
        };
        for entry in segment.entries() {
            self.entries += 1;
            if entry.header.kind == EntityKind::Interview && self.interviews.len() < MAX_COUNTED {
                self.interviews.insert(entry.header.entity);
            }
        }
    }

    /// Records of a kind.
    pub fn records(&self, kind: RecordKind) -> u64 {
        let place = RecordKind::ALL.iter().position(|other| *other == kind);
        place.and_then(|place| self.records.get(place)).copied().unwrap_or(0)
    }

    /// Entries of logs.
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// Interviews that the entries are of.
    pub fn interviews(&self) -> usize {
        self.interviews.len()
    }

    /// Blobs of which there is a piece.
    pub fn blobs(&self) -> usize {
        self.blobs.len()
    }

    /// Segments that this version can't read.
    pub const fn unread_segments(&self) -> u64 {
        self.unread_segments
    }

    /// All records, in bytes.
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }
}
