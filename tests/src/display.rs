//! A screen of its own for a window: Xvfb, with GLX, on a display number that it chooses itself.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::Process;

/// Xvfb says its display number within this time.
const TIME_TO_START: Duration = Duration::from_secs(20);

/// The size of a screen or window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Pixels across.
    pub width_px: u32,
    /// Pixels down.
    pub height_px: u32,
}

impl Size {
    /// A phone held upright.
    pub const PHONE: Self = Self { width_px: 412, height_px: 915 };
    /// A tablet.
    pub const TABLET: Self = Self { width_px: 1024, height_px: 768 };
    /// A laptop.
    pub const LAPTOP: Self = Self { width_px: 1366, height_px: 768 };
}

/// A running Xvfb.
#[derive(Debug)]
pub struct Display {
    name: String,
    _process: Process,
}

impl Display {
    /// Starts one. With `-displayfd` Xvfb takes a free number without a race and tells it.
    pub fn start(size: Size, log: &Path) -> Result<Self> {
        let screen = format!("{}x{}x24", size.width_px, size.height_px);
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp"]);
        let mut process = Process::start("Xvfb", &mut command, log)?;
        let number =
            process.wait_for_line(TIME_TO_START, "its display number", |line| line.trim().parse::<u32>().ok())?;
        Ok(Self { name: format!(":{number}"), _process: process })
    }

    /// As it is called in `DISPLAY`.
    pub fn name(&self) -> &str {
        &self.name
    }
}
