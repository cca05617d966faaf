//! How concentrated crops and tourism are, and how far it is to their zones (report 5.7).

use std::collections::BTreeMap;

use kend_cells::{Cell, kernel_density, travel_time};
use kend_pack::{Crop, SectorZone};

use super::{Columns, METRES_PER_KILOMETRE, travel::CAP_MINUTES};
use crate::{
    build::{
        error::BuildError,
        number::place,
        sectors::{Concentration, CropCells, SectorColumns, WAYS, flag, top_quintile, zone_word},
    },
    project::{Project, SectorDeclaration, VectorDeclaration, VectorRole},
};

impl Columns<'_> {
    /// What is declared of sectors; `None` if nothing is.
    pub(in crate::build) fn sectors(&mut self) -> Result<Option<SectorColumns>, BuildError> {
        let project: &Project = &self.folder.project;
        let of_role = |role, crop: Option<&str>| -> Vec<&VectorDeclaration> {
            let declared = project.vectors.iter();
            declared.filter(|own| own.role == Some(role) && own.crop.as_deref() == crop).collect()
        };
        let cells = self.ground.land.len();
        let mut found = SectorColumns {
            concentrations: Vec::new(),
            crops: Vec::new(),
            tourism: Vec::new(),
            minutes: BTreeMap::new(),
        };
        for declared in &project.sectors {
            let mut flags = vec![0; cells];
            let crop = Some(declared.crop.as_str());
            let grown = self.grown(declared)?;
            let processed = self.density(crop, SectorZone::Processing, &of_role(VectorRole::Processing, crop))?;
            let sold = of_role(VectorRole::Commercialisation, crop);
            let sold = self.density(crop, SectorZone::Commercialisation, &sold)?;
            for own in [grown, processed, sold].into_iter().flatten() {
                SectorColumns::set_flags(&mut flags, &own, self.ground);
                found.concentrations.push(own);
            }
            let crop = Crop { crop: declared.crop.clone(), names: declared.names.clone() };
            found.crops.push(CropCells { crop, flags });
        }
        for (role, zone) in [
            (VectorRole::TourismSupply, SectorZone::TourismSupply),
            (VectorRole::TourismDemand, SectorZone::TourismDemand),
        ] {
            if let Some(own) = self.density(None, zone, &of_role(role, None))? {
                found.tourism.resize(cells, 0);
                SectorColumns::set_flags(&mut found.tourism, &own, self.ground);
                found.concentrations.push(own);
            }
        }
        if found.concentrations.is_empty() {
            return Ok(None);
        }
        found.set_meetings();
        for subject in found.subjects() {
            for (_, to) in WAYS {
                // Supply and demand are flags of tourism, production and sale those of a crop: a bit alone says neither.
                let is_known = found.minutes.contains_key(&(subject.clone(), to));
                if is_known || subject.is_some() != crate::build::sectors::OF_CROPS.contains(&to) {
                    continue;
                }
                if let Some(minutes) = self.minutes_to(found.flags(subject.as_deref()), to)? {
                    found.minutes.insert((subject.clone(), to), minutes);
                }
            }
        }
        Ok(Some(found))
    }

    /// Tons of a crop spread over cropland as row 8 is, per square kilometre; `None` without tables or land cover.
    fn grown(&mut self, declared: &SectorDeclaration) -> Result<Option<Concentration>, BuildError> {
        let Some(figures) = self.tables.product(declared.product()) else { return Ok(None) };
        let failed = |source| BuildError::SectorHeatMap { crop: declared.crop.clone(), source };
        let values = self.spread_over_cropland(&format!("sector-{}", declared.crop), &figures.values, failed)?;
        Ok(Some(Concentration {
            crop: Some(declared.crop.clone()),
            zone: SectorZone::Production,
            unit: "t per km2".to_owned(),
            year: figures.year,
            files: figures.files,
            threshold: self.threshold(Some(&declared.crop), SectorZone::Production, &values)?,
            values,
        }))
    }

    /// Kernel density of points with their weights, as row 12 has it; `None` if nothing is declared.
    fn density(
        &mut self,
        crop: Option<&str>,
        zone: SectorZone,
        declared: &[&VectorDeclaration],
    ) -> Result<Option<Concentration>, BuildError> {
        if declared.is_empty() {
            return Ok(None);
        }
        let bandwidth_m = self.folder.project.kernel.point_km * METRES_PER_KILOMETRE;
        let key = self.vector_key("sector", flag(zone), declared).with(bandwidth_m.to_bits().to_le_bytes());
        let name = format!("sector-{}{}", crop.unwrap_or_default(), zone_word(zone));
        let kept = self.kept(&name, &key, |warnings| {
            let points = self.points(declared, warnings)?;
            let density = kernel_density(&self.ground.grid, &points, bandwidth_m)
                .map_err(|source| BuildError::SectorKernel { zone: zone_word(zone), source })?;
            Ok(self.ground.gather(&density))
        })?;
        let values = self.taken(kept);
        Ok(Some(Concentration {
            crop: crop.map(str::to_owned),
            zone,
            unit: "per km2".to_owned(),
            year: declared.iter().map(|own| own.year).min().unwrap_or_default(),
            files: declared.iter().map(|own| own.file.clone()).collect(),
            threshold: self.threshold(crop, zone, &values)?,
            values,
        }))
    }

    /// The least value of a zone: that of the round before, or, where it had none, one of this round.
    fn threshold(&self, crop: Option<&str>, zone: SectorZone, values: &[f32]) -> Result<Option<f64>, BuildError> {
        match self.former.and_then(|former| former.sector_threshold(crop, zone)) {
            Some(frozen) => Ok(Some(frozen)),
            None => top_quintile(values, self.ground),
        }
    }

    /// Minutes from each land cell to the nearest in a zone; `None` if no cell is.
    fn minutes_to(&mut self, flags: &[u8], zone: SectorZone) -> Result<Option<Vec<f32>>, BuildError> {
        let own = self.ground.land.iter().zip(flags).filter(|(_, flags)| **flags & flag(zone) != 0);
        let cells: Vec<Cell> = own.filter_map(|(index, _)| self.ground.grid.cell(place(*index))).collect();
        if cells.is_empty() {
            return Ok(None);
        }
        let mut key = self.friction_key().with("sector").with(zone_word(zone));
        for cell in &cells {
            key = key.with(cell.row.to_le_bytes()).with(cell.column.to_le_bytes());
        }
        let kept = self.kept(&format!("sector-minutes-{}", zone_word(zone)), &key, |warnings| {
            let friction = self.friction(warnings)?;
            let times = travel_time(&friction, &cells, Some(CAP_MINUTES))?;
            Ok(self.ground.gather(&times.minutes))
        })?;
        self.files.insert(self.friction_key().file("friction"));
        Ok(Some(self.taken(kept)))
    }
}
