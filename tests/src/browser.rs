//! A real browser, as a supervisor uses it: headless Chromium driven by chromedriver.

use std::ops::Deref;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Map, json};

use crate::{Page, Process, Size, Stage};

/// chromedriver says its port within this time.
const TIME_TO_START: Duration = Duration::from_secs(20);
/// The words before the port in what chromedriver prints.
const BEFORE_PORT: &str = "started successfully on port ";

/// An open browser.
#[derive(Debug)]
pub struct Browser {
    page: Page,
    _driver: Process,
}

impl Browser {
    /// Opens a browser of this size on an address.
    pub async fn open(stage: &Stage, size: Size, address: &str) -> Result<Self> {
        Self::open_with(stage, size, address, &[]).await
    }

    /// The same, with more arguments for the browser.
    pub async fn open_with(stage: &Stage, size: Size, address: &str, more: &[&str]) -> Result<Self> {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("HOME", stage.folder("home")?);
        let mut driver = Process::start("chromedriver", &mut command, &stage.log("chromedriver"))?;
        let port = driver.wait_for_line(TIME_TO_START, "its port", |line| {
            line.split_once(BEFORE_PORT)?.1.trim_end_matches('.').parse::<u16>().ok()
        })?;
        let mut arguments = vec![
            "--headless=new".to_owned(),
            // Chromium refuses its sandbox to root, and the pages are ours.
            "--no-sandbox".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-quic".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            // The page gets exactly this size, however large a frame the browser would draw.
            format!("--window-size={},{}", size.width_px, size.height_px),
        ];
        arguments.extend(more.iter().map(|&argument| argument.to_owned()));
        let mut capabilities = Map::new();
        capabilities.insert("browserName".into(), json!("chrome"));
        capabilities.insert(
            "goog:chromeOptions".into(),
            json!({
                "args": arguments,
                "mobileEmulation": { "deviceMetrics": { "width": size.width_px, "height": size.height_px, "pixelRatio": 1, "touch": size == Size::PHONE } },
            }),
        );
        let page = Page::open(&format!("http://127.0.0.1:{port}"), capabilities, stage.folder("pictures")?).await?;
        page.go_to(address).await?;
        Ok(Self { page, _driver: driver })
    }

    /// Closes the browser.
    pub async fn close(self) -> Result<()> {
        self.page.close().await
    }
}

impl Deref for Browser {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}
