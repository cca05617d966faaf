//! Documents that people hand in: key files and inputs of the merge.
#![no_main]

use kend_readiness::MergeInput;
use kend_store::KeyFile;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = KeyFile::from_json(text);
    if let Ok(input) = MergeInput::read(text) {
        let _ = input.check(kend_readiness::Method::standard());
    }
});
