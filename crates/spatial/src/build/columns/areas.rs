//! Coverage: the share of each cell inside polygons.

use geo::{Geometry, MultiPolygon, unary_union};
use kend_cells::coverage;

use super::Columns;
use crate::build::{error::BuildError, score::RawColumn};

impl Columns<'_> {
    /// The covered share of each land cell. Polygons that overlap are united first, so nothing counts twice. A cell outside all
    /// of them is 0 if the layers are whole registers, else missing (method 2.2 `coverage`).
    pub(super) fn coverage(&mut self, row: u8) -> Result<Option<RawColumn>, BuildError> {
        let declared = self.vectors(row);
        if declared.is_empty() {
            return Ok(None);
        }
        let complete = declared.iter().all(|declared| declared.complete);
        let key = self.vector_key("coverage", row, &declared);
        let kept = self.kept(&format!("row{row}"), &key, |warnings| {
            let mut areas = Vec::new();
            for declared in &declared {
                for feature in self.features(declared, warnings)?.features {
                    if let Geometry::MultiPolygon(area) = feature.geometry {
                        areas.push(area);
                    }
                }
            }
            let mut shares = self.covered(row, &areas)?;
            if !complete {
                shares.iter_mut().filter(|share| **share <= 0.0).for_each(|share| *share = f32::NAN);
            }
            Ok(shares)
        })?;
        let values = self.taken(kept);
        Ok(Some(super::of_cells(values, &self.vectors(row))))
    }

    /// The share of each land cell that areas cover together.
    pub(super) fn covered(&self, row: u8, areas: &[MultiPolygon]) -> Result<Vec<f32>, BuildError> {
        let united = match areas {
            [one] => one.clone(),
            several => unary_union(several),
        };
        let shares = coverage(&self.ground.grid, &united).map_err(|source| BuildError::Coverage { row, source })?;
        Ok(self.narrowed(&shares))
    }
}
