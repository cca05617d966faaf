//! How bodies are written and read.
//!
//! A body is a head (CBOR, arrays only) and segments, each with its length before it:
//! `u32 length of head | head | u32 count | (u32 length | segment)*`, numbers little-endian. Segments stay the bytes
//! that their author signed: a relay never writes them anew. There is one way to write a message; a body that is not
//! written so is refused, which also catches every field this version does not know. Reading never panics and holds no
//! more than the body itself.

use crate::protocol::{MAX_HEAD_BYTES, MAX_SEGMENTS};

/// A body that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBody {
    /// The body ends too early, or goes on after its end.
    #[error("the body is cut short or has bytes left over")]
    Length,
    /// A part is larger than the protocol allows.
    #[error("the body holds more than {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        limit: usize,
    },
    /// The head is no message of this version.
    #[error("the body is no message of this version")]
    Form,
}

#[expect(clippy::expect_used, reason = "the encoder writes to memory and the messages have no failing part")]
pub(crate) fn encode_head<T: minicbor::Encode<()>>(head: &T) -> Vec<u8> {
    minicbor::to_vec(head).expect("BUG: a message of plain values can't be encoded")
}

pub(crate) fn decode_head<T>(bytes: &[u8]) -> Result<T, BadBody>
where
    T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()>,
{
    if bytes.len() > MAX_HEAD_BYTES {
        return Err(BadBody::TooLarge { what: "bytes of head", limit: MAX_HEAD_BYTES });
    }
    let head: T = minicbor::decode(bytes).map_err(|_| BadBody::Form)?;
    if encode_head(&head) == bytes { Ok(head) } else { Err(BadBody::Form) }
}

pub(crate) fn write_body<T: minicbor::Encode<()>>(head: &T, segments: &[Vec<u8>]) -> Vec<u8> {
    let head = encode_head(head);
    let size_bytes = 8 + head.len() + segments.iter().map(|segment| 4 + segment.len()).sum::<usize>();
    let mut body = Vec::with_capacity(size_bytes);
    write_length(&mut body, head.len());
    body.extend_from_slice(&head);
    write_length(&mut body, segments.len());
    for segment in segments {
        write_length(&mut body, segment.len());
        body.extend_from_slice(segment);
    }
    body
}

pub(crate) fn read_body<T>(body: &[u8]) -> Result<(T, Vec<Vec<u8>>), BadBody>
where
    T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()>,
{
    let (head, rest) = read_block(body)?;
    let head = decode_head(head)?;
    let (count, mut rest) = read_length(rest)?;
    if count > MAX_SEGMENTS {
        return Err(BadBody::TooLarge { what: "segments", limit: MAX_SEGMENTS });
    }
    let mut segments = Vec::new();
    for _ in 0..count {
        let (segment, after) = read_block(rest)?;
        segments.push(segment.to_vec());
        rest = after;
    }
    if rest.is_empty() { Ok((head, segments)) } else { Err(BadBody::Length) }
}

fn write_length(body: &mut Vec<u8>, length: usize) {
    // A length over 32 bits can't be: bodies are held below 16 MiB. Saturating makes a body that is refused.
    body.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}

fn read_length(bytes: &[u8]) -> Result<(usize, &[u8]), BadBody> {
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(BadBody::Length)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| BadBody::Length)?;
    Ok((length, rest))
}

fn read_block(bytes: &[u8]) -> Result<(&[u8], &[u8]), BadBody> {
    let (length, rest) = read_length(bytes)?;
    rest.split_at_checked(length).ok_or(BadBody::Length)
}

/// Reads and writes the bytes of an id.
macro_rules! id_codec {
    ($module:ident, $id:ty) => {
        pub(crate) mod $module {
            use minicbor::decode::{Decoder, Error as DecodeError};
            use minicbor::encode::{Encoder, Error as EncodeError, Write};

            pub(crate) fn encode<C, W: Write>(
                id: &$id,
                encoder: &mut Encoder<W>,
                _context: &mut C,
            ) -> Result<(), EncodeError<W::Error>> {
                encoder.bytes(id.as_bytes())?.ok()
            }

            pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _context: &mut C) -> Result<$id, DecodeError> {
                let bytes = decoder.bytes()?.try_into().map_err(|_| DecodeError::message("an id has 16 bytes"))?;
                Ok(<$id>::from_bytes(bytes))
            }
        }
    };
}

/// Reads and writes a word: what has `Display` and `FromStr`.
macro_rules! word_codec {
    ($module:ident, $word:ty) => {
        pub(crate) mod $module {
            use minicbor::decode::{Decoder, Error as DecodeError};
            use minicbor::encode::{Encoder, Error as EncodeError, Write};

            pub(crate) fn encode<C, W: Write>(
                word: &$word,
                encoder: &mut Encoder<W>,
                _context: &mut C,
            ) -> Result<(), EncodeError<W::Error>> {
                encoder.str(&word.to_string())?.ok()
            }

            pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _context: &mut C) -> Result<$word, DecodeError> {
                decoder.str()?.parse().map_err(|_| DecodeError::message("not a word of its vocabulary"))
            }
        }
    };
}

id_codec!(device, kend_domain::DeviceId);
id_codec!(person, kend_domain::PersonId);
id_codec!(entity, kend_domain::EntityId);
word_codec!(scope, kend_domain::Scope);
word_codec!(area, kend_domain::AreaCode);

pub(crate) mod chain_hash {
    use kend_log::ChainHash;
    use minicbor::decode::{Decoder, Error as DecodeError};
    use minicbor::encode::{Encoder, Error as EncodeError, Write};

    pub(crate) fn encode<C, W: Write>(
        hash: &ChainHash,
        encoder: &mut Encoder<W>,
        _context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.bytes(&hash.0)?.ok()
    }

    pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _context: &mut C) -> Result<ChainHash, DecodeError> {
        let bytes = decoder.bytes()?.try_into().map_err(|_| DecodeError::message("a chain hash has 32 bytes"))?;
        Ok(ChainHash(bytes))
    }
}

pub(crate) mod blob {
    use kend_log::BlobId;
    use minicbor::decode::{Decoder, Error as DecodeError};
    use minicbor::encode::{Encoder, Error as EncodeError, Write};

    pub(crate) fn encode<C, W: Write>(
        id: &BlobId,
        encoder: &mut Encoder<W>,
        _context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.bytes(&id.0)?.ok()
    }

    pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _context: &mut C) -> Result<BlobId, DecodeError> {
        let bytes = decoder.bytes()?.try_into().map_err(|_| DecodeError::message("a blob is named by 32 bytes"))?;
        Ok(BlobId(bytes))
    }
}

/// A blob, or no bytes for none.
pub(crate) mod maybe_blob {
    use kend_log::BlobId;
    use minicbor::decode::{Decoder, Error as DecodeError};
    use minicbor::encode::{Encoder, Error as EncodeError, Write};

    #[expect(clippy::ref_option, reason = "the derived code hands a reference")]
    pub(crate) fn encode<C, W: Write>(
        id: &Option<BlobId>,
        encoder: &mut Encoder<W>,
        _context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.bytes(id.as_ref().map_or(&[], |id| &id.0))?.ok()
    }

    pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _context: &mut C) -> Result<Option<BlobId>, DecodeError> {
        match decoder.bytes()? {
            [] => Ok(None),
            bytes => {
                let bytes = bytes.try_into().map_err(|_| DecodeError::message("a blob is named by 32 bytes"))?;
                Ok(Some(BlobId(bytes)))
            }
        }
    }
}

/// Blobs, one after the other.
pub(crate) mod blobs {
    use kend_log::BlobId;
    use minicbor::decode::{Decoder, Error as DecodeError};
    use minicbor::encode::{Encoder, Error as EncodeError, Write};

    pub(crate) fn encode<C, W: Write>(
        ids: &[BlobId],
        encoder: &mut Encoder<W>,
        _context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.bytes(&ids.iter().flat_map(|id| id.0).collect::<Vec<u8>>())?.ok()
    }

    pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _context: &mut C) -> Result<Vec<BlobId>, DecodeError> {
        let (ids, rest) = decoder.bytes()?.as_chunks();
        if !rest.is_empty() {
            return Err(DecodeError::message("a blob is named by 32 bytes"));
        }
        Ok(ids.iter().copied().map(BlobId).collect())
    }
}

/// A path, or an empty text for none.
pub(crate) mod optional_path {
    use kend_log::Path;
    use minicbor::decode::{Decoder, Error as DecodeError};
    use minicbor::encode::{Encoder, Error as EncodeError, Write};

    #[expect(clippy::ref_option, reason = "the derived code hands a reference")]
    pub(crate) fn encode<C, W: Write>(
        path: &Option<Path>,
        encoder: &mut Encoder<W>,
        _context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.str(path.as_ref().map_or("", Path::as_str))?.ok()
    }

    pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _context: &mut C) -> Result<Option<Path>, DecodeError> {
        match decoder.str()? {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| DecodeError::message("not a path")),
        }
    }
}

pub(crate) mod reason {
    use kend_log::Reason;
    use minicbor::decode::{Decoder, Error as DecodeError};
    use minicbor::encode::{Encoder, Error as EncodeError, Write};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the derived code hands a reference")]
    pub(crate) fn encode<C, W: Write>(
        reason: &Reason,
        encoder: &mut Encoder<W>,
        _context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.u8(reason.code())?.ok()
    }

    pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _context: &mut C) -> Result<Reason, DecodeError> {
        Reason::from_code(decoder.u8()?).ok_or_else(|| DecodeError::message("not a reason"))
    }
}

pub(crate) mod role {
    use kend_domain::Role;
    use minicbor::decode::{Decoder, Error as DecodeError};
    use minicbor::encode::{Encoder, Error as EncodeError, Write};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the derived code hands a reference")]
    pub(crate) fn encode<C, W: Write>(
        role: &Role,
        encoder: &mut Encoder<W>,
        _context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.str(role.word())?.ok()
    }

    pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _context: &mut C) -> Result<Role, DecodeError> {
        decoder.str()?.parse().map_err(|_| DecodeError::message("not a role"))
    }
}

pub(crate) mod areas {
    use kend_domain::Areas;
    use minicbor::decode::{Decoder, Error as DecodeError};
    use minicbor::encode::{Encoder, Error as EncodeError, Write};

    pub(crate) fn encode<C, W: Write>(
        areas: &Areas,
        encoder: &mut Encoder<W>,
        _context: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        encoder.array(u64::try_from(areas.0.len()).unwrap_or(u64::MAX))?;
        for area in &areas.0 {
            encoder.str(area.as_str())?;
        }
        Ok(())
    }

    pub(crate) fn decode<C>(decoder: &mut Decoder<'_>, _context: &mut C) -> Result<Areas, DecodeError> {
        let mut areas = Areas::default();
        for area in decoder.array_iter::<&str>()? {
            areas.0.insert(area?.parse().map_err(|_| DecodeError::message("not an area"))?);
        }
        Ok(areas)
    }
}
