//! What a person does, screen by screen, in a window or a browser: the scenarios are told in these words.
//!
//! Each of them ends only when the screen shows that it was done.

use anyhow::{Result, ensure};

use crate::{Hub, Page, Password, Size, Stage, Window};

/// The nine themes, in the order of the guide.
pub const THEMES: [&str; 9] =
    ["digital", "governance", "agriculture", "tourism", "finance", "transport", "utilities", "education", "health"];

/// The passphrase of every device in the tests.
pub const PASSPHRASE: &str = "yeddi dağ arxasında";

/// The rayon that the people of the tests are responsible for.
pub const AREA: &str = "AZ-TOV";

/// Where the interviews of the tests are held: a town of the demo project's first priority cluster.
pub const VILLAGE: &str = "Qovlar";

/// Makes the device's encrypted store.
pub async fn make_store(page: &Page, name: &str) -> Result<()> {
    page.see("gate-create").await?;
    page.type_anew("name", name).await?;
    page.type_anew("passphrase", PASSPHRASE).await?;
    page.type_anew("passphrase-repeat", PASSPHRASE).await?;
    page.tap("enter").await?;
    page.see("place-visits").await
}

/// A person's phone with a new store that has joined the hub.
pub async fn joined_device(stage: &Stage, hub: &Hub, folder: &str, name: &str) -> Result<Window> {
    let code = hub.files.enrol(name, "enumerator", AREA)?;
    let start_with = ["--hub", hub.address(), "--code", &code];
    let window = Window::open(stage, Size::PHONE, &stage.folder(folder)?, &start_with).await?;
    make_store(&window, name).await?;
    join_hub(&window).await?;
    Ok(window)
}

/// Opens the store with a passphrase.
pub async fn unlock(page: &Page, passphrase: &str) -> Result<()> {
    page.see("gate-unlock").await?;
    page.type_anew("passphrase", passphrase).await?;
    page.tap("enter").await
}

/// Signs in at a hub.
pub async fn sign_in(page: &Page, name: &str, password: &Password) -> Result<()> {
    page.see("gate-sign_in").await?;
    page.type_anew("name", name).await?;
    page.type_anew("passphrase", &password.0).await?;
    page.tap("enter").await?;
    page.see("place-interviews").await
}

/// Joins the hub that the app was started with: the form is filled in already.
pub async fn join_hub(page: &Page) -> Result<()> {
    page.tap("place-sync").await?;
    page.tap("join-hub").await?;
    page.see("sync-now").await
}

/// Passes on what waits and takes what the hub has.
pub async fn sync(page: &Page) -> Result<()> {
    page.tap("place-sync").await?;
    page.tap("sync-now").await?;
    // Gone while it works, back with what came of it.
    page.see("sync-outcome").await?;
    ensure!(!page.shows("error").await?, "the exchange failed: {}", page.text("error").await?);
    page.attribute_is("sync-waiting", "data-entries", "0").await
}

/// Changes the language of the screens.
pub async fn speak(page: &Page, language: &str) -> Result<()> {
    page.select("language", language).await?;
    page.until(&format!("the screens to speak {language}"), async || {
        let spoken = page.run("return document.documentElement.lang", vec![]).await?;
        Ok((spoken == language).then_some(()))
    })
    .await
}

/// Opens the cluster's readiness.
pub async fn open_readiness(page: &Page) -> Result<()> {
    page.tap("place-readiness").await?;
    page.see("readiness-class").await
}

/// Starts an interview in [`VILLAGE`], and gives its id.
pub async fn start(page: &Page, kind: &str) -> Result<String> {
    page.tap("place-visits").await?;
    page.type_anew("village-search", VILLAGE).await?;
    page.until(&format!("only {VILLAGE} to be listed"), async || {
        let listed = page.texts("villages village-*").await?;
        Ok((listed.len() == 1).then_some(()))
    })
    .await?;
    page.tap("villages start-*").await?;
    page.tap(&format!("kind-{kind}")).await?;
    page.tap("start-interview").await?;
    opened(page).await
}

/// Opens the only interview there is, and gives its id.
pub async fn open_interview(page: &Page) -> Result<String> {
    page.tap("place-interviews").await?;
    page.tap("interview-*").await?;
    opened(page).await
}

/// Waits until an interview is on the screen, and gives its id.
async fn opened(page: &Page) -> Result<String> {
    page.see("section-title").await?;
    page.until("the interview's id", async || page.attribute("interview", "data-interview").await).await
}

/// Asks for consent; the group agrees to take part and to be quoted, not to be recorded.
pub async fn ask_consent(page: &Page) -> Result<()> {
    ask_consent_and_to_record(page, "no").await
}

/// Asks for consent; the group agrees to take part and to be quoted, and says this to being recorded.
pub async fn ask_consent_and_to_record(page: &Page, record: &str) -> Result<()> {
    page.tap("chip-before").await?;
    for (question, answer) in [("consent_take_part", "yes"), ("consent_record", record), ("consent_quote", "yes")] {
        choose(page, question, answer).await?;
    }
    Ok(())
}

/// Counts eight participants: five women and three men, of three ages and two occupations.
pub async fn count_participants(page: &Page) -> Result<()> {
    page.tap("chip-participants_section").await?;
    let mut counted = 0_u32;
    for (occupation, taps) in [
        ("farmer", &["female-30_59", "female-30_59", "male-30_59", "male-60_plus"][..]),
        ("employee", &["female-15_29", "female-30_59", "female-60_plus", "male-15_29"][..]),
    ] {
        page.tap(&format!("occupation-{occupation}")).await?;
        for cell in taps {
            page.tap(&format!("more-{cell}")).await?;
            counted += 1;
            page.attribute_is("participants", "data-count", &counted.to_string()).await?;
        }
    }
    page.see("participant-P8").await
}

/// Opens a theme and says that it was discussed.
pub async fn begin_theme(page: &Page, theme: &str) -> Result<()> {
    page.tap(&format!("chip-{theme}")).await?;
    choose(page, &format!("{theme}_discussed"), "yes").await
}

/// Closes a theme with a level and the strength of its evidence.
pub async fn close_theme(page: &Page, theme: &str, level: u8, evidence: u8) -> Result<()> {
    choose(page, &format!("{theme}_evidence"), &evidence.to_string()).await?;
    page.tap(&format!("choices-{theme}_level level-{level}")).await?;
    page.attribute_is(&format!("choices-{theme}_level level-{level}"), "aria-checked", "true").await?;
    page.attribute_is(&format!("chip-{theme}"), "data-closed", "true").await
}

/// Says that a theme was not discussed.
pub async fn pass_over_theme(page: &Page, theme: &str) -> Result<()> {
    page.tap(&format!("chip-{theme}")).await?;
    choose(page, &format!("{theme}_discussed"), "no").await?;
    page.attribute_is(&format!("chip-{theme}"), "data-closed", "true").await
}

/// Discusses the themes with these levels and passes over all others.
pub async fn go_through_themes(page: &Page, levels: &[(&str, u8)]) -> Result<()> {
    for theme in THEMES {
        match levels.iter().find(|(discussed, _)| *discussed == theme) {
            Some((_, level)) => {
                begin_theme(page, theme).await?;
                close_theme(page, theme, *level, 2).await?;
            }
            None => pass_over_theme(page, theme).await?,
        }
    }
    Ok(())
}

/// Ends the conversation and signs the interview off; then the cluster's readiness is on the screen.
pub async fn sign_off(page: &Page) -> Result<()> {
    page.tap("chip-closing").await?;
    choose(page, "closing_consent_again", "yes").await?;
    sign_off_again(page).await
}

/// Signs the interview off, all being answered.
pub async fn sign_off_again(page: &Page) -> Result<()> {
    page.tap("chip-finish").await?;
    page.attribute_is("missing", "data-count", "0").await?;
    page.tap("sign-off").await?;
    page.see("readiness-class").await
}

/// Chooses an answer and waits until it is kept.
pub async fn choose(page: &Page, question: &str, answer: &str) -> Result<()> {
    let choice = format!("choice-{question}-{answer}");
    page.tap(&choice).await?;
    page.attribute_is(&choice, "aria-checked", "true").await?;
    page.attribute_is(&format!("choices-{question}"), "data-kept", "true").await
}

/// How many characters of a text the screen shows as kept.
pub async fn kept_characters(page: &Page, question: &str) -> Result<usize> {
    let shown = page.attribute(&format!("text-{question}"), "data-kept-characters").await?;
    Ok(shown.unwrap_or_default().parse()?)
}

/// A note of so many words, each with its place in it, so that no missing word goes unseen.
pub fn note(words: usize) -> Result<String> {
    const WORDS: [&str; 8] = ["internet", "kənddə", "axşam", "zəifləyir", "işıq", "sönəndə", "şəbəkə", "itir"];
    ensure!(words > 0, "a note has words");
    let numbered: Vec<String> =
        WORDS.iter().cycle().take(words).enumerate().map(|(index, word)| format!("{word}{}", index + 1)).collect();
    Ok(numbered.join(" "))
}
