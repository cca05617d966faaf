//! A device whose screen is a real Chromium: what a phone has, a microphone and a camera, both of which the browser makes up.

use std::ops::Deref;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::{Browser, Deadline, Process, Size, Stage};

/// The device says where it is within this time.
const TIME_TO_START: Duration = Duration::from_secs(20);
/// A killed device is gone within this time.
const TIME_TO_GO: Duration = Duration::from_secs(20);
/// The browser beeps into the microphone once a second.
const MICROPHONE: &str = "--use-fake-device-for-media-stream";
/// How the browser answers for the person when the page asks for the microphone.
const ALLOWED: &str = "--use-fake-ui-for-media-stream";
const REFUSED: &str = "--use-fake-ui-for-media-stream=deny";

/// Whether the person lets the page use the microphone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Microphone {
    /// Yes.
    Allowed,
    /// No.
    Refused,
}

/// A device and its screen.
#[derive(Debug)]
pub struct Phone {
    browser: Browser,
    device: Process,
}

impl Phone {
    /// Starts `program` (the binary `phone` of this package) on a folder, and opens a browser on it.
    pub async fn open(stage: &Stage, program: &Path, folder: &Path, microphone: Microphone) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg(folder).arg(&stage.built.ui);
        let mut device = Process::start("phone", &mut command, &stage.log("phone"))?;
        let address = device
            .wait_for_line(TIME_TO_START, "its address", |line| line.starts_with("http://").then(|| line.to_owned()))?;
        let asked = if microphone == Microphone::Allowed { ALLOWED } else { REFUSED };
        let browser = Browser::open_with(stage, Size::PHONE, &address, &[MICROPHONE, asked]).await?;
        Ok(Self { browser, device })
    }

    /// Kills the device at once (SIGKILL), as an empty battery would, and closes the screen.
    pub async fn kill(mut self) -> Result<()> {
        self.device.id().kill();
        let deadline = Deadline::after(TIME_TO_GO);
        while self.device.has_ended()?.is_none() {
            anyhow::ensure!(!deadline.has_passed(), "{}", deadline.in_vain("the killed device to be gone"));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.browser.close().await
    }

    /// The most memory that the device ever had in use, in bytes.
    pub fn most_memory_bytes(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.device.id().number()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kib * 1024)
    }
}

impl Deref for Phone {
    type Target = Browser;

    fn deref(&self) -> &Browser {
        &self.browser
    }
}
