//! People in cells: from rasters, or, where there is none, from figures of zones.

use std::collections::BTreeSet;

use super::{
    error::BuildError,
    figures::Tables,
    ground::Ground,
    inputs::Inputs,
    number::{narrow, real},
    work::{Key, Work},
};
use crate::{
    folder::ProjectFolder,
    layers::{RASTERS, read_raster_sum},
    names::Zone,
    project::{PEOPLE, PEOPLE_NEEDED, RasterDeclaration, RasterRole},
};

/// People in land cells.
pub(super) struct People {
    pub(super) population: Vec<f32>,
    /// Those from 15 to 65, where a raster has them.
    pub(super) working_age: Option<Vec<f32>>,
    /// Files of columns that were kept.
    pub(super) files: BTreeSet<String>,
    /// What was taken for granted.
    pub(super) warnings: Vec<String>,
}

impl People {
    /// Sums of the rasters of people in land cells.
    ///
    /// An office that has no raster yet still has figures: then `p = P_z / n_z` in each cell, `P_z` persons of the zone by the
    /// figure `population`, `n_z` land cells of the zone. That is said, since clusters and means weighted with people then
    /// know nothing of where in a zone people live. A zone without a figure counts as one without people, which is said too.
    pub(super) fn read(
        folder: &ProjectFolder,
        ground: &Ground,
        tables: &Tables<'_>,
        inputs: &Inputs,
        work: &Work,
        ground_key: &Key,
    ) -> Result<Self, BuildError> {
        let mut files = BTreeSet::new();
        let declared = |role| folder.project.rasters.iter().find(|declared| declared.role == Some(role));
        let mut summed = |declared: &RasterDeclaration| -> Result<Vec<f32>, BuildError> {
            let key = ground_key.clone().with("sum").with(format!("{declared:?}"));
            let key = key.with(inputs.layer(RASTERS, &declared.file));
            let kept = work.kept("sum", &key, |(): &mut ()| {
                let sum = read_raster_sum(&folder.path, declared, ground.grid, &folder.project.plane())?;
                Ok(ground.gather(&sum))
            })?;
            files.insert(kept.file);
            Ok(kept.values)
        };
        let (population, warnings) = match (declared(RasterRole::Population), tables.people()?) {
            (Some(raster), _) => (summed(raster)?, Vec::new()),
            (None, Some(figure)) => spread(ground, folder.names.zones(), &figure),
            (None, None) => return Err(BuildError::Lacking { what: PEOPLE_NEEDED }),
        };
        let working_age = declared(RasterRole::Population15To65).map(&mut summed).transpose()?;
        Ok(Self { population, working_age, files, warnings })
    }
}

/// People of zones, evenly in the land cells of each, and what has to be said of that.
fn spread(ground: &Ground, zones: &[Zone], figure: &[Option<f64>]) -> (Vec<f32>, Vec<String>) {
    let cells = ground.cells();
    let codes = |is_one: &dyn Fn(Option<f64>, usize) -> bool| {
        let all = zones.iter().zip(figure).zip(&cells);
        let own: Vec<&str> = all
            .filter(|((_, people), cells)| is_one(**people, **cells))
            .map(|((zone, _), _)| zone.code.as_str())
            .collect();
        own.join(", ")
    };
    let each: Vec<f32> =
        figure.iter().zip(&cells).map(|(people, cells)| narrow(people.unwrap_or_default() / real(*cells))).collect();
    let of = |zone: &u16| each.get(usize::from(*zone)).copied().unwrap_or_default();
    let mut warnings = vec![format!(
        "people: no raster of role population, so the figure `{PEOPLE}` is spread evenly over the land of each zone"
    )];
    let without = codes(&|people, _| people.is_none());
    if !without.is_empty() {
        warnings.push(format!("people: zones without a figure count as without people: {without}"));
    }
    let too_small = codes(&|people, cells| people.is_some() && cells == 0);
    if !too_small.is_empty() {
        warnings.push(format!("people: zones smaller than a cell have none for their people: {too_small}"));
    }
    (ground.zone.iter().map(of).collect(), warnings)
}
