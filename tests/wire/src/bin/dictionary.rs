//! `cargo run -p kend-wire --bin dictionary -- FOLDER`: trains the dictionaries of format 2, as they stand in `schema/wire`.
//!
//! These are frozen with the format. This is how they were made, and how next ones would be.

use std::path::PathBuf;

use anyhow::{Context, Result};
use kend_domain::EntityId;
use kend_wire::{Dice, Instrument, Interview, LANGUAGES, Phone, Profile, Texts};

/// What each is trained to, 32 KiB together.
const NUMBERS_BYTES: usize = 4 * 1024;
const TEXT_BYTES: usize = 28 * 1024;
/// Interviews per language, instrument and profile.
const INTERVIEWS: u64 = 60;
/// What is measured has seeds below this.
const FIRST_SEED: u64 = 1_000_000;

fn main() -> Result<()> {
    let into = std::env::args_os().nth(1).map(PathBuf::from).context("the folder to write them to")?;
    let (numbers, texts): (Vec<_>, Vec<_>) = samples()?.into_iter().unzip();
    for (name, samples, size_bytes) in [("numbers", numbers, NUMBERS_BYTES), ("text", texts, TEXT_BYTES)] {
        let samples: Vec<Vec<u8>> = samples.into_iter().filter(|sample| !sample.is_empty()).collect();
        let dictionary = zstd::dict::from_samples(&samples, size_bytes)?;
        println!("{name}: {} samples gave {} bytes", samples.len(), dictionary.len());
        let file = into.join(format!("dictionary_1_{name}.zstd"));
        std::fs::write(&file, dictionary).with_context(|| format!("can't write {}", file.display()))?;
    }
    Ok(())
}

fn samples() -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut samples = Vec::new();
    let mut seed = FIRST_SEED;
    for instrument in [Instrument::fgd()?, Instrument::kii()?] {
        for language in LANGUAGES {
            let mut texts = Texts::training(language)?;
            for profile in [Profile::TextHeavy, Profile::Coded] {
                for _ in 0..INTERVIEWS {
                    seed += 1;
                    let mut dice = Dice::new(seed);
                    let mut phone = Phone::new(&"demo/AZ-TOV".parse()?, dice.roll());
                    let entity = EntityId::from_bytes(dice.id());
                    let interview = Interview::make(&instrument, profile, language, &mut texts, &mut dice);
                    phone.record(entity, interview.entries())?;
                    let segment = phone.cut()?;
                    samples.push(segment.uncompressed());
                    phone.record(entity, interview.correction(&mut dice))?;
                    samples.push(phone.cut()?.uncompressed());
                }
            }
        }
    }
    Ok(samples)
}
