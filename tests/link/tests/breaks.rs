//! The short form of a line that dies again and again: `cargo xtask bench link` has the long one.

use std::process::Command;

#[test]
fn over_a_line_that_dies_every_few_seconds_each_contact_brings_something_and_in_the_end_all_is_through() {
    let output = Command::new(env!("CARGO_BIN_EXE_kend-link")).args(["breaks", "--short"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("interviews through in") || said.starts_with("left out: "), "{said}");
}
