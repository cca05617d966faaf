//! How fast a whole country is, beside the tools that others use: `cargo xtask bench cells`, which sets them up.
//!
//! Each computation runs on the same made-up input in Kend and in its peers, the results are compared to the tolerance
//! printed, and one line says how the times relate. Peers are small Python files in `benches/peers/`, run with the
//! interpreter of the virtual environment that `KEND_PEERS` names or else with `python3`; `r.cost` needs `grass` on the
//! path. A peer that isn't there is named and left out. `KEND_PEERS_CELLS` (default 20000000) sets the size.

#![expect(clippy::expect_used, reason = "a benchmark whose input is wrong has nothing to measure")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod peers {
    pub(crate) mod coverage;
    pub(crate) mod input;
    pub(crate) mod report;
    pub(crate) mod travel_time;
}

fn main() {
    let cells = std::env::var("KEND_PEERS_CELLS").ok().and_then(|cells| cells.parse().ok()).unwrap_or(20_000_000.0);
    let folder = std::env::temp_dir().join(format!("kend-peers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    peers::travel_time::run(cells, &folder);
    peers::coverage::run(cells, &folder);
    std::fs::remove_dir_all(&folder).expect("the temporary folder can be removed");
}
