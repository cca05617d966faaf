//! Bodies of an enrolment and certificates: what is read is written the same way, and no stranger has signed it.
#![no_main]

use kend_sync::{EnrolRequest, EnrolResponse, SignedCertificate};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = EnrolRequest::decode(bytes) {
        assert_eq!(request.encode(), bytes);
    }
    if let Ok(response) = EnrolResponse::decode(bytes) {
        assert_eq!(response.encode(), bytes);
    }
    if let Ok(certificate) = SignedCertificate::from_bytes(bytes) {
        assert_eq!(certificate.to_bytes(), bytes);
        assert!(certificate.verify(&[7; 32]).is_err(), "a certificate of nobody verifies");
    }
});
