//! What the devices of the fleet recorded: interviews with their answers, the same in every run.

use kend_domain::EntityId;
use kend_log::{Op, Value};

/// Interviews of a device.
pub(crate) const INTERVIEWS: u8 = 20;
/// Screens of an interview, each kept as one entry.
pub(crate) const SCREENS: u32 = 20;
/// Answers of an interview.
pub(crate) const ANSWERS: usize = SCREENS as usize * 5;
/// Entries of a device.
pub(crate) const ENTRIES: u64 = INTERVIEWS as u64 * SCREENS as u64;
/// Words that notes are made of: those of the screens, in the language of most interviews.
const WORDS: &str = include_str!("../../../schema/words/az.json");

/// Answers of a device, column by column.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) entities: Vec<Vec<u8>>,
    pub(crate) seqs: Vec<i64>,
    pub(crate) paths: Vec<String>,
    pub(crate) values: Vec<String>,
}

impl Rows {
    pub(crate) fn of(device_number: u32, words: &[&str]) -> Self {
        let mut rows = Self::default();
        for ((interview, ops), seq) in work(device_number, words).zip(1..) {
            for op in ops {
                let Op::Set { path, value: Value::Text(value) } = op else { continue };
                rows.entities.push(entity(device_number, interview).as_bytes().to_vec());
                rows.seqs.push(seq);
                rows.paths.push(path.as_str().to_owned());
                rows.values.push(value);
            }
        }
        rows
    }
}

pub(crate) fn words() -> Vec<&'static str> {
    WORDS.split(['"', ' ', '\n']).filter(|word| word.len() > 2 && !word.contains(['.', '{'])).collect()
}

/// A code as ISO has it for a rayon, one for each device.
pub(crate) fn area(number: u32) -> String {
    let letter = |place: u32| char::from(b'A' + u8::try_from(number / place % 26).unwrap_or(0));
    format!("AZ-{}{}{}", letter(676), letter(26), letter(1))
}

/// Numbers that look random and are the same in every run.
fn draw(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 40).unwrap_or(0)
}

/// Text of so many words.
fn text(words: &[&str], count: usize, seed: &mut u64) -> String {
    let words: Vec<&str> = (0..count).filter_map(|_| words.get(draw(seed) % words.len()).copied()).collect();
    words.join(" ")
}

/// The five answers of a screen: mostly names of choices, some numbers and short texts, and a note on every third.
fn screen(number: u32, words: &[&str], seed: &mut u64) -> Vec<Op> {
    let mut answers = vec![
        Value::Text(format!("choice_{}", draw(seed) % 5)),
        Value::Text(format!("choice_{}", draw(seed) % 5)),
        Value::Text(format!("choice_{}", draw(seed) % 9)),
        Value::Text((draw(seed) % 3000).to_string()),
    ];
    let length = if number.is_multiple_of(3) { 150 } else { 4 };
    answers.push(Value::Text(text(words, length, seed)));
    let op = |(place, value)| {
        let path = format!("a/question_{number}_{place}").parse().ok()?;
        Some(Op::Set { path, value })
    };
    answers.into_iter().enumerate().filter_map(op).collect()
}

/// A device's id.
pub(crate) fn id(device_number: u32) -> [u8; 16] {
    let mut id = [7; 16];
    for (to, from) in id.iter_mut().zip(device_number.to_be_bytes()) {
        *to = from;
    }
    id
}

/// An interview of a device.
pub(crate) fn entity(device_number: u32, interview: u8) -> EntityId {
    let mut entity = id(device_number);
    if let Some(last) = entity.last_mut() {
        *last = interview;
    }
    EntityId::from_bytes(entity)
}

/// All that a device kept, screen by screen, each with its interview.
pub(crate) fn work(device_number: u32, words: &[&str]) -> impl Iterator<Item = (u8, Vec<Op>)> {
    let mut seed = u64::from(device_number) + 1;
    (0..INTERVIEWS)
        .flat_map(|interview| (0..SCREENS).map(move |screen| (interview, screen)))
        .map(move |(interview, number)| (interview, screen(number, words, &mut seed)))
}
