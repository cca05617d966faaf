//! What the app says of a disk that refuses: read-only while it lasts, and over when it is over.

use std::sync::Arc;

use kend_app::api::ErrorCode;
use kend_app::{Device, Step, Suggestion};
use kend_crash::{Fault, FaultKind, watch};
use kend_machine::Folder;
use kend_world::Machine;
use serde_json::{Value, json};

fn ask(device: &mut Device, command: &str, request: Value) -> Result<Value, ErrorCode> {
    match device.call(command, request) {
        Ok(Step::View(view)) => Ok(view),
        Ok(Step::Ask(_)) => panic!("{command} asks the hub"),
        Err(error) => Err(error.code),
    }
}

#[test]
fn a_disk_that_refuses_makes_the_store_read_only_on_screen_until_it_writes_again() {
    for kind in [FaultKind::Write, FaultKind::Full, FaultKind::Sync] {
        let folder = tempfile::tempdir().unwrap();
        let watched = watch(folder.path()).unwrap();
        let folder = Folder::open(folder.path().canonicalize().unwrap()).unwrap();
        let mut device = Device::new(Box::new(folder), Arc::new(Machine::new().unwrap()), Suggestion::default());
        ask(&mut device, "create_store", json!({ "passphrase": "səkkiz hərf", "name": "Aysel", "language": "az" }))
            .unwrap();
        let add = |name: &str| json!({ "name": name, "position": { "latitude": 40.99, "longitude": 45.63 } });
        ask(&mut device, "add_village", add("Dondar")).unwrap();
        let there = ask(&mut device, "list_villages", json!({ "near": null })).unwrap();

        watched.refuse(Some(Fault { kind, at: 1, lasting: true }));
        assert_eq!(ask(&mut device, "add_village", add("Qaraxanlı")), Err(ErrorCode::DiskRefused), "{kind:?}");
        for _ in 0..2 {
            assert_eq!(ask(&mut device, "status", json!({})).unwrap()["store"], "read_only", "{kind:?}");
        }
        // Everything can be read meanwhile, and what was refused is not there.
        assert_eq!(ask(&mut device, "list_villages", json!({ "near": null })).unwrap(), there, "{kind:?}");

        watched.refuse(None);
        assert_eq!(ask(&mut device, "status", json!({})).unwrap()["store"], "sound", "{kind:?}");
        ask(&mut device, "add_village", add("Qaraxanlı")).unwrap();
    }
}
