//! Packs: as files, and their content, which a fuzzer would not reach behind the file's hash.
#![no_main]

use kend_pack::{Pack, PackContent};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(pack) = Pack::read(bytes) {
        let _ = pack.check_sections();
    }
    let Ok(content) = serde_json::from_slice::<PackContent>(bytes) else { return };
    if let Ok(pack) = Pack::new(content) {
        let written = pack.write().expect("a pack that was read is not too large");
        let read = Pack::read(&written).expect("a pack that was written is read");
        assert_eq!(read.fingerprint(), pack.fingerprint());
    }
});
