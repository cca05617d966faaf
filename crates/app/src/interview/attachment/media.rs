//! What kind of file something is.

use std::io::Read;

/// What a beginning says: at which place these bytes stand, and what it is then. Sounds alone: of another file that broke off
/// nothing can be made.
const BEGINNINGS: [(usize, &[u8], &str); 9] = [
    (0, &[0x1a, 0x45, 0xdf, 0xa3], "audio/webm"),
    (0, b"OggS", "audio/ogg"),
    (4, b"ftyp", "audio/mp4"),
    (8, b"WAVE", "audio/wav"),
    (0, b"fLaC", "audio/flac"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"ID3", "audio/mpeg"),
    (0, &[0xff, 0xfb], "audio/mpeg"),
    (0, &[0xff, 0xf1], "audio/aac"),
];

/// The kind of sound that begins so.
pub(super) fn of_beginning(bytes: &mut dyn Read) -> Option<String> {
    let mut beginning = Vec::new();
    bytes.take(16).read_to_end(&mut beginning).ok()?;
    let stands =
        |(at, sign, _): &&(usize, &[u8], &str)| beginning.get(*at..).is_some_and(|rest| rest.starts_with(sign));
    BEGINNINGS.iter().find(stands).map(|(_, _, media_type)| (*media_type).to_owned())
}

/// A media type as the log keeps it.
pub(super) fn without_parameters(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_is_known_by_its_beginning() {
        for (beginning, media_type) in [
            (&b"OggS\0\x02"[..], Some("audio/ogg")),
            (b"\x1a\x45\xdf\xa3\x9f\x42", Some("audio/webm")),
            (b"\0\0\0\x1cftypisom", Some("audio/mp4")),
            (b"RIFF\x24\0\0\0WAVEfmt ", Some("audio/wav")),
            (b"\xff\xd8\xff\xe0", None),
            (b"Og", None),
            (b"", None),
        ] {
            assert_eq!(of_beginning(&mut &*beginning).as_deref(), media_type, "{beginning:?}");
        }
    }

    #[test]
    fn a_media_type_is_kept_without_what_a_recorder_adds() {
        assert_eq!(without_parameters("Audio/WebM; codecs=opus"), "audio/webm");
        assert_eq!(without_parameters(""), "");
    }
}
