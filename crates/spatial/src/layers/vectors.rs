//! `[[vectors]]`: the features of a layer that a declaration asks for.

use std::{collections::BTreeMap, path::Path};

use geo::Rect;
use kend_cells::EqualArea;

use super::{
    LayerError, LayerFault, VECTORS,
    read::{Query, read_layer},
    warnings::{LayerWarning, Warnings},
};
use crate::project::{VectorDeclaration, VectorRole};

/// A point, a line or an area of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// `feature 17`, for messages.
    pub id: String,
    /// In the plane, metres: `Point`, `MultiLineString` or `MultiPolygon`; checked.
    pub geometry: geo::Geometry,
    /// The attributes that the declaration names, as texts; those without a text are left out.
    pub attributes: BTreeMap<String, String>,
}

/// The features that a declaration asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    /// In the order of the file.
    pub features: Vec<Feature>,
    /// What was left out or repaired.
    pub warnings: Vec<LayerWarning>,
    /// The year of the declaration.
    pub year: u16,
    /// Name of the file.
    pub file: String,
    /// Name of the layer.
    pub layer: String,
    /// Reference system of the file.
    pub crs: String,
    /// Features of the layer, also those that `where` doesn't ask for.
    pub read: usize,
    /// The least rectangle about the features, metres in the plane.
    pub extent: Option<Rect>,
}

/// Reads the features that a declaration asks for, from `vectors/` in the folder of a project, in the plane.
///
/// Several points in one feature become several features of the same name; lines and areas keep their parts together.
/// Features that lie farther than [`super::REACH_M`] from the centre of the plane are left out with a warning; a layer of
/// which nothing is used is an error. Weights and inhabitants are numbers from 0 on, or it is an error that names the feature;
/// a feature without a weight is left out with a warning.
pub fn read_vectors(folder: &Path, declared: &VectorDeclaration, plane: &EqualArea) -> Result<Features, LayerError> {
    let file_place = format!("{VECTORS}/{}", declared.file);
    let takes = declared.geometry_use().ok_or_else(|| {
        LayerFault::geometry("row of Annex I that is not made of points, lines or areas").at(file_place.clone())
    })?;
    let query = Query {
        file: &declared.file,
        layer: declared.layer.as_deref(),
        crs: declared.crs.as_deref(),
        encoding: declared.encoding,
        attributes: declared.attributes(),
        only: &declared.only,
        takes,
        areas_as_points: declared.areas_as_points,
        invalid: declared.invalid,
        year: declared.year,
    };
    let mut features = read_layer(folder, &query, plane)?;
    for name in [&declared.weight, &declared.population].into_iter().flatten() {
        for feature in &features.features {
            let Some(text) = feature.attributes.get(name) else { continue };
            let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
            if number.is_none() {
                let fault = LayerFault::Number { name: name.clone(), text: text.clone() };
                return Err(fault.at(format!("{file_place}, layer {}, {}", features.layer, feature.id)));
            }
        }
    }
    let roads = (declared.role == Some(VectorRole::Roads)).then(|| declared.road_class());
    if let Some(name) = declared.weight.as_deref().or(declared.name.as_deref()).or(roads) {
        let mut warnings = Warnings::of(&features.file, &features.layer);
        features.features.retain(|feature| {
            let has = feature.attributes.contains_key(name);
            if !has {
                warnings.add(&feature.id, format!("is left out: it has no `{name}`"));
            }
            has
        });
        features.warnings.extend(warnings.finished());
    }
    Ok(features)
}
