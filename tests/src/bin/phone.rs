//! A device whose screen is a real Chromium, as on a phone: the shipped device behind HTTP on this machine.
//!
//! `phone FOLDER UI` serves the built screens and the device's commands, and says on standard output where.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use kend_app::Suggestion;
use kend_machine::Desktop;
use serde_json::Value;
use tower_http::services::ServeDir;

/// A piece of a file comes in one request, as base64.
const MAX_COMMAND_BYTES: usize = 4 * 1024 * 1024;

fn main() -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let mut argument = |what: &str| arguments.next().with_context(|| format!("{what} is missing"));
    let device = Arc::new(Desktop::open(argument("a folder")?, Suggestion::default())?);
    let screens = ServeDir::new(argument("the folder of the UI")?);
    let routes = Router::new()
        .route("/api/{command}", post(answer))
        .layer(DefaultBodyLimit::max(MAX_COMMAND_BYTES))
        .with_state(device)
        .fallback_service(screens);
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, routes).await?)
}

async fn answer(
    State(device): State<Arc<Desktop>>,
    Path(command): Path<String>,
    Json(request): Json<Value>,
) -> Response {
    match device.call(&command, request).await {
        Ok(view) => Json(view).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, Json(error)).into_response(),
    }
}
