//! Who speaks to a hub without its screens, in requests that no screen would send: nothing makes the hub fail, what comes
//! back is what `schema/openapi.json` says, and no word leaves the areas of the person who asks.
//!
//! The requests are made up by schemathesis; `misuse/hooks.py` gives it ids that exist and looks for what must not come
//! back.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use kend_tests::{Hub, Stage, play};

/// Requests per command, besides those that try its limits one by one.
const REQUESTS: &str = "40";
/// What ends the session that asks, here or everywhere.
const ENDS_THE_SESSION: &str = "^/api/sign_out";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,keeps_to_the_areas";

#[test]
fn no_request_of_one_supervisor_makes_a_hub_fail_or_tell_of_other_areas() {
    play(async |stage| misuse(stage, "Tovuz", "AZ-TOV"));
}

#[test]
fn no_request_of_another_supervisor_makes_a_hub_fail_or_tell_of_other_areas() {
    play(async |stage| misuse(stage, "Şəmkir", "AZ-SKR"));
}

/// Asks as the supervisor of an area, on a hub of their own: among what they may do is to erase.
fn misuse(stage: &Stage, rayon: &str, area: &str) -> Result<()> {
    let hub = stage.hub()?;
    example_interviews(stage, &hub)?;
    let national = hub.files.person("National", "national", "AZ")?;
    let asking = hub.files.person("Supervisor", "supervisor", area)?;
    let run = Command::new(&stage.built.schemathesis)
        .args(["run", "--url", hub.address(), "--phases", "coverage,fuzzing", "--max-examples", REQUESTS])
        .args(["--checks", CHECKS, "--exclude-path-regex", ENDS_THE_SESSION, "--continue-on-failure", "--no-color"])
        .arg(stage.built.checkout.join("schema/openapi.json"))
        .env("KEND_ADDRESS", hub.address())
        .env("KEND_NATIONAL", format!("National:{}", national.0))
        .env("KEND_ASKING", format!("Supervisor:{}", asking.0))
        .env("KEND_RAYON", rayon)
        .env("SCHEMATHESIS_HOOKS", stage.built.checkout.join("tests/misuse/hooks.py"))
        .current_dir(stage.folder("schemathesis")?)
        .output()
        .context("can't start schemathesis")?;
    let said = [run.stdout, run.stderr].concat();
    ensure!(run.status.success(), "asked for {rayon}:\n{}", String::from_utf8_lossy(&said));
    Ok(())
}

/// The examples of the demo, held in several rayons by one device.
fn example_interviews(stage: &Stage, hub: &Hub) -> Result<()> {
    let code = hub.files.enrol("Aysel", "enumerator", "AZ")?;
    let mut command = Command::new(&stage.built.cli);
    command.args(["demo", "interviews", "--passphrase", "only for this test", "--hub", hub.address(), "--code", &code]);
    let held = command.arg("--hold").arg(stage.folder("device")?).output()?;
    ensure!(held.status.success(), "the examples could not be held: {}", String::from_utf8_lossy(&held.stderr));
    Ok(())
}
