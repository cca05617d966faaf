//! Bytes on the wire: an interview and a correction, signed, beside what `OpenRosa` sends for the same answers.

use anyhow::Result;
use kend_domain::EntityId;
use kend_wire::{Dice, Instrument, Interview, LANGUAGES, Phone, Profile, Texts, gzip, openrosa_multipart};

/// Interviews per language and instrument.
const INTERVIEWS: u64 = 10;

/// Sizes of one interview.
struct Sizes {
    /// The segment, for a hub that holds the entry before it.
    segment: usize,
    /// The segment for anybody.
    whole: usize,
    correction: usize,
    correction_whole: usize,
    raw: usize,
    gzipped: usize,
}

fn measure(instrument: &Instrument, profile: Profile, language: &str, seed: u64) -> Result<Sizes> {
    let mut dice = Dice::new(seed);
    let mut texts = Texts::measured(language)?;
    let mut phone = Phone::new(&"smart-villages/AZ-QBA".parse()?, dice.roll());
    let entities = [EntityId::from_bytes(dice.id()), EntityId::from_bytes(dice.id())];
    // The one before: it is at the hub.
    let before = Interview::make(instrument, Profile::Coded, language, &mut texts, &mut dice);
    phone.record(entities[0], before.entries())?;
    let mut previous = phone.cut()?.last();
    let interview = Interview::make(instrument, profile, language, &mut texts, &mut dice);
    phone.wait(600_000, 7_200_000);
    phone.record(entities[1], interview.entries())?;
    let mut sizes = [(0, 0); 2];
    for (place, size) in sizes.iter_mut().enumerate() {
        if place == 1 {
            phone.wait(3_600_000, 7_200_000);
            phone.hear();
            phone.record(entities[1], interview.correction(&mut dice))?;
        }
        let segment = phone.cut()?;
        let whole = segment.to_bytes()?.len();
        *size = (
            previous
                .as_ref()
                .map_or(Ok(whole), |previous| segment.to_bytes_after(previous).map(|bytes| bytes.len()))?,
            whole,
        );
        previous = segment.last();
    }
    let multipart = openrosa_multipart(&interview)?;
    Ok(Sizes {
        segment: sizes[0].0,
        whole: sizes[0].1,
        correction: sizes[1].0,
        correction_whole: sizes[1].1,
        raw: multipart.len(),
        gzipped: gzip(multipart.as_bytes())?.len(),
    })
}

fn median(mut all: Vec<usize>) -> usize {
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or(0)
}

#[expect(clippy::cast_precision_loss, reason = "sizes of interviews")]
fn ratio(one: usize, other: usize) -> f64 {
    one as f64 / other as f64
}

fn main() -> Result<()> {
    println!("medians of {INTERVIEWS}; segments as a hub gets them, and as anybody can read them");
    let mut met = true;
    for profile in [Profile::TextHeavy, Profile::Coded] {
        for instrument in [Instrument::fgd()?, Instrument::kii()?] {
            for language in LANGUAGES {
                let all: Vec<Sizes> =
                    (0..INTERVIEWS).map(|seed| measure(&instrument, profile, language, seed)).collect::<Result<_>>()?;
                let of = |size: fn(&Sizes) -> usize| median(all.iter().map(size).collect());
                let (segment, whole, raw, gzipped) =
                    (of(|s| s.segment), of(|s| s.whole), of(|s| s.raw), of(|s| s.gzipped));
                let (correction, correction_whole) = (of(|s| s.correction), of(|s| s.correction_whole));
                let bar = if profile == Profile::Coded { 0.30 } else { 0.72 };
                let fits = ratio(segment, gzipped) <= bar
                    && (profile == Profile::Coded || ratio(segment, raw) <= 0.30)
                    && correction <= 250;
                met &= fits;
                println!(
                    "{profile:?} {} {language}: {segment} ({whole}) of {gzipped} gz, {raw} raw: {:.3} ({:.3}), {:.3}; correction {correction} ({correction_whole}) {}",
                    instrument.id,
                    ratio(segment, gzipped),
                    ratio(whole, gzipped),
                    ratio(segment, raw),
                    if fits { "met" } else { "NOT met" }
                );
            }
        }
    }
    println!("{met}");
    Ok(())
}
