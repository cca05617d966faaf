//! Two devices that change one interview apart: in whatever order they meet the hub, both end up with the same, and what
//! excludes each other is shown with both values.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use kend_tests::{Page, Stage, hands, play};
use serde_json::{Value, json};

#[test]
fn what_two_devices_did_apart_meets_when_the_first_syncs_first() {
    play(async |stage| edit_apart_and_meet(stage, [0, 1, 0]).await);
}

#[test]
fn what_two_devices_did_apart_meets_when_the_second_syncs_first() {
    play(async |stage| edit_apart_and_meet(stage, [1, 0, 1]).await);
}

/// Both change the interview without the hub, then sync in this order.
async fn edit_apart_and_meet(stage: &Stage, order: [usize; 3]) -> Result<()> {
    let hub = stage.hub()?;
    let devices = [
        hands::joined_device(stage, &hub, "first", "Aysel").await?,
        hands::joined_device(stage, &hub, "second", "Aysel").await?,
    ];
    let [first, second] = &devices;
    let interview = hands::start(first, "fgd").await?;
    hands::ask_consent(first).await?;
    hands::begin_theme(first, "digital").await?;
    hands::begin_theme(first, "health").await?;
    hands::sync(first).await?;
    hands::sync(second).await?;

    // Apart: the same question answered in two ways, and different questions each.
    hands::open_interview(first).await?;
    first.tap("chip-digital").await?;
    hands::close_theme(first, "digital", 2, 1).await?;
    hands::pass_over_theme(first, "tourism").await?;
    ensure!(hands::open_interview(second).await? == interview, "the second device holds another interview");
    second.tap("chip-digital").await?;
    hands::close_theme(second, "digital", 4, 1).await?;
    second.tap("chip-health").await?;
    hands::close_theme(second, "health", 3, 2).await?;

    for place in order {
        hands::sync(devices.get(place).unwrap_or(first)).await?;
    }
    let (of_first, of_second) = (contents(first, &interview).await?, contents(second, &interview).await?);
    ensure!(of_first == of_second, "the devices differ:\n{of_first:?}\n{of_second:?}");
    for device in &devices {
        hands::open_interview(device).await?;
        device.tap("chip-digital").await?;
        let conflict = device.text("conflict-digital_level").await?;
        for level in [2, 4] {
            let label = device.text(&format!("choices-digital_level level-{level}")).await?;
            let label = label.trim_start_matches(|character: char| character.is_ascii_digit()).trim();
            ensure!(conflict.contains(label), "level {level} is missing in: {conflict}");
        }
        // What only one of them changed is no conflict.
        device.tap("chip-health").await?;
        device.attribute_is("choices-health_level level-3", "aria-checked", "true").await?;
        device.see_no("conflict-health_level").await?;
        device.attribute_is("chip-tourism", "data-closed", "true").await?;
    }

    // A person decides on one device; the other follows.
    first.tap("chip-digital").await?;
    first.tap("choices-digital_level level-4").await?;
    first.see_no("conflict-digital_level").await?;
    hands::sync(first).await?;
    hands::sync(second).await?;
    hands::open_interview(second).await?;
    second.tap("chip-digital").await?;
    second.attribute_is("choices-digital_level level-4", "aria-checked", "true").await?;
    second.see_no("conflict-digital_level").await?;
    ensure!(contents(first, &interview).await? == contents(second, &interview).await?, "the devices differ at the end");
    Ok(())
}

/// What an interview holds: all sections, what is missing, reviews and comments. Not what belongs to the one who looks.
async fn contents(page: &Page, interview: &str) -> Result<BTreeMap<String, Option<Value>>> {
    let view = page.ask("open_interview", json!({ "interview": interview })).await?;
    let parts = ["sections", "missing", "reviews", "comments", "title", "version"];
    Ok(parts.iter().map(|part| ((*part).to_owned(), view.get(*part).cloned())).collect::<BTreeMap<_, _>>())
}
