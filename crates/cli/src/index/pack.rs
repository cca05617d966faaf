//! `kend index pack`: the pack of a finished index, signed with the office's key; and `kend index key`.

use std::{collections::BTreeSet, io::Write, path::PathBuf};

use clap::Args;
use kend_domain::{AreaCode, ReadinessClass};
use kend_pack::MAX_FILE_BYTES;
use kend_spatial::{Outputs, PackSettings};

use super::{IndexError, project::plain};
use crate::pack::{make_key, read_key};

const BYTES_PER_MB: usize = 1024 * 1024;
/// All that a pack may have, MB.
const MAX_MB: u64 = (MAX_FILE_BYTES / BYTES_PER_MB) as u64;

/// What is packed and where the pack goes.
#[derive(Debug, Args)]
pub(crate) struct PackArguments {
    /// The folder of a finished index, as `kend index build` left it.
    built: PathBuf,
    /// The project folder that it was built from: settlements, roads and water come from its layers.
    #[arg(long)]
    folder: PathBuf,
    /// The short name of the project that the pack is of, such as `aze-2026`: the first half of every scope.
    #[arg(long)]
    project: AreaCode,
    /// The file with the office's key; `kend index key` makes one.
    #[arg(long, required_unless_present = "demo", requires = "name")]
    key: Option<PathBuf>,
    /// The name that devices show beside the key, such as that of the ministry's unit.
    #[arg(long, requires = "key")]
    name: Option<String>,
    /// A pack to try Kend out, not signed: devices take it only if it is the one that Kend ships.
    #[arg(long, conflicts_with = "key")]
    demo: bool,
    /// The middle of the round's field work, such as 2026.9; without it the middle of the newest year of the data.
    #[arg(long)]
    round_year: Option<f64>,
    /// The version of the pack; without it the first one of the round's year.
    #[arg(long)]
    pack_version: Option<String>,
    /// A class whose clusters are packed; may be given several times. Without it and `--cluster`, the areas of `index.toml`, or
    /// amplify where there are none.
    #[arg(long)]
    class: Vec<ReadinessClass>,
    /// A cluster or area that is packed, such as `activate-3`; may be given several times.
    #[arg(long)]
    cluster: Vec<String>,
    /// The largest file, MB. What does not fit is left out, the least populous clusters first, and named.
    #[arg(long, default_value_t = MAX_MB, value_parser = clap::value_parser!(u64).range(1..=MAX_MB))]
    max_mb: u64,
    /// The pack; without it `NAME.kendpack` in the folder of the index.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Where a key is made.
#[derive(Debug, Args)]
pub(crate) struct KeyArguments {
    /// The file; it must not be there yet.
    file: PathBuf,
}

/// Makes a key, as `kend pack key` does.
pub(super) fn key(arguments: &KeyArguments, output: &mut impl Write) -> Result<(), IndexError> {
    write!(output, "{}", make_key(&arguments.file)?)?;
    Ok(output.flush()?)
}

/// Packs a finished index and says what is in the pack.
pub(super) fn pack(arguments: &PackArguments, output: &mut impl Write) -> Result<(), IndexError> {
    let key = arguments.key.as_deref().zip(arguments.name.clone());
    let key = key.map(|(file, name)| read_key(file, name)).transpose()?;
    let settings = PackSettings {
        project: arguments.project.clone(),
        round_year: arguments.round_year,
        version: arguments.pack_version.clone(),
        classes: arguments.class.iter().copied().collect(),
        clusters: arguments.cluster.iter().cloned().collect::<BTreeSet<_>>(),
        demo: arguments.demo,
        max_bytes: usize::try_from(arguments.max_mb).unwrap_or(usize::MAX).saturating_mul(BYTES_PER_MB),
    };
    let country = kend_spatial::read_country(&arguments.built)?;
    let made = kend_spatial::make_pack(&arguments.folder, &country, &settings, key.as_ref())?;
    let beside = || arguments.built.join(format!("{}.kendpack", arguments.project));
    let file = arguments.out.clone().unwrap_or_else(beside);
    let mut outputs = Outputs::default();
    outputs.stage(&file, &made.bytes)?;
    outputs.commit()?;

    let content = made.pack.content();
    if content.synthetic {
        writeln!(output, "SYNTHETIC: everything but outlines and names is invented")?;
    }
    writeln!(output, "{}: {} {}, {} bytes", file.display(), content.project.name, content.version, made.bytes.len())?;
    if let Some(signer) = made.pack.signer() {
        writeln!(output, "signed by {}, key {}", signer.name, signer.key_words())?;
    }
    let (places, data, round) = (content.places.len(), content.data_year, content.round_year);
    writeln!(output, "{places} places; data of {data:.1}, round of {round:.1}")?;
    for cluster in &content.clusters {
        let (id, english, villages) = (&cluster.id, &cluster.names.en, cluster.villages_total);
        let bytes = made.pack.cells_bytes(id);
        writeln!(output, "{id} ({english}): {villages} places, {} people, cells {bytes} bytes", cluster.population)?;
    }
    for remark in &made.remarks {
        writeln!(output, "to be seen: {}", plain(remark))?;
    }
    Ok(output.flush()?)
}
