//! How many tests passed and failed, read from what the test runners print.
//!
//! Only the line in which a runner sums up is read: cargo's own, nextest's and vitest's.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result};

use crate::house::as_typed;

/// Passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// How a summing-up begins: cargo's, nextest's, vitest's.
const SUMS: [&str; 3] = ["test result:", "Summary [", "Tests "];

/// Runs a command to its end, shows what it prints and counts. A command that sums nothing up counts as one; a failed
/// one has at least one failure, whatever it printed.
pub(crate) fn run_and_count(command: &mut Command) -> Result<Count> {
    let line = as_typed(command);
    println!("  $ {line}");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("can't start `{line}`"))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut count = Count::default();
    thread::scope(|scope| {
        let errors =
            scope.spawn(|| stderr.map(|stream| pass_on(stream, |line| eprintln!("{line}"))).unwrap_or_default());
        count += stdout.map(|stream| pass_on(stream, |line| println!("{line}"))).unwrap_or_default();
        count += errors.join().unwrap_or_default();
    });
    let status = child.wait().with_context(|| format!("can't wait for `{line}`"))?;
    if !status.success() {
        println!("  `{line}` failed ({status})");
    }
    Ok(settled(count, status.success()))
}

fn settled(count: Count, success: bool) -> Count {
    match (success, count) {
        (true, Count { passed: 0, failed: 0 }) => Count { passed: 1, failed: 0 },
        (false, Count { passed, failed: 0 }) => Count { passed, failed: 1 },
        _ => count,
    }
}

fn pass_on(stream: impl Read, show: impl Fn(&str)) -> Count {
    let mut count = Count::default();
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|length| length > 0) {
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_end_matches(['\n', '\r']);
        show(line);
        count += counted(line);
        bytes.clear();
    }
    count
}

/// What a line sums up; nothing for any other line.
fn counted(line: &str) -> Count {
    let plain = without_colours(line);
    let plain = plain.trim_start();
    let mut count = Count::default();
    let Some(sums) = SUMS.into_iter().find_map(|sum| plain.strip_prefix(sum)) else { return count };
    let words: Vec<&str> =
        sums.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    for pair in words.windows(2) {
        let [number, word] = pair else { continue };
        let Ok(number) = number.parse::<u32>() else { continue };
        match *word {
            "passed" => count.passed += number,
            // nextest's `1 timed out` and `1 exec failed`.
            "failed" | "timed" | "exec" => count.failed += number,
            _ => {}
        }
    }
    count
}

fn without_colours(line: &str) -> String {
    let mut plain = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            // A colour ends with its first letter.
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_runners_summing_up_is_read() {
        let cases = [
            ("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s", 12, 0),
            ("test result: FAILED. 11 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out", 11, 2),
            ("     Summary [   1.234s] 40 tests run: 37 passed (2 slow), 1 failed, 2 timed out, 5 skipped", 37, 3),
            (
                "\u{1b}[32;1m     Summary\u{1b}[0m [   0.020s] \u{1b}[1m3\u{1b}[0m tests run: \u{1b}[1m3\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, 0 skipped",
                3,
                0,
            ),
            ("      Tests  1 failed | 11 passed (12)", 11, 1),
            ("      Tests  12 passed (12)", 12, 0),
            (" Test Files  3 passed (3)", 0, 0),
            ("test a_summary_of_3_passed ... ok", 0, 0),
        ];
        for (line, passed, failed) in cases {
            assert_eq!(counted(line), Count { passed, failed }, "{line}");
        }
    }

    #[test]
    fn a_failed_command_never_counts_as_passed() {
        assert_eq!(settled(Count { passed: 7, failed: 0 }, false), Count { passed: 7, failed: 1 });
        assert_eq!(settled(Count::default(), false), Count { passed: 0, failed: 1 });
        assert_eq!(settled(Count { passed: 7, failed: 2 }, false), Count { passed: 7, failed: 2 });
        assert_eq!(settled(Count::default(), true), Count { passed: 1, failed: 0 });
    }

    #[test]
    fn both_streams_of_a_command_are_counted() {
        let sums = "echo 'test result: ok. 2 passed; 0 failed'; echo 'Summary [ 1s] 3 tests run: 2 passed, 1 failed' >&2; exit 1";
        assert_eq!(run_and_count(Command::new("sh").args(["-c", sums])).unwrap(), Count { passed: 4, failed: 1 });
    }
}
