//! What other tools would send for the same interview.

use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::Result;
use kend_log::Value;

use crate::Interview;
use crate::interview::Answer;

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

/// `gzip -9`.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
