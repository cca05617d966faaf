//! The write-ahead log's own checks, made once more before `SQLite` opens it.
//!
//! `SQLite` takes the first frame that does not verify for the end of the log: right after a power cut, where the last
//! transaction may be torn; wrong when the bytes rotted, for then acknowledged entries behind it would vanish without a
//! word. The two can be told apart: every transaction is synced before the next begins, so behind a torn one no second
//! one follows. Rot in the very last transaction can't be told from a power cut; the entry comes back from the hub if it
//! had got there.
//!
//! The format is the one that `SQLite` documents ("The Write-Ahead Log", sqlite.org/fileformat2.html); `SQLCipher` encrypts
//! pages, not frames' heads.

use std::path::{Path as FilePath, PathBuf};

const HEADER_BYTES: usize = 32;
const FRAME_HEAD_BYTES: usize = 24;
/// What both of a header's magic numbers share; the last bit tells the order of bytes in checksums.
const MAGIC: u32 = 0x377f_0682;
/// The page size of every store.
const PAGE_BYTES: usize = 4096;
const FRAME_BYTES: usize = FRAME_HEAD_BYTES + PAGE_BYTES;

/// The write-ahead log of a database.
pub(crate) fn beside(database: &FilePath) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Whether the write-ahead log of a database rotted. Read twice: another process may begin it anew in the middle.
pub(crate) fn is_rotten_beside(database: &FilePath) -> bool {
    let look = || std::fs::read(beside(database)).is_ok_and(|bytes| is_rotten(&bytes));
    look() && look()
}

/// Whether the bytes of a write-ahead log rotted, as far as that can be told.
pub(crate) fn is_rotten(bytes: &[u8]) -> bool {
    let Some(header) = Header::read(bytes) else {
        // A header is on the disk before the first frame is written behind it.
        return bytes.len() >= HEADER_BYTES + FRAME_BYTES;
    };
    let mut sum = header.sum;
    let mut left = frames(bytes);
    while let Some(frame) = left.next() {
        sum = header.checksum(frame, sum);
        if sum != frame.sum || !header.is_of(frame) {
            // Rotten, torn, or left over from before the log began anew. What rotted may be the frame or the checksum that
            // stands in it: what comes behind follows from the other.
            let own = usize::from(frame.commits());
            let behind = [frame.sum, sum].into_iter().any(|sum| {
                let commits = commits_in_chains(header, left.clone(), Some(sum)).next().unwrap_or(0);
                commits > 0 && commits + own > 1
            });
            return behind || commits_in_chains(header, left, None).any(|commits| commits > 1);
        }
    }
    false
}

/// How many transactions end in each chain of frames that follow from one another, the first from a checksum. Where one
/// breaks off, the next frame is taken at its word.
fn commits_in_chains<'a>(
    header: Header,
    frames: impl Iterator<Item = Frame<'a>>,
    sum: Option<[u32; 2]>,
) -> impl Iterator<Item = usize> {
    let mut chains = vec![0];
    let mut before = sum;
    for frame in frames {
        let follows = header.is_of(frame) && before.is_none_or(|sum| header.checksum(frame, sum) == frame.sum);
        if !follows {
            chains.push(0);
        }
        if header.is_of(frame)
            && frame.commits()
            && let Some(commits) = chains.last_mut()
        {
            *commits += 1;
        }
        before = Some(frame.sum);
    }
    chains.into_iter()
}

/// A log to read from in place of a rotten one.
pub(crate) struct Mended {
    pub(crate) bytes: Vec<u8>,
    /// Whether no frame had to be left out: then the log's end is known.
    pub(crate) whole: bool,
}

/// The log with every checksum made anew, up to the last frame that ends a transaction: so that `SQLite` hands out what
/// lies behind a rotten frame. The rotten page itself is found by its own code when it is read.
pub(crate) fn mended(bytes: &[u8]) -> Option<Mended> {
    let read = Header::read(bytes);
    let header = read.or_else(|| Header::guessed(bytes))?;
    let last = frames(bytes).enumerate().filter(|(_, frame)| header.is_of(*frame) && frame.commits()).last();
    let until = last.map_or(0, |(last, _)| last + 1);
    let mut mended = Mended { bytes: header.bytes(), whole: read.is_some() };
    let mut sum = header.sum;
    for frame in frames(bytes).take(until) {
        if !header.is_of(frame) {
            mended.whole = false;
            continue;
        }
        sum = header.checksum(frame, sum);
        mended.bytes.extend(frame.head.iter().take(8));
        mended.bytes.extend(header.salts);
        mended.bytes.extend(sum.iter().flat_map(|half| half.to_be_bytes()));
        mended.bytes.extend(frame.page);
    }
    Some(mended)
}

#[derive(Clone, Copy)]
struct Header {
    start: [u8; 24],
    salts: [u8; 8],
    big_endian: bool,
    sum: [u32; 2],
}

#[derive(Clone, Copy)]
struct Frame<'a> {
    head: &'a [u8],
    page: &'a [u8],
    sum: [u32; 2],
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let header = Self::of(*bytes.first_chunk()?)?;
        let sum = [number(bytes, 24)?, number(bytes, 28)?];
        (sum == header.sum).then_some(header)
    }

    /// A header for frames whose own is damaged.
    fn guessed(bytes: &[u8]) -> Option<Self> {
        // Two frames in a row that agree.
        let salts = |frame: Frame<'_>| frame.head.get(8..16)?.first_chunk().copied();
        let pairs = frames(bytes).zip(frames(bytes).skip(1));
        let mut agreed = pairs.filter_map(|(one, next)| salts(one).filter(|one| salts(next) == Some(*one)));
        let salts: [u8; 8] = agreed.find(|salts| *salts != [0; 8])?;
        let mut start = [0; 24];
        let page = u32::try_from(PAGE_BYTES).ok()?.to_be_bytes();
        let version = 3_007_000_u32.to_be_bytes();
        let words = [MAGIC.to_be_bytes(), version, page, [0; 4]];
        for (to, from) in start.iter_mut().zip(words.iter().flatten().chain(&salts)) {
            *to = *from;
        }
        Self::of(start)
    }

    fn of(start: [u8; 24]) -> Option<Self> {
        let magic = number(&start, 0)?;
        if magic & !1 != MAGIC || number(&start, 8)? != u32::try_from(PAGE_BYTES).ok()? {
            return None;
        }
        let salts = *start.last_chunk()?;
        let mut header = Self { start, salts, big_endian: magic & 1 == 1, sum: [0; 2] };
        header.sum = header.add(&start, [0; 2]);
        Some(header)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.start.to_vec();
        bytes.extend(self.sum.iter().flat_map(|half| half.to_be_bytes()));
        bytes
    }

    fn is_of(&self, frame: Frame<'_>) -> bool {
        frame.head.get(8..16) == Some(&self.salts)
    }

    fn checksum(&self, frame: Frame<'_>, before: [u32; 2]) -> [u32; 2] {
        self.add(frame.page, self.add(frame.head.get(..8).unwrap_or_default(), before))
    }

    fn add(&self, bytes: &[u8], sum: [u32; 2]) -> [u32; 2] {
        let [mut one, mut other] = sum;
        let word = |bytes: [u8; 4]| if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
        let words = bytes.as_chunks::<4>().0.iter().map(|bytes| word(*bytes));
        for (place, word) in words.enumerate() {
            if place % 2 == 0 {
                one = one.wrapping_add(word).wrapping_add(other);
            } else {
                other = other.wrapping_add(word).wrapping_add(one);
            }
        }
        [one, other]
    }
}

fn frames(bytes: &[u8]) -> impl Iterator<Item = Frame<'_>> + Clone {
    let frames = bytes.get(HEADER_BYTES..).unwrap_or_default().chunks_exact(FRAME_BYTES);
    frames.filter_map(|frame| {
        let (head, page) = frame.split_at_checked(FRAME_HEAD_BYTES)?;
        Some(Frame { head, page, sum: [number(head, 16)?, number(head, 20)?] })
    })
}

impl Frame<'_> {
    fn commits(&self) -> bool {
        number(self.head, 4).is_some_and(|pages| pages > 0)
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of three transactions, made by `SQLite` itself, and the same with one more begun behind.
    fn log() -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
        for table in ["a", "b", "c"] {
            connection.execute_batch(&format!("CREATE TABLE {table} (x)")).unwrap();
        }
        std::fs::read(beside(&path)).unwrap()
    }

    #[test]
    fn a_log_that_sqlite_wrote_is_whole_wherever_a_power_cut_ends_it() {
        let log = log();
        for end in (0..=log.len()).step_by(512) {
            assert!(!is_rotten(&log[..end]), "cut at {end}");
        }
        let mended = mended(&log).unwrap();
        assert!(mended.whole && mended.bytes == log);
    }

    #[test]
    fn a_flipped_bit_is_found_before_the_last_transaction_and_in_the_header() {
        let log = log();
        let commits: Vec<usize> =
            frames(&log).enumerate().filter(|(_, frame)| frame.commits()).map(|(at, _)| at).collect();
        let begins_last = HEADER_BYTES + (commits[commits.len() - 2] + 1) * FRAME_BYTES;
        for at in (0..begins_last).step_by(7) {
            let mut rotten = log.clone();
            rotten[at] ^= 0x10;
            assert!(is_rotten(&rotten), "at {at}");
        }
    }
}
