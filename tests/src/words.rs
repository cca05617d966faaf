//! The words of the screens, as the screens themselves have them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// The languages of the screens.
pub const LANGUAGES: [&str; 3] = ["az", "en", "ru"];

/// The words of a key in a language.
pub fn words(language: &str, key: &str) -> Result<String> {
    let file =
        Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../schema/words").join(format!("{language}.json"));
    let text = fs::read_to_string(&file).with_context(|| format!("can't read {}", file.display()))?;
    let all: Value = serde_json::from_str(&text).with_context(|| format!("{} is damaged", file.display()))?;
    let words = all.get(key).and_then(Value::as_str);
    words.map(str::to_owned).with_context(|| format!("{language} has no words for {key}"))
}
