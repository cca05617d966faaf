//! Writing a bundle: records in, sealed volumes out.
//!
//! Each volume is whole by itself, so one that is lost or damaged costs no other. A volume is full when the next record
//! would make it larger than the limit. Nothing is held but the piece of 64 KiB that `age` is sealing.

use std::io::{self, Write};

use age::stream::StreamWriter;
use kend_domain::{AreaCode, DeviceId};
use kend_log::PublicKeyBytes;

use crate::error::WriteError;
use crate::header::{Direction, FOOTER_BYTES, Footer, Header, Sign};
use crate::limits::{MAX_ENVELOPE_BYTES, MAX_VOLUME_BYTES, MAX_VOLUMES};
use crate::merkle::Merkle;
use crate::record::{HEAD_BYTES, Raw, Record};
use crate::seal::{self, SealPublic};

/// What `age` seals at once, and what it adds to that.
const SEALED_BYTES: u64 = 64 * 1024;
const TAG_BYTES: u64 = 16;

/// Where volumes go.
pub trait Volumes {
    /// A volume being written.
    type Output: Write;

    /// Begins a volume, from 1.
    fn begin(&mut self, volume: u32) -> io::Result<Self::Output>;
    /// Ends a volume: all of it was written.
    fn end(&mut self, volume: u32, output: Self::Output) -> io::Result<()>;
}

/// What every volume of a bundle says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Sixteen fresh random bytes.
    pub id: [u8; 16],
    /// Which way it goes.
    pub direction: Direction,
    /// The project.
    pub project: AreaCode,
    /// Who makes it.
    pub maker: DeviceId,
    /// The maker's public key.
    pub maker_key: PublicKeyBytes,
    /// Who may open it.
    pub recipients: Vec<SealPublic>,
    /// Largest volume: [`MAX_VOLUME_BYTES`], less in tests.
    pub volume_bytes: u64,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Volumes.
    pub volumes: u32,
    /// Records, without headers and footers.
    pub records: u64,
}

/// A bundle being written.
pub struct Writer<'a, V: Volumes> {
    bundle: Bundle,
    sign: Sign<'a>,
    volumes: V,
    open: Option<Volume<V::Output>>,
    number: u32,
    records: u64,
}

struct Volume<W: Write> {
    header: Header,
    stream: StreamWriter<W>,
    plain_bytes: u64,
    records: u64,
    merkle: Merkle,
}

impl<'a, V: Volumes> Writer<'a, V> {
    /// Begins a bundle; its first volume with it.
    pub fn new(bundle: Bundle, sign: Sign<'a>, volumes: V) -> Result<Self, WriteError> {
        let mut writer = Self { bundle, sign, volumes, open: None, number: 0, records: 0 };
        writer.open = Some(writer.begin()?);
        Ok(writer)
    }

    /// Writes a record.
    pub fn put(&mut self, record: &Record) -> Result<(), WriteError> {
        if let Record::Blob(piece) = record
            && !piece.fits()
        {
            return Err(WriteError::TooLarge);
        }
        let raw = record.to_raw();
        let full = match &self.open {
            Some(volume) => volume.records > 1 && !volume.takes(&raw, self.bundle.volume_bytes.min(MAX_VOLUME_BYTES)),
            None => true,
        };
        if full {
            self.end(false)?;
            self.open = Some(self.begin()?);
        }
        let Some(volume) = &mut self.open else { return Err(WriteError::TooLarge) };
        volume.put(&raw)?;
        self.records += 1;
        Ok(())
    }

    /// Ends the bundle.
    pub fn finish(mut self) -> Result<(Written, V), WriteError> {
        self.end(true)?;
        Ok((Written { volumes: self.number, records: self.records }, self.volumes))
    }

    fn begin(&mut self) -> Result<Volume<V::Output>, WriteError> {
        if self.number >= MAX_VOLUMES {
            return Err(WriteError::TooLarge);
        }
        let Bundle { id, direction, project, maker, maker_key, recipients, .. } = &self.bundle;
        let header = Header {
            bundle: *id,
            volume: self.number + 1,
            direction: *direction,
            project: project.clone(),
            maker: *maker,
            maker_key: *maker_key,
        };
        if !header.fits() {
            return Err(WriteError::TooLarge);
        }
        let envelope = seal::envelope(recipients)?;
        self.number += 1;
        let output = self.volumes.begin(self.number)?;
        let stream = envelope.wrap_output(output)?;
        let mut volume = Volume { stream, header, plain_bytes: 0, records: 0, merkle: Merkle::default() };
        let content = volume.header.sign(self.sign);
        volume.put(&Raw { kind: Raw::HEADER, content })?;
        Ok(volume)
    }

    fn end(&mut self, last: bool) -> Result<(), WriteError> {
        let Some(mut volume) = self.open.take() else { return Ok(()) };
        let footer = Footer { records: volume.records, root: volume.merkle.root(), last };
        let content = footer.sign(&volume.header, self.sign);
        volume.put(&Raw { kind: Raw::FOOTER, content })?;
        let mut output = volume.stream.finish()?;
        output.flush()?;
        Ok(self.volumes.end(self.number, output)?)
    }
}

impl<W: Write> Volume<W> {
    /// Whether the volume stays within a limit with this record and the footer.
    fn takes(&self, raw: &Raw, limit_bytes: u64) -> bool {
        let plain_bytes = self.plain_bytes + raw.size_bytes() + count(HEAD_BYTES + FOOTER_BYTES);
        let tags_bytes = plain_bytes.div_ceil(SEALED_BYTES) * TAG_BYTES;
        count(MAX_ENVELOPE_BYTES) + plain_bytes + tags_bytes <= limit_bytes
    }

    fn put(&mut self, raw: &Raw) -> Result<(), WriteError> {
        let head = raw.head().ok_or(WriteError::TooLarge)?;
        self.stream.write_all(&head)?;
        self.stream.write_all(&raw.content)?;
        self.plain_bytes += raw.size_bytes();
        self.merkle.push(raw.hash());
        self.records += 1;
        Ok(())
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
