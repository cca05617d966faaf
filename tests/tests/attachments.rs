//! Recordings and files in a real Chromium with a microphone, and in the app's real window, up to the supervisor who listens.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use kend_tests::{Microphone, Page, Phone, Size, Stage, Window, hands, play};

const MEBIBYTE: u64 = 1024 * 1024;
/// As much as an hour of a focus group and more.
const LARGE_BYTES: u64 = 32 * MEBIBYTE;
/// What the device may need more for it, wherever the bytes are.
const MORE_MEMORY_BYTES: u64 = 24 * MEBIBYTE;

fn phone() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_phone"))
}

/// Opens a new interview whose group agreed to be recorded, where files are added.
async fn begin(page: &Page) -> Result<()> {
    hands::make_store(page, "Aysel").await?;
    hands::start(page, "fgd").await?;
    hands::ask_consent_and_to_record(page, "yes").await?;
    page.tap("chip-materials").await
}

/// How much of the recording under way the screen shows as kept.
async fn kept_bytes(page: &Page) -> Result<u64> {
    Ok(page.attribute("recorder-kept", "data-bytes").await?.unwrap_or_default().parse()?)
}

/// Waits until so much more is kept, and gives how much that is.
async fn recorded(page: &Page, more_than: u64) -> Result<u64> {
    page.until(&format!("more than {more_than} bytes to be kept"), async || {
        Ok(Some(kept_bytes(page).await?).filter(|bytes| *bytes > more_than))
    })
    .await
}

/// Opens the only file on the screen, plays it, and goes to its middle; gives how long it plays, in seconds.
async fn listen(page: &Page) -> Result<f64> {
    if page.shows("open-file").await? {
        page.tap("open-file").await?;
    }
    page.see("player").await?;
    page.tap("play").await?;
    played(page, 0.0).await?;
    let script = "const input = document.querySelector('[data-testid=\"seek\"]');
        const whole = Number(input.max);
        input.value = String(whole / 2);
        input.dispatchEvent(new Event('input', { bubbles: true }));
        return whole;";
    let whole = page.run(script, vec![]).await?.as_f64().context("no length")?;
    played(page, whole / 2.0).await?;
    ensure!(!page.shows("cannot-play").await?, "it does not play");
    Ok(whole)
}

async fn played(page: &Page, beyond_s: f64) -> Result<()> {
    page.until(&format!("sound beyond {beyond_s} s"), async || {
        let at: f64 = page.attribute("player", "data-at").await?.unwrap_or_default().parse()?;
        Ok((at > beyond_s).then_some(()))
    })
    .await
}

#[test]
fn a_recording_goes_on_while_notes_are_taken_and_what_a_kill_cuts_off_is_offered() {
    play(async |stage| {
        let folder = stage.folder("device")?;
        let phone = Phone::open(stage, &phone(), &folder, Microphone::Allowed).await?;
        begin(&phone).await?;
        phone.tap("record-recording").await?;
        phone.attribute_is("recorder", "data-state", "recording").await?;
        phone
            .until("the meter to show a sound", async || {
                let level: f64 = phone.attribute("recorder-level", "data-level").await?.unwrap_or_default().parse()?;
                Ok((level > 0.0).then_some(()))
            })
            .await?;
        let first = recorded(&phone, 0).await?;
        hands::begin_theme(&phone, "digital").await?;
        phone.type_into("field-digital_notes", "Axşam internet zəifləyir").await?;
        phone.attribute_is("text-digital_notes", "data-kept", "true").await?;
        phone.tap("place-visits").await?;
        let second = recorded(&phone, first).await?;
        phone.tap("recorder-pause").await?;
        phone.attribute_is("recorder", "data-state", "paused").await?;
        phone.tap("recorder-resume").await?;
        recorded(&phone, second).await?;
        phone.tap("recorder-finish").await?;
        phone.see_no("recorder").await?;
        hands::open_interview(&phone).await?;
        phone.tap("chip-materials").await?;
        phone.attribute_is("file-kept", "data-kept", "kept").await?;
        let whole_s = listen(&phone).await?;
        ensure!(whole_s > 2.0, "three pieces of a second are {whole_s} s long");

        phone.tap("record-recording").await?;
        let shown = recorded(&phone, first).await?;
        phone.kill().await?;
        let phone = Phone::open(stage, &self::phone(), &folder, Microphone::Allowed).await?;
        hands::unlock(&phone, hands::PASSPHRASE).await?;
        hands::open_interview(&phone).await?;
        phone.tap("chip-materials").await?;
        phone.tap("keep-unfinished").await?;
        two_recordings(&phone).await?;
        ensure!(kept_on_disk(&folder)? >= shown, "less is kept than the screen had shown");
        Ok(())
    });
}

async fn two_recordings(page: &Page) -> Result<()> {
    let both = async || Ok((page.texts("question-recording file").await?.len() == 2).then_some(()));
    page.until("two recordings", both).await
}

/// Bytes of all ciphertexts of a device.
fn kept_on_disk(folder: &Path) -> Result<u64> {
    let mut all = 0;
    for inner in std::fs::read_dir(folder.join("blobs"))? {
        for file in std::fs::read_dir(inner?.path())? {
            all += file?.metadata()?.len();
        }
    }
    Ok(all)
}

#[test]
fn where_the_microphone_is_refused_a_file_is_chosen_and_a_large_one_costs_no_memory() {
    play(async |stage| {
        let folder = stage.folder("device")?;
        let phone = Phone::open(stage, &phone(), &folder, Microphone::Refused).await?;
        begin(&phone).await?;
        phone.tap("record-recording").await?;
        phone.attribute_is("recorder-trouble", "data-what", "not_allowed").await?;
        ensure!(!phone.shows("entry-*").await?, "an empty recording is left");
        phone.give_file("input-recording", &sound(stage, "small.wav", 2 * MEBIBYTE)?).await?;
        phone.see("file").await?;
        let before = phone.most_memory_bytes()?;
        phone.give_file("input-recording", &sound(stage, "large.wav", LARGE_BYTES)?).await?;
        phone.see("adding").await?;
        // A debug build encrypts slowly: each look has its patience, and there are some.
        for _ in 0..9 {
            if phone.see_no("adding").await.is_ok() {
                break;
            }
        }
        two_recordings(&phone).await?;
        let more = phone.most_memory_bytes()?.saturating_sub(before);
        ensure!(more < MORE_MEMORY_BYTES, "{LARGE_BYTES} bytes of a file took {more} bytes of memory more");
        println!("a file of {LARGE_BYTES} bytes: {more} bytes of memory more than one of {}", 2 * MEBIBYTE);
        Ok(())
    });
}

/// A sound file of a tone of this size.
fn sound(stage: &Stage, name: &str, size_bytes: u64) -> Result<PathBuf> {
    const RATE: u32 = 16_000;
    let data_bytes = u32::try_from(size_bytes)? - 44;
    let mut wave = Vec::new();
    wave.extend(b"RIFF");
    wave.extend((data_bytes + 36).to_le_bytes());
    wave.extend(b"WAVEfmt ");
    wave.extend(16_u32.to_le_bytes());
    wave.extend([1, 0, 1, 0]);
    wave.extend(RATE.to_le_bytes());
    wave.extend((RATE * 2).to_le_bytes());
    wave.extend([2, 0, 16, 0]);
    wave.extend(b"data");
    wave.extend(data_bytes.to_le_bytes());
    wave.extend(
        (0..data_bytes / 2).flat_map(|place| (if place / 20 % 2 == 0 { 3000_i16 } else { -3000 }).to_le_bytes()),
    );
    let file = stage.folder("files")?.join(name);
    std::fs::write(&file, wave)?;
    Ok(file)
}

/// Machines that run tests have no microphone.
#[test]
fn the_window_says_that_there_is_no_microphone_and_takes_a_file() {
    play(async |stage| {
        let window = Window::open(stage, Size::PHONE, &stage.folder("device")?, &[]).await?;
        begin(&window).await?;
        window.tap("record-recording").await?;
        window.attribute_is("recorder-trouble", "data-what", "no_microphone").await?;
        window.give_file("input-recording", &sound(stage, "tone.wav", MEBIBYTE)?).await?;
        window.see("file").await?;
        window.attribute_is("file-kept", "data-kept", "kept").await
    });
}
