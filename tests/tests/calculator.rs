//! The calculator in a real browser against the hub: the demo says that it is partial and can be tried; with the made-up pack,
//! what is tried moves the index as the core says, is undone, and every screen of a cluster has an address that leads back.

use anyhow::{Context, Result, ensure};
use kend_pack::synthetic;
use kend_tests::{Browser, Hub, Page, Size, Stage, hands, play};
use serde_json::{Value, json};

/// A cluster of the made-up pack.
const CLUSTER: &str = "synthetic-a";

/// A browser of the national unit, whose area holds every pack's clusters.
async fn office(stage: &Stage, hub: &Hub) -> Result<Browser> {
    let password = hub.files.person("Leyla", "national", "AZ")?;
    let browser = Browser::open(stage, Size::LAPTOP, hub.address()).await?;
    hands::sign_in(&browser, "Leyla", &password).await?;
    Ok(browser)
}

/// Puts in the made-up pack, which has cells, and opens the readiness anew.
async fn take_cells(page: &Page) -> Result<()> {
    let pack = synthetic::pack()?.write_signed(&synthetic::key())?;
    let request = json!({ "content_base64": data_encoding::BASE64.encode(&pack), "accept_signer": true });
    page.ask("import_pack", request).await?;
    page.tap("place-sync").await?;
    page.reload().await?;
    hands::open_readiness(page).await
}

#[test]
fn what_is_tried_moves_the_index_as_the_core_says_and_is_undone() {
    play(async |stage| {
        let hub = stage.hub()?;
        let browser = office(stage, &hub).await?;
        hands::open_readiness(&browser).await?;
        browser.see("partial").await?;
        browser.tap("section-indicators").await?;
        browser.see("indicator-2").await?;

        take_cells(&browser).await?;
        browser.see("synthetic").await?;
        browser.tap("section-lift").await?;
        browser.see("plan").await?;
        let lift = browser.ask("lift_cluster", json!({ "cluster": CLUSTER })).await?;
        browser.tap("plan-try").await?;
        let raises = lift.pointer("/cheapest/raises").and_then(Value::as_array).context("no plan")?;
        browser.attribute_is("result", "data-changes", &raises.len().to_string()).await?;
        let changes: Vec<Value> = raises
            .iter()
            .map(|raise| json!({ "row": raise.get("row"), "zone": null, "value": raise.get("value_then") }))
            .collect();
        let said = browser.ask("calculate_what_if", json!({ "cluster": CLUSTER, "changes": changes })).await?;
        let index = said.pointer("/after/index").context("no index after")?;
        browser.attribute_is("result", "data-index", &index.to_string()).await?;
        browser.tap("try-undo").await?;
        browser.attribute_is("result", "data-changes", "0").await
    });
}

#[test]
fn every_screen_of_a_cluster_opens_and_leads_back() {
    play(async |stage| {
        let hub = stage.hub()?;
        let browser = office(stage, &hub).await?;
        take_cells(&browser).await?;
        for (section, part) in
            [("gaps", "gap-governance"), ("map", "map"), ("profile", "profile"), ("sector", "crop-grapes")]
        {
            browser.tap(&format!("section-{section}")).await?;
            browser.attribute_is("readiness", "data-section", section).await?;
            browser.see(part).await?;
            browser.see("synthetic").await?;
        }
        browser.tap("section-map").await?;
        // Whether the machine draws with WebGL or not, the map is drawn.
        browser
            .until("the map to be drawn", async || {
                let drawn = browser.attribute("map", "data-drawn").await?;
                Ok(drawn.filter(|drawn| drawn == "gl" || drawn == "svg"))
            })
            .await?;
        browser.tap("section-compare").await?;
        browser.see("compare-rows").await?;
        browser.run("history.back()", vec![]).await?;
        browser.attribute_is("readiness", "data-section", "map").await?;
        let here = browser.run("return location.hash", vec![]).await?;
        ensure!(here == format!("#/readiness/{CLUSTER}/map"), "the address is {here}");
        browser.reload().await?;
        browser.attribute_is("readiness", "data-section", "map").await
    });
}
