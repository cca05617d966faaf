//! Embeds the window's configuration and the built UI.

fn main() {
    tauri_build::build();
}
