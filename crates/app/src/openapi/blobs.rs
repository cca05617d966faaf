//! Attachments as `OpenAPI`: the one part of what devices speak that is plain HTTP, so that tools can try what it takes.
//!
//! Every request is signed by an enrolled device; one that is not is refused, whatever else it says.

use kend_sync::protocol::{
    BLOB_DIGEST_HEADER, BLOBS_PATH, CONTENT_TYPE, DEVICE_HEADER, PART_CONTENT_TYPE, RECEIPT_HEADER, SIGNATURE_HEADER,
    TICKET_HEADER, UPLOAD_COMPLETE_HEADER, UPLOAD_LENGTH_HEADER, UPLOAD_OFFSET_HEADER,
};
use serde_json::{Map, Value, json};

const DIGITS_64: &str = "^[0-9a-f]{64}$";
const DIGITS_128: &str = "^[0-9a-f]{128}$";

/// Adds the paths of attachments.
pub(super) fn describe(paths: &mut Map<String, Value>) {
    let inquiry = json!({ "post": {
        "operationId": "ask_about_attachments",
        "summary": "How far attachments are here, and what the hub lacks.",
        "parameters": signed(),
        "requestBody": { "required": true, "content": { CONTENT_TYPE: { "schema": bytes() } } },
        "responses": {
            "200": { "description": "How far each is, signed.", "content": { CONTENT_TYPE: { "schema": bytes() } } },
            "4XX": refusal(),
        },
        "security": [],
    } });
    paths.insert(BLOBS_PATH.to_owned(), inquiry);
    let attachment = header_parameter("attachment", DIGITS_64, "path", "BLAKE3 of the ciphertext.");
    let one = json!({
        "parameters": [attachment],
        "post": operation("begin_attachment", "Begin to hand it in, or find out how far that is.", &[length()], true, &["200", "201", "409"]),
        "head": operation("attachment_offset", "How far it is here.", &[], false, &["204"]),
        "patch": operation("append_to_attachment", "Hand in more of it.", &[offset()], true, &["200", "201", "409"]),
        "get": operation("fetch_attachment_bytes", "Fetch it, or some of it.", &[range()], false, &["206", "416"]),
    });
    paths.insert(format!("{BLOBS_PATH}/{{attachment}}"), one);
}

fn operation(id: &str, summary: &str, more: &[Value], takes_bytes: bool, statuses: &[&str]) -> Value {
    let mut parameters = signed();
    parameters.push(header_parameter(BLOB_DIGEST_HEADER, DIGITS_64, "header", "BLAKE3 of the body."));
    parameters.extend_from_slice(more);
    let mut responses = Map::new();
    for status in statuses {
        let mut response = json!({ "description": "How far it is here, signed.", "headers": answered() });
        if *status == "206" {
            let content = json!({ "application/octet-stream": { "schema": bytes() } });
            if let Some(response) = response.as_object_mut() {
                response.insert("content".to_owned(), content);
            }
        }
        responses.insert((*status).to_owned(), response);
    }
    responses.insert("4XX".to_owned(), refusal());
    let mut operation = json!({
        "operationId": id, "summary": summary, "parameters": parameters, "responses": responses, "security": [],
    });
    if let Some(operation) = operation.as_object_mut().filter(|_| takes_bytes) {
        let body = json!({ "required": false, "content": { PART_CONTENT_TYPE: { "schema": bytes() } } });
        operation.insert("requestBody".to_owned(), body);
    }
    operation
}

/// What every request is signed with.
fn signed() -> Vec<Value> {
    vec![
        header_parameter(DEVICE_HEADER, "^[0-9a-f-]{36}$", "header", "The device."),
        header_parameter(TICKET_HEADER, DIGITS_64, "header", "A ticket of the hub, used once."),
        header_parameter(
            SIGNATURE_HEADER,
            DIGITS_128,
            "header",
            "Ed25519 over method, target, device, ticket and digest.",
        ),
    ]
}

fn length() -> Value {
    header_parameter(UPLOAD_LENGTH_HEADER, "^(0|[1-9][0-9]{0,18})$", "header", "Size of the ciphertext in bytes.")
}

fn offset() -> Value {
    header_parameter(UPLOAD_OFFSET_HEADER, "^(0|[1-9][0-9]{0,18})$", "header", "Where the body begins.")
}

fn range() -> Value {
    let mut range =
        header_parameter("Range", "^bytes=(0|[1-9][0-9]{0,18})-([1-9][0-9]{0,18})?$", "header", "Which bytes.");
    if let Some(range) = range.as_object_mut() {
        range.insert("required".to_owned(), false.into());
    }
    range
}

fn header_parameter(name: &str, pattern: &str, place: &str, description: &str) -> Value {
    json!({
        "name": name, "in": place, "required": true, "description": description,
        "schema": { "type": "string", "pattern": pattern },
    })
}

fn answered() -> Value {
    let text = |description: &str| json!({ "description": description, "schema": { "type": "string" } });
    json!({
        UPLOAD_OFFSET_HEADER: text("How much of it is on the hub's disk."),
        UPLOAD_LENGTH_HEADER: text("Its size."),
        UPLOAD_COMPLETE_HEADER: text("?1 when that is all, hash and all; else ?0."),
        RECEIPT_HEADER: text("The server's receipt, once it has all of it."),
        TICKET_HEADER: text("A ticket for the next request."),
        SIGNATURE_HEADER: text("The hub's signature over the answer."),
    })
}

fn refusal() -> Value {
    json!({ "description": "Refused; nothing was changed.", "content": { CONTENT_TYPE: { "schema": bytes() } } })
}

/// JSON Schema says nothing of bytes that are no text.
fn bytes() -> Value {
    json!({})
}
