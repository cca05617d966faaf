//! Generated features written by GDAL, each layer in its format and reference system and labelled as synthetic.

use std::{collections::BTreeMap, path::Path};

use gdal::{
    Dataset, DriverManager, Metadata as _,
    spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef},
    vector::{
        Feature as OgrFeature, FieldDefn, LayerAccess as _, LayerOptions, OGRFieldType, OGRwkbGeometryType, ToGdal as _,
    },
};

use super::{
    LABEL, SynthError,
    features::{Attribute, Feature},
};

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Gpkg,
    GeoJson,
    FlatGeobuf,
    Shapefile,
}

impl Format {
    const fn driver(self) -> &'static str {
        match self {
            Self::Gpkg => "GPKG",
            Self::GeoJson => "GeoJSON",
            Self::FlatGeobuf => "FlatGeobuf",
            Self::Shapefile => "ESRI Shapefile",
        }
    }

    /// What the driver is asked for: letters of all languages, a label where it has a place for one, no date of today.
    fn options(self) -> Vec<String> {
        match self {
            Self::Gpkg => vec![format!("DESCRIPTION={LABEL}")],
            Self::GeoJson => vec![format!("DESCRIPTION={LABEL}"), "RFC7946=YES".to_owned()],
            Self::FlatGeobuf => Vec::new(),
            Self::Shapefile => vec!["ENCODING=UTF-8".to_owned(), "DBF_DATE_LAST_UPDATE=2020-01-01".to_owned()],
        }
    }
}

/// What the features of a layer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Points,
    Lines,
    Areas,
}

impl Shape {
    const fn of_ogr(self, format: Format) -> OGRwkbGeometryType::Type {
        match self {
            Self::Points => OGRwkbGeometryType::wkbPoint,
            Self::Lines => OGRwkbGeometryType::wkbLineString,
            // A shapefile knows polygons of several parts only; elsewhere both kinds stand in a layer.
            Self::Areas if matches!(format, Format::Shapefile) => OGRwkbGeometryType::wkbPolygon,
            Self::Areas => OGRwkbGeometryType::wkbUnknown,
        }
    }
}

/// A layer and where it goes.
pub(super) struct Layer {
    pub(super) file: &'static str,
    pub(super) format: Format,
    pub(super) name: &'static str,
    pub(super) epsg: u32,
    pub(super) shape: Shape,
    pub(super) columns: Vec<&'static str>,
    pub(super) features: Vec<Feature>,
}

/// Which column says of each feature that it is generated: the only place for it that every format has.
const SYNTHETIC_COLUMN: &str = "synthetic";
const SYNTHETIC: &str = "yes";

/// Writes all layers into a folder.
pub(super) fn write(folder: &Path, layers: &[Layer]) -> Result<(), SynthError> {
    let mut files: BTreeMap<&str, Vec<&Layer>> = BTreeMap::new();
    for layer in layers {
        files.entry(layer.file).or_default().push(layer);
    }
    for (file, layers) in files {
        let failed = |source| SynthError::Gdal { file: file.to_owned(), source };
        let Some(format) = layers.first().map(|layer| layer.format) else { continue };
        let driver = DriverManager::get_driver_by_name(format.driver()).map_err(failed)?;
        let mut dataset = driver.create_vector_only(folder.join(file)).map_err(failed)?;
        if format == Format::Gpkg {
            dataset.set_metadata_item("SYNTHETIC", LABEL, "").map_err(failed)?;
        }
        for layer in layers {
            write_layer(&mut dataset, layer).map_err(failed)?;
        }
        dataset.close().map_err(failed)?;
    }
    Ok(())
}

/// A reference system by its number, with the first axis to the east.
pub(super) fn reference(epsg: u32) -> Result<SpatialRef, gdal::errors::GdalError> {
    let mut reference = SpatialRef::from_epsg(epsg)?;
    reference.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(reference)
}

fn write_layer(dataset: &mut Dataset, layer: &Layer) -> Result<(), gdal::errors::GdalError> {
    const WGS_84: u32 = 4326;
    let target = reference(layer.epsg)?;
    let transform = CoordTransform::new(&reference(WGS_84)?, &target)?;
    let options = layer.format.options();
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let options = LayerOptions {
        name: layer.name,
        srs: Some(&target),
        ty: layer.shape.of_ogr(layer.format),
        options: Some(&options),
    };
    // Databases want one transaction rather than one for each feature; the other formats have none.
    if layer.format == Format::Gpkg {
        let mut transaction = dataset.start_transaction()?;
        fill(&mut transaction, options, layer, &transform)?;
        transaction.commit()
    } else {
        fill(dataset, options, layer, &transform)
    }
}

fn fill(
    dataset: &mut Dataset,
    options: LayerOptions<'_>,
    layer: &Layer,
    transform: &CoordTransform,
) -> Result<(), gdal::errors::GdalError> {
    let written = dataset.create_layer(options)?;
    let first = layer.features.first();
    let is_number = |column: usize| {
        first
            .and_then(|feature| feature.attributes.get(column))
            .is_some_and(|value| matches!(value, Attribute::Number(_)))
    };
    let kinds =
        layer.columns.iter().enumerate().map(|(column, name)| {
            (*name, if is_number(column) { OGRFieldType::OFTReal } else { OGRFieldType::OFTString })
        });
    for (name, kind) in kinds.chain([(SYNTHETIC_COLUMN, OGRFieldType::OFTString)]) {
        FieldDefn::new(name, kind)?.add_to_layer(&written)?;
    }
    for feature in &layer.features {
        let mut geometry = feature.geometry.to_gdal()?;
        geometry.transform_inplace(transform)?;
        let mut row = OgrFeature::new(written.defn())?;
        row.set_geometry(geometry)?;
        for (column, value) in feature.attributes.iter().enumerate() {
            match value {
                Attribute::Text(text) if text.is_empty() => {}
                Attribute::Text(text) => row.set_field_string(column, text)?,
                Attribute::Number(number) => row.set_field_double(column, *number)?,
            }
        }
        row.set_field_string(layer.columns.len(), SYNTHETIC)?;
        row.create(&written)?;
    }
    Ok(())
}
