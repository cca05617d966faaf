//! Example interviews: invented, marked as such, in a neutral form that an importer replays as answers by question.

use serde_json::Value;

use super::DemoError;

const INTERVIEWS: &str = include_str!("../../../../schema/demo/interviews.json");

/// The document as it is kept in `schema/demo`.
pub(super) const fn document() -> &'static str {
    INTERVIEWS
}

/// One line for each interview.
pub(super) fn summary() -> Result<String, DemoError> {
    let document: Value = serde_json::from_str(INTERVIEWS)
        .map_err(|error| DemoError::File { file: "interviews.json", source: Box::new(error) })?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut lines = vec![document.get("note").map(|note| text(note, "en")).unwrap_or_default()];
    for interview in document.get("interviews").and_then(Value::as_array).into_iter().flatten() {
        let answers = interview.get("answers").and_then(Value::as_object).map_or(0, serde_json::Map::len);
        let (kind, village, key) = (text(interview, "kind"), text(interview, "village_name"), text(interview, "key"));
        lines.push(format!("{kind}  {village}  {answers} answers  ({key})"));
    }
    Ok(lines.join("\n") + "\n")
}
