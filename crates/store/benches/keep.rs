//! What keeping an answer costs, against the least that any durable write costs: one 4 KiB append and `fdatasync` to a
//! file beside the store, in the same run, turn by turn, because the disk's own time changes thirtyfold within an hour.
//!
//! The answers are those of interviews: mostly names of choices, every tenth a note of 400 characters. The bar: half of all
//! answers within twice, 99 of 100 within three times.

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use kend_domain::{DeviceId, EntityId, PersonId};
use kend_log::{EntityKind, Op, Path, Said, Value};
use kend_store::{Append, DatabaseKey, NewDevice, Store};

const WARM_UP: u32 = 3_000;
const TURNS: u32 = 3_000;
const QUESTIONS: u32 = 150;
const BAR_P50: f64 = 2.0;
const BAR_P99: f64 = 3.0;

struct Bench {
    store: Store,
    beside: File,
    note: String,
}

impl Bench {
    fn floor(&mut self) -> Result<Duration, Box<dyn Error>> {
        let begun = now();
        self.beside.write_all(&[7; 4096])?;
        self.beside.sync_data()?;
        Ok(begun.elapsed())
    }

    fn answer(&mut self, turn: u32) -> Result<Duration, Box<dyn Error>> {
        let path: Path = format!("a/question_{}", turn % QUESTIONS).parse()?;
        let text = if turn.is_multiple_of(10) { self.note.clone() } else { format!("choice_{}", turn % 5) };
        let begun = now();
        self.store.append(Append {
            scope: "demo/AZ-TOV".parse()?,
            entity: entity(turn),
            kind: EntityKind::Interview,
            actor: PersonId::from_bytes([3; 16]),
            ops: vec![Op::Set { path, value: Value::Text(text) }],
            said: Said { wall_ms: i64::from(turn), monotonic_ms: u64::from(turn), boot: [4; 16], anchor: None },
            form_version: 1,
            seen: None,
            ends_drafts: Vec::new(),
            salt: [5; 16],
        })?;
        Ok(begun.elapsed())
    }

    fn draft(&mut self, turn: u32) -> Result<Duration, Box<dyn Error>> {
        let path: Path = format!("a/question_{}", turn % QUESTIONS).parse()?;
        let begun = now();
        self.store.keep_draft(entity(turn), &path, PersonId::from_bytes([3; 16]), &self.note)?;
        Ok(begun.elapsed())
    }
}

/// Half of the answers correct earlier ones: each interview gets twice as many as it has questions.
fn entity(turn: u32) -> EntityId {
    EntityId::from_bytes((u128::from(turn / (2 * QUESTIONS)) + (9 << 100)).to_be_bytes())
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}

fn percentile_ms(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a rank")]
    let rank = (times.len() as f64 * share) as usize;
    times.get(rank.min(times.len() - 1)).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let device = NewDevice { device: DeviceId::from_bytes([1; 16]), signing_key: [2; 32] };
    let store = Store::create(&folder.path().join("kend.db"), &DatabaseKey::from_bytes([6; 32]), &device, &[])?;
    let note = "Suvarma suyu iyul ayında gəlmir, ".chars().cycle().take(400).collect();
    let mut bench = Bench { store, beside: File::create(folder.path().join("beside"))?, note };
    for turn in 0..WARM_UP {
        bench.answer(turn)?;
    }
    let (mut floor, mut answers, mut drafts) = (Vec::new(), Vec::new(), Vec::new());
    for turn in WARM_UP..WARM_UP + TURNS {
        // Each comes after each of the others equally often: what the disk did just before is part of its time.
        for place in 0..3 {
            match (turn + place * (1 + turn / 3 % 2)) % 3 {
                0 => floor.push(bench.floor()?),
                1 => answers.push(bench.answer(turn)?),
                _ => drafts.push(bench.draft(turn)?),
            }
        }
    }
    let (floor_p50, floor_p99) = (percentile_ms(&mut floor, 0.5), percentile_ms(&mut floor, 0.99));
    println!("{TURNS} turns                     p50 ms   p99 ms   p50 ratio   p99 ratio");
    println!("4 KiB append + fdatasync   {floor_p50:9.3}{floor_p99:9.3}");
    let mut within = true;
    for (name, times) in [("keep an answer", &mut answers), ("keep a draft", &mut drafts)] {
        let (p50, p99) = (percentile_ms(times, 0.5), percentile_ms(times, 0.99));
        let (ratio_p50, ratio_p99) = (p50 / floor_p50, p99 / floor_p99);
        println!("{name:<27}{p50:9.3}{p99:9.3}{ratio_p50:12.2}{ratio_p99:12.2}");
        within &= ratio_p50 <= BAR_P50 && ratio_p99 <= BAR_P99;
    }
    println!("bar: p50 <= {BAR_P50} x, p99 <= {BAR_P99} x: {}", if within { "met" } else { "NOT met" });
    Ok(())
}
