//! Pictures of the screens in three sizes and three languages, taken from the real app while an interview is held.
//!
//! `screens FOLDER`, started by `cargo xtask screens`, which builds first and says where the programs are. The names are
//! `<scene>-<width>-<language>.png`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use kend_tests::{Browser, LANGUAGES, Page, Password, Size, Window, hands, perform};

const SIZES: [Size; 3] = [Size::PHONE, Size::TABLET, Size::LAPTOP];
const LEVELS: [(&str, u8); 6] =
    [("digital", 3), ("governance", 4), ("agriculture", 2), ("finance", 2), ("transport", 3), ("health", 3)];
const NOTE: &str =
    "P3: Axşam internet zəifləyir, uşaqlar dərsi yükləyə bilmir. P5: Məktəbdə kabel var, evlərə çəkilməyib.";

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).context("which folder are the pictures for?")?);
    fs::create_dir_all(&folder).with_context(|| format!("can't make {}", folder.display()))?;
    perform(async |stage| {
        let hub = stage.hub()?;
        let password = hub.files.person("Leyla", "supervisor", hands::AREA)?;
        for size in SIZES {
            println!("  {} x {}: the device", size.width_px, size.height_px);
            let code = hub.files.enrol("Aysel", "enumerator", hands::AREA)?;
            let data = stage.folder(&format!("device-{}", size.width_px))?;
            let window = Window::open(stage, size, &data, &["--hub", hub.address(), "--code", &code]).await?;
            hold_an_interview(&Pictures { page: &window, size, folder: &folder }).await?;
            window.close().await?;
            println!("  {} x {}: the supervisor's browser", size.width_px, size.height_px);
            let browser = Browser::open(stage, size, hub.address()).await?;
            review(&Pictures { page: &browser, size, folder: &folder }, &password).await?;
            browser.close().await?;
        }
        Ok(())
    })
}

/// A page, and where its pictures go.
struct Pictures<'a> {
    page: &'a Page,
    size: Size,
    folder: &'a Path,
}

impl Pictures<'_> {
    /// Takes the screen as it is, in each language.
    async fn take(&self, scene: &str) -> Result<()> {
        for language in LANGUAGES {
            hands::speak(self.page, language).await?;
            self.take_in(scene, language).await?;
        }
        hands::speak(self.page, "az").await
    }

    async fn take_in(&self, scene: &str, language: &str) -> Result<()> {
        let file = self.folder.join(format!("{scene}-{}-{language}.png", self.size.width_px));
        self.page.settle().await?;
        self.page.picture(&file).await
    }
}

async fn hold_an_interview(pictures: &Pictures<'_>) -> Result<()> {
    let page = pictures.page;
    page.see("gate-create").await?;
    for language in LANGUAGES {
        page.tap(&format!("language-{language}")).await?;
        pictures.take_in("gate", language).await?;
    }
    page.tap("language-az").await?;
    hands::make_store(page, "Aysel").await?;
    hands::join_hub(page).await?;
    page.tap("place-visits").await?;
    page.see("villages").await?;
    pictures.take("visits").await?;
    hands::start(page, "fgd").await?;
    hands::ask_consent(page).await?;
    pictures.take("consent").await?;
    hands::count_participants(page).await?;
    pictures.take("participants").await?;
    hands::begin_theme(page, "digital").await?;
    page.type_into("field-digital_notes", NOTE).await?;
    page.attribute_is("text-digital_notes", "data-kept", "true").await?;
    pictures.take("notes").await?;
    hands::close_theme(page, "digital", 3, 2).await?;
    pictures.take("level").await?;
    page.tap("chip-finish").await?;
    page.see("missing").await?;
    pictures.take("missing").await?;
    hands::go_through_themes(page, &LEVELS).await?;
    hands::sign_off(page).await?;
    pictures.take("readiness").await?;
    page.tap("place-interviews").await?;
    page.see("interview-*").await?;
    pictures.take("interviews").await?;
    hands::sync(page).await?;
    pictures.take("sync").await
}

async fn review(pictures: &Pictures<'_>, password: &Password) -> Result<()> {
    let page = pictures.page;
    page.see("gate-sign_in").await?;
    for language in LANGUAGES {
        page.tap(&format!("language-{language}")).await?;
        pictures.take_in("sign-in", language).await?;
    }
    page.tap("language-az").await?;
    hands::sign_in(page, "Leyla", password).await?;
    page.tap("place-interviews").await?;
    page.see("interview-*").await?;
    pictures.take("inbox").await?;
    hands::open_interview(page).await?;
    page.tap("chip-digital").await?;
    page.see("review-add-digital_level").await?;
    pictures.take("review").await?;
    hands::open_readiness(page).await?;
    pictures.take("readiness-browser").await?;
    for (section, part) in [("indicators", "indicators-*"), ("map", "map"), ("compare", "compare-rows")] {
        hands::open_readiness(page).await?;
        page.tap(&format!("section-{section}")).await?;
        page.see(part).await?;
        pictures.take(&format!("readiness-{section}")).await?;
    }
    Ok(())
}
