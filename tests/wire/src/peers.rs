//! What other tools would send for the same interview.

use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::Result;
use kend_domain::InstanceId;
use kend_log::Value;
use serde_json::{Map, Value as Json, json};

use crate::interview::Answer;
use crate::{Dice, Interview};

/// What ODK Collect posts: the submission as XML in a multipart body, in the clear.
pub fn openrosa_multipart(interview: &Interview) -> Result<String> {
    let boundary = "7d26a6e7-2b41-4c4c-9d4f-52a1c8a0f0b3";
    let mut body = String::new();
    write!(
        body,
        "--{boundary}\r\nContent-Disposition: form-data; name=\"xml_submission_file\"; filename=\"{}_2026-11-24_09-12-44.xml\"\r\n",
        interview.instrument
    )?;
    let xml = submission(interview)?;
    write!(body, "Content-Type: text/xml\r\nContent-Length: {}\r\n\r\n{xml}\r\n--{boundary}--\r\n", xml.len())?;
    Ok(body)
}

/// The submission: groups and repeats as elements, as the form has them. What was not answered is left out, which favours
/// it: Collect sends an empty element for each.
fn submission(interview: &Interview) -> Result<String> {
    let mut xml = String::new();
    write!(
        xml,
        "<?xml version='1.0' ?><data id=\"{}\" version=\"2026-11-1\" xmlns:h=\"http://www.w3.org/1999/xhtml\" xmlns:jr=\"http://openrosa.org/javarosa\" xmlns:orx=\"http://openrosa.org/xforms\"><start>2026-11-24T09:12:44.310+04:00</start><end>2026-11-24T10:41:07.952+04:00</end><deviceid>collect:Hq3XoWbTn0wZkR1y</deviceid><village>Yanıqlı</village><language>az</language>",
        interview.instrument
    )?;
    let mut open: Vec<&str> = Vec::new();
    let mut last = None;
    for answer in &interview.answers {
        let mut groups: Vec<&str> = answer.question.groups.iter().map(String::as_str).collect();
        groups.extend(answer.question.repeat.as_deref());
        let new_instance = answer.instance.is_some() && answer.instance != last;
        last = answer.instance;
        let mut same = open.iter().zip(&groups).take_while(|(one, other)| one == other).count();
        if new_instance {
            same = same.min(groups.len() - 1);
        }
        for group in open.drain(same..).rev() {
            write!(xml, "</{group}>")?;
        }
        for group in groups.into_iter().skip(same) {
            write!(xml, "<{group}>")?;
            open.push(group);
        }
        write!(xml, "<{0}>{1}</{0}>", answer.question.name, escaped(answer))?;
    }
    for group in open.drain(..).rev() {
        write!(xml, "</{group}>")?;
    }
    write!(
        xml,
        "<orx:meta><orx:instanceID>uuid:9c1f6f0e-5b0a-4f5e-8a60-0b8a8b6a7f10</orx:instanceID></orx:meta></data>"
    )?;
    Ok(xml)
}

fn escaped(answer: &Answer) -> String {
    let plain = match &answer.value {
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.get().to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Attachment(attachment) => attachment.file_name.clone(),
        Value::Names(names) => names.iter().map(String::as_str).collect::<Vec<_>>().join(" "),
    };
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What a `PouchDB` posts when it replicates an interview to a `CouchDB`, in the clear, as it does: the revision to ask for,
/// the document, and a checkpoint.
///
/// Replayed from the requests of `PouchDB` 9.0.0 (pouchdb-core with its http, memory and replication plugins, 2026-11) to a
/// server on the loopback that answers as `CouchDB` does. A replication that has something to send makes seven requests one
/// after the other, whether it has one document or ten: `GET /db/`, `GET /`, `GET /db/_local/ID`, `POST /db/_revs_diff`,
/// `POST /db/_bulk_docs`, `GET /db/_local/ID`, `PUT /db/_local/ID`. A correction sends the whole document anew.
#[derive(Debug)]
pub struct PouchDb {
    id: String,
    revisions: Vec<String>,
    sessions: Vec<String>,
}

impl PouchDb {
    /// Requests of one replication, one after the other.
    pub const REQUESTS: u32 = 7;

    /// A database that was replicated once before, with an interview that was not.
    pub fn new(dice: &mut Dice) -> Self {
        Self { id: uuid(dice), revisions: Vec::new(), sessions: vec![uuid(dice)] }
    }

    /// The bodies of its next replication, with the interview written or changed since.
    pub fn bodies(&mut self, interview: &Interview, dice: &mut Dice) -> Vec<String> {
        self.revisions.insert(0, format!("{:032x}", u128::from_be_bytes(dice.id())));
        self.sessions.insert(0, uuid(dice));
        let (start, newest) = (self.revisions.len(), self.revisions.first());
        let revision = format!("{start}-{}", newest.map_or("", String::as_str));
        let mut document = document(interview);
        document.insert("_id".to_owned(), json!(self.id));
        document.insert("_rev".to_owned(), json!(revision));
        document.insert("_revisions".to_owned(), json!({ "start": start, "ids": self.revisions }));
        let last = self.sessions.len();
        let session = |(ago, id): (usize, &String)| json!({ "last_seq": last - ago, "session_id": id });
        let history: Vec<Json> = self.sessions.iter().enumerate().map(session).collect();
        let checkpoint = json!({
            "session_id": self.sessions.first(), "_id": "_local/3buUw.0BMk_oNcn3QM2RVw==", "history": history,
            "replicator": "pouchdb", "version": 1, "last_seq": last,
        });
        let asked = Map::from_iter([(self.id.clone(), json!([revision]))]);
        let all = [Json::Object(asked), json!({ "docs": [document], "new_edits": false }), checkpoint];
        all.iter().map(Json::to_string).collect()
    }
}

/// Names as the instrument has them, answers as JSON has them, each participant an object.
fn document(interview: &Interview) -> Map<String, Json> {
    let (mut answers, mut people) = (Map::new(), Vec::<Map<String, Json>>::new());
    let mut last = None;
    for answer in &interview.answers {
        let value = match &answer.value {
            Value::Text(text) => json!(text),
            Value::Integer(number) => json!(number),
            Value::Number(number) => json!(number.get()),
            Value::Flag(flag) => json!(flag),
            Value::Attachment(attachment) => json!(attachment.file_name),
            Value::Names(names) => json!(names),
        };
        if answer.instance.is_some() && answer.instance != last {
            last = answer.instance;
            people.push(Map::new());
        }
        let of = if answer.instance.is_some() { people.last_mut() } else { None };
        of.unwrap_or(&mut answers).insert(answer.question.name.clone(), value);
    }
    let parts = [
        ("kind", json!(interview.kind)),
        ("instrument", json!(interview.instrument)),
        ("version", json!("2026-11-1")),
        ("language", json!(interview.language)),
        ("village", json!(interview.village.to_string())),
        ("answers", Json::Object(answers)),
        ("participants", json!(people)),
    ];
    let there = parts.into_iter().filter(|(_, value)| *value != json!([]));
    there.map(|(name, value)| (name.to_owned(), value)).collect()
}

fn uuid(dice: &mut Dice) -> String {
    InstanceId::from_bytes(dice.id()).to_string()
}

/// `gzip -9`.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
