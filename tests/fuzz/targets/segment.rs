//! Segments: what is read is written the same way, and only a right signature holds.
#![no_main]

use kend_log::Segment;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(segment) = Segment::from_bytes(bytes) else { return };
    assert!(segment.verify(&[7; 32]).is_err(), "a segment of nobody verifies");
    let written = segment.to_bytes().expect("a segment that was read is not too large");
    assert_eq!(Segment::from_bytes(&written).as_ref(), Ok(&segment));
});
