//! Bytes on the wire, before HTTP: an interview and a correction, signed, beside what `OpenRosa` and `PouchDB` send for the same
//! answers.

use anyhow::Result;
use kend_domain::EntityId;
use kend_wire::{Dice, Instrument, Interview, LANGUAGES, Phone, PouchDb, Profile, Texts, gzip, openrosa_multipart};

/// Interviews per language and instrument.
const INTERVIEWS: u64 = 10;
/// Bytes of a correction of five answers.
const MOST_FOR_A_CORRECTION: usize = 250;

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
    pouch: usize,
    pouch_correction: usize,
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
    let mut pouch = PouchDb::new(&mut dice);
    let mut replicate = || pouch.bodies(&interview, &mut dice).iter().map(String::len).sum();
    Ok(Sizes {
        segment: sizes[0].0,
        whole: sizes[0].1,
        correction: sizes[1].0,
        correction_whole: sizes[1].1,
        raw: multipart.len(),
        gzipped: gzip(multipart.as_bytes())?.len(),
        pouch: replicate(),
        pouch_correction: replicate(),
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
    println!(
        "medians of {INTERVIEWS} interviews, in bytes; segments as a hub gets them that holds the entry before, and whole"
    );
    let mut met = true;
    for profile in [Profile::TextHeavy, Profile::Coded] {
        for instrument in [Instrument::fgd()?, Instrument::kii()?] {
            for language in LANGUAGES {
                let all: Vec<Sizes> =
                    (0..INTERVIEWS).map(|seed| measure(&instrument, profile, language, seed)).collect::<Result<_>>()?;
                met &= tell(&all, &instrument, profile, language);
            }
        }
    }
    println!("requests one after the other: Kend 1, OpenRosa 2 (HEAD, POST), PouchDB {}", PouchDb::REQUESTS);
    println!("before the first one on a new line: TCP and TLS 1.3, one round trip each");
    println!("{}", if met { "all bars met" } else { "NOT all bars met" });
    Ok(())
}

/// Prints medians and ratios; whether all bars are met.
fn tell(all: &[Sizes], instrument: &Instrument, profile: Profile, language: &str) -> bool {
    let of = |size: fn(&Sizes) -> usize| median(all.iter().map(size).collect());
    let (segment, whole, raw, gzipped) = (of(|s| s.segment), of(|s| s.whole), of(|s| s.raw), of(|s| s.gzipped));
    let (correction, correction_whole) = (of(|s| s.correction), of(|s| s.correction_whole));
    let (pouch, pouch_correction) = (of(|s| s.pouch), of(|s| s.pouch_correction));
    let bar = if profile == Profile::Coded { 0.30 } else { 0.72 };
    let fits = ratio(segment, gzipped) <= bar
        && (profile == Profile::Coded || ratio(segment, raw) <= 0.30)
        && correction <= MOST_FOR_A_CORRECTION;
    println!(
        "{profile:?} {} {language}: {segment} (whole {whole}) {}",
        instrument.id,
        if fits { "met" } else { "NOT met" }
    );
    println!(
        "  OpenRosa gzip -9 {gzipped}: {:.3} (whole {:.3}), bar {bar:.2}; OpenRosa as Collect sends it {raw}: {:.3}; PouchDB {pouch}: {:.3}",
        ratio(segment, gzipped),
        ratio(whole, gzipped),
        ratio(segment, raw),
        ratio(segment, pouch),
    );
    println!(
        "  five answers corrected: {correction} (whole {correction_whole}), bar {MOST_FOR_A_CORRECTION}; PouchDB {pouch_correction}: {:.3}",
        ratio(correction, pouch_correction)
    );
    fits
}
