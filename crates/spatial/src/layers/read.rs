//! The features of one layer, checked one by one.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use gdal::{
    Dataset,
    vector::{Feature as OfFile, Layer, LayerAccess as _, sql::Dialect},
};
use geo::{Coord, Rect};
use kend_cells::EqualArea;
use kend_readiness::composite::Encoding;

use super::{
    Feature, Features, LayerError, LayerFault, MAX_CORNERS, MAX_FEATURES, VECTORS,
    attributes::{Attributes, listed},
    geometry::{Shape, is_near, shape},
    open::{failure, open_vectors, said},
    reference::Reference,
    warnings::Warnings,
};
use crate::project::{GeometryUse, InvalidRule};

/// Any text, in `where`.
const ANY: &str = "*";

/// Which layer, and what of it.
pub(super) struct Query<'a> {
    pub(super) file: &'a str,
    pub(super) layer: Option<&'a str>,
    pub(super) crs: Option<&'a str>,
    pub(super) encoding: Option<Encoding>,
    pub(super) attributes: BTreeSet<&'a str>,
    pub(super) only: &'a BTreeMap<String, Vec<String>>,
    pub(super) takes: GeometryUse,
    pub(super) areas_as_points: bool,
    pub(super) invalid: InvalidRule,
    pub(super) year: u16,
}

/// Reads a layer from `vectors/` in the folder of a project.
pub(super) fn read_layer(folder: &Path, query: &Query<'_>, plane: &EqualArea) -> Result<Features, LayerError> {
    let file_place = format!("{VECTORS}/{}", query.file);
    let path = folder.join(VECTORS).join(query.file);
    let dataset = open_vectors(&path, query.encoding).map_err(|fault| fault.at(file_place.clone()))?;
    let mut layer = layer_of(&dataset, query.layer).map_err(|fault| fault.at(file_place.clone()))?;
    let name = layer.name();
    let file_place = format!("{file_place}, layer {name}");
    let here = |fault: LayerFault| fault.at(file_place.clone());
    let driver = dataset.driver().short_name();
    // Of a file of `OpenStreetMap` all layers are read at once, and those that nobody reads pile up, unless one is asked
    // for like this.
    let mut chosen = match driver.as_str() {
        "OSM" => dataset.execute_sql(format!("SELECT * FROM {name}"), None, Dialect::DEFAULT),
        _ => Ok(None),
    }
    .map_err(|error| here(LayerFault::Broken { said: error.to_string() }))?;
    let layer = chosen.as_deref_mut().unwrap_or(&mut layer);

    let attributes = Attributes::find(layer.defn(), &query.attributes).map_err(here)?;
    let reference = Reference::of(layer.spatial_ref(), query.crs, plane).map_err(here)?;
    // Of the formats only this one says how many features follow without saying where they end.
    let promised = if driver == "FlatGeobuf" { layer.try_feature_count() } else { None };
    let mut reading = Reading::new(query, &reference, &name);
    for feature in layer.features() {
        let id = feature.fid().map_or_else(|| "a feature".to_owned(), |number| format!("feature {number}"));
        reading.take(&id, &attributes, &feature).map_err(|fault| fault.at(format!("{file_place}, {id}")))?;
    }
    if let Some(promised) = promised.filter(|promised| *promised > reading.read as u64) {
        let said = format!("it has {} of {promised} features", reading.read);
        return Err(here(LayerFault::Broken { said }));
    }
    reading.finished().map_err(here)
}

/// The layer of a name, or the only one.
fn layer_of<'a>(dataset: &'a Dataset, name: Option<&str>) -> Result<Layer<'a>, LayerFault> {
    let names = || dataset.layers().map(|layer| layer.name()).collect::<Vec<String>>();
    match name {
        Some(name) => dataset
            .layers()
            .find(|layer| layer.name() == name)
            .ok_or_else(|| LayerFault::NoLayer { name: name.to_owned(), there: listed(&names()) }),
        None if dataset.layer_count() > 1 => Err(LayerFault::SeveralLayers { there: listed(&names()) }),
        None => dataset.layers().next().ok_or_else(|| LayerFault::Broken { said: "it has no layer".to_owned() }),
    }
}

/// A layer half read.
struct Reading<'a> {
    query: &'a Query<'a>,
    reference: &'a Reference,
    features: Vec<Feature>,
    warnings: Warnings,
    layer: &'a str,
    read: usize,
    corners: usize,
    extent: Option<Rect>,
    /// Features too far off: how many, and the first.
    far: (usize, String),
    /// How many of those too far off would be near with their coordinates exchanged.
    exchanged: usize,
}

impl<'a> Reading<'a> {
    fn new(query: &'a Query<'a>, reference: &'a Reference, layer: &'a str) -> Self {
        Self {
            query,
            reference,
            features: Vec::new(),
            warnings: Warnings::of(query.file, layer),
            layer,
            read: 0,
            corners: 0,
            extent: None,
            far: (0, String::new()),
            exchanged: 0,
        }
    }

    fn take(&mut self, id: &str, attributes: &Attributes, feature: &OfFile<'_>) -> Result<(), LayerFault> {
        self.read += 1;
        let texts = attributes.of(feature)?;
        let asked = self.query.only.iter().all(|(name, values)| {
            texts.get(name).is_some_and(|text| values.iter().any(|value| value == text || value == ANY))
        });
        if !asked {
            return Ok(());
        }
        let shape = match self.shape(id, feature) {
            Ok(Some(shape)) => shape,
            Ok(None) => return Ok(()),
            Err(fault @ (LayerFault::Geometry { .. } | LayerFault::Area(_)))
                if self.query.invalid == InvalidRule::LeaveOut =>
            {
                self.warnings.add(id, format!("is left out: it {fault}"));
                return Ok(());
            }
            Err(fault) => return Err(fault),
        };
        if let Some(extent) = shape.extent() {
            self.extent = Some(self.extent.map_or(extent, |before| united(&before, &extent)));
        }
        for geometry in shape.into_geometries() {
            if self.features.len() >= MAX_FEATURES {
                return Err(LayerFault::TooMany { what: "features", limit: MAX_FEATURES as u64 });
            }
            self.features.push(Feature { id: id.to_owned(), geometry, attributes: texts.clone() });
        }
        Ok(())
    }

    /// The shape of a feature as the use wants it; none if it lies too far off.
    fn shape(&mut self, id: &str, feature: &OfFile<'_>) -> Result<Option<Shape>, LayerFault> {
        // `Feature::geometry` gives a geometry also where there is none, and whoever touches it ends the process.
        let geometry = feature.geometry_by_index(0).map_err(|_| match failure() {
            Some(said) => LayerFault::Broken { said },
            None => LayerFault::geometry("has no geometry"),
        })?;
        let (shape, corners) = shape(geometry, self.reference)?;
        if !shape.extent().is_some_and(|extent| is_near(&extent)) {
            if self.far.0 == 0 {
                id.clone_into(&mut self.far.1);
            }
            self.far.0 += 1;
            let envelope = geometry.envelope();
            let (mut x, mut y) = ([envelope.MinY], [envelope.MinX]);
            self.reference.to_plane(&mut x, &mut y);
            let at = Coord { x: x.iter().sum(), y: y.iter().sum() };
            self.exchanged += usize::from(is_near(&Rect::new(at, at)));
            return Ok(None);
        }
        self.corners += corners;
        if self.corners > MAX_CORNERS {
            return Err(LayerFault::TooMany { what: "corners", limit: MAX_CORNERS as u64 });
        }
        let shape = match shape.check() {
            Err(fault @ LayerFault::Area(_)) if self.query.invalid == InvalidRule::Repair => {
                let repaired = shape.repaired()?;
                self.warnings.add(id, format!("is repaired: {fault}"));
                repaired
            }
            checked => checked.map(|()| shape)?,
        };
        shape.for_use(self.query.takes, self.query.areas_as_points).map(Some)
    }

    fn finished(mut self) -> Result<Features, LayerFault> {
        let said = said();
        let failures: Vec<&str> = said.iter().filter(|(failure, _)| *failure).map(|(_, text)| text.as_str()).collect();
        if !failures.is_empty() {
            return Err(LayerFault::Broken { said: failures.join("; ") });
        }
        for (_, message) in &said {
            self.warnings.add("", message.as_str());
        }
        let (far, first) = &self.far;
        if self.features.is_empty() {
            let hint = match far {
                0 => "",
                far if self.exchanged == *far => "; latitude and longitude seem to be exchanged",
                _ => "; all that was asked for lies far from the centre of the plane",
            };
            return Err(LayerFault::Nothing { found: self.read, hint });
        }
        if *far > 0 {
            let message = format!("{far} lie far from the centre of the plane and are left out, the first is {first}");
            self.warnings.add("", message);
        }
        Ok(Features {
            features: self.features,
            warnings: self.warnings.finished(),
            year: self.query.year,
            file: self.query.file.to_owned(),
            layer: self.layer.to_owned(),
            crs: self.reference.name.clone(),
            read: self.read,
            extent: self.extent,
        })
    }
}

fn united(one: &Rect, other: &Rect) -> Rect {
    let (a, b, c, d) = (one.min(), one.max(), other.min(), other.max());
    Rect::new(Coord { x: a.x.min(c.x), y: a.y.min(c.y) }, Coord { x: b.x.max(d.x), y: b.y.max(d.y) })
}
