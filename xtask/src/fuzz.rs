//! Every decoder, fed with what no friend would send, for as long as one likes.
//!
//! The targets stand in `tests/fuzz`; each begins with what is right (the golden bytes, the instruments, the demo's files, and
//! what a target makes itself where that has to be signed or sealed) and is led on by what it reaches. A find is kept in
//! `.kend/fuzz` and named with the command that shows it again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::house::{House, succeed};

/// Each target, with the files of the checkout that it begins with.
const TARGETS: [(&str, &[&str]); 12] = [
    ("segment", &["crates/log/tests/vectors"]),
    ("sync", &["crates/sync/tests/protocol"]),
    ("enrolment", &["crates/sync/tests/protocol"]),
    ("pack", &["schema/demo"]),
    ("instrument", &["schema/instruments/fgd", "schema/instruments/kii"]),
    ("documents", &["schema/demo"]),
    ("signed", &[]),
    ("roster", &[]),
    ("bundle", &[]),
    ("blob", &[]),
    ("headers", &[]),
    ("commands", &[]),
];
/// Sheets of an instrument, in the order in which the target takes them apart.
const SHEETS: [&str; 3] = ["survey.csv", "choices.csv", "settings.csv"];
/// Most memory of a decoder: far above its input limits, far below a bomb.
const MEMORY_MIB: &str = "-rss_limit_mb=1024";

/// Fuzzes one target, or all one after the other.
pub(crate) fn fuzz(house: &House, target: Option<&str>, seconds: u32) -> Result<()> {
    let chosen: Vec<_> = TARGETS.iter().filter(|(name, _)| target.is_none_or(|target| target == *name)).collect();
    let names = TARGETS.map(|(name, _)| name).join(", ");
    ensure!(!chosen.is_empty(), "the targets are: {names}");
    let program = house.tool("cargo-fuzz");
    if !program.is_file() {
        succeed(house.command(["cargo", "install", "--locked", "--root"]).arg(house.tools()).args([
            "cargo-fuzz",
            "--version",
            "0.13.2",
        ]))?;
    }
    for (name, sources) in chosen {
        let kept = house.kend_folder().join("fuzz").join(name);
        let (corpus, finds) = (kept.join("corpus"), kept.join("finds"));
        fs::create_dir_all(&corpus)?;
        fs::create_dir_all(&finds)?;
        for source in *sources {
            plant(&house.root.join(source), &corpus).with_context(|| format!("can't begin with {source}"))?;
        }
        println!("\n== {name}, {seconds} s");
        let mut command = Command::new(&program);
        command.args(["run", "--fuzz-dir", ".", name]).arg(&corpus).arg("--");
        command.arg(format!("-max_total_time={seconds}")).arg(MEMORY_MIB).arg("-print_final_stats=1");
        command.arg(format!("-artifact_prefix={}/", finds.display()));
        // Its instruments are not for everybody yet: the compiler wants to hear that they are meant.
        command.current_dir(house.root.join("tests/fuzz")).env("RUSTC_BOOTSTRAP", "1");
        command.env("KEND_FUZZ_CORPUS", &corpus);
        succeed(command.env("CARGO_TARGET_DIR", house.target.join("fuzz")))?;
    }
    Ok(())
}

/// Puts what is right into the corpus: bytes written in hexadecimal as bytes, an instrument's sheets as one.
fn plant(source: &Path, corpus: &Path) -> Result<()> {
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    if SHEETS.iter().all(|sheet| source.join(sheet).is_file()) {
        let sheets =
            SHEETS.iter().map(|sheet| fs::read_to_string(source.join(sheet))).collect::<std::io::Result<Vec<_>>>()?;
        return Ok(fs::write(corpus.join(&*name), sheets.join("\u{c}"))?);
    }
    let mut files: Vec<PathBuf> =
        fs::read_dir(source)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    files.retain(|file| file.is_file());
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let content = fs::read(&file)?;
        let text = String::from_utf8(content.clone()).unwrap_or_default();
        let words = text.lines().flat_map(str::split_whitespace).filter_map(from_hexadecimal);
        let is_rust = file.extension().is_some_and(|extension| extension == "rs");
        for (place, bytes) in words.enumerate() {
            fs::write(corpus.join(format!("{name}-{place}")), bytes)?;
        }
        if !is_rust {
            fs::write(corpus.join(name), content)?;
        }
    }
    Ok(())
}

/// A word that is bytes written in hexadecimal.
fn from_hexadecimal(word: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = word.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() >= 16 && digits.len() % 2 == 0)?;
    digits.chunks(2).map(|pair| u8::try_from(pair.iter().fold(0, |byte, digit| byte * 16 + digit)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes_and_sheets_become_beginnings() {
        let folder = tempfile::tempdir().unwrap();
        let (source, corpus) = (folder.path().join("source"), folder.path().join("corpus"));
        fs::create_dir_all(&source).unwrap();
        fs::create_dir_all(&corpus).unwrap();
        fs::write(source.join("first.txt"), "segment: 000102030405060708090a0b0c0d0e0f\nhead: no\n").unwrap();
        plant(&source, &corpus).unwrap();
        assert_eq!(fs::read(corpus.join("first.txt-0")).unwrap(), (0..16).collect::<Vec<u8>>());
        for sheet in SHEETS {
            fs::write(source.join(sheet), sheet).unwrap();
        }
        plant(&source, &corpus).unwrap();
        assert_eq!(fs::read_to_string(corpus.join("source")).unwrap(), "survey.csv\u{c}choices.csv\u{c}settings.csv");
    }

    #[test]
    fn every_target_of_the_folder_is_listed() {
        let listed: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/targets");
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
            assert!(listed.contains(&name.as_str()), "{name}");
        }
    }
}
