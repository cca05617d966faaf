//! Reading a volume: what was sealed out again, record by record.
//!
//! `age` seals 64 KiB at a time and each piece proves itself, so what lies before a break is read as if nothing had
//! happened, and nothing after it is. A record is handed out when it is whole and has its hash; the footer, when it comes,
//! says that none is missing, added or in another place.

use std::io::{self, BufReader, Chain, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use age::stream::StreamReader;

use crate::error::{OpenError, ReadError};
use crate::header::{BadHeader, Footer, Header};
use crate::merkle::Merkle;
use crate::outside;
use crate::record::{Raw, Record};
use crate::seal::SealKey;

/// What `age` reads at once: one sealed piece.
const READ_BYTES: usize = 64 * 1024 + 16;

type Sealed<R> = Chain<Cursor<Vec<u8>>, BufReader<Watched<R>>>;

/// A volume being read.
pub struct Reader<R: Read> {
    header: Header,
    stream: BufReader<StreamReader<Sealed<R>>>,
    /// Whether the input has come to its end.
    ended: Arc<AtomicBool>,
    merkle: Merkle,
    /// Records so far, the header included.
    records: u64,
    last: Option<bool>,
    broken: bool,
}

impl<R: Read> Reader<R> {
    /// Opens a volume and reads its header.
    pub fn open(mut input: R, key: &SealKey) -> Result<Self, OpenError> {
        let begin = outside::read_begin(input.by_ref()).map_err(OpenError::Io)?;
        // Otherwise an envelope without an end would be read into memory until there is none.
        if !outside::holds_envelope(&begin) {
            return Err(OpenError::NotABundle);
        }
        let ended = Arc::new(AtomicBool::new(false));
        let sealed = Cursor::new(begin).chain(BufReader::new(Watched { input, ended: Arc::clone(&ended) }));
        let envelope = age::Decryptor::new_buffered(sealed).map_err(not_opened)?;
        let stream = envelope.decrypt(std::iter::once(key.identity())).map_err(not_opened)?;
        let mut stream = BufReader::with_capacity(READ_BYTES, stream);
        let raw = match Raw::read(&mut stream) {
            Ok(Some(raw)) if raw.kind == Raw::HEADER => raw,
            Err(error) if !is_break(&error) => return Err(OpenError::Io(error)),
            _ => return Err(OpenError::NotABundle),
        };
        let header = Header::read(&raw.content).map_err(|bad| match bad {
            BadHeader::Form => OpenError::NotABundle,
            BadHeader::Format(format) => OpenError::Newer(format),
        })?;
        let mut merkle = Merkle::default();
        merkle.push(raw.hash());
        Ok(Self { header, stream, ended, merkle, records: 1, last: None, broken: false })
    }

    /// Who made it, and what of.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The next record; none at the end of a volume that is whole.
    pub fn next_record(&mut self) -> Result<Option<Record>, ReadError> {
        if self.last.is_some() {
            return Ok(None);
        }
        if self.broken {
            return Err(self.damaged());
        }
        let read = self.read_on();
        self.broken = read.is_err();
        read
    }

    /// Whether the bundle has no volume after this one; none before the end was read.
    pub const fn is_last(&self) -> Option<bool> {
        self.last
    }

    /// Records handed out.
    pub const fn records(&self) -> u64 {
        self.records.saturating_sub(1)
    }

    fn read_on(&mut self) -> Result<Option<Record>, ReadError> {
        let raw = match Raw::read(&mut self.stream) {
            Ok(Some(raw)) => raw,
            Ok(None) => return Err(self.damaged()),
            Err(error) if is_break(&error) => return Err(self.cut_off()),
            Err(error) => return Err(ReadError::Io(error)),
        };
        if raw.kind == Raw::FOOTER {
            let footer = Footer::read(&raw.content, &self.header).ok_or_else(|| self.damaged())?;
            let whole = footer.records == self.records && footer.root == self.merkle.root();
            // Nothing may follow, and the seal has to be closed.
            let ends = matches!(self.stream.read(&mut [0; 1]), Ok(0));
            if !whole || !ends {
                return Err(self.damaged());
            }
            self.last = Some(footer.last);
            return Ok(None);
        }
        let hash = raw.hash();
        let record = Record::from_raw(raw).ok_or_else(|| self.damaged())?;
        self.merkle.push(hash);
        self.records += 1;
        Ok(Some(record))
    }

    const fn damaged(&self) -> ReadError {
        ReadError::Damaged { records: self.records() }
    }

    /// A piece that does not prove itself in the middle of a file is damage; the last one may be half a piece.
    fn cut_off(&self) -> ReadError {
        if self.ended.load(Ordering::Relaxed) { ReadError::CutOff { records: self.records() } } else { self.damaged() }
    }
}

fn not_opened(error: age::DecryptError) -> OpenError {
    match error {
        age::DecryptError::NoMatchingKeys => OpenError::NotForUs,
        age::DecryptError::Io(error) if !is_break(&error) => OpenError::Io(error),
        _ => OpenError::NotABundle,
    }
}

/// Whether an error comes from what stands in the file and not from reading it.
fn is_break(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData)
}

/// An input that remembers that it came to its end.
struct Watched<R> {
    input: R,
    ended: Arc<AtomicBool>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        if length == 0 && !buffer.is_empty() {
            self.ended.store(true, Ordering::Relaxed);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use kend_domain::DeviceId;
    use zeroize::Zeroizing;

    use super::*;
    use crate::header::Direction;
    use crate::limits::{FORMAT, MAX_ENVELOPE_BYTES, MAX_RECORD_BYTES};
    use crate::seal;

    const MAKER: [u8; 32] = [3; 32];

    fn key() -> SealKey {
        SealKey::from_bytes(&Zeroizing::new([1; 32]))
    }

    fn sign(key: &[u8; 32]) -> impl Fn(&str, &[u8]) -> [u8; 64] {
        move |purpose: &str, message: &[u8]| kend_log::sign(key, purpose, message)
    }

    fn header() -> Header {
        Header {
            bundle: [5; 16],
            volume: 1,
            direction: Direction::ToHub,
            project: "demo".parse().unwrap(),
            maker: DeviceId::from_bytes([2; 16]),
            maker_key: kend_log::public_key(&MAKER),
        }
    }

    fn raw(kind: u8, content: Vec<u8>) -> Vec<u8> {
        let raw = Raw { kind, content };
        [raw.head().unwrap(), raw.content].concat()
    }

    fn footer(records: u64, root: [u8; 32], key: &[u8; 32]) -> Vec<u8> {
        raw(Raw::FOOTER, Footer { records, root, last: true }.sign(&header(), &sign(key)))
    }

    /// A volume with whatever somebody who may seal puts into it.
    fn sealed(parts: &[Vec<u8>]) -> Vec<u8> {
        let mut volume = Vec::new();
        let mut stream = seal::envelope(&[key().public()]).unwrap().wrap_output(&mut volume).unwrap();
        for part in parts {
            stream.write_all(part).unwrap();
        }
        stream.finish().unwrap();
        volume
    }

    fn whole_header() -> Vec<u8> {
        raw(Raw::HEADER, header().sign(&sign(&MAKER)))
    }

    /// What became of a volume: its records' count, and the error.
    fn outcome(volume: &[u8]) -> (usize, Result<(), ReadError>) {
        let mut reader = Reader::open(volume, &key()).unwrap();
        let mut records = 0;
        loop {
            match reader.next_record() {
                Ok(Some(_)) => records += 1,
                Ok(None) => return (records, Ok(())),
                Err(error) => return (records, Err(error)),
            }
        }
    }

    #[test]
    fn a_header_that_its_maker_did_not_sign_or_of_another_form_opens_nothing() {
        let mut altered = header().sign(&sign(&MAKER));
        altered[20] ^= 1;
        let cases = [
            ("another key", raw(Raw::HEADER, header().sign(&sign(&[4; 32])))),
            ("an altered one", raw(Raw::HEADER, altered)),
            ("no header", raw(4, b"segment".to_vec())),
            ("an empty one", raw(Raw::HEADER, Vec::new())),
            ("nothing", Vec::new()),
            ("half of one", whole_header()[..50].to_vec()),
        ];
        for (name, begin) in cases {
            let opened = Reader::open(&sealed(&[begin])[..], &key()).err();
            assert!(matches!(opened, Some(OpenError::NotABundle)), "{name}: {opened:?}");
        }
    }

    #[test]
    fn a_newer_format_says_so() {
        let mut content = header().sign(&sign(&MAKER));
        content[0] = FORMAT + 1;
        let opened = Reader::open(&sealed(&[raw(Raw::HEADER, content)])[..], &key()).err();
        assert!(matches!(opened, Some(OpenError::Newer(format)) if format == FORMAT + 1), "{opened:?}");
    }

    #[test]
    fn a_footer_that_does_not_fit_its_records_or_is_not_the_makers_is_damage() {
        let segment = raw(4, b"segment".to_vec());
        let mut merkle = Merkle::default();
        merkle.push(Raw { kind: Raw::HEADER, content: header().sign(&sign(&MAKER)) }.hash());
        merkle.push(Raw { kind: 4, content: b"segment".to_vec() }.hash());
        let whole = |end: Vec<u8>| sealed(&[whole_header(), segment.clone(), end]);
        assert!(matches!(outcome(&whole(footer(2, merkle.root(), &MAKER))), (1, Ok(()))));
        let cases = [
            ("another root", whole(footer(2, [0; 32], &MAKER))),
            ("another count", whole(footer(3, merkle.root(), &MAKER))),
            ("another maker", whole(footer(2, merkle.root(), &[4; 32]))),
            ("a short one", whole(raw(Raw::FOOTER, vec![1]))),
            ("something after it", whole([footer(2, merkle.root(), &MAKER), vec![0]].concat())),
            ("a second header", whole(whole_header())),
            ("an unknown record", whole(raw(77, Vec::new()))),
            ("a piece larger than its blob", whole(raw(5, [vec![0; 48], vec![1]].concat()))),
        ];
        for (name, volume) in cases {
            assert!(matches!(outcome(&volume), (1, Err(ReadError::Damaged { records: 1 }))), "{name}");
        }
        // Sealed to its end, but without a footer: whoever wrote it stopped there.
        assert!(matches!(outcome(&sealed(&[whole_header(), segment])), (1, Err(ReadError::CutOff { records: 1 }))));
    }

    #[test]
    fn a_record_that_claims_to_be_huge_costs_no_memory_and_is_damage() {
        let claims = |length: u32| [&[4][..], &length.to_le_bytes(), &[0; 32]].concat();
        let most = u32::try_from(MAX_RECORD_BYTES).unwrap();
        for length in [most + 1, u32::MAX] {
            let volume = sealed(&[whole_header(), claims(length), vec![0; 100_000]]);
            assert!(matches!(outcome(&volume), (0, Err(ReadError::Damaged { .. }))), "{length}");
        }
        assert!(matches!(outcome(&sealed(&[whole_header(), claims(most)])), (0, Err(ReadError::CutOff { .. }))));
    }

    #[test]
    fn after_a_break_nothing_more_is_handed_out() {
        let volume = sealed(&[whole_header(), raw(77, Vec::new()), raw(4, b"segment".to_vec())]);
        let mut reader = Reader::open(&volume[..], &key()).unwrap();
        assert!(reader.next_record().is_err());
        assert!(reader.next_record().is_err());
    }

    #[test]
    fn an_envelope_without_an_end_is_refused_after_a_bounded_number_of_bytes() {
        struct Endless(u64);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let line = b"age-encryption.org/v1\n-> X25519 aaaa\n";
                for byte in &mut *buffer {
                    *byte = line[usize::try_from(self.0).unwrap() % line.len()];
                    self.0 += 1;
                }
                Ok(buffer.len())
            }
        }
        let mut endless = Endless(0);
        assert!(matches!(Reader::open(&mut endless, &key()).err(), Some(OpenError::NotABundle)));
        assert!(endless.0 <= 2 * MAX_ENVELOPE_BYTES as u64);
    }

    #[test]
    fn a_file_that_can_not_be_read_is_an_error_of_its_own() {
        struct Broken<'a>(&'a [u8]);
        impl Read for Broken<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let length = self.0.read(buffer)?;
                if length == 0 { Err(io::Error::other("the card was pulled out")) } else { Ok(length) }
            }
        }
        let volume = sealed(&[whole_header(), raw(4, vec![9; 200_000])]);
        assert!(matches!(Reader::open(Broken(&volume[..100]), &key()).err(), Some(OpenError::Io(_))));
        let mut reader = Reader::open(Broken(&volume[..150_000]), &key()).unwrap();
        assert!(matches!(reader.next_record(), Err(ReadError::Io(_))));
    }
}
