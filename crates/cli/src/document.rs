//! A document from a file or standard input, up to a size.

use std::{fs::File, io::Read, path::Path};

/// The largest document that is read. A cluster of 100,000 interviews stays below.
const MAX_DOCUMENT_BYTES: u64 = 256 * 1024 * 1024;

/// The name that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// A document that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DocumentError {
    /// It is not there, or not for us.
    #[error("can't read {file}")]
    Read {
        /// Its name.
        file: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is too large.
    #[error("{file} is larger than {MAX_DOCUMENT_BYTES} bytes")]
    TooLarge {
        /// Its name.
        file: String,
    },
}

/// The name of a document in messages.
pub(crate) fn name(file: &Path) -> String {
    if file.as_os_str() == STANDARD_INPUT { "standard input".to_owned() } else { file.display().to_string() }
}

/// All bytes of a document.
pub(crate) fn bytes(file: &Path) -> Result<Vec<u8>, DocumentError> {
    let failed = |source| DocumentError::Read { file: name(file), source };
    let reader: Box<dyn Read> = if file.as_os_str() == STANDARD_INPUT {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(File::open(file).map_err(failed)?)
    };
    let mut document = Vec::new();
    // One byte more than allowed, so that a larger document is known without reading all of it.
    let bytes = reader.take(MAX_DOCUMENT_BYTES + 1).read_to_end(&mut document).map_err(failed)?;
    if u64::try_from(bytes).is_ok_and(|bytes| bytes > MAX_DOCUMENT_BYTES) {
        return Err(DocumentError::TooLarge { file: name(file) });
    }
    Ok(document)
}
