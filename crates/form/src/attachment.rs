//! Attachments as a form sees them: what a file is, and what its question takes.
//!
//! A sheet says it in the ways of `XLSForm`: the type (`audio`, `image`, `file`), `body::accept` with media types, and
//! `parameters`: `quality` of a recording and `max-pixels` of an image as in ODK, and `max-mb`, the largest size, which is
//! Kend's own. The bytes are no business of a form: it knows a file by its name, media type and size.

use kend_domain::QuestionKind;

use crate::problem::AnswerProblem;
use crate::read::InstrumentProblem;

const BYTES_IN_MB: u64 = 1024 * 1024;
/// Smallest and largest `max-pixels`.
const PIXELS: std::ops::RangeInclusive<u32> = 100..=20_000;

/// A file that answers a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// What people call it; may be empty.
    pub file_name: String,
    /// Media type without parameters, in lower case.
    pub media_type: String,
    /// Its size.
    pub size_bytes: u64,
}

impl Attached {
    /// As an expression reads it: the name of the file, which is what `XForms` keeps; its type where it has no name.
    pub(crate) fn text(&self) -> &str {
        if self.file_name.is_empty() { &self.media_type } else { &self.file_name }
    }
}

/// How good a recording is to be, as `quality` says it in ODK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quality {
    /// Words, and little else.
    VoiceOnly,
    /// Speech.
    Low,
    /// Speech of several people.
    #[default]
    Normal,
    /// Not recorded here: a file of another recorder is chosen.
    External,
}

impl Quality {
    /// Bits per second of sound: those of ODK's recorder. None where nothing is recorded.
    pub const fn bits_per_second(self) -> Option<u32> {
        match self {
            Self::VoiceOnly => Some(12_200),
            Self::Low => Some(24_000),
            Self::Normal => Some(64_000),
            Self::External => None,
        }
    }

    fn named(word: &str) -> Option<Self> {
        match word {
            "voice-only" => Some(Self::VoiceOnly),
            "low" => Some(Self::Low),
            "normal" => Some(Self::Normal),
            "external" => Some(Self::External),
            _ => None,
        }
    }
}

/// What a question of a kind that takes a file takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRules {
    /// Media types: whole (`application/pdf`) or a kind (`image/*`). Empty: any.
    pub media_types: Vec<String>,
    /// The sheet's limit of the size.
    pub most_bytes: Option<u64>,
    /// Longer side of an image in pixels: a larger one is made smaller before it is kept.
    pub most_pixels: Option<u32>,
    /// Of a recording.
    pub quality: Quality,
}

impl AttachmentRules {
    /// Reads what a sheet says of a question; none for kinds that take no file.
    pub(crate) fn read(kind: QuestionKind, parameters: &str, accept: &str) -> Result<Option<Self>, InstrumentProblem> {
        let of_kind = match kind {
            QuestionKind::Audio => Some("audio"),
            QuestionKind::Image => Some("image"),
            QuestionKind::File => None,
            _ if accept.is_empty() => return Ok(None),
            _ => return Err(InstrumentProblem::Meaningless(kind.to_string())),
        };
        let mut rules =
            Self { media_types: Vec::new(), most_bytes: None, most_pixels: None, quality: Quality::default() };
        for written in accept.split(',').map(str::trim).filter(|written| !written.is_empty()) {
            let range = written.to_lowercase();
            if !is_media_range(&range) || of_kind.is_some_and(|kind| group(&range) != kind) {
                return Err(InstrumentProblem::NoMediaType(written.to_owned()));
            }
            rules.media_types.push(range);
        }
        if let (Some(kind), true) = (of_kind, rules.media_types.is_empty()) {
            rules.media_types.push(format!("{kind}/*"));
        }
        for written in parameters.split([' ', ',', ';']).filter(|written| !written.is_empty()) {
            rules.parameter(kind, written).ok_or_else(|| InstrumentProblem::BadParameter(written.to_owned()))?;
        }
        Ok(Some(rules))
    }

    fn parameter(&mut self, kind: QuestionKind, written: &str) -> Option<()> {
        let (name, value) = written.split_once('=')?;
        match (name.trim(), kind) {
            ("quality", QuestionKind::Audio) => self.quality = Quality::named(value.trim())?,
            ("max-pixels", QuestionKind::Image) => {
                self.most_pixels = Some(value.trim().parse().ok().filter(|pixels| PIXELS.contains(pixels))?);
            }
            ("max-mb", _) => {
                let most_mb: u64 = value.trim().parse().ok().filter(|most_mb| *most_mb > 0)?;
                self.most_bytes = Some(most_mb.checked_mul(BYTES_IN_MB)?);
            }
            _ => return None,
        }
        Some(())
    }

    /// Whether the question takes files of a media type.
    pub fn takes(&self, media_type: &str) -> bool {
        let fits = |range: &String| {
            range.strip_suffix("/*").map_or(range == media_type, |kind| group(media_type) == kind || kind == "*")
        };
        self.media_types.is_empty() || self.media_types.iter().any(fits)
    }

    pub(crate) fn check(&self, attached: &Attached) -> Result<(), AnswerProblem> {
        if !self.takes(&attached.media_type) {
            return Err(AnswerProblem::WrongMedia { media_type: attached.media_type.clone() });
        }
        match self.most_bytes {
            Some(limit_bytes) if attached.size_bytes > limit_bytes => Err(AnswerProblem::FileTooLarge { limit_bytes }),
            _ => Ok(()),
        }
    }
}

fn group(media_type: &str) -> &str {
    media_type.split_once('/').map_or("", |(group, _)| group)
}

fn is_media_range(text: &str) -> bool {
    let is_word = |word: &str| {
        let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".+-_".contains(&byte);
        !word.is_empty() && word.bytes().all(is_part)
    };
    text.split_once('/').is_some_and(|(group, rest)| match (group, rest) {
        ("*", rest) => rest == "*",
        (group, rest) => is_word(group) && (rest == "*" || is_word(rest)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(kind: QuestionKind, parameters: &str, accept: &str) -> AttachmentRules {
        AttachmentRules::read(kind, parameters, accept).unwrap().unwrap()
    }

    #[test]
    fn a_sheet_says_what_is_taken() {
        let photo = rules(QuestionKind::Image, "max-pixels=1600 max-mb=5", "");
        assert!(photo.takes("image/jpeg") && !photo.takes("audio/ogg") && !photo.takes("image"));
        assert_eq!((photo.most_pixels, photo.most_bytes), (Some(1600), Some(5 * 1024 * 1024)));
        let sheet = rules(QuestionKind::File, "", "application/pdf, IMAGE/*");
        assert!(sheet.takes("application/pdf") && sheet.takes("image/png") && !sheet.takes("text/html"));
        assert!(rules(QuestionKind::File, "", "").takes("text/plain"));
        assert!(rules(QuestionKind::File, "", "*/*").takes("text/plain"));
        assert_eq!(rules(QuestionKind::Audio, "quality=low", "").quality.bits_per_second(), Some(24_000));
        assert_eq!(rules(QuestionKind::Audio, "", "").quality, Quality::Normal);
        assert_eq!(rules(QuestionKind::Audio, "quality=external", "").quality.bits_per_second(), None);
        assert_eq!(AttachmentRules::read(QuestionKind::Text, "rows=5", ""), Ok(None));
    }

    #[test]
    fn what_a_sheet_says_wrongly_is_refused() {
        for (kind, parameters, accept) in [
            (QuestionKind::Image, "quality=low", ""),
            (QuestionKind::Audio, "max-pixels=1600", ""),
            (QuestionKind::Audio, "quality=best", ""),
            (QuestionKind::Image, "max-pixels=3", ""),
            (QuestionKind::Image, "max-pixels", ""),
            (QuestionKind::File, "max-mb=0", ""),
            (QuestionKind::File, "max-mb=99999999999999999999", ""),
            (QuestionKind::File, "max-mb=9999999999999999999", ""),
            (QuestionKind::File, "", ".pdf"),
            (QuestionKind::File, "", "*/pdf"),
            (QuestionKind::File, "", "text/pl ain"),
            (QuestionKind::Image, "", "application/pdf"),
            (QuestionKind::Text, "", "application/pdf"),
        ] {
            let read = AttachmentRules::read(kind, parameters, accept);
            assert!(read.is_err(), "{kind} {parameters} {accept}: {read:?}");
        }
    }

    #[test]
    fn a_file_is_held_to_type_and_size() {
        let rules = rules(QuestionKind::Image, "max-mb=1", "");
        let file = |media_type: &str, size_bytes| Attached {
            file_name: "su.jpg".to_owned(),
            media_type: media_type.to_owned(),
            size_bytes,
        };
        assert_eq!(rules.check(&file("image/jpeg", BYTES_IN_MB)), Ok(()));
        assert_eq!(
            rules.check(&file("image/jpeg", BYTES_IN_MB + 1)),
            Err(AnswerProblem::FileTooLarge { limit_bytes: BYTES_IN_MB })
        );
        assert_eq!(
            rules.check(&file("text/html", 1)),
            Err(AnswerProblem::WrongMedia { media_type: "text/html".to_owned() })
        );
    }
}
