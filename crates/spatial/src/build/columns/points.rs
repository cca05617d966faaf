//! Points and lines of layers, and which zone they lie in.

use std::collections::BTreeSet;

use geo::{Geometry, Intersects as _, MultiLineString, Point, Rect};
use kend_cells::WeightedPoint;

use super::Columns;
use crate::{
    build::error::BuildError,
    layers::{Features, LayerWarning, read_vectors},
    project::VectorDeclaration,
};

impl Columns<'_> {
    /// The features of a declaration; what was left out is told.
    pub(super) fn features(
        &self,
        declared: &VectorDeclaration,
        warnings: &mut Vec<String>,
    ) -> Result<Features, BuildError> {
        let features = read_vectors(&self.folder.path, declared, &self.folder.project.plane())?;
        warnings.extend(features.warnings.iter().map(told));
        Ok(features)
    }

    /// The points of several declarations with their weights; of those by zones of a figure's top quintile only these.
    pub(super) fn points(
        &self,
        declared: &[&VectorDeclaration],
        warnings: &mut Vec<String>,
    ) -> Result<Vec<WeightedPoint>, BuildError> {
        let mut points = Vec::new();
        for declared in declared {
            let chosen = declared.zones_in_top_quintile_of.as_deref().map(|figure| self.top_quintile(figure));
            for feature in self.features(declared, warnings)?.features {
                let Geometry::Point(point) = feature.geometry else { continue };
                if let Some(chosen) = &chosen
                    && !self.zone_at(point).is_some_and(|zone| chosen.contains(&zone))
                {
                    continue;
                }
                // The reader has refused what is no number and left out what has none.
                let weight = match &declared.weight {
                    None => 1.0,
                    Some(name) => {
                        feature.attributes.get(name).and_then(|text| text.trim().parse().ok()).unwrap_or_default()
                    }
                };
                points.push(WeightedPoint { x_m: point.x(), y_m: point.y(), weight });
            }
        }
        Ok(points)
    }

    /// The lines of several declarations, each with its parts together.
    pub(super) fn lines(
        &self,
        declared: &[&VectorDeclaration],
        warnings: &mut Vec<String>,
    ) -> Result<Vec<MultiLineString>, BuildError> {
        let mut lines = Vec::new();
        for declared in declared {
            for feature in self.features(declared, warnings)?.features {
                if let Geometry::MultiLineString(line) = feature.geometry {
                    lines.push(line);
                }
            }
        }
        Ok(lines)
    }

    /// The place of the first zone that holds a point, its border included.
    pub(super) fn zone_at(&self, point: Point) -> Option<usize> {
        let holds = |rect: &Option<Rect>| rect.is_some_and(|rect| rect.intersects(&point));
        let outlines = self.ground.outlines.iter().zip(&self.ground.extents);
        outlines
            .enumerate()
            .find(|(_, (outline, extent))| holds(extent) && outline.intersects(&point))
            .map(|(at, _)| at)
    }

    /// The zones that count whose figure lies above the 80th percentile of these zones, or is it if none does (row 3).
    fn top_quintile(&self, figure: &str) -> BTreeSet<usize> {
        const TOP: f64 = 0.8;
        let values = self.tables.figure(figure).unwrap_or_default();
        let own = values.iter().zip(&self.ground.eligible).enumerate().filter(|(_, (_, eligible))| **eligible);
        let own: Vec<(usize, f64)> = own.filter_map(|(zone, (value, _))| Some((zone, (*value)?))).collect();
        let pairs: Vec<(f64, f64)> = own.iter().map(|(_, value)| (*value, 1.0)).collect();
        let limit = kend_readiness::weighted_quantile(&pairs, TOP).unwrap_or(f64::INFINITY);
        // Of fewer than five zones none lies above it.
        let any_above = own.iter().any(|(_, value)| *value > limit);
        let is_top = |value: f64| if any_above { value > limit } else { value >= limit };
        own.into_iter().filter(|(_, value)| is_top(*value)).map(|(zone, _)| zone).collect()
    }
}

/// A warning in one line.
pub(crate) fn told(warning: &LayerWarning) -> String {
    let LayerWarning { file, layer, feature, message } = warning;
    let place: Vec<&str> =
        [file.as_str(), layer.as_str(), feature.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
    format!("vectors/{}: {message}", place.join(", "))
}
