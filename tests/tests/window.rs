//! The app's real window, from the first start to an interview that a hub has.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use kend_tests::{Browser, Hub, HubFiles, LANGUAGES, Size, Window, hands, play, words};
use serde_json::json;

/// Words of the note that is being typed when the power goes.
const NOTE_WORDS: usize = 400;
/// Words that are typed between two looks at what is kept.
const WORDS_AT_ONCE: usize = 10;
/// Words after which the power goes, in the middle of typing the next ones.
const WORDS_BEFORE_THE_KILL: usize = 200;
/// How long the next words have been typed without a pause when it goes; all of them take some eight seconds.
const INTO_THE_NEXT_WORDS: Duration = Duration::from_secs(3);
/// The themes that the group spoke about.
const LEVELS: [(&str, u8); 5] = [("digital", 3), ("governance", 4), ("agriculture", 2), ("finance", 2), ("health", 3)];

#[test]
fn an_interview_survives_a_kill_and_is_finished_and_synced() {
    play(async |stage| {
        let hub = stage.hub()?;
        let code = hub.files.enrol("Aysel", "enumerator", hands::AREA)?;
        let data = stage.folder("device")?;
        let start_with = ["--hub", hub.address(), "--code", &code];

        let window = Window::open(stage, Size::PHONE, &data, &start_with).await?;
        hands::make_store(&window, "Aysel").await?;
        hands::join_hub(&window).await?;
        let interview = hands::start(&window, "fgd").await?;
        hands::ask_consent(&window).await?;
        hands::count_participants(&window).await?;
        hands::begin_theme(&window, "digital").await?;
        let note = hands::note(NOTE_WORDS)?;
        let kept_characters = type_until_the_power_goes(window, &note).await?;

        let window = Window::open(stage, Size::PHONE, &data, &start_with).await?;
        hands::unlock(&window, hands::PASSPHRASE).await?;
        ensure!(hands::open_interview(&window).await? == interview, "another interview is open");
        window.tap("chip-digital").await?;
        let found = window.value("field-digital_notes").await?;
        ensure!(note.starts_with(&found), "what is kept is not what was typed: {found}");
        let found_characters = found.chars().count();
        ensure!(
            found_characters >= kept_characters,
            "the screen had shown {kept_characters} characters as kept, and {found_characters} are there"
        );

        let rest: String = note.chars().skip(found_characters).collect();
        window.type_into("field-digital_notes", &rest).await?;
        window.attribute_is("text-digital_notes", "data-kept", "true").await?;
        ensure!(window.value("field-digital_notes").await? == note, "the note is not whole");
        window.tap("chip-participants_section").await?;
        window.attribute_is("participants", "data-count", "8").await?;
        hands::go_through_themes(&window, &LEVELS).await?;
        hands::sign_off(&window).await?;
        hands::sync(&window).await?;
        hands::open_interview(&window).await?;
        window.attribute_is("kept", "data-kept", "safe").await?;
        window.close().await?;

        // The hub has every word.
        let password = hub.files.person("Leyla", "supervisor", hands::AREA)?;
        let browser = Browser::open(stage, Size::LAPTOP, hub.address()).await?;
        hands::sign_in(&browser, "Leyla", &password).await?;
        ensure!(hands::open_interview(&browser).await? == interview, "the hub holds another interview");
        browser.tap("chip-digital").await?;
        ensure!(browser.value("field-digital_notes").await? == note, "the hub's note differs");
        Ok(())
    });
}

/// Types the note until the app is killed in the middle of a word; gives how many characters the screen had shown as kept.
async fn type_until_the_power_goes(window: Window, note: &str) -> Result<usize> {
    let words: Vec<String> = note.split(' ').map(|word| format!("{word} ")).collect();
    let mut chunks = words.chunks(WORDS_AT_ONCE).map(<[String]>::concat);
    let mut kept = 0;
    for chunk in chunks.by_ref().take(WORDS_BEFORE_THE_KILL / WORDS_AT_ONCE) {
        window.type_into("field-digital_notes", &chunk).await?;
        kept = hands::kept_characters(&window, "digital_notes").await?;
    }
    ensure!(kept > 0, "nothing was shown as kept while {WORDS_BEFORE_THE_KILL} words were typed");
    let next: String = chunks.collect();
    tokio::select! {
        typed = window.type_into("field-digital_notes", &next) => {
            typed?;
            bail!("the note was typed to its end before the power went");
        }
        () = tokio::time::sleep(INTO_THE_NEXT_WORDS) => {}
    }
    window.kill_app().await?;
    Ok(kept)
}

#[test]
fn a_wrong_passphrase_is_told_in_the_persons_language_and_changes_nothing() {
    play(async |stage| {
        let data = stage.folder("device")?;
        let window = Window::open(stage, Size::PHONE, &data, &[]).await?;
        hands::make_store(&window, "Aysel").await?;
        window.close().await?;

        let window = Window::open(stage, Size::PHONE, &data, &[]).await?;
        for language in LANGUAGES {
            window.tap(&format!("language-{language}")).await?;
            hands::unlock(&window, "başqa bir parol").await?;
            let told = words(language, "error.wrong_passphrase")?;
            window.text_that("error", &format!("in {language}"), |text| text.contains(&told)).await?;
        }
        hands::unlock(&window, hands::PASSPHRASE).await?;
        window.see("place-visits").await?;
        window.close().await
    });
}

#[test]
fn a_truncated_pack_and_a_broken_sheet_are_told_in_the_persons_language_and_change_nothing() {
    play(async |stage| {
        let window = Window::open(stage, Size::PHONE, &stage.folder("device")?, &[]).await?;
        hands::make_store(&window, "Aysel").await?;
        window.tap("place-sync").await?;
        let before = window.ask("sync_state", json!({})).await?;
        let schema = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../schema");
        let files = stage.folder("files")?;

        let pack = fs::read(schema.join("demo/demo.kendpack"))?;
        let truncated = files.join("demo.kendpack");
        fs::write(&truncated, pack.get(..pack.len() / 2).context("the pack is empty")?)?;
        is_refused(&window, "pack-file", &[truncated], "pack_damaged").await?;

        let mut sheets = Vec::new();
        for sheet in ["survey.csv", "choices.csv", "settings.csv"] {
            let whole = fs::read_to_string(schema.join("instruments/fgd").join(sheet))?;
            let broken = whole.replace("${consent_take_part} = 'yes'", "${consent_take_part} = = 'yes'");
            let file = files.join(sheet);
            fs::write(&file, broken)?;
            sheets.push(file);
        }
        is_refused(&window, "instrument-files", &sheets, "instrument_broken").await?;
        window.text_that("error", "with sheet and row", |text| text.contains("survey")).await?;

        ensure!(window.ask("sync_state", json!({})).await? == before, "something changed");
        window.close().await
    });
}

/// Gives the files to the field, in each language, and reads the refusal there.
async fn is_refused(window: &Window, field: &str, files: &[PathBuf], code: &str) -> Result<()> {
    let paths: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    for language in LANGUAGES {
        hands::speak(window, language).await?;
        window.type_into(field, &paths.join("\n")).await?;
        window.attribute_is("error", "data-code", code).await?;
        let told = words(language, &format!("error.{code}"))?;
        window.text_that("error", &format!("in {language}"), |text| text.contains(&told)).await?;
    }
    Ok(())
}

#[test]
fn a_hub_that_refuses_the_signature_is_told_in_the_persons_language_and_nothing_is_lost() {
    play(async |stage| {
        let hub = stage.hub()?;
        let device = hands::joined_device(stage, &hub, "device", "Aysel").await?;
        hands::start(&device, "fgd").await?;
        hands::ask_consent(&device).await?;
        let address = hub.address().trim_start_matches("http://").parse()?;
        let files = HubFiles { data: stage.folder("another-hub")?, ..hub.files.clone() };
        drop(hub);

        // Whoever answers there now never enrolled this device: to them its signature is nobody's.
        let _another = Hub::start(files, address, &stage.log("another-hub"))?;
        device.tap("place-sync").await?;
        let before = device.ask("sync_state", json!({})).await?;
        for language in LANGUAGES {
            hands::speak(&device, language).await?;
            device.tap("sync-now").await?;
            device.attribute_is("error", "data-code", "signature_refused").await?;
            let told = words(language, "error.signature_refused")?;
            device.text_that("error", &format!("in {language}"), |text| text.contains(&told)).await?;
        }
        hands::speak(&device, "az").await?;
        let after = device.ask("sync_state", json!({})).await?;
        for part in ["waiting_entries", "waiting_interviews", "hub"] {
            ensure!(after.get(part) == before.get(part), "{part} changed: {after}");
        }
        device.close().await
    });
}
