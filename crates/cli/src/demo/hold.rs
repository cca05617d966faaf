//! Holds the example interviews on a device of their own, by the commands that a window gives.
//!
//! So an example is an interview like any other: checked by its instrument, signed, synced, merged. It is marked as an
//! example from its first entry on, and every screen that shows or counts it says so.

use std::path::PathBuf;

use kend_app::Suggestion;
use kend_machine::Desktop;
use serde_json::{Map, Value, json};

use super::{DemoError, interviews};

/// The name under which examples are held.
const NAME: &str = "Nümunə / Example";

const PARTICIPANT: &str = "participant";

/// Holds all examples in a new device's folder and syncs them with a hub, if one is given with its code. Returns how many.
pub(super) fn hold(folder: PathBuf, passphrase: &str, hub: Option<&(String, String)>) -> Result<usize, DemoError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| DemoError::Write { to: "the network".to_owned(), source })?;
    let recorder = Recorder { desktop: Desktop::open(folder, Suggestion::default())?, runtime };
    recorder.give("create_store", json!({ "passphrase": passphrase, "name": NAME, "language": "az" }))?;
    if let Some((address, code)) = hub {
        recorder.give("join_hub", json!({ "address": address, "code": code }))?;
    }
    let document: Document = serde_json::from_str(interviews::document())
        .map_err(|error| DemoError::File { file: "interviews.json", source: Box::new(error) })?;
    for example in &document.interviews {
        recorder.hold(example)?;
    }
    if hub.is_some() {
        recorder.give("sync", json!({}))?;
    }
    Ok(document.interviews.len())
}

#[derive(serde::Deserialize)]
struct Document {
    interviews: Vec<Example>,
}

#[derive(serde::Deserialize)]
struct Example {
    kind: String,
    village: String,
    language: String,
    answers: Map<String, Value>,
    instances: Map<String, Value>,
}

struct Recorder {
    desktop: Desktop,
    runtime: tokio::runtime::Runtime,
}

impl Recorder {
    fn give(&self, command: &str, request: Value) -> Result<Value, DemoError> {
        let place = request.get("path").or_else(|| request.get("repeat")).and_then(Value::as_str);
        let step = place.map_or_else(|| command.to_owned(), |place| format!("{command} {place}"));
        let view = self.runtime.block_on(self.desktop.call(command, request));
        view.map_err(|source| DemoError::Refused { step, source })
    }

    /// Consent first, participants before quotes, which name them; a theme's *discussed* before what it opens.
    fn hold(&self, example: &Example) -> Result<(), DemoError> {
        let Example { kind, village, language, answers, instances } = example;
        let started = json!({ "village": village, "kind": kind, "language": language, "example": true });
        let view = self.give("start_interview", started)?;
        let interview = view.pointer("/summary/interview").cloned().unwrap_or_default();
        let answer = |(path, value): (&String, &Value)| {
            let request = json!({ "interview": interview, "path": path, "value": value });
            self.give("record_answer", request).map(|_| ())
        };
        let consents = |path: &String| path.starts_with("consent_");
        answers.iter().filter(|(path, _)| consents(path)).try_for_each(answer)?;
        self.add(&interview, instances.iter().filter(|(repeat, _)| *repeat == PARTICIPANT))?;
        answers.iter().filter(|(path, _)| !consents(path)).try_for_each(answer)?;
        self.add(&interview, instances.iter().filter(|(repeat, _)| *repeat != PARTICIPANT))?;
        self.give("sign_off", json!({ "interview": interview }))?;
        Ok(())
    }

    fn add<'a>(
        &self,
        interview: &Value,
        repeats: impl Iterator<Item = (&'a String, &'a Value)>,
    ) -> Result<(), DemoError> {
        for (repeat, instances) in repeats {
            for instance in instances.as_array().into_iter().flatten() {
                let given = instance.as_object().into_iter().flatten();
                let answers: Vec<Value> = given.map(|(name, value)| json!({ "name": name, "value": value })).collect();
                let request = json!({ "interview": interview, "repeat": repeat, "answers": answers });
                self.give("add_instance", request)?;
            }
        }
        Ok(())
    }
}
