//! A supervisor's real browser against the hub, and the device whose interview is reviewed.

use anyhow::{Result, ensure};
use kend_tests::{Browser, Page, Size, hands, play};
use serde_json::{Value, json};

const COMMENT: &str = "Niyə üç? Qrup nə dedi?";
const ANSWER: &str = "Evlərin yarısında var, qrup belə dedi.";
const LEVELS: [(&str, u8); 4] = [("digital", 3), ("governance", 4), ("agriculture", 2), ("health", 3)];

#[test]
fn a_returned_interview_is_answered_and_approved_and_all_three_read_the_same_readiness() {
    play(async |stage| {
        let hub = stage.hub()?;
        let password = hub.files.person("Leyla", "supervisor", hands::AREA)?;
        let device = hands::joined_device(stage, &hub, "first", "Aysel").await?;
        let interview = hands::start(&device, "fgd").await?;
        hands::ask_consent(&device).await?;
        hands::count_participants(&device).await?;
        hands::go_through_themes(&device, &LEVELS).await?;
        hands::sign_off(&device).await?;
        hands::sync(&device).await?;

        let browser = Browser::open(stage, Size::LAPTOP, hub.address()).await?;
        hands::sign_in(&browser, "Leyla", &password).await?;
        ensure!(hands::open_interview(&browser).await? == interview, "the inbox holds another interview");
        browser.attribute_is("interview", "data-state", "complete").await?;
        browser.tap("chip-digital").await?;
        browser.tap("review-add-digital_level").await?;
        browser.type_into("review-text-digital_level", COMMENT).await?;
        browser.tap("return").await?;
        browser.attribute_is("interview", "data-state", "returned").await?;

        hands::sync(&device).await?;
        ensure!(hands::open_interview(&device).await? == interview, "another interview is open");
        device.attribute_is("interview", "data-state", "returned").await?;
        device.tap("chip-digital").await?;
        device.text_that("question-digital_level", "with the comment", |text| text.contains(COMMENT)).await?;
        device.type_into("comment-answer", ANSWER).await?;
        device.tap("comment-send").await?;
        device.text_that("comment-answered", "the answer", |text| text.contains(ANSWER)).await?;
        hands::sign_off_again(&device).await?;
        hands::sync(&device).await?;

        browser.reload().await?;
        ensure!(hands::open_interview(&browser).await? == interview, "the inbox holds another interview");
        browser.tap("chip-digital").await?;
        browser.text_that("comment-answered", "the answer", |text| text.contains(ANSWER)).await?;
        browser.tap("approve").await?;
        browser.attribute_is("interview", "data-state", "approved").await?;

        hands::sync(&device).await?;
        hands::open_interview(&device).await?;
        device.attribute_is("interview", "data-state", "approved").await?;
        let second = hands::joined_device(stage, &hub, "second", "Elçin").await?;
        hands::sync(&second).await?;
        let on_device = readiness(&device).await?;
        ensure!(on_device.pointer("/said/interviews") == Some(&json!(1)), "the interview does not count: {on_device}");
        ensure!(
            on_device.pointer("/said/merged/value").is_some_and(Value::is_number),
            "nothing is merged: {on_device}"
        );
        for (place, other) in
            [("the hub", readiness(&browser).await?), ("the second device", readiness(&second).await?)]
        {
            ensure!(other == on_device, "{place} reads another readiness than the device:\n{other}\n{on_device}");
        }
        Ok(())
    });
}

/// The readiness of the cluster of the latest interview, every digit of it, as the screen shows it and as the core says.
async fn readiness(page: &Page) -> Result<Value> {
    hands::open_readiness(page).await?;
    let mut shown = Vec::new();
    for attribute in ["data-value", "data-merged", "data-class", "data-merged-class"] {
        shown.push(page.attribute("readiness-class", attribute).await?);
    }
    let fingerprint = page.attribute("readiness", "data-fingerprint").await?;
    let said = page.ask("read_readiness", json!({ "cluster": null })).await?;
    Ok(json!({ "shown": shown, "fingerprint": fingerprint, "said": said }))
}

#[test]
fn a_wrong_password_opens_nothing() {
    play(async |stage| {
        let hub = stage.hub()?;
        let password = hub.files.person("Leyla", "supervisor", hands::AREA)?;
        let browser = Browser::open(stage, Size::PHONE, hub.address()).await?;
        browser.see("gate-sign_in").await?;
        browser.type_anew("name", "Leyla").await?;
        browser.type_anew("passphrase", "not the password").await?;
        browser.tap("enter").await?;
        browser.attribute_is("error", "data-code", "wrong_sign_in").await?;
        ensure!(browser.ask("list_interviews", json!({})).await.is_err(), "the hub answered to nobody");
        hands::sign_in(&browser, "Leyla", &password).await
    });
}
