//! Kend on one machine: a hub, and the app's window on the demo project.
//!
//! Without a display there is only the hub, and its address to open in a browser. Ctrl-C ends what was started here.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use kend_tests::{Hub, HubFiles, Process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::house::House;
use crate::setup::{Goal, set_up};

/// Where the hub listens unless another port is asked for.
pub(crate) const PORT: u16 = 8470;
/// The area of the demo's people: a rayon of the first priority cluster.
const AREA: &str = "AZ-TOV";
/// The demo's supervisor.
const SUPERVISOR: &str = "Leyla";
/// The demo's enumerator, who holds the device.
const ENUMERATOR: &str = "Aysel";
/// The accounts of the demo, for whoever runs it.
const PEOPLE_FILE: &str = "demo-people.txt";
/// Only its owner reads it.
const PEOPLE_FILE_MODE: u32 = 0o600;
/// How often it is asked whether all still run.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Sets up and runs until the window is closed or Ctrl-C.
pub(crate) fn run(house: &House, data: Option<PathBuf>, port: u16) -> Result<()> {
    set_up(house, &[Goal::Run])?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&stop)).context("can't listen for Ctrl-C")?;
    }
    let folder = data.unwrap_or_else(|| house.kend_folder());
    fs::create_dir_all(&folder).with_context(|| format!("can't make {}", folder.display()))?;
    let files = HubFiles { program: house.program("kend-hub"), ui: house.built_ui(), data: folder.join("hub") };
    let mut hub = Hub::start(files, ([127, 0, 0, 1], port).into(), &folder.join("hub.log"))?;
    println!("\nThe hub runs at {} (it writes {}).", hub.address(), folder.join("hub.log").display());
    greet_people(&hub, &folder)?;
    if has_display() {
        let window = open_window(house, &hub, &folder)?;
        println!("The app's window is open. Close it, or press Ctrl-C here, to end both.");
        wait(&stop, &mut hub, Some(window))
    } else {
        println!(
            "There is no display here, so there is no window: open {} in a browser. Ctrl-C ends the hub.",
            hub.address()
        );
        wait(&stop, &mut hub, None)
    }
}

/// Makes the supervisor's account at the first start, and says where it is written at every later one.
fn greet_people(hub: &Hub, folder: &Path) -> Result<()> {
    let file = folder.join(PEOPLE_FILE);
    if file.exists() {
        println!("To sign in with a browser: the name and password in {}.", file.display());
        return Ok(());
    }
    let password = hub.files.person(SUPERVISOR, "supervisor", AREA)?.0;
    let mut people = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(PEOPLE_FILE_MODE)
        .open(&file)
        .with_context(|| format!("can't write {}", file.display()))?;
    writeln!(people, "supervisor of the demo project, at {}\nname: {SUPERVISOR}\npassword: {password}", hub.address())?;
    println!("To sign in with a browser: name {SUPERVISOR}, password {password} (kept in {}).", file.display());
    Ok(())
}

fn open_window(house: &House, hub: &Hub, folder: &Path) -> Result<Process> {
    // A new code at each start: one that was given before may be used or too old by now.
    let code = hub.files.enrol(ENUMERATOR, "enumerator", AREA)?;
    let mut command = Command::new(house.program("kend-desktop"));
    command.arg("--data").arg(folder.join("device")).args(["--hub", hub.address(), "--code", &code]);
    Process::start("the app", &mut command, &folder.join("app.log"))
}

fn wait(stop: &AtomicBool, hub: &mut Hub, mut window: Option<Process>) -> Result<()> {
    while !stop.load(Ordering::Relaxed) {
        if let Some(status) = hub.process().has_ended()? {
            bail!("the hub ended ({status}): {}", hub.process().last_lines());
        }
        if let Some(window) = &mut window
            && let Some(status) = window.has_ended()?
        {
            if !status.success() {
                bail!("the app ended ({status}): {}", window.last_lines());
            }
            println!("The window was closed.");
            return Ok(());
        }
        thread::sleep(LOOK_AGAIN);
    }
    println!("Ended.");
    Ok(())
}

fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].into_iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}
