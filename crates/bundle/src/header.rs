//! The first and the last record of a volume, both signed by who made it.
//!
//! The header says who made the bundle, for which project and which way it goes: whoever takes it in knows that before
//! anything else, and a volume that breaks off still has it. The footer binds all records of the volume by their Merkle
//! root. Fixed layouts, one way to write each.

use kend_domain::{AreaCode, DeviceId};
use kend_log::PublicKeyBytes;

use crate::limits::{FORMAT, MAX_PROJECT_BYTES};
use crate::merkle::Hash;

const HEADER_PURPOSE: &str = "bundle header 1";
const FOOTER_PURPOSE: &str = "bundle footer 1";

/// Signs a message for a purpose with the maker's key: see `kend_log::sign`.
pub(crate) type Sign<'a> = &'a dyn Fn(&str, &[u8]) -> [u8; 64];

/// Which way a bundle goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From a device to a hub.
    ToHub,
    /// From a hub to devices.
    ToDevices,
}

/// Who made a volume, and what of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Sixteen random bytes that its volumes share.
    pub bundle: [u8; 16],
    /// Which volume this is, from 1.
    pub volume: u32,
    /// Which way it goes.
    pub direction: Direction,
    /// The project.
    pub project: AreaCode,
    /// Who made it.
    pub maker: DeviceId,
    /// The maker's public key. The signature is this key's; whether the maker is known under it is for others to say.
    pub maker_key: PublicKeyBytes,
}

impl Header {
    pub(crate) fn sign(&self, sign: Sign<'_>) -> Vec<u8> {
        let mut bytes = self.unsigned();
        let signature = sign(HEADER_PURPOSE, &bytes);
        bytes.extend_from_slice(&signature);
        bytes
    }

    fn unsigned(&self) -> Vec<u8> {
        let project = self.project.as_str().as_bytes();
        let direction = match self.direction {
            Direction::ToHub => 1,
            Direction::ToDevices => 2,
        };
        let mut bytes = vec![FORMAT];
        bytes.extend_from_slice(&self.bundle);
        bytes.extend_from_slice(&self.volume.to_le_bytes());
        bytes.push(direction);
        bytes.extend_from_slice(self.maker.as_bytes());
        bytes.extend_from_slice(&self.maker_key);
        bytes.extend_from_slice(project);
        bytes
    }

    /// Whether it can be written so that it is read back.
    pub(crate) fn fits(&self) -> bool {
        self.project.as_str().len() <= MAX_PROJECT_BYTES
    }

    pub(crate) fn read(content: &[u8]) -> Result<Self, BadHeader> {
        let format = *content.first().ok_or(BadHeader::Form)?;
        if format != FORMAT {
            return Err(BadHeader::Format(format));
        }
        Self::read_known(content).ok_or(BadHeader::Form)
    }

    fn read_known(content: &[u8]) -> Option<Self> {
        let (signed, signature) = content.split_last_chunk::<64>()?;
        let (bundle, rest) = signed.get(1..)?.split_first_chunk::<16>()?;
        let (volume, rest) = rest.split_first_chunk::<4>()?;
        let (direction, rest) = rest.split_first()?;
        let (maker, rest) = rest.split_first_chunk::<16>()?;
        let (maker_key, project) = rest.split_first_chunk::<32>()?;
        let header = Self {
            bundle: *bundle,
            volume: u32::from_le_bytes(*volume),
            direction: match direction {
                1 => Direction::ToHub,
                2 => Direction::ToDevices,
                _ => return None,
            },
            project: std::str::from_utf8(project).ok().filter(|text| text.len() <= MAX_PROJECT_BYTES)?.parse().ok()?,
            maker: DeviceId::from_bytes(*maker),
            maker_key: *maker_key,
        };
        let holds = header.unsigned() == signed && kend_log::verifies(maker_key, HEADER_PURPOSE, signed, signature);
        holds.then_some(header)
    }
}

/// Why a first record is no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadHeader {
    Form,
    Format(u8),
}

/// The end of a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Footer {
    /// Records before it, the header included.
    pub(crate) records: u64,
    /// Their Merkle root.
    pub(crate) root: Hash,
    /// Whether it is the bundle's last volume.
    pub(crate) last: bool,
}

/// Bytes of a footer's content.
pub(crate) const FOOTER_BYTES: usize = 8 + 32 + 1 + 64;

impl Footer {
    pub(crate) fn sign(&self, header: &Header, sign: Sign<'_>) -> Vec<u8> {
        let mut bytes = self.unsigned();
        let signature = sign(FOOTER_PURPOSE, &Self::signed(header, &bytes));
        bytes.extend_from_slice(&signature);
        bytes
    }

    fn unsigned(&self) -> Vec<u8> {
        let mut bytes = self.records.to_le_bytes().to_vec();
        bytes.extend_from_slice(&self.root);
        bytes.push(u8::from(self.last));
        bytes
    }

    /// The root covers the header record, so the footer can't be moved to another volume.
    fn signed(header: &Header, unsigned: &[u8]) -> Vec<u8> {
        [&header.bundle[..], unsigned].concat()
    }

    pub(crate) fn read(content: &[u8], header: &Header) -> Option<Self> {
        let (unsigned, signature) = content.split_last_chunk::<64>()?;
        let (records, rest) = unsigned.split_first_chunk::<8>()?;
        let (root, rest) = rest.split_first_chunk::<32>()?;
        let last = match rest {
            [0] => false,
            [1] => true,
            _ => return None,
        };
        let footer = Self { records: u64::from_le_bytes(*records), root: *root, last };
        let signed = Self::signed(header, unsigned);
        kend_log::verifies(&header.maker_key, FOOTER_PURPOSE, &signed, signature).then_some(footer)
    }
}
