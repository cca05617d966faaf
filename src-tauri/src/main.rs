//! The app's window: it owns the screen and decides nothing.
//!
//! One command crosses between screen and Rust; what it does is said by `kend_app::commands`, the same list that the hub
//! serves to browsers.

use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use kend_app::Suggestion;
use kend_app::api::ApiError;
use kend_machine::Desktop;
use serde_json::Value;
use tauri::Manager;

/// Kend's window.
#[derive(Parser)]
#[command(name = "kend-desktop", version)]
struct Arguments {
    /// Folder of the encrypted store (made when missing).
    #[arg(long, env = "KEND_DATA")]
    data: PathBuf,
    /// Joining words of a hub, or its address, to fill in the form for joining it.
    #[arg(long)]
    hub: Option<String>,
    /// One-time code that goes with it, when the joining words have none.
    #[arg(long)]
    code: Option<String>,
    /// Size of the window's content in logical pixels.
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "1200x860", value_parser = size)]
    size: (f64, f64),
}

/// Narrower than this no screen was drawn for.
const SMALLEST: (f64, f64) = (320.0, 480.0);

fn size(text: &str) -> Result<(f64, f64), String> {
    let parts = text.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    parts.ok_or_else(|| "write it as 412x915".to_owned())
}

/// Every command of every screen.
#[tauri::command]
async fn call(desktop: tauri::State<'_, Desktop>, command: String, request: Value) -> Result<Value, ApiError> {
    desktop.call(&command, request).await
}

fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();
    let suggestion = Suggestion { hub: arguments.hub, code: arguments.code };
    tauri::Builder::default()
        .manage(Desktop::open(arguments.data, suggestion)?)
        .invoke_handler(tauri::generate_handler![call])
        .setup(move |app| {
            let window = app.handle().clone();
            tauri::async_runtime::spawn(async move { window.state::<Desktop>().keep_passing_on().await });
            tauri::WebviewWindowBuilder::new(app, "main", tauri::WebviewUrl::default())
                .title("Kend")
                .inner_size(arguments.size.0, arguments.size.1)
                .min_inner_size(SMALLEST.0, SMALLEST.1)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())
        .context("the window could not be opened")
}
