//! The UI's side of the contract, generated from the Rust types, so that neither can change alone.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::house::{House, as_typed};

/// Prints the file.
const GENERATE: [&str; 8] = ["cargo", "run", "--package", "kend-app", "--features", "bindings", "--example", "bridge"];
/// Where it lies in the checkout.
const FILE: &str = "ui/src/lib/api/bridge.ts";

/// Writes the file, or compares it.
pub(crate) fn bridge(house: &House, check: bool) -> Result<()> {
    let path = house.root.join(FILE);
    let generated = generate(&mut house.command(GENERATE))?;
    let there = fs::read_to_string(&path).unwrap_or_default();
    if there == generated {
        println!("{FILE} is as the Rust types say");
        return Ok(());
    }
    if check {
        bail!("{FILE} differs from the Rust types{}: run `cargo xtask bridge`", first_difference(&there, &generated));
    }
    fs::write(&path, generated).with_context(|| format!("can't write {}", path.display()))?;
    println!("{FILE} is written anew");
    Ok(())
}

fn generate(command: &mut Command) -> Result<String> {
    let line = as_typed(command);
    println!("  $ {line}");
    // What the compiler says is shown; only the file itself is read.
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("can't start `{line}`"))?;
    ensure!(output.status.success(), "`{line}` failed ({})", output.status);
    String::from_utf8(output.stdout).context("the generated file is no text")
}

fn first_difference(there: &str, generated: &str) -> String {
    let mut pairs = there.lines().zip(generated.lines()).enumerate();
    match pairs.find(|(_, (old, new))| old != new) {
        Some((index, (old, new))) => format!(" from line {} on (there: `{old}`, wanted: `{new}`)", index + 1),
        None => " in its length".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_shown_with_its_line() {
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), " from line 2 on (there: `b`, wanted: `c`)");
        assert_eq!(first_difference("a\n", "a\nb\n"), " in its length");
    }

    #[test]
    fn a_generator_that_fails_is_no_empty_file() {
        let error = generate(Command::new("sh").args(["-c", "exit 1"])).unwrap_err();
        assert!(error.to_string().contains("failed (exit status: 1)"), "{error}");
    }
}
