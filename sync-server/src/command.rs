//! The administrator's commands, and what they print.

use std::io::{IsTerminal, Read};

use anyhow::{Context, bail};
use data_encoding::BASE32_NOPAD;
use kend_domain::{Areas, PersonId};
use kend_sync::rights::Member;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use serde_json::json;

use crate::above::Above;
use crate::arguments::{Data, PeopleCommand, QuarantineCommand};
use crate::code::CodeFor;
use crate::door::Hub;
use crate::error::HubError;
use crate::hub::HubState;
use crate::metrics::Counts;
use crate::orders::Unconfirmed;
use crate::people::Person;
use crate::second_factor::{self, Given};
use crate::serve::Reached;
use crate::{account, code, orders, people, quarantine, world};

/// Prints the joining words for one device; on a terminal as a picture to be scanned too.
pub(crate) fn enrol(data: &Data, who: &CodeFor) -> anyhow::Result<()> {
    let make = |hub: &mut HubState| {
        let code = hub.store.transaction(|tables| code::make(tables, who, world::wall_ms()))?;
        anyhow::Ok((code, Reached::last(hub)?))
    };
    let (code, reached) = data.open()?.write(make)??;
    // Before the hub has served, nobody knows where it will be.
    let Some(reached) = reached else {
        print(&code);
        return Ok(());
    };
    let joining = reached.with_code(code.clone()).to_string();
    if std::io::stdout().is_terminal() {
        print(&format!("One-time code, for fifteen minutes: {code}\nJoining line:"));
    }
    show(&joining)
}

/// Carries out a command about people.
pub(crate) fn people(command: PeopleCommand) -> anyhow::Result<()> {
    match command {
        PeopleCommand::List { data, json } => data.open()?.read(|hub| list_people(hub, json))?,
        PeopleCommand::Add { data, who, password_stdin } => add_person(&mut data.open()?, who.check()?, password_stdin),
        PeopleCommand::Set { data, person, role, areas } => {
            let areas = (!areas.is_empty()).then(|| Areas(areas.into_iter().collect()));
            let mut hub = data.open()?;
            if let Some(above) = hub.read(Above::of)?? {
                bail!("what people may do is said by the server above, {}: change it there", above.name);
            }
            Ok(hub.write(|hub| code::change_rights(hub, person, role, areas, world::wall_ms()))??)
        }
        PeopleCommand::Revoke { data, device } => {
            Ok(data.open()?.write(|hub| orders::revoke(hub, device, world::wall_ms()))??)
        }
        PeopleCommand::Password { data, name, password_stdin } => reset(&mut data.open()?, &name, password_stdin),
        PeopleCommand::SecondFactor { data, name, remove } => change_second_factor(&mut data.open()?, &name, remove),
    }
}

/// Carries out a command about what was set aside.
pub(crate) fn quarantine(command: QuarantineCommand) -> anyhow::Result<()> {
    match command {
        QuarantineCommand::List { data } => {
            data.open()?.read(quarantine::list)??.iter().for_each(|line| print(line));
        }
        QuarantineCommand::Release { data, name } => {
            let entries = data.open()?.write(|hub| quarantine::release(hub, &name))??;
            print(&format!("{entries} entries taken in"));
        }
        QuarantineCommand::Drop { data, name } => data.open()?.write(|hub| quarantine::discard(hub, &name))??,
    }
    Ok(())
}

fn list_people(hub: &HubState, as_json: bool) -> anyhow::Result<()> {
    let listed = people::list(hub.store.connection())?;
    if as_json {
        let view = |listed: &people::Listed| {
            let Member { person, role, areas } = &listed.person.member;
            let areas: Vec<&str> = areas.0.iter().map(kend_domain::AreaCode::as_str).collect();
            json!({
                "person": person.to_string(),
                "name": listed.person.name,
                "role": role.word(),
                "areas": areas,
                "account": listed.account,
                "devices": listed.devices,
            })
        };
        print(&serde_json::to_string_pretty(&listed.iter().map(view).collect::<Vec<_>>())?);
        return Ok(());
    }
    for people::Listed { person: Person { name, member }, account, devices } in listed {
        let areas: Vec<&str> = member.areas.0.iter().map(kend_domain::AreaCode::as_str).collect();
        let account = if account { ", signs in" } else { "" };
        print(&format!(
            "{}  {name}: {} of {}{account}, {devices} devices",
            member.person,
            member.role,
            areas.join(", ")
        ));
        for device in people::devices_of(hub.store.connection(), member.person)? {
            let revoked = people::device(hub.store.connection(), device)?.is_some_and(|known| known.revoked);
            print(&format!("  device {device}{}", if revoked { ", revoked" } else { "" }));
        }
    }
    Ok(())
}

fn find(hub: &HubState, name: &str) -> anyhow::Result<PersonId> {
    let found = account::find(hub.store.connection(), &account::sign_in_name(name))?;
    Ok(found.context("nobody signs in by this name")?.0)
}

fn reset(hub: &mut Hub, name: &str, password_stdin: bool) -> anyhow::Result<()> {
    let person = hub.read(|hub| find(hub, name))??;
    let password = if password_stdin { read_password()? } else { make_password()? };
    let hash = account::hash_password(&password, name)?;
    hub.write(|hub| hub.store.transaction(|tables| account::set_password(tables, person, &hash, None)))??;
    if !password_stdin {
        print(&password);
    }
    Ok(())
}

fn change_second_factor(hub: &mut Hub, name: &str, remove: bool) -> anyhow::Result<()> {
    let person = hub.read(|hub| find(hub, name))??;
    if remove {
        let take = |hub: &mut HubState| hub.store.transaction(|tables| second_factor::take_away(tables, person));
        let had = hub.write(take)??;
        print(if had { "from now on their password is enough" } else { "their password was enough already" });
        return Ok(());
    }
    let give = |hub: &mut HubState| {
        hub.store.transaction(|tables| {
            let given = second_factor::give(tables, person, name.trim())?;
            account::end_sessions(tables, person, None)?;
            Ok::<_, HubError>(given)
        })
    };
    let Given { line, recovery_codes } = hub.write(give)??;
    show(&line)?;
    for code in recovery_codes {
        print(&code);
    }
    Ok(())
}

/// Prints a line; on a terminal as a picture to be scanned too.
fn show(line: &str) -> anyhow::Result<()> {
    if std::io::stdout().is_terminal() {
        let picture = QrCode::new(line)?.render::<Dense1x2>().quiet_zone(true).build();
        // Black on white whatever the terminal's own colours are: not every camera reads the opposite.
        let lines: Vec<String> = picture.lines().map(|line| format!("\x1b[30;107m{line}\x1b[0m")).collect();
        print(&lines.join("\n"));
    }
    print(line);
    Ok(())
}

fn add_person(hub: &mut Hub, who: CodeFor, password_stdin: bool) -> anyhow::Result<()> {
    let password = if password_stdin { read_password()? } else { make_password()? };
    let hash = account::hash_password(&password, &who.name)?;
    let id = PersonId::from_bytes(world::random()?);
    let member = Member { person: id, role: who.role, areas: who.areas };
    let person = Person { name: who.name, member };
    hub.write(|hub| hub.store.transaction(|tables| account::add(tables, &person, &hash)))??;
    if !password_stdin {
        print(&password);
    }
    Ok(())
}

fn read_password() -> anyhow::Result<String> {
    let mut text = String::new();
    let limit = u64::try_from(account::MAX_SIGN_IN_BYTES)?;
    std::io::stdin().take(limit).read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Eighty bits in groups of four letters.
fn make_password() -> Result<String, HubError> {
    let letters = BASE32_NOPAD.encode(&world::random::<10>()?).to_lowercase();
    let groups: Vec<_> = letters.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    Ok(groups.join("-"))
}

/// Says what the hub holds.
pub(crate) fn status(hub: &HubState, as_json: bool) -> anyhow::Result<()> {
    let Counts { entries, logs, set_aside, people, accounts, devices, sessions, blobs, blob_bytes, uploads, .. } =
        Counts::of(hub, None)?;
    let reached = Reached::last(hub)?;
    let address = reached.as_ref().map(Reached::address);
    let (name, project, device) = (&hub.identity.name, &hub.identity.project, hub.store.device());
    let unconfirmed = orders::unconfirmed(hub.store.connection())?;
    let above = Above::of(hub)?;
    if as_json {
        let view = |erasure: &Unconfirmed| {
            let Unconfirmed { device, people, entity, made_ms, sent_ms } = erasure;
            json!({
                "device": device.to_string(),
                "people": people,
                "entity": entity.to_string(),
                "ordered_ms": made_ms,
                "sent_ms": sent_ms,
            })
        };
        let view = json!({
            "name": name,
            "project": project.as_str(),
            "device": device.to_string(),
            "address": address,
            "server": above.map(|above| json!({ "name": above.name, "last_ms": above.last_ms })),
            "people": people,
            "accounts": accounts,
            "devices": devices,
            "sessions": sessions,
            "blobs": blobs,
            "blob_bytes": blob_bytes,
            "uploads": uploads,
            "entries": entries,
            "logs": logs,
            "segments_set_aside": set_aside,
            "erasures_unconfirmed": unconfirmed.iter().map(view).collect::<Vec<_>>(),
        });
        print(&serde_json::to_string_pretty(&view)?);
        return Ok(());
    }
    print(&format!("{name} (project {project}), device {device}"));
    print(&format!("{people} people, {accounts} with an account, {devices} devices, {sessions} signed in"));
    print(&format!("{entries} entries in {logs} logs, {set_aside} segments set aside"));
    print(&format!("{blobs} attachments of {blob_bytes} bytes, {uploads} coming in"));
    if let Some(address) = address {
        print(&format!("reached at {address}"));
    }
    if let Some(Above { name, last_ms, .. }) = above {
        let last = last_ms.map(|last_ms| (world::wall_ms() - last_ms) / 60_000);
        let last = last.map_or_else(|| "nothing yet".to_owned(), |minutes| format!("all, {minutes} minutes ago"));
        print(&format!("passes on to {name}: {last}"));
    }
    for Unconfirmed { device, people, entity, sent_ms, .. } in unconfirmed {
        let told = if sent_ms.is_some() { "was told" } else { "did not ask since" };
        print(&format!("erasure of {entity} not confirmed by {device} ({people}): {told}"));
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what the administrator asked for")]
pub(crate) fn print(line: &str) {
    println!("{line}");
}
