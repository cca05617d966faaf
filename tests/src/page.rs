//! One page as a person sees it: look for something, tap, type, read. Every look has an end.
//!
//! Parts of a screen are found by their `data-testid` alone: words change with the language, places with the screen's
//! size, the identifier does with neither. A part counts only while it is displayed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};

use crate::{Deadline, Size};

/// How long a part of a screen may take to appear.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// How long a window or browser may take to start: on a machine that compiles meanwhile that is long.
const STARTING: Duration = Duration::from_mins(1);
/// How long one call to the driver may take: a driver that hangs never answers by itself.
const ONE_CALL: Duration = Duration::from_secs(15);
/// How often a look is repeated.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// A page whose words did not change for so long is at rest.
const AT_REST: Duration = Duration::from_millis(250);
/// Characters of the page that an error shows.
const CHARACTERS_SHOWN: usize = 1500;

/// Gives a command to the core and hands what comes of it to the driver.
const ASK: &str = r"
const [command, request, done] = arguments;
const ask = '__TAURI_INTERNALS__' in window
  ? window.__TAURI_INTERNALS__.invoke('call', { command, request })
  : fetch(`/api/${command}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    }).then(async (response) => (response.ok ? response.json() : Promise.reject(await response.json())));
ask.then((view) => done({ view }), (error) => done({ error: error instanceof Error ? String(error) : error }));
";

/// A page in a window or browser.
#[derive(Debug)]
pub struct Page {
    client: Client,
    shots: PathBuf,
}

impl Page {
    /// Asks the driver at the address for a session.
    pub(crate) async fn open(driver: &str, capabilities: Map<String, Value>, shots: PathBuf) -> Result<Self> {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let client = tokio::time::timeout(STARTING, builder.connect(driver))
            .await
            .map_err(|_| anyhow!("waited {} s for a session of the driver", STARTING.as_secs()))?
            .context("the driver gives no session")?;
        Ok(Self { client, shots })
    }

    /// Opens an address.
    pub async fn go_to(&self, address: &str) -> Result<()> {
        call("opening the address", self.client.goto(address)).await
    }

    /// Loads the page anew.
    pub async fn reload(&self) -> Result<()> {
        call("loading the page anew", self.client.refresh()).await
    }

    /// Gives the window this size.
    pub async fn resize(&self, size: Size) -> Result<()> {
        call("the window's size", self.client.set_window_size(size.width_px, size.height_px)).await
    }

    /// Waits until a part is displayed.
    pub async fn see(&self, part: &str) -> Result<()> {
        self.until(&format!("{part} to be displayed"), || async { Ok(self.find(part).await?.map(drop)) }).await
    }

    /// Waits until no such part is displayed.
    pub async fn see_no(&self, part: &str) -> Result<()> {
        let gone = || async { Ok(if self.find(part).await?.is_some() { None } else { Some(()) }) };
        self.until(&format!("{part} to be gone"), gone).await
    }

    /// Whether a part is displayed now.
    pub async fn shows(&self, part: &str) -> Result<bool> {
        Ok(self.find(part).await?.is_some())
    }

    /// Taps a part as soon as it is displayed, enabled and not covered.
    pub async fn tap(&self, part: &str) -> Result<()> {
        let mut hindrance = "it is not displayed".to_owned();
        let tap = async || {
            let Some(element) = self.find(part).await? else { return Ok(None) };
            if !bounded(element.is_enabled()).await?.unwrap_or(false) {
                "it is disabled".clone_into(&mut hindrance);
                return Ok(None);
            }
            match bounded(element.click()).await? {
                Ok(()) => Ok(Some(())),
                Err(error) => {
                    hindrance = error.to_string();
                    // It may lie half under a bar: a person scrolls on.
                    let scroll = "arguments[0].scrollIntoView({ block: 'center' })";
                    bounded(self.client.execute(scroll, vec![serde_json::to_value(&element)?])).await?.ok();
                    Ok(None)
                }
            }
        };
        let tapped = self.until(&format!("{part} to take a tap"), tap).await;
        tapped.with_context(|| format!("no tap on {part}: {hindrance}"))
    }

    /// Types into a part, after what is there.
    pub async fn type_into(&self, part: &str, text: &str) -> Result<()> {
        let typed = || async {
            let Some(element) = self.find(part).await? else { return Ok(None) };
            Ok(bounded(element.send_keys(text)).await?.ok())
        };
        self.until(&format!("{part} to take text"), typed).await
    }

    /// Types into a part in place of what is there.
    pub async fn type_anew(&self, part: &str, text: &str) -> Result<()> {
        let cleared = || async {
            let Some(element) = self.find(part).await? else { return Ok(None) };
            Ok(bounded(element.clear()).await?.ok())
        };
        self.until(&format!("{part} to be cleared"), cleared).await?;
        self.type_into(part, text).await
    }

    /// Gives a file to a part that takes one. Such a part need not be displayed: a button opens it.
    pub async fn give_file(&self, part: &str, file: &Path) -> Result<()> {
        let (selector, name) = (selector(part), file.to_str().context("the file's name is no text")?);
        let given = || async {
            let found = bounded(self.client.find(Locator::Css(&selector))).await?;
            let Ok(element) = found else { return Ok(None) };
            Ok(bounded(element.send_keys(name)).await?.ok())
        };
        self.until(&format!("{part} to take a file"), given).await
    }

    /// Chooses from a list of options.
    pub async fn select(&self, part: &str, value: &str) -> Result<()> {
        let selected = || async {
            let Some(element) = self.find(part).await? else { return Ok(None) };
            Ok(bounded(element.select_by_value(value)).await?.ok())
        };
        self.until(&format!("{value} to be chosen in {part}"), selected).await
    }

    /// The text of a part.
    pub async fn text(&self, part: &str) -> Result<String> {
        let text = || async {
            let Some(element) = self.find(part).await? else { return Ok(None) };
            Ok(bounded(element.text()).await?.ok())
        };
        self.until(&format!("the text of {part}"), text).await
    }

    /// What a field holds.
    pub async fn value(&self, part: &str) -> Result<String> {
        let value = || async {
            let Some(element) = self.find(part).await? else { return Ok(None) };
            Ok(bounded(element.prop("value")).await?.ok().flatten())
        };
        self.until(&format!("the value of {part}"), value).await
    }

    /// An attribute of a part; none when the part lacks it.
    pub async fn attribute(&self, part: &str, name: &str) -> Result<Option<String>> {
        let attribute = || async {
            let Some(element) = self.find(part).await? else { return Ok(None) };
            Ok(bounded(element.attr(name)).await?.ok())
        };
        self.until(&format!("{name} of {part}"), attribute).await
    }

    /// The texts of all displayed parts of this name, in their order on the page.
    pub async fn texts(&self, part: &str) -> Result<Vec<String>> {
        let found = bounded(self.client.find_all(Locator::Css(&selector(part)))).await?.unwrap_or_default();
        let mut texts = Vec::new();
        for element in found {
            if let Ok(text) = bounded(element.text()).await? {
                texts.push(text);
            }
        }
        Ok(texts)
    }

    /// Waits until an attribute of a part has this value.
    pub async fn attribute_is(&self, part: &str, name: &str, value: &str) -> Result<()> {
        let is = || async { Ok((self.attribute(part, name).await?.as_deref() == Some(value)).then_some(())) };
        self.until(&format!("{name} of {part} to be {value}"), is).await
    }

    /// Waits until the text of a part is as wanted, and gives it.
    pub async fn text_that(&self, part: &str, what: &str, wanted: impl Fn(&str) -> bool) -> Result<String> {
        let wanted = &wanted;
        let text = || async move {
            let Some(element) = self.find(part).await? else { return Ok(None) };
            Ok(bounded(element.text()).await?.ok().filter(|text| wanted(text)))
        };
        self.until(&format!("the text of {part} to be {what}"), text).await
    }

    /// Runs a script in the page; what it returns comes back.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        call("a script in the page", self.client.execute(script, arguments)).await
    }

    /// Asks the core for a view, on the same way as the page does: the window's bridge or the hub's address.
    pub async fn ask(&self, command: &str, request: Value) -> Result<Value> {
        let answer =
            call("a question to the core", self.client.execute_async(ASK, vec![json!(command), request])).await?;
        match (answer.get("view"), answer.get("error")) {
            (Some(view), None) => Ok(view.clone()),
            (_, error) => bail!("{command} gave {}", error.unwrap_or(&Value::Null)),
        }
    }

    /// Waits until the words on the page stay as they are: what was asked for has arrived.
    pub async fn settle(&self) -> Result<()> {
        let mut before = Value::Null;
        self.until("the page to come to rest", async || {
            tokio::time::sleep(AT_REST).await;
            let now = self.run("return document.body.innerText", vec![]).await?;
            let rests = now == before;
            before = now;
            Ok(rests.then_some(()))
        })
        .await
    }

    /// Writes a picture of the page.
    pub async fn picture(&self, file: &Path) -> Result<()> {
        let bytes = call("a picture of the page", self.client.screenshot()).await?;
        fs::write(file, bytes).with_context(|| format!("can't write {}", file.display()))
    }

    /// Ends the session in order.
    pub(crate) async fn close(self) -> Result<()> {
        call("the end of the session", self.client.close()).await
    }

    /// Looks again and again until something is there. Fails with what the page showed instead.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
        let deadline = Deadline::after(PATIENCE);
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if deadline.has_passed() {
                bail!("{}; {}", deadline.in_vain(what), self.as_it_is().await);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// The first displayed part of this name.
    async fn find(&self, part: &str) -> Result<Option<Element>> {
        // A part that vanishes between two calls is not there: the look is repeated.
        for element in bounded(self.client.find_all(Locator::Css(&selector(part)))).await?.unwrap_or_default() {
            if bounded(element.is_displayed()).await?.unwrap_or(false) {
                return Ok(Some(element));
            }
        }
        Ok(None)
    }

    /// For an error: which parts are on the page, its text, and a picture in the stage's folder.
    async fn as_it_is(&self) -> String {
        let script = "return [[...document.querySelectorAll('[data-testid]')].map(e => e.dataset.testid).join(' '), \
                      document.body.innerText, location.href]";
        let page = self.run(script, vec![]).await.unwrap_or(Value::Null);
        let read = |position: usize| -> String {
            page.get(position).and_then(Value::as_str).unwrap_or("?").chars().take(CHARACTERS_SHOWN).collect()
        };
        let file = self.shots.join("failure.png");
        let picture = match self.picture(&file).await {
            Ok(()) => file.display().to_string(),
            Err(error) => format!("{error:#}"),
        };
        format!("on {}\n--- parts: {}\n--- text:\n{}\n--- picture: {picture}\n", read(2), read(0), read(1))
    }
}

/// The selector of a part. `choices-digital_level level-4` is a part in a part; `village-*` is any whose name begins so.
fn selector(part: &str) -> String {
    let selectors = part.split(' ').map(|name| match name.strip_suffix('*') {
        Some(beginning) => format!("[data-testid^=\"{beginning}\"]"),
        None => format!("[data-testid=\"{name}\"]"),
    });
    selectors.collect::<Vec<_>>().join(" ")
}

/// A call whose answer may be an error of the page, within its time.
async fn bounded<T>(call: impl Future<Output = Result<T, CmdError>>) -> Result<Result<T, CmdError>> {
    tokio::time::timeout(ONE_CALL, call).await.map_err(|_| anyhow!("waited {} s for the driver", ONE_CALL.as_secs()))
}

/// A call that must succeed, within its time.
async fn call<T>(what: &str, call: impl Future<Output = Result<T, CmdError>>) -> Result<T> {
    bounded(call).await?.with_context(|| format!("{what} failed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_in_a_part_is_found_by_both_names() {
        assert_eq!(selector("readiness"), r#"[data-testid="readiness"]"#);
        assert_eq!(selector("card choice-4"), r#"[data-testid="card"] [data-testid="choice-4"]"#);
        assert_eq!(selector("village-* start-*"), r#"[data-testid^="village-"] [data-testid^="start-"]"#);
    }
}
