//! Who is who, between a hub and the server above it, both ways: what is read is written the same way.
#![no_main]

use kend_domain::{PersonId, Role};
use kend_fuzz::{DEVICE, areas, begin_with, certificate, orders};
use kend_sync::protocol::PROTOCOL;
use kend_sync::{Colleague, Epoch, OrdersPassed, Revoked, RosterRequest, RosterResponse, Ticket};
use libfuzzer_sys::fuzz_target;

fn beginnings() -> [(&'static str, Vec<u8>); 2] {
    let person = PersonId::from_bytes([4; 16]);
    let request = RosterRequest {
        protocol: PROTOCOL,
        epoch: Some(Epoch([3; 16])),
        known_serial: 7,
        certificates: vec![certificate()],
        colleagues: vec![Colleague { person, name: "Aynur".to_owned(), role: Role::ClusterUnit, areas: areas() }],
        revoked: vec![Revoked { device: DEVICE }],
        passed: vec![OrdersPassed { device: DEVICE, done: 1, held: 2 }],
    };
    let response = RosterResponse {
        protocol: PROTOCOL,
        epoch: Epoch([3; 16]),
        certificates: vec![certificate()],
        known_serial: 8,
        orders: orders(),
        more: true,
        ticket: Ticket([2; 32]),
    };
    [("request", request.encode()), ("response", response.encode())]
}

fuzz_target!(init: begin_with(beginnings()), |bytes: &[u8]| {
    if let Ok(request) = RosterRequest::decode(bytes) {
        assert_eq!(request.encode(), bytes);
    }
    if let Ok(response) = RosterResponse::decode(bytes) {
        assert_eq!(response.encode(), bytes);
    }
});
