//! The commands as `OpenAPI` 3.1, for whoever speaks to a hub without its screens, and for tools that try what it takes.
//!
//! `schema/openapi.json` is this function's output, committed, and compared with a fresh one by a test. It comes from
//! the list that the dispatch comes from, so it names every command and none that does not exist.

mod blobs;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Collects commands and the schemas of their types.
pub(crate) struct OpenApi {
    requests: SchemaGenerator,
    views: SchemaGenerator,
    paths: Map<String, Value>,
}

impl OpenApi {
    fn new() -> Self {
        let settings = SchemaSettings::openapi3().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            // 3.1 is JSON Schema as it is.
            settings.transforms.clear();
            settings.meta_schema = None;
        });
        Self {
            requests: settings.clone().for_deserialize().into_generator(),
            views: settings.for_serialize().into_generator(),
            paths: Map::new(),
        }
    }

    pub(crate) fn command<Request: JsonSchema, View: JsonSchema>(&mut self, word: &'static str, summary: &str) {
        let request = self.requests.subschema_for::<Request>();
        let view = self.views.subschema_for::<View>();
        let error = self.views.subschema_for::<crate::api::ApiError>();
        let body = |schema: &schemars::Schema| json!({ "application/json": { "schema": schema } });
        let operation = json!({ "post": {
            "operationId": word,
            "summary": summary.trim(),
            "requestBody": { "required": true, "content": body(&request) },
            "responses": {
                "200": { "description": "The view.", "content": body(&view) },
                "4XX": { "description": "Refused; nothing was changed.", "content": body(&error) },
            },
        } });
        self.paths.insert(format!("/api/{word}"), operation);
    }
}

/// The whole document as JSON.
pub fn json() -> String {
    let mut document = OpenApi::new();
    crate::commands::openapi_rim_commands(&mut document);
    crate::commands::openapi_desk_commands(&mut document);
    let OpenApi { mut requests, mut views, mut paths } = document;
    blobs::describe(&mut paths);
    let mut schemas = requests.take_definitions(true);
    // A type that goes both ways reads what it writes.
    schemas.extend(views.take_definitions(true));
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Kend hub: commands of people",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A request is JSON from the hub's own origin with the session's cookie. Devices speak /v1, of which only attachments are described here.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "session": { "type": "apiKey", "in": "cookie", "name": "kend_session" } },
        },
        "security": [{ "session": [] }, {}],
    });
    format!("{document:#}\n")
}
