//! The demo project's pack, built from `examples/azerbaijan` as an office builds one and carried in the program, so that a
//! fresh installation can be tried without a file.

use crate::{Pack, PackError};

/// The committed file; a test of the example says that it equals a fresh build.
const DEMO_PACK: &[u8] = include_bytes!("../../../schema/demo/demo.kendpack");

impl Pack {
    /// The pack of the demo project.
    pub fn demo() -> Result<Self, PackError> {
        Self::read(DEMO_PACK)
    }
}
