//! The file: how a pack travels by USB stick or download, and how damage is noticed before anything is used.
//!
//! Layout, numbers little-endian: `KENDPACK` (8 bytes), format version (u32), length of the table (u32), BLAKE3 of the table
//! (32 bytes), signature (64 bytes, zeros when nobody signed), the table, then the sections it lists, one after the other.
//! The table is JSON: who signed, and of each section its kind, length and BLAKE3. One signature over the table's hash is
//! one over everything, and still every section is checked alone: opening a pack reads its table and its content, a
//! cluster's cells are looked at when somebody asks for them. Hashes are over the bytes as they travel, so a damaged file
//! never reaches the decompressor; JSON inside and not a binary form wherever an analyst would look.

mod first;
mod table;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Arc;

pub(crate) use table::SectionKind;
use table::{Entry, Table};

use crate::{Basemap, ClusterMap, Friction, Pack, PackContent, PackError, PackKey, cells};

/// The first bytes of every pack.
pub const MAGIC: &[u8; 8] = b"KENDPACK";
/// The format this crate writes. Version 1, 2026-11: content alone; still read, as stores hold such packs. Version 2,
/// 2026-11: sections, so that cells need not be read to open a pack, and a signature.
pub const FORMAT_VERSION: u32 = 2;
/// The largest pack accepted (method 8: at most 40 MB with basemap).
pub const MAX_FILE_BYTES: usize = 40 * 1024 * 1024;
/// The largest content accepted after decompression: a small file must not unpack into all the memory of a phone.
pub const MAX_CONTENT_BYTES: usize = 160 * 1024 * 1024;

/// Bytes before the table.
const HEADER_BYTES: usize = 8 + 4 + 4 + 32 + 64;
/// The largest table accepted.
const MAX_TABLE_BYTES: usize = 1024 * 1024;
/// Packs are written once and carried often, so they are compressed well.
const COMPRESSION_LEVEL: i32 = 19;
const UNSIGNED: [u8; 64] = [0; 64];

/// A section as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    bytes: Arc<[u8]>,
    hash: [u8; 32],
}

impl Section {
    fn new(bytes: &[u8]) -> Self {
        Self { bytes: bytes.into(), hash: *blake3::hash(bytes).as_bytes() }
    }

    /// Its bytes, if they are what was written.
    pub(crate) fn checked(&self) -> Result<&[u8], PackError> {
        if *blake3::hash(&self.bytes).as_bytes() == self.hash { Ok(&self.bytes) } else { Err(PackError::Altered) }
    }

    pub(crate) fn size_bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }
}

impl Pack {
    /// Opens a pack: length, format, signature, and every reference of its content are checked; cells and basemap when they
    /// are asked for.
    pub fn read(bytes: &[u8]) -> Result<Self, PackError> {
        let (version, rest) = version_of(bytes)?;
        if version == first::FORMAT_VERSION {
            return Self::new(content_of(&decompress(first::body_of(bytes.len(), rest)?, MAX_CONTENT_BYTES)?)?);
        }
        if version != FORMAT_VERSION {
            let known = format!("version {version}, this Kend reads versions 1 and {FORMAT_VERSION}");
            return Err(PackError::UnknownFormat(known));
        }
        let (table, mut rest) = Table::read(bytes.len(), rest)?;
        let mut content = None;
        let mut sections = BTreeMap::new();
        for entry in &table.sections {
            // The table says as much as there is: that was checked with its length.
            let length = usize::try_from(entry.bytes).map_err(|_| PackError::Altered)?;
            let (section, after) = rest.split_at_checked(length).ok_or(PackError::Altered)?;
            rest = after;
            let (kind, section) = (entry.section()?, Section { bytes: section.into(), hash: entry.blake3 });
            let twice = if kind == SectionKind::Content {
                content.replace(content_of(&decompress(section.checked()?, MAX_CONTENT_BYTES)?)?).is_some()
            } else {
                sections.insert(kind, section).is_some()
            };
            if twice {
                return Err(PackError::inconsistent("a section stands in the pack twice"));
            }
        }
        let content = content.ok_or_else(|| PackError::inconsistent("the pack has no content"))?;
        Self::with_sections(content, sections, table.signer)
    }

    /// A pack of this content with cells of its clusters and a basemap.
    pub fn with_cells(
        content: PackContent,
        cells: &BTreeMap<String, ClusterMap>,
        basemap: Option<&Basemap>,
    ) -> Result<Self, PackError> {
        let mut sections = BTreeMap::new();
        for (id, map) in cells {
            let cluster = content.clusters.iter().find(|cluster| cluster.id == *id);
            let cluster =
                cluster.ok_or_else(|| PackError::inconsistent(format!("cells of {id}, which is no cluster")))?;
            let encoded = cells::encode(cluster, map, &content)?;
            sections.insert(SectionKind::Cells(id.clone()), Section::new(&encoded));
        }
        if let Some(basemap) = basemap {
            sections.insert(SectionKind::Basemap, Section::new(&basemap.encode()?));
        }
        Self::with_sections(content, sections, None)
    }

    /// The pack with the friction of clusters whose cells it has.
    pub fn with_friction(self, of: &BTreeMap<String, Friction>) -> Result<Self, PackError> {
        let (content, mut sections) = self.into_parts();
        for (id, friction) in of {
            let cluster = content.clusters.iter().find(|cluster| cluster.id == *id);
            let cluster =
                cluster.ok_or_else(|| PackError::inconsistent(format!("friction of {id}, which is no cluster")))?;
            let encoded = friction.encode(cluster, &content)?;
            sections.insert(SectionKind::Friction(id.clone()), Section::new(&encoded));
        }
        Self::with_sections(content, sections, None)
    }

    /// The pack as bytes that nobody signed: the same pack gives the same bytes.
    pub fn write(&self) -> Result<Vec<u8>, PackError> {
        self.write_as(None)
    }

    /// The pack as bytes, signed.
    pub fn write_signed(&self, key: &PackKey) -> Result<Vec<u8>, PackError> {
        self.write_as(Some(key))
    }

    fn write_as(&self, key: Option<&PackKey>) -> Result<Vec<u8>, PackError> {
        let json = json_of(self.content())?;
        within(json.len(), MAX_CONTENT_BYTES)?;
        let content = Section::new(&compress(&json, COMPRESSION_LEVEL)?);
        let own = std::iter::once((&SectionKind::Content, &content));
        let sections: Vec<(&SectionKind, &Section)> = own.chain(self.sections()).collect();
        let entries = sections.iter().map(|(kind, section)| Entry::of(kind, section.bytes.len(), *section.hash()));
        let table = Table { signer: key.map(PackKey::signer), sections: entries.collect() };
        let table = serde_json::to_vec(&table)
            .map_err(|error| PackError::inconsistent(format!("the table can't be written: {error}")))?;
        within(table.len(), MAX_TABLE_BYTES)?;
        let size = sections.iter().map(|(_, section)| section.bytes.len()).sum::<usize>();
        within(HEADER_BYTES + table.len() + size, MAX_FILE_BYTES)?;
        let hash = *blake3::hash(&table).as_bytes();
        let mut bytes = Vec::with_capacity(HEADER_BYTES + table.len() + size);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        bytes.extend_from_slice(&u32::try_from(table.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(&hash);
        bytes.extend_from_slice(&key.map_or(UNSIGNED, |key| key.sign(&hash)));
        bytes.extend_from_slice(&table);
        for (_, section) in sections {
            bytes.extend_from_slice(section.checked()?);
        }
        Ok(bytes)
    }
}

fn content_of(json: &[u8]) -> Result<PackContent, PackError> {
    serde_json::from_slice(json)
        .map_err(|error| PackError::inconsistent(format!("the content is not of the pack's form: {error}")))
}

/// BLAKE3 of the content's JSON and of what every other section holds, in hex.
pub(crate) fn fingerprint(
    content: &PackContent,
    sections: &BTreeMap<SectionKind, Section>,
) -> Result<String, PackError> {
    let own = blake3::hash(&json_of(content)?);
    if sections.is_empty() {
        return Ok(own.to_hex().to_string());
    }
    let mut all = blake3::Hasher::new();
    all.update(own.as_bytes());
    for section in sections.values() {
        all.update(section.hash());
    }
    Ok(all.finalize().to_hex().to_string())
}

fn json_of(content: &PackContent) -> Result<Vec<u8>, PackError> {
    serde_json::to_vec(content)
        .map_err(|error| PackError::inconsistent(format!("the content can't be written as JSON: {error}")))
}

fn within(size_bytes: usize, limit_bytes: usize) -> Result<(), PackError> {
    if size_bytes > limit_bytes {
        return Err(PackError::TooLarge { bytes: size_bytes as u64, limit_bytes: limit_bytes as u64 });
    }
    Ok(())
}

const fn truncated(got_bytes: usize, expected_bytes: u64) -> PackError {
    PackError::Truncated { got_bytes: got_bytes as u64, expected_bytes }
}

/// The version of a file, and what follows it.
fn version_of(bytes: &[u8]) -> Result<(u32, &[u8]), PackError> {
    let not_a_pack = || PackError::UnknownFormat("it does not begin as a pack does".to_owned());
    within(bytes.len(), MAX_FILE_BYTES)?;
    let short = || truncated(bytes.len(), HEADER_BYTES as u64);
    let Some((magic, rest)) = bytes.split_first_chunk::<8>() else {
        return Err(if MAGIC.starts_with(bytes) { short() } else { not_a_pack() });
    };
    if magic != MAGIC {
        return Err(not_a_pack());
    }
    let (version, rest) = rest.split_first_chunk::<4>().ok_or_else(short)?;
    Ok((u32::from_le_bytes(*version), rest))
}

pub(crate) fn compress(bytes: &[u8], level: i32) -> Result<Vec<u8>, PackError> {
    zstd::bulk::compress(bytes, level)
        .map_err(|error| PackError::inconsistent(format!("a section can't be compressed: {error}")))
}

pub(crate) fn decompress(section: &[u8], limit_bytes: usize) -> Result<Vec<u8>, PackError> {
    let bad = |error: std::io::Error| PackError::inconsistent(format!("a section can't be decompressed: {error}"));
    let mut bytes = Vec::new();
    // One byte more than allowed, so that reaching the limit and passing it differ.
    let limit = limit_bytes as u64 + 1;
    zstd::stream::read::Decoder::new(section).map_err(bad)?.take(limit).read_to_end(&mut bytes).map_err(bad)?;
    within(bytes.len(), limit_bytes)?;
    Ok(bytes)
}
