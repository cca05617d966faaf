//! What is generated from the types is committed as the types give it today.

#[test]
fn the_committed_bridge_is_fresh() {
    let committed = include_str!("../../../ui/src/lib/api/bridge.ts");
    assert!(committed == kend_app::bridge::typescript(), "run `cargo xtask bridge`");
}

#[test]
fn the_committed_openapi_document_is_fresh_and_names_every_command() {
    let committed = include_str!("../../../schema/openapi.json");
    assert!(committed == kend_app::openapi::json(), "run `cargo xtask bridge`");
    let document: serde_json::Value = serde_json::from_str(committed).unwrap();
    let paths = document["paths"].as_object().unwrap();
    // Devices' paths for attachments stand there too.
    let commands = paths.keys().filter(|path| path.starts_with("/api/")).count();
    assert_eq!(commands, kend_app::commands::DESK_COMMANDS.len() + kend_app::commands::RIM_COMMANDS.len());
}
