//! The same history gives the same answers, whether the hub is in a file or in PostgreSQL.

use std::collections::BTreeMap;

use kend_log::{Op, Reason};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{hub_in, server};
use crate::common::{Device, Hub, put_in, set};
use crate::people::{PASSWORD, command, supervisor};

const TOVUZ: &str = "demo/AZ-TOV";
const GANJA: &str = "demo/AZ-GA";

/// What was answered, word for word but for what is drawn or told by a clock: of that only what is the same.
#[derive(Default)]
struct Answers {
    said: Vec<String>,
    names: BTreeMap<String, usize>,
}

impl Answers {
    fn note(&mut self, what: &str, answer: &str) {
        let is_drawn = |word: &str| {
            let digits = word.bytes().filter(|byte| *byte != b'-');
            word.len() >= 13 && digits.clone().count() >= 13 && digits.clone().all(|byte| byte.is_ascii_hexdigit())
        };
        let mut word = String::new();
        let mut said = format!("{what}: ");
        for letter in answer.chars().chain([' ']) {
            if letter.is_ascii_alphanumeric() || letter == '-' {
                word.push(letter);
                continue;
            }
            if is_drawn(&word) {
                let next = self.names.len();
                let number = *self.names.entry(std::mem::take(&mut word)).or_insert(next);
                said.extend(["<", &number.to_string(), ">"]);
            } else {
                said += &std::mem::take(&mut word);
            }
            said.push(letter);
        }
        self.said.push(said);
    }

    async fn ask(&mut self, hub: &Hub, session: &str, name: &str, request: Value) -> Value {
        let sent = command(hub, name, &request).header("cookie", session).send().await.unwrap();
        let status = sent.status();
        let body = sent.text().await.unwrap();
        self.note(name, &format!("{status} {body}"));
        serde_json::from_str(&body).unwrap_or_default()
    }

    async fn sync(&mut self, hub: &Hub, device: &mut Device) {
        let outcome = device.sync(hub).await;
        let outcome = outcome.map(|mut outcome| {
            outcome.time = None;
            outcome.certificate = None;
            // A receipt's size is that of the clock's number in it.
            (outcome.bytes_up, outcome.bytes_down) = (0, 0);
            outcome
        });
        self.note("sync", &format!("{outcome:?}"));
        for entity in 1..10 {
            self.note("state", &format!("{:?}", device.state(entity)));
        }
    }

    fn run(&mut self, hub: &Hub, words: &str, arguments: &[&str]) {
        let said = hub.command(words, arguments, "");
        self.note(words, &said);
    }
}

/// Two weeks of a hub's life.
async fn live(hub: &Hub) -> Vec<String> {
    let mut answers = Answers::default();
    supervisor(hub);
    let mut aynur = Device::enrolled(hub, 1, "enumerator", "AZ-TOV").await;
    let mut rashad = Device::enrolled(hub, 2, "supervisor", "AZ-TOV").await;
    let mut stranger = Device::enrolled(hub, 3, "enumerator", "AZ-GA").await;
    aynur.write(TOVUZ, 1, vec![set("a/health_notes", "The road"), set("a/quote/1/words", "We wait")]);
    aynur.write(TOVUZ, 2, vec![set("a/health_notes", "The well")]);
    stranger.write(TOVUZ, 3, vec![set("a/health_notes", "not here")]);
    stranger.write(GANJA, 4, vec![set("a/health_notes", "here")]);
    rashad.write(TOVUZ, 1, vec![set("a/health_notes", "The same road")]);
    for device in [&mut aynur, &mut rashad, &mut stranger, &mut aynur_again()] {
        answers.sync(hub, device).await;
    }
    answers.sync(hub, &mut aynur).await;
    let wrong = json!({"name": "Leyla", "password": "not the one at all"});
    answers.ask(hub, "", "sign_in", wrong).await;
    let sent = command(hub, "sign_in", &json!({"name": "Leyla", "password": PASSWORD})).send().await.unwrap();
    let session = crate::people::cookie(&sent);
    let listed = answers.ask(hub, &session, "list_interviews", json!({})).await;
    answers.ask(hub, &session, "status", json!({})).await;
    answers.ask(hub, &session, "list_villages", json!({"near": null})).await;
    let place = json!({"name": "Yeni kənd", "position": {"latitude": 40.99, "longitude": 45.63}});
    answers.ask(hub, &session, "add_village", place).await;
    answers.ask(hub, &session, "list_villages", json!({"near": null})).await;
    for interview in listed.as_array().into_iter().flatten() {
        answers.ask(hub, &session, "open_interview", json!({"interview": interview["interview"]})).await;
    }
    answers.ask(hub, &session, "read_readiness", json!({"cluster": "none"})).await;
    answers.ask(hub, &session, "no_such_command", json!({})).await;
    answers.ask(hub, &session, "import_pack", json!({"content_base64": "AAAA"})).await;
    answers.run(hub, "quarantine list", &[]);
    rashad.write(
        TOVUZ,
        1,
        vec![Op::Erase { under: Some("a/quote/1".parse().unwrap()), reason: Reason::ConsentWithdrawn }],
    );
    for _ in 0..2 {
        answers.sync(hub, &mut rashad).await;
        answers.sync(hub, &mut aynur).await;
    }
    let of = aynur.person.to_string();
    answers.run(hub, "people set", &["--person", &of, "--area", "AZ-GA"]);
    answers.sync(hub, &mut aynur).await;
    answers.sync(hub, &mut aynur).await;
    answers.run(hub, "people revoke", &["--device", &stranger.store.device().to_string()]);
    answers.sync(hub, &mut stranger).await;
    answers.ask(hub, &session, "sign_out", json!({})).await;
    answers.ask(hub, &session, "list_interviews", json!({})).await;
    answers.run(hub, "people list", &[]);
    answers.run(hub, "verify", &[]);
    let status = hub.command("status", &[], "");
    answers.note("status", &status.replace(&hub.address, "here"));
    answers.said
}

/// A device of Aynur's name that was never enrolled.
fn aynur_again() -> Device {
    Device::new(9)
}

#[tokio::test]
async fn the_same_history_gives_the_same_answers_in_a_file_and_in_postgresql() {
    let Some(server) = server() else { return };
    let in_postgres = hub_in(&server.database().unwrap());
    let data = TempDir::new().unwrap();
    put_in(data.path(), None);
    let in_file = Hub::start_on(data, &["--plain-http"]);
    let (one, other) = (live(&in_file).await, live(&in_postgres).await);
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one, other);
    }
    assert_eq!(one.len(), other.len());
    println!("{} answers compared", one.len());
}
