//! What is signed and kept: certificates, receipts, orders. Once as anything that comes, once with a right signature over
//! whatever stands in it: what a hub or server that went wrong could send.
#![no_main]

use kend_fuzz::{HUB, begin_with, blob_receipt, certificate, orders, receipt, sign};
use kend_sync::{Deed, SignedBlobReceipt, SignedCertificate, SignedOrder, SignedReceipt};
use libfuzzer_sys::fuzz_target;

fn beginnings() -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![("certificate", certificate().to_bytes()), ("receipt", receipt().to_bytes())];
    all.extend(["erase", "wipe", "revoke", "leave"].into_iter().zip(orders().iter().map(SignedOrder::to_bytes)));
    all.push(("blob-receipt", blob_receipt().to_bytes()));
    // What is inside of them too: an array of two, its first the bytes.
    let inner = |(_, bytes): &(_, Vec<u8>)| {
        let mut reader = minicbor::Decoder::new(bytes);
        reader.array().ok()?;
        reader.bytes().ok().map(<[u8]>::to_vec)
    };
    let names = ["in-certificate", "in-receipt", "in-erase", "in-wipe", "in-revoke", "in-leave", "in-blob-receipt"];
    let inside: Vec<_> = names.into_iter().zip(all.iter().filter_map(inner)).collect();
    all.extend(inside);
    all
}

fuzz_target!(init: begin_with(beginnings()), |bytes: &[u8]| {
    let key = kend_log::public_key(&HUB);
    let signed = |purpose: &str| {
        let mut writer = minicbor::Encoder::new(Vec::new());
        writer.array(2).and_then(|writer| writer.bytes(bytes)).and_then(|writer| writer.bytes(&sign(purpose, bytes)))
            .expect("memory is written");
        writer.into_writer()
    };
    if let Ok(certificate) = SignedCertificate::from_bytes(bytes) {
        assert_eq!(certificate.to_bytes(), bytes);
        let _ = certificate.read();
    }
    if let Ok(receipt) = SignedReceipt::from_bytes(bytes) {
        assert_eq!(receipt.to_bytes(), bytes);
        let _ = receipt.read();
    }
    if let Ok(receipt) = SignedBlobReceipt::from_bytes(bytes) {
        assert_eq!(receipt.to_bytes(), bytes);
        let _ = receipt.verify(&key);
    }
    if let Ok(order) = SignedOrder::from_bytes(bytes) {
        assert_eq!(order.to_bytes(), bytes);
        let _ = order.verify(&key);
    }
    if let Ok(deed) = Deed::from_bytes(bytes) {
        assert_eq!(deed.to_bytes(), bytes);
    }
    if let Ok(Ok(receipt)) = SignedReceipt::from_bytes(&signed("receipt 1")).map(|signed| signed.verify(&key)) {
        assert_eq!(SignedReceipt::sign(&receipt, &sign).to_bytes(), signed("receipt 1"));
    }
    if let Ok(Ok(order)) = SignedOrder::from_bytes(&signed("order 1")).map(|signed| signed.verify(&key)) {
        assert_eq!(SignedOrder::sign(&order, &sign).to_bytes(), signed("order 1"));
    }
    if let Ok(Ok(certificate)) =
        SignedCertificate::from_bytes(&signed("certificate 1")).map(|signed| signed.verify(&key))
    {
        assert_eq!(SignedCertificate::sign(&certificate, &sign).to_bytes(), signed("certificate 1"));
    }
});
