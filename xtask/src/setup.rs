//! The set-up: one row for each thing that must be there, with what it is for, how one sees that it is there, and how it
//! gets there.

mod packages;
mod stamp;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use kend_tests::{Postgres, Stopwatch};

use crate::house::{House, answer, succeed};
use packages::Packages;
use stamp::Stamp;

/// What is to be done, and so which steps are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// Run the hub and the window.
    Run,
    /// Compile, lint and test the Rust part.
    Rust,
    /// Check the UI.
    Ui,
    /// Drive a real window and a real browser.
    Drive,
    /// Measure beside the tools that others use.
    Peers,
}

impl Goal {
    /// All that running and testing need.
    pub(crate) const ALL: [Self; 4] = [Self::Run, Self::Rust, Self::Ui, Self::Drive];
}

/// One row.
struct Step {
    /// What it is.
    name: &'static str,
    /// What it is for, in a person's words.
    why: &'static str,
    /// For which goals it is needed.
    goals: &'static [Goal],
    /// Whether it is there.
    done: fn(&House) -> Result<bool>,
    /// Gets it there.
    work: fn(&House) -> Result<()>,
}

const STEPS: [Step; 12] = [
    Step {
        name: "Node",
        why: "builds and tests the screens",
        goals: &Goal::ALL,
        done: |_| Ok(node_is_new_enough()),
        work: |_| bail!("Node 20.19 or newer, with npm, must be there before anything else: see https://nodejs.org"),
    },
    Step {
        name: "system packages to build",
        why: "a C compiler and OpenSSL for the encrypted store, GDAL for layers of maps, WebKit for the app's window",
        goals: &[Goal::Run, Goal::Rust, Goal::Drive],
        done: |_| Ok(BUILD_PACKAGES.are_there()),
        work: |_| BUILD_PACKAGES.install(),
    },
    Step {
        name: "PostgreSQL",
        why: "the other place where a hub can be; tests start one of their own and leave any other alone",
        goals: &[Goal::Rust],
        done: |_| Ok(Postgres::programs().is_some()),
        work: |_| DATABASE_PACKAGES.install(),
    },
    Step {
        name: "system packages to drive the app",
        why: "a screen without a monitor, drivers for the window and for a browser, clocks that jump: for tests and pictures",
        goals: &[Goal::Drive],
        done: |_| Ok(DRIVER_PACKAGES.are_there()),
        work: |_| DRIVER_PACKAGES.install(),
    },
    Step {
        name: "UI packages",
        why: "Svelte, Vite and the UI's checks, exactly as package-lock.json names them",
        goals: &Goal::ALL,
        done: |house| Ok(house.ui().join("node_modules").is_dir() && ui_packages(house)?.is_fresh()),
        work: |house| {
            succeed(house.command(["npm", "ci", "--no-fund", "--no-audit"]).current_dir(house.ui()))?;
            ui_packages(house)?.set()
        },
    },
    Step {
        name: "UI build",
        why: "the screens that the hub serves and the app's window holds",
        goals: &Goal::ALL,
        done: |house| Ok(house.built_ui().join("index.html").is_file() && ui_build(house)?.is_fresh()),
        work: |house| {
            succeed(house.command(["npm", "run", "build"]).current_dir(house.ui()))?;
            ui_build(house)?.set()
        },
    },
    Step {
        name: "cargo-deny",
        why: "checks licences, sources and known holes of what Kend is built on (compiled once, about two minutes)",
        goals: &[Goal::Rust],
        done: |house| Ok(house.tool("cargo-deny").is_file()),
        work: |house| install(house, &["cargo-deny", "--version", "0.20.2"]),
    },
    Step {
        name: "tauri-driver",
        why: "drives the app's window in tests (compiled once, about half a minute)",
        goals: &[Goal::Drive],
        done: |house| Ok(house.tool("tauri-driver").is_file()),
        work: |house| install(house, &["tauri-driver", "--version", "2.1.0"]),
    },
    Step {
        name: "schemathesis",
        why: "makes up requests that no screen would send, and tries them on a hub",
        goals: &[Goal::Drive],
        done: |house| Ok(schemathesis(house).is_file()),
        work: |house| pip_install(house, &house.tools().join("python"), &[SCHEMATHESIS]),
    },
    Step {
        name: "GRASS",
        why: "what others calculate travel times with, to be measured beside",
        goals: &[Goal::Peers],
        done: |_| Ok(PEER_PACKAGES.are_there()),
        work: |_| PEER_PACKAGES.install(),
    },
    Step {
        name: "scikit-image and exactextract",
        why: "what others calculate travel times and coverage with, to be measured beside",
        goals: &[Goal::Peers],
        done: |house| Ok(peers(house).join("bin/python3").is_file() && peer_stamp(house)?.is_fresh()),
        work: |house| {
            pip_install(house, &peers(house), &["-r", PEER_LIST])?;
            peer_stamp(house)?.set()
        },
    },
    Step {
        name: "hub and app",
        why: "the programs themselves; cargo compiles only what changed",
        goals: &[Goal::Run, Goal::Drive],
        // Only cargo knows, and it tells in a second.
        done: |_| Ok(false),
        work: |house| succeed(&mut house.command(BUILD_PROGRAMS)),
    },
];

/// The feature that makes a debug build of the window show the built UI, and not a development server's.
pub(crate) const WINDOW_SHOWS_BUILT_UI: &str = "kend-desktop/custom-protocol";

const BUILD_PROGRAMS: [&str; 10] = [
    "cargo",
    "build",
    "--package",
    "kend-hub",
    "--package",
    "kend-cli",
    "--package",
    "kend-desktop",
    "--features",
    WINDOW_SHOWS_BUILT_UI,
];

const BUILD_PACKAGES: Packages = Packages {
    debian: &["build-essential", "pkg-config", "libgdal-dev", "libssl-dev", "libwebkit2gtk-4.1-dev"],
    elsewhere: "a C compiler, pkg-config, GDAL 3.6 or newer, OpenSSL 3 and WebKitGTK 4.1 with their headers",
};

const DATABASE_PACKAGES: Packages = Packages { debian: &["postgresql"], elsewhere: "PostgreSQL 15 or newer" };

const DRIVER_PACKAGES: Packages = Packages {
    debian: &["xvfb", "webkit2gtk-driver", "chromium", "chromium-driver", "python3-venv", "faketime"],
    elsewhere: "Xvfb, WebKitWebDriver, Chromium, chromedriver, Python 3 with venv and faketime",
};

/// Exactly this one: its checks are part of what the tests say.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// Where schemathesis is installed.
pub(crate) fn schemathesis(house: &House) -> PathBuf {
    house.tools().join("python/bin/schemathesis")
}

const PEER_PACKAGES: Packages =
    Packages { debian: &["grass-core", "python3-venv"], elsewhere: "GRASS 8 and Python 3 with venv" };
/// The peers that pip installs, each with its version.
const PEER_LIST: &str = "crates/cells/benches/peers/requirements.txt";

/// Where they are installed.
pub(crate) fn peers(house: &House) -> PathBuf {
    house.tools().join("peers")
}

fn peer_stamp(house: &House) -> Result<Stamp> {
    Stamp::of(house, "peers", &[PEER_LIST])
}

/// Does what is still to be done for these goals.
pub(crate) fn set_up(house: &House, goals: &[Goal]) -> Result<()> {
    let steps: Vec<&Step> = STEPS.iter().filter(|step| step.goals.iter().any(|goal| goals.contains(goal))).collect();
    for (index, step) in steps.iter().enumerate() {
        let place = format!("[{}/{}]", index + 1, steps.len());
        if (step.done)(house)? {
            println!("{place} {}: there", step.name);
            continue;
        }
        println!("{place} {}: {}", step.name, step.why);
        let watch = Stopwatch::start();
        (step.work)(house).with_context(|| format!("the set-up stopped at: {}", step.name))?;
        println!("{place} {}: done in {:.1} s", step.name, watch.elapsed().as_secs_f64());
    }
    Ok(())
}

fn install(house: &House, what: &[&str]) -> Result<()> {
    let mut command = house.command(["cargo", "install", "--locked", "--root"]);
    succeed(command.arg(house.tools()).args(what))
}

/// Installs what pip finds into an environment of its own.
fn pip_install(house: &House, folder: &Path, what: &[&str]) -> Result<()> {
    succeed(house.command(["python3", "-m", "venv"]).arg(folder))?;
    succeed(house.command([folder.join("bin/pip")]).args(["install", "--quiet"]).args(what))
}

fn node_is_new_enough() -> bool {
    let npm = answer(Command::new("npm").arg("--version"));
    let node = answer(Command::new("node").arg("--version"));
    npm.is_some() && node.is_some_and(|version| is_new_enough(&version))
}

/// The oldest Node that the UI's tools take.
const OLDEST_NODE: (u32, u32) = (20, 19);

fn is_new_enough(version: &str) -> bool {
    let mut parts = version.trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    matches!((parts.next(), parts.next()), (Some(major), Some(minor)) if (major, minor) >= OLDEST_NODE)
}

fn ui_packages(house: &House) -> Result<Stamp> {
    Stamp::of(house, "ui-packages", &["ui/package-lock.json", "ui/package.json"])
}

fn ui_build(house: &House) -> Result<Stamp> {
    let sources = [
        "ui/package-lock.json",
        "ui/package.json",
        "ui/index.html",
        "ui/public",
        "schema/words",
        "ui/src",
        "ui/svelte.config.js",
        "ui/tsconfig.json",
        "ui/vite.config.ts",
    ];
    Stamp::of(house, "ui-build", &sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_node_is_not_taken() {
        for (version, expected) in [
            ("v20.20.2", true),
            ("v20.19.0", true),
            ("v24.1.0", true),
            ("v18.20.4", false),
            ("v20.18.3", false),
            ("?", false),
        ] {
            assert_eq!(is_new_enough(version), expected, "{version}");
        }
    }

    #[test]
    fn every_goal_begins_with_node_and_builds_the_ui_before_cargo_embeds_it() {
        for goal in Goal::ALL {
            let names: Vec<&str> =
                STEPS.iter().filter(|step| step.goals.contains(&goal)).map(|step| step.name).collect();
            assert_eq!(names.first(), Some(&"Node"));
            let place = |name: &str| names.iter().position(|there| *there == name);
            assert!(place("UI packages") < place("UI build"));
            if place("hub and app").is_some() {
                assert!(place("UI build") < place("hub and app"));
            }
        }
    }
}
