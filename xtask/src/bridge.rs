//! What is generated from the Rust types of the contract, so that neither side can change alone: the UI's bridge, the
//! `OpenAPI` document, and views of the made-up pack for looking at screens.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::house::{House, as_typed};

/// Prints a file, with the name of the example behind.
const GENERATE: [&str; 7] = ["cargo", "run", "--package", "kend-app", "--features", "bindings", "--example"];
/// The example that prints each file with what it is told, and where the file lies in the checkout.
const FILES: [(&str, &[&str], &str); 5] = [
    ("bridge", &[], "ui/src/lib/api/bridge.ts"),
    ("openapi", &[], "schema/openapi.json"),
    // What the made-up pack says, for screens that are looked at without a core.
    ("synthetic_views", &["az"], "ui/tests/synthetic/az.json"),
    ("synthetic_views", &["en"], "ui/tests/synthetic/en.json"),
    ("synthetic_views", &["ru"], "ui/tests/synthetic/ru.json"),
];

/// Writes the files, or compares them.
pub(crate) fn bridge(house: &House, check: bool) -> Result<()> {
    FILES.iter().try_for_each(|(example, told, file)| generated_file(house, example, told, file, check))
}

fn generated_file(house: &House, example: &str, told: &[&str], file: &str, check: bool) -> Result<()> {
    let path = house.root.join(file);
    let mut command = house.command(GENERATE);
    command.arg(example);
    if !told.is_empty() {
        command.arg("--").args(told);
    }
    let generated = generate(&mut command)?;
    let there = fs::read_to_string(&path).unwrap_or_default();
    if there == generated {
        println!("{file} is as the Rust types say");
        return Ok(());
    }
    if check {
        bail!("{file} differs from the Rust types{}: run `cargo xtask bridge`", first_difference(&there, &generated));
    }
    fs::write(&path, generated).with_context(|| format!("can't write {}", path.display()))?;
    println!("{file} is written anew");
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
