//! Running a peer and saying how it compares.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// The result of a piece of work, and the seconds it took.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed().as_secs_f64())
}

/// Writes little-endian numbers.
pub(crate) fn write_f32(path: &Path, values: impl Iterator<Item = f32>) {
    let bytes: Vec<u8> = values.flat_map(f32::to_le_bytes).collect();
    fs::write(path, bytes).expect("the temporary folder can be written");
}

/// Writes little-endian numbers.
pub(crate) fn write_f64(path: &Path, values: impl Iterator<Item = f64>) {
    let bytes: Vec<u8> = values.flat_map(f64::to_le_bytes).collect();
    fs::write(path, bytes).expect("the temporary folder can be written");
}

/// Reads a peer's numbers.
pub(crate) fn read_f64(path: &Path) -> Vec<f64> {
    let bytes = fs::read(path).expect("the peer wrote its result");
    bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
}

fn python() -> PathBuf {
    std::env::var_os("KEND_PEERS").map_or_else(|| "python3".into(), |venv| Path::new(&venv).join("bin/python3"))
}

/// Runs a peer's file in the folder of the inputs. Its last line is the seconds its computation took, without reading and
/// writing. `None`, and a line that says so, if the peer isn't on this machine.
pub(crate) fn peer(file: &str, folder: &Path, arguments: &[String]) -> Option<f64> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(file);
    let output = Command::new(python()).arg(script).arg(folder).args(arguments).output();
    let text = match output {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            println!("{file}: left out: {}", errors.lines().last().unwrap_or("no reason given"));
            return None;
        }
        Err(error) => {
            println!("{file}: left out, no python: {error}");
            return None;
        }
    };
    let seconds = text.lines().last().and_then(|line| line.parse().ok());
    if seconds.is_none() {
        println!("{file}: left out, it said: {text}");
    }
    seconds
}

/// The largest difference of two results, relative to the larger where that is above 1; what only one of them has counts
/// as infinite.
pub(crate) fn largest_difference(ours: impl ExactSizeIterator<Item = f64>, theirs: &[f64]) -> f64 {
    assert_eq!(ours.len(), theirs.len(), "the peer has as many cells");
    let differences = ours.zip(theirs).map(|(ours, theirs)| match (ours.is_finite(), theirs.is_finite()) {
        (true, true) => (ours - theirs).abs() / ours.abs().max(theirs.abs()).max(1.0),
        (false, false) => 0.0,
        _ => f64::INFINITY,
    });
    differences.fold(0.0, f64::max)
}

/// One line: seconds of both, their ratio, and whether they agree.
pub(crate) fn compare(what: &str, ours_s: f64, peer: &str, theirs_s: f64, difference: f64, tolerance: f64) {
    let verdict = if difference <= tolerance { "agree" } else { "DIFFER" };
    println!(
        "{what}: kend {ours_s:.2} s, {peer} {theirs_s:.2} s, {:.1} times as fast; {verdict}: largest difference \
         {difference:.1e}, tolerance {tolerance:.0e}",
        theirs_s / ours_s
    );
}
