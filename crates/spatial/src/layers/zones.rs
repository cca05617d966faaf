//! `[zones]`: the outline of each zone of `names.csv`.

use std::{collections::BTreeMap, path::Path};

use geo::{Area as _, BooleanOps as _, BoundingRect as _, Geometry, Intersects as _, MultiPolygon};
use kend_cells::EqualArea;
use kend_domain::AreaCode;

use super::{
    LayerError, LayerFault, LayerWarning, VECTORS,
    read::{Query, read_layer},
    warnings::Warnings,
};
use crate::{
    names::NameTable,
    project::{GeometryUse, ZonesDeclaration},
};

/// Outlines may share this part of the smaller zone: those of maps at different scales never fit exactly.
const MAX_OVERLAP_SHARE: f64 = 0.01;
const SQUARE_METRES_PER_SQUARE_KILOMETRE: f64 = 1e6;

/// The outline of each zone, and what is to be seen of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlines {
    /// In the plane, metres.
    pub zones: BTreeMap<AreaCode, MultiPolygon>,
    /// What was repaired, and zones that share a little.
    pub warnings: Vec<LayerWarning>,
    /// Reference system of the file.
    pub crs: String,
    /// Name of the layer.
    pub layer: String,
}

/// Reads the outline of each zone of `names.csv`, in the plane.
///
/// A feature of a zone that isn't in `names.csv`, a zone in two features, a zone without one, and two zones that share more than
/// a hundredth of the smaller are errors.
pub fn read_outlines(
    folder: &Path,
    declared: &ZonesDeclaration,
    names: &NameTable,
    plane: &EqualArea,
) -> Result<Outlines, LayerError> {
    let attribute = declared.code.as_deref().or(declared.name.as_deref()).unwrap_or_default();
    let all = BTreeMap::new();
    let query = Query {
        file: &declared.file,
        layer: declared.layer.as_deref(),
        crs: declared.crs.as_deref(),
        encoding: declared.encoding,
        attributes: [attribute].into(),
        only: &all,
        takes: GeometryUse::Areas,
        areas_as_points: false,
        invalid: declared.invalid,
        year: 0,
    };
    let features = read_layer(folder, &query, plane)?;
    let file_place = format!("{VECTORS}/{}, layer {}", declared.file, features.layer);
    let mut zones: BTreeMap<AreaCode, (String, MultiPolygon)> = BTreeMap::new();
    for feature in features.features {
        let here = |fault: LayerFault| fault.at(format!("{file_place}, {}", feature.id));
        let name = feature.attributes.get(attribute).map(String::as_str).unwrap_or_default();
        let found = match declared.code {
            Some(_) => names.zones().iter().find(|zone| zone.code.as_str() == name.trim()),
            None => names.find(name),
        };
        let zone = found.ok_or_else(|| here(LayerFault::UnknownZone { name: name.to_owned() }))?;
        let Geometry::MultiPolygon(outline) = feature.geometry else { continue };
        let code = zone.code.clone();
        if let Some((first, _)) = zones.get(&code) {
            return Err(here(LayerFault::TwiceZone { code, first: first.clone() }));
        }
        zones.insert(code, (feature.id, outline));
    }
    let here = |fault: LayerFault| fault.at(file_place.clone());
    let missing: Vec<&str> = names
        .zones()
        .iter()
        .map(|zone| &zone.code)
        .filter(|code| !zones.contains_key(*code))
        .map(AreaCode::as_str)
        .collect();
    if !missing.is_empty() {
        return Err(here(LayerFault::MissingZones { codes: missing.join(", ") }));
    }
    let zones: BTreeMap<AreaCode, MultiPolygon> =
        zones.into_iter().map(|(code, (_, outline))| (code, outline)).collect();
    let mut warnings = Warnings::of(&declared.file, &features.layer);
    overlaps(&zones, &mut warnings).map_err(here)?;
    let warnings = features.warnings.into_iter().chain(warnings.finished()).collect();
    Ok(Outlines { zones, warnings, crs: features.crs, layer: features.layer })
}

/// Compares zones whose rectangles meet.
fn overlaps(zones: &BTreeMap<AreaCode, MultiPolygon>, warnings: &mut Warnings) -> Result<(), LayerFault> {
    /// Rounding at shared borders.
    const LEAST_M2: f64 = 1.0;
    for (number, (code, outline)) in zones.iter().enumerate() {
        for (other, second) in zones.iter().skip(number + 1) {
            let meet =
                outline.bounding_rect().zip(second.bounding_rect()).is_some_and(|(one, two)| one.intersects(&two));
            if !meet {
                continue;
            }
            let shared = outline.intersection(second).unsigned_area();
            let smaller = outline.unsigned_area().min(second.unsigned_area());
            let km2 = shared / SQUARE_METRES_PER_SQUARE_KILOMETRE;
            if shared > MAX_OVERLAP_SHARE * smaller {
                return Err(LayerFault::OverlappingZones { code: code.clone(), other: other.clone(), km2 });
            }
            if shared > LEAST_M2 {
                warnings.add("", format!("{code} and {other} share {km2:.4} km²"));
            }
        }
    }
    Ok(())
}
