//! Looking into volumes without taking anything in: what is there, and whether all of it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Read};

use crate::contents::Contents;
use crate::error::{OpenError, ReadError};
use crate::header::{Direction, Header};
use crate::read::Reader;
use crate::record::RecordKind;
use crate::seal::SealKey;

/// How a volume ends.
#[derive(Debug)]
pub enum End {
    /// As it was written; whether it is its bundle's last volume.
    Whole {
        /// Whether no volume comes after it.
        last: bool,
    },
    /// Its copy broke off.
    CutOff,
    /// A part is damaged.
    Damaged,
    /// The file can't be read any further.
    Unreadable(io::Error),
}

/// A volume, looked into.
#[derive(Debug)]
pub struct Inspected {
    /// Who made it, and what of.
    pub header: Header,
    /// What is in it, as far as it can be read.
    pub contents: Contents,
    /// How it ends.
    pub end: End,
}

/// Reads a volume from its beginning as far as it goes.
pub fn inspect(input: impl Read, key: &SealKey) -> Result<Inspected, OpenError> {
    let mut reader = Reader::open(input, key)?;
    let mut contents = Contents::default();
    let end = loop {
        match reader.next_record() {
            Ok(Some(record)) => contents.add(&record),
            Ok(None) => break End::Whole { last: reader.is_last() == Some(true) },
            Err(ReadError::CutOff { .. }) => break End::CutOff,
            Err(ReadError::Damaged { .. }) => break End::Damaged,
            Err(ReadError::Io(error)) => break End::Unreadable(error),
        }
    };
    Ok(Inspected { header: reader.header().clone(), contents, end })
}

impl Inspected {
    /// Whether nothing of the volume is missing.
    pub const fn is_whole(&self) -> bool {
        matches!(self.end, End::Whole { .. })
    }
}

impl fmt::Display for Inspected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { header, contents, end } = self;
        let way = match header.direction {
            Direction::ToHub => "to the hub",
            Direction::ToDevices => "to devices",
        };
        let bundle = crate::name::short(&header.bundle);
        writeln!(formatter, "  volume {} of bundle {bundle}, {way}", header.volume)?;
        writeln!(formatter, "  made by {} for the project {}", header.maker, header.project)?;
        let counts: Vec<String> =
            RecordKind::ALL.iter().map(|kind| format!("{} {}", contents.records(*kind), kind.word())).collect();
        writeln!(formatter, "  records: {} ({} bytes)", counts.join(", "), contents.size_bytes())?;
        writeln!(
            formatter,
            "  {} interviews with {} entries, {} recordings and pictures",
            contents.interviews(),
            contents.entries(),
            contents.blobs()
        )?;
        if contents.unread_segments() > 0 {
            writeln!(formatter, "  {} segments can't be read by this version", contents.unread_segments())?;
        }
        match end {
            End::Whole { .. } => write!(formatter, "  whole"),
            End::CutOff => write!(formatter, "  NOT WHOLE: its copy broke off; what is listed can be taken in"),
            End::Damaged => write!(formatter, "  NOT WHOLE: damaged; what is listed can be taken in"),
            End::Unreadable(error) => write!(formatter, "  NOT WHOLE: it can't be read any further: {error}"),
        }
    }
}

/// The volumes that are missing of the bundles among these: for each the bundle and the numbers; none of the numbers when
/// only the last is missing and nobody knows how many there are.
pub fn missing<'a>(volumes: impl IntoIterator<Item = &'a Inspected>) -> Vec<([u8; 16], Vec<u32>)> {
    let mut bundles: BTreeMap<[u8; 16], (BTreeSet<u32>, bool)> = BTreeMap::new();
    for Inspected { header, end, .. } in volumes {
        let (numbers, has_last) = bundles.entry(header.bundle).or_default();
        numbers.insert(header.volume);
        *has_last |= matches!(end, End::Whole { last: true });
    }
    let gaps = |numbers: &BTreeSet<u32>| {
        let last = numbers.last().copied().unwrap_or(0);
        (1..last).filter(|number| !numbers.contains(number)).collect::<Vec<_>>()
    };
    bundles
        .into_iter()
        .map(|(bundle, (numbers, has_last))| (bundle, gaps(&numbers), has_last))
        .filter(|(_, gaps, has_last)| !gaps.is_empty() || !has_last)
        .map(|(bundle, gaps, _)| (bundle, gaps))
        .collect()
}
