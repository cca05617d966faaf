//! Layers of areas as `GeoPackage`.

use gdal::{
    Dataset, DriverManager, Metadata as _,
    config::{clear_thread_local_config_option, set_thread_local_config_option},
    vector::{Feature, FieldDefn, LayerAccess as _, LayerOptions, OGRFieldType, OGRwkbGeometryType, ToGdal as _},
};
use geo::MultiPolygon;

use super::{
    ResultError,
    memory::{MemoryFile, failed, system},
    table::{Labels, Table, Values},
};
use crate::project::GridSettings;

/// When a file says that it was changed: the same each time, so that the same results are the same bytes.
const NO_TIME: &str = "1970-01-01T00:00:00.000Z";
const NOW: &str = "OGR_CURRENT_DATE";

/// A layer of areas and their attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaLayer {
    /// Name of the layer, and the attributes: one row for each area.
    pub table: Table,
    /// The areas, metres in the plane of the project.
    pub areas: Vec<MultiPolygon>,
}

/// Layers of areas as one `GeoPackage` in the plane of the project. Labels are in its metadata.
pub fn geopackage(layers: &[AreaLayer], grid: &GridSettings, labels: &Labels) -> Result<Vec<u8>, ResultError> {
    for AreaLayer { table, areas } in layers {
        let (found, expected) = (areas.len(), table.rows()?);
        if found != expected {
            let (table, column) = (table.name.clone(), "geometry".to_owned());
            return Err(ResultError::Length { table, column, found, expected });
        }
    }
    let file = MemoryFile::new("gpkg");
    set_thread_local_config_option(NOW, NO_TIME).map_err(failed)?;
    let written = write(&file, layers, grid, labels);
    clear_thread_local_config_option(NOW).map_err(failed)?;
    written?;
    file.bytes()
}

fn write(file: &MemoryFile, layers: &[AreaLayer], grid: &GridSettings, labels: &Labels) -> Result<(), ResultError> {
    let driver = DriverManager::get_driver_by_name("GPKG").map_err(failed)?;
    let mut dataset = driver.create_vector_only(file.path()).map_err(failed)?;
    for (key, value) in labels.pairs() {
        dataset.set_metadata_item(key, value, "").map_err(failed)?;
    }
    for layer in layers {
        let mut transaction = dataset.start_transaction().map_err(failed)?;
        add(&mut transaction, layer, grid)?;
        transaction.commit().map_err(failed)?;
    }
    dataset.close().map_err(failed)
}

fn add(dataset: &mut Dataset, layer: &AreaLayer, grid: &GridSettings) -> Result<(), ResultError> {
    let system = system(grid)?;
    let options = LayerOptions {
        name: &layer.table.name,
        srs: Some(&system),
        ty: OGRwkbGeometryType::wkbMultiPolygon,
        ..Default::default()
    };
    let written = dataset.create_layer(options).map_err(failed)?;
    for column in &layer.table.columns {
        let kind = match column.values {
            Values::Text(_) => OGRFieldType::OFTString,
            Values::Whole(_) => OGRFieldType::OFTInteger64,
            Values::Number(_) => OGRFieldType::OFTReal,
        };
        let field = FieldDefn::new(&column.name, kind).map_err(failed)?;
        field.add_to_layer(&written).map_err(failed)?;
    }
    for (row, area) in layer.areas.iter().enumerate() {
        let mut feature = Feature::new(written.defn()).map_err(failed)?;
        feature.set_geometry(area.to_gdal().map_err(failed)?).map_err(failed)?;
        for (index, column) in layer.table.columns.iter().enumerate() {
            set(&mut feature, index, &column.values, row).map_err(failed)?;
        }
        feature.create(&written).map_err(failed)?;
    }
    Ok(())
}

/// Sets the attribute of a row; what is missing stays null.
fn set(feature: &mut Feature<'_>, index: usize, values: &Values, row: usize) -> Result<(), gdal::errors::GdalError> {
    match values {
        Values::Text(values) => match values.get(row) {
            Some(Some(text)) => feature.set_field_string(index, text),
            _ => feature.set_field_null(index),
        },
        Values::Whole(values) => match values.get(row) {
            Some(Some(number)) => feature.set_field_integer64(index, *number),
            _ => feature.set_field_null(index),
        },
        Values::Number(values) => match values.get(row) {
            Some(Some(number)) if number.is_finite() => feature.set_field_double(index, *number),
            _ => feature.set_field_null(index),
        },
    }
}
