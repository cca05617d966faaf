//! Every check there is: one row each. All of a suite are run, also after one failed, and the last line sums up.

use std::io::{IsTerminal, stdout};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use kend_tests::{Disk, Postgres, SHARED_SERVER, Stopwatch};

use crate::count::{Count, run_and_count};
use crate::house::{House, answer};
use crate::setup::{Goal, WINDOW_SHOWS_BUILT_UI, schemathesis, set_up};

/// Which checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// The Rust part: format, lints, tests, dependencies.
    Unit,
    /// The UI: types, lints, tests, and the bridge to the Rust types.
    Ui,
    /// A real window and a real browser against a real hub.
    E2e,
    /// Ten thousand simulated histories of devices and hubs.
    Sim,
    /// All of these, with as many histories as two minutes hold.
    All,
}

impl Suite {
    fn goals(self) -> &'static [Goal] {
        match self {
            Self::Unit | Self::Sim => &[Goal::Rust],
            Self::Ui => &[Goal::Ui],
            Self::E2e => &[Goal::Drive],
            Self::All => &[Goal::Rust, Goal::Ui, Goal::Drive],
        }
    }
}

/// What came of a check.
enum Outcome {
    Counted(Count),
    /// Not possible here, and why.
    LeftOut(&'static str),
}

/// One row.
struct Check {
    name: &'static str,
    suite: Suite,
    run: fn(&House) -> Result<Outcome>,
}

const CHECKS: [Check; 12] = [
    Check { name: "format", suite: Suite::Unit, run: |house| all(house, &[&["cargo", "fmt", "--all", "--check"]]) },
    Check {
        name: "UI: types, lints, tests, build",
        suite: Suite::Ui,
        run: |house| Ok(Outcome::Counted(run_and_count(house.command(["npm", "run", "all"]).current_dir(house.ui()))?)),
    },
    Check {
        name: "bridge between UI and Rust",
        suite: Suite::Ui,
        run: |house| {
            crate::bridge::bridge(house, true)?;
            Ok(Outcome::Counted(Count { passed: 1, failed: 0 }))
        },
    },
    Check { name: "lints", suite: Suite::Unit, run: |house| all(house, &[&LINTS]) },
    Check { name: "Rust tests", suite: Suite::Unit, run: rust_tests },
    Check { name: "the hub's tests on PostgreSQL", suite: Suite::Unit, run: on_postgres },
    Check { name: "examples in the documentation", suite: Suite::Unit, run: |house| all(house, &[&DOCUMENTATION]) },
    Check { name: "licences, sources and bans of dependencies", suite: Suite::Unit, run: dependencies },
    Check { name: "known holes of dependencies", suite: Suite::Unit, run: advisories },
    Check { name: "known holes of the UI's packages", suite: Suite::Ui, run: audit_of_packages },
    Check { name: SIMULATED, suite: Suite::Sim, run: |house| all(house, &[&SIM]) },
    Check { name: "window, browser, devices", suite: Suite::E2e, run: end_to_end },
];

const LINTS: [&str; 9] = [
    "cargo",
    "clippy",
    "--workspace",
    "--all-targets",
    "--features",
    WINDOW_SHOWS_BUILT_UI,
    "--",
    "--deny",
    "warnings",
];
const DOCUMENTATION: [&str; 6] = ["cargo", "test", "--workspace", "--doc", "--features", WINDOW_SHOWS_BUILT_UI];
const NEXTEST: [&str; 6] = ["cargo", "nextest", "run", "--workspace", "--features", WINDOW_SHOWS_BUILT_UI];
/// Not `--all-targets`: that would run the benchmarks too.
const CARGO_TEST: [&str; 14] = [
    "cargo",
    "test",
    "--workspace",
    "--exclude",
    "kend-tests",
    "--exclude",
    "kend-link",
    "--lib",
    "--bins",
    "--tests",
    "--examples",
    "--no-fail-fast",
    "--features",
    WINDOW_SHOWS_BUILT_UI,
];
const SIMULATED: &str = "simulated histories";
/// Ten thousand seeds, which is the program's default; its last line tells how many were run.
const SIM: [&str; 6] = ["cargo", "run", "--quiet", "--package", "kend-sim", "--"];
/// Among all other checks the simulator has two minutes.
const SIM_AMONG_ALL: [&str; 2] = ["--seconds", "120"];
/// The tests that drive the built programs, in nextest's words.
const DRIVING: &str = "(package(kend-tests) | package(kend-link)) & kind(test) & !binary(floors)";
/// The same in cargo's.
const DRIVING_BINARIES: [&str; 16] = [
    "--test",
    "attachments",
    "--test",
    "window",
    "--test",
    "browser",
    "--test",
    "two_devices",
    "--test",
    "fire",
    "--test",
    "erased",
    "--test",
    "misuse",
    "--test",
    "breaks",
];
/// The packages that they are in.
const DRIVERS: [&str; 4] = ["--package", "kend-tests", "--package", "kend-link"];

/// Sets up, runs all checks of the suite and sums up.
pub(crate) fn test(house: &House, suite: Suite) -> Result<()> {
    let watch = Stopwatch::start();
    set_up(house, suite.goals())?;
    let mut total = Count::default();
    let mut lines = Vec::new();
    for check in CHECKS.iter().filter(|check| suite == Suite::All || suite == check.suite) {
        println!("\n== {}", check.name);
        let own = Stopwatch::start();
        let outcome = match check.name {
            SIMULATED if suite == Suite::All => all(house, &[&[&SIM[..], &SIM_AMONG_ALL].concat()]),
            _ => (check.run)(house),
        };
        let outcome = outcome.unwrap_or_else(|error| {
            println!("{error:#}");
            Outcome::Counted(Count { passed: 0, failed: 1 })
        });
        let result = match outcome {
            Outcome::Counted(count) => {
                total += count;
                format!("{} passed, {} failed", count.passed, count.failed)
            }
            Outcome::LeftOut(why) => format!("left out: {why}"),
        };
        lines.push(format!("{:>7.1} s  {}: {result}", own.elapsed().as_secs_f64(), check.name));
    }
    println!("\n{}\n{:>7.1} s  in all", lines.join("\n"), watch.elapsed().as_secs_f64());
    println!("{} passed, {} failed", total.passed, total.failed);
    ensure!(total.failed == 0, "{} failed", total.failed);
    Ok(())
}

/// Says to the tests where the programs are that they drive.
pub(crate) fn name_programs(house: &House, command: &mut Command) {
    command
        .env("KEND_APP", house.program("kend-desktop"))
        .env("KEND_HUB", house.program("kend-hub"))
        .env("KEND_CLI", house.program("kend"))
        .env("KEND_UI_DIST", house.built_ui())
        .env("KEND_TAURI_DRIVER", house.tool("tauri-driver"))
        .env("KEND_SCHEMATHESIS", schemathesis(house))
        .env("KEND_CHECKOUT", &house.root);
}

fn all(house: &House, commands: &[&[&str]]) -> Result<Outcome> {
    let mut count = Count::default();
    for words in commands {
        count += run_and_count(&mut cargo(house, words))?;
    }
    Ok(Outcome::Counted(count))
}

/// A cargo command that keeps its colours though its output is read.
fn cargo(house: &House, words: &[&str]) -> Command {
    let mut command = house.command(words);
    if stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    command
}

/// nextest runs each test in a process of its own and so faster; without it cargo does.
fn has_nextest(house: &House) -> bool {
    answer(&mut house.command(["cargo", "nextest", "--version"])).is_some()
}

fn rust_tests(house: &House) -> Result<Outcome> {
    if has_nextest(house) {
        let filter = format!("!({DRIVING})");
        return all(house, &[&[&NEXTEST[..], &["--filterset", &filter]].concat()]);
    }
    all(house, &[&CARGO_TEST, &[&["cargo", "test"], &DRIVERS[..], &["--lib", "--bins", "--test", "floors"]].concat()])
}

/// The tests of the running hub once more, each hub in a database of its own.
fn on_postgres(house: &House) -> Result<Outcome> {
    let Some(server) = Postgres::start(Disk::Unsynced)? else {
        return Ok(Outcome::LeftOut("PostgreSQL is not on this machine"));
    };
    let nextest = has_nextest(house);
    let runner: &[&str] = if nextest { &["nextest", "run"] } else { &["test"] };
    let mut command = cargo(house, &[&["cargo"], runner, &["--package", "kend-hub", "--test", "hub"]].concat());
    if nextest {
        command.arg("--no-fail-fast");
    }
    command.env(SHARED_SERVER, server.socket());
    Ok(Outcome::Counted(run_and_count(&mut command)?))
}

fn end_to_end(house: &House) -> Result<Outcome> {
    // These packages alone: the rest of the workspace is not needed for them.
    let mut command = if has_nextest(house) {
        let mut command = cargo(house, &["cargo", "nextest", "run"]);
        command.args(DRIVERS).args(["--filterset", DRIVING]);
        command
    } else {
        let mut command = cargo(house, &["cargo", "test", "--no-fail-fast"]);
        command.args(DRIVERS).args(DRIVING_BINARIES).args(["--", "--test-threads", "1"]);
        command
    };
    name_programs(house, &mut command);
    Ok(Outcome::Counted(run_and_count(&mut command)?))
}

fn deny(house: &House, words: &[&str]) -> Result<Command> {
    let program =
        house.tool("cargo-deny").into_os_string().into_string().ok().context("the build folder's name is no text")?;
    Ok(cargo(house, &[&[program.as_str(), "--all-features"], words].concat()))
}

fn dependencies(house: &House) -> Result<Outcome> {
    Ok(Outcome::Counted(run_and_count(&mut deny(
        house,
        &["check", "--hide-inclusion-graph", "licenses", "sources", "bans"],
    )?)?))
}

/// The list of known holes comes from the network; without it nothing can be said, and Kend is none the worse.
fn advisories(house: &House) -> Result<Outcome> {
    if answer(&mut deny(house, &["fetch", "db"])?).is_none() {
        return Ok(Outcome::LeftOut("the list of known holes can't be fetched here"));
    }
    Ok(Outcome::Counted(run_and_count(&mut deny(house, &["check", "--disable-fetch", "advisories"])?)?))
}

/// The same for the packages that the UI is built with and of. The registry is asked; one that has no answer, or none that
/// is about holes, says nothing about them.
fn audit_of_packages(house: &House) -> Result<Outcome> {
    let output =
        house.command(["npm", "audit", "--json"]).current_dir(house.ui()).output().context("can't start npm")?;
    let Some(holes) = known_holes(&String::from_utf8_lossy(&output.stdout)) else {
        return Ok(Outcome::LeftOut("the registry of packages does not tell known holes here"));
    };
    for hole in &holes {
        println!("{hole}");
    }
    Ok(Outcome::Counted(Count { passed: u32::from(holes.is_empty()), failed: u32::from(!holes.is_empty()) }))
}

/// The packages with known holes in what npm says; none when it could not find out.
fn known_holes(said: &str) -> Option<Vec<String>> {
    let said: serde_json::Value = serde_json::from_str(said).ok()?;
    let holes = said.get("vulnerabilities")?.as_object()?;
    let line = |(package, hole): (&String, &serde_json::Value)| {
        format!("{package}: {}", hole.get("severity").and_then(serde_json::Value::as_str).unwrap_or("unknown"))
    };
    Some(holes.iter().map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audit_tells_holes_from_none_and_from_a_registry_that_does_not_say() {
        let whole = r#"{"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {}}"#;
        assert_eq!(known_holes(whole), Some(Vec::new()));
        let hole = r#"{"vulnerabilities": {"left-pad": {"severity": "high"}}, "metadata": {}}"#;
        assert_eq!(known_holes(hole), Some(vec!["left-pad: high".to_owned()]));
        for silent in ["", "<html>", r#"{"message": "405 Method Not Allowed", "error": {}}"#] {
            assert_eq!(known_holes(silent), None, "{silent}");
        }
    }
}
