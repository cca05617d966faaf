//! What is measured, each time beside the same on a store with little or nothing in it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use kend_domain::PersonId;
use kend_log::{EntityKind, Op, PublicKeyBytes, Said, Value};
use kend_store::{Addressee, Append, Device, OwnScopes, Received, Store};
use kend_wire::{Dice, Phone};

use crate::past::{AREAS, Past, interview, scope};

/// Answers of an interview that is being held.
const QUESTIONS: u32 = 150;
const NOTE_EVERY: u32 = 10;

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// So many of them took no longer.
pub(crate) fn percentile_ms(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a rank")]
    let rank = (times.len() as f64 * share) as usize;
    times.get(rank.min(times.len().saturating_sub(1))).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}

/// Keeps one answer of an interview that is being held, as the app does; the same for every store.
pub(crate) fn keep(store: &mut Store, turn: u32, run: u64) -> Result<Duration> {
    let path: kend_log::Path = format!("a/question_{}", turn % QUESTIONS).parse()?;
    let note = "Suvarma suyu iyul ayında gəlmir, ".repeat(12);
    let text = if turn.is_multiple_of(NOTE_EVERY) { note } else { format!("choice_{}", turn % 5) };
    let append = Append {
        scope: scope(0)?,
        // Far from the interviews of the past.
        entity: interview((1 << 62) | (run << 32) | u64::from(turn / (2 * QUESTIONS))),
        kind: EntityKind::Interview,
        actor: PersonId::from_bytes([3; 16]),
        ops: vec![Op::Set { path, value: Value::text(text) }],
        said: Said { wall_ms: i64::from(turn), monotonic_ms: u64::from(turn), boot: [4; 16], anchor: None },
        form_version: 1,
        seen: None,
        ends_drafts: Vec::new(),
        salt: [5; 16],
    };
    let began = now();
    store.append(append)?;
    Ok(began.elapsed())
}

/// Changes so many old interviews of the first area, by as many devices as an area has or fewer. Returns the place in the
/// area's stream before.
pub(crate) fn change(store: &mut Store, past: &Past, changed: u64, dice: &mut Dice) -> Result<u64> {
    let area = scope(0)?;
    // Every store has written something of its own. It is signed now, so that it is not among what was changed.
    keep(store, 0, place(store)?)?;
    store.segments_after(&area, place(store)?, None, 0, Addressee::Anybody)?;
    let before = place(store)?;
    let devices = changed.min(10);
    for device in 0..devices {
        let mut phone = Phone::new(&area, dice.roll());
        let public_key: PublicKeyBytes = kend_log::public_key(&phone.key);
        let (device_id, person) = (phone.log.device, PersonId::from_bytes(dice.id()));
        store.put_device(&Device { device: device_id, public_key, person, scopes: vec![area.clone()] })?;
        for number in (device..changed).step_by(usize::try_from(devices)?) {
            let of_area = past.interviews / AREAS;
            ensure!(of_area > changed, "too few interviews for {changed} changes");
            // Spread over all of them, each once.
            let old = interview(number * (of_area / changed) + dice.between(0, of_area / changed));
            let ops = vec![Op::Set { path: "a/q".parse()?, value: Value::text(format!("choice_{}", number % 5)) }];
            phone.record(old, vec![ops])?;
        }
        match store.receive(&phone.cut()?.to_bytes()?, &OwnScopes)? {
            Received::Appended { .. } => {}
            other => bail!("a change was not taken in: {other:?}"),
        }
    }
    Ok(before)
}

/// The end of the first area's stream.
pub(crate) fn place(store: &Store) -> Result<u64> {
    let sql = "SELECT server_seq FROM scope WHERE name = ?1";
    let place = store.connection().query_row(sql, [scope(0)?.to_string()], |row| row.get::<_, i64>(0));
    Ok(place.context("the area's stream")?.cast_unsigned())
}

/// Reads what was changed since a place, as it goes over the line.
pub(crate) fn pull(store: &mut Store, since: u64) -> Result<Duration> {
    let area = scope(0)?;
    let began = now();
    let page = store.segments_after(&area, since, None, usize::MAX, Addressee::Anybody)?;
    let took = began.elapsed();
    ensure!(!page.segments.is_empty() && !page.more, "what was changed is not there");
    Ok(took)
}

/// Reads the same rows and does nothing with them.
pub(crate) fn select(store: &Store, since: u64) -> Result<Duration> {
    let area = scope(0)?.to_string();
    let began = now();
    let mut statement = store.connection().prepare_cached(
        "SELECT e.header, e.slots, e.salt FROM scope s JOIN segment g ON g.scope = s.no AND g.server_seq > ?2
         JOIN entry e ON e.log = g.log AND e.seq BETWEEN g.first_seq AND g.last_seq
         WHERE s.name = ?1 ORDER BY g.server_seq, e.seq",
    )?;
    let mut rows = statement.query((area, since.cast_signed()))?;
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        bytes += row.get_ref(0)?.as_blob()?.len() + row.get_ref(1)?.as_blob()?.len();
    }
    let took = began.elapsed();
    ensure!(bytes > 0, "what was changed is not there");
    Ok(took)
}
