//! Bodies of an exchange, both ways: what is read is written the same way.
#![no_main]

use kend_sync::{Refusal, SyncRequest, SyncResponse};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = SyncRequest::decode(bytes) {
        assert_eq!(request.encode(), bytes);
    }
    if let Ok(response) = SyncResponse::decode(bytes) {
        assert_eq!(response.encode(), bytes);
    }
    if let Ok(refusal) = Refusal::decode(bytes) {
        assert_eq!(refusal.encode(), bytes);
    }
});
