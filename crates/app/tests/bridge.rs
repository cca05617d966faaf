//! The committed bridge is the one that the types give today.

#[test]
fn the_committed_bridge_is_fresh() {
    let committed = include_str!("../../../ui/src/lib/api/bridge.ts");
    assert!(committed == kend_app::bridge::typescript(), "run `cargo xtask bridge`");
}
