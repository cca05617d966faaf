//! The table of a pack: who signed it, and which sections follow.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{HEADER_BYTES, MAX_FILE_BYTES, MAX_TABLE_BYTES, UNSIGNED, truncated, within};
use crate::{PackError, PackSigner, hex, seal::NAME_CHARACTERS};

/// What a section holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SectionKind {
    /// The content.
    Content,
    /// Cells of the cluster with this id.
    Cells(String),
    /// Friction of the window of the cluster with this id.
    Friction(String),
    /// The basemap.
    Basemap,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Content,
    Cells,
    Friction,
    Basemap,
}

/// A section as the table has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    kind: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cluster: Option<String>,
    pub(super) bytes: u64,
    #[serde(with = "hex::bytes32")]
    pub(super) blake3: [u8; 32],
}

impl Entry {
    pub(super) fn of(kind: &SectionKind, size_bytes: usize, blake3: [u8; 32]) -> Self {
        let (kind, cluster) = match kind {
            SectionKind::Content => (Word::Content, None),
            SectionKind::Cells(cluster) => (Word::Cells, Some(cluster.clone())),
            SectionKind::Friction(cluster) => (Word::Friction, Some(cluster.clone())),
            SectionKind::Basemap => (Word::Basemap, None),
        };
        Self { kind, cluster, bytes: size_bytes as u64, blake3 }
    }

    /// What it is of; cells and friction name their cluster, and nothing else names one.
    pub(super) fn section(&self) -> Result<SectionKind, PackError> {
        match (self.kind, &self.cluster) {
            (Word::Content, None) => Ok(SectionKind::Content),
            (Word::Cells, Some(cluster)) => Ok(SectionKind::Cells(cluster.clone())),
            (Word::Friction, Some(cluster)) => Ok(SectionKind::Friction(cluster.clone())),
            (Word::Basemap, None) => Ok(SectionKind::Basemap),
            _ => Err(PackError::inconsistent("a section and the cluster it names do not fit")),
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) signer: Option<PackSigner>,
    pub(super) sections: Vec<Entry>,
}

impl Table {
    /// The table of a file of so many bytes from what follows the version, and the sections. Its hash, the signature and
    /// the length of the whole are right.
    pub(super) fn read(size_bytes: usize, rest: &[u8]) -> Result<(Self, &[u8]), PackError> {
        let short = || truncated(size_bytes, HEADER_BYTES as u64);
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(short)?;
        let (hash, rest) = rest.split_first_chunk::<32>().ok_or_else(short)?;
        let (signature, rest) = rest.split_first_chunk::<64>().ok_or_else(short)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        within(length, MAX_TABLE_BYTES)?;
        let whole = |sections: u64| sections.saturating_add((HEADER_BYTES + length) as u64);
        let (table, sections) = rest.split_at_checked(length).ok_or_else(|| truncated(size_bytes, whole(0)))?;
        if blake3::hash(table) != blake3::Hash::from_bytes(*hash) {
            return Err(PackError::Altered);
        }
        let table: Self = serde_json::from_slice(table)
            .map_err(|error| PackError::inconsistent(format!("the table is not of its form: {error}")))?;
        match &table.signer {
            None if *signature != UNSIGNED => return Err(PackError::Altered),
            Some(signer) if !signer.signed(hash, signature) => return Err(PackError::Signature),
            _ => {}
        }
        if let Some(signer) = &table.signer
            && (signer.name.trim().is_empty() || signer.name.chars().count() > NAME_CHARACTERS)
        {
            return Err(PackError::inconsistent("the signer's name is empty or too long"));
        }
        let listed = table.sections.iter().fold(0_u64, |sum, entry| sum.saturating_add(entry.bytes));
        let expected_bytes = whole(listed);
        if expected_bytes > MAX_FILE_BYTES as u64 {
            return Err(PackError::TooLarge { bytes: expected_bytes, limit_bytes: MAX_FILE_BYTES as u64 });
        }
        match (sections.len() as u64).cmp(&listed) {
            Ordering::Less => Err(truncated(size_bytes, expected_bytes)),
            Ordering::Greater => Err(PackError::Altered),
            Ordering::Equal => Ok((table, sections)),
        }
    }
}
