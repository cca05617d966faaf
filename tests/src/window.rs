//! The app's real window on a screen of its own, driven by `tauri-driver` and `WebKitWebDriver`.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::ops::Deref;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Map, json};

use crate::page::PATIENCE;
use crate::{Deadline, Display, Page, Process, ProcessId, Size, Stage};

/// How often a port is tried.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// An open window with the app behind it.
#[derive(Debug)]
pub struct Window {
    page: Page,
    app: ProcessId,
    // Dropped in this order: the driver ends the app, then the screen goes.
    driver: Process,
    _display: Display,
}

impl Window {
    /// Opens the app on the data in `data`, joined or not, with more arguments as a person would start it.
    pub async fn open(stage: &Stage, size: Size, data: &Path, arguments: &[&str]) -> Result<Self> {
        let display = Display::start(size, &stage.log("display"))?;
        let (port, native_port) = (free_port()?, free_port()?);
        // A home of its own: nothing of the person who runs the tests is read or written.
        let home = stage.folder("home")?;
        let mut command = Command::new(&stage.built.tauri_driver);
        command
            .args(["--port", &port.to_string(), "--native-port", &native_port.to_string()])
            .env("DISPLAY", display.name())
            .env("HOME", &home)
            .env_remove("WAYLAND_DISPLAY");
        for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"] {
            command.env_remove(variable);
        }
        let mut driver = Process::start("tauri-driver", &mut command, &stage.log("tauri-driver"))?;
        // The inner driver is asked for only once it listens: before, tauri-driver answers with an error.
        for port in [native_port, port] {
            wait_for_port(&mut driver, port).await?;
        }
        let mut all = vec!["--data".to_owned(), data.display().to_string()];
        all.extend(arguments.iter().map(|&argument| argument.to_owned()));
        let mut capabilities = Map::new();
        capabilities.insert("browserName".into(), json!("wry"));
        capabilities.insert("tauri:options".into(), json!({ "application": stage.built.app, "args": all }));
        let page = Page::open(&format!("http://127.0.0.1:{port}"), capabilities, stage.folder("pictures")?).await?;
        // The app opens as large as a laptop's window; a person's phone would not ask.
        page.resize(size).await?;
        let program = stage.built.app.canonicalize()?;
        let app = driver.id().descendants().into_iter().find(|process| process.program().as_ref() == Some(&program));
        let app = app.context("the app is not among the processes of the driver")?;
        Ok(Self { page, app, driver, _display: display })
    }

    /// Kills the app at once (SIGKILL), as an empty battery would, and waits until it is gone.
    pub async fn kill_app(self) -> Result<()> {
        let app = self.app.clone();
        app.kill();
        let deadline = Deadline::after(PATIENCE);
        while app.runs() {
            if deadline.has_passed() {
                bail!(deadline.in_vain("the killed app to be gone"));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        drop(self.driver);
        Ok(())
    }

    /// Closes the window as a person would.
    pub async fn close(self) -> Result<()> {
        self.page.close().await
    }
}

impl Deref for Window {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}

/// A port that nobody listens on now.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

async fn wait_for_port(process: &mut Process, port: u16) -> Result<()> {
    let deadline = Deadline::after(PATIENCE);
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        if let Some(status) = process.has_ended()? {
            bail!("the driver ended ({status}): {}", process.last_lines());
        }
        if deadline.has_passed() {
            bail!("{}: {}", deadline.in_vain("the driver to listen"), process.last_lines());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Ok(())
}
