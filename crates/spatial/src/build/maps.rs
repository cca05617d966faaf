//! Maps and layers of a result, as other programs read them.

use std::collections::BTreeMap;

use geo::MultiPolygon;
use kend_cells::{Cell, Grid, NO_LABEL, Surface, outlines};
use kend_domain::{Dimension, ReadinessClass};
use kend_readiness::cells::NO_CLASS;

use super::{
    country::{ClusterRecord, Country},
    error::BuildError,
    number::place,
    published::Published,
    sectors::{OF_CROPS, OF_TOURISM, flag, zone_word},
    tables::{cluster_table, zone_layer_table},
};
use crate::{
    project::GridSettings,
    results::{AreaLayer, Labels, NO_FLAGS, class_raster, flag_raster, geopackage, raster},
};

/// What layers of areas are in.
const AREAS: &str = "index.gpkg";
/// Per cent as a share.
const PER_CENT: f32 = 100.0;
/// The label of a cluster's cells.
const OWN: u16 = 1;

/// What every file of a country says of itself.
pub(super) fn labels(country: &Country) -> Labels {
    let manifest = &country.manifest;
    let more = [
        ("profile", manifest.profile.clone()),
        ("kend_version", manifest.kend_version.clone()),
        ("attribution", manifest.attribution.join("\n")),
    ];
    Labels {
        method_version: manifest.method_version.clone(),
        synthetic: manifest.synthetic,
        more: more.map(|(key, text)| (key.to_owned(), text)).into(),
    }
}

/// The plane of a country.
pub(super) fn plane(country: &Country) -> GridSettings {
    let (centre_longitude, centre_latitude) = country.centre;
    GridSettings { centre_longitude, centre_latitude, cell_m: country.grid.cell_m() }
}

/// The same labels with a title.
pub(super) fn titled(labels: &Labels, title: String) -> Labels {
    let mut titled = labels.clone();
    titled.more.insert("title".to_owned(), title);
    titled
}

/// A value for each cell of the grid, row by row, of those of land cells.
pub(super) fn over_grid<'a, T: Copy>(
    country: &'a Country,
    values: &'a [T],
    elsewhere: T,
) -> impl Iterator<Item = T> + 'a {
    let mut land = country.land.iter().zip(values).peekable();
    (0..country.grid.cells()).map(move |at| {
        let own = land.next_if(|(index, _)| place(**index) == at);
        own.map_or(elsewhere, |(_, value)| *value)
    })
}

/// Writes all maps and layers.
pub(super) fn put_maps(country: &Country, published: &mut Published<'_>) -> Result<(), BuildError> {
    let (labels, plane) = (labels(country), plane(country));
    let put = |published: &mut Published<'_>, file: &str, title: String, values: &[f32]| {
        let values = over_grid(country, values, f32::NAN);
        let made = raster(&country.grid, values, &plane, &titled(&labels, title));
        published.put_made(&format!("maps/{file}.tif"), made)
    };
    put(published, "index", "Index, 0 to 100 points".to_owned(), &country.scored.index)?;
    for (dimension, values) in Dimension::ALL.iter().zip(&country.scored.dimensions) {
        put(published, dimension.word(), format!("Dimension {dimension}, 0 to 100 points"), values)?;
    }
    if !country.class_frequency.is_empty() {
        let share = |kept: &u8| if *kept == NO_CLASS { f32::NAN } else { f32::from(*kept) / PER_CENT };
        let shares: Vec<f32> = country.class_frequency.iter().map(share).collect();
        put(published, "stability", "Share of draws of the weights with the same class, 0 to 1".to_owned(), &shares)?;
    }
    let classes = over_grid(country, &country.scored.class, NO_CLASS);
    let classes = classes.map(|class| ReadinessClass::ALL.get(usize::from(class)).copied());
    let made = class_raster(&country.grid, classes, &plane, &titled(&labels, "Class of readiness".to_owned()));
    published.put_made("maps/class.tif", made)?;
    if let Some(sectors) = &country.sectors {
        for own in &sectors.concentrations {
            let word = zone_word(own.zone);
            let crop = own.crop.as_ref().map(|crop| format!("{crop}-")).unwrap_or_default();
            let title = format!("Concentration of {crop}{word}, {}", own.unit);
            put(published, &format!("sector-{crop}{word}"), title, &own.values)?;
        }
        let of_crops = sectors.crops.iter().map(|own| (own.crop.crop.as_str(), &own.flags, &OF_CROPS[..]));
        let of_tourism = (!sectors.tourism.is_empty()).then_some(("tourism", &sectors.tourism, &OF_TOURISM[..]));
        for (subject, flags, zones) in of_crops.chain(of_tourism) {
            let labels = titled(&labels, format!("Zones of {subject}: flags"));
            let words: Vec<(u8, &str)> = zones.iter().map(|zone| (flag(*zone), zone_word(*zone))).collect();
            let flags = over_grid(country, flags, NO_FLAGS);
            let made = flag_raster(&country.grid, flags, &words, &plane, &labels);
            published.put_made(&format!("maps/sector-{subject}.tif"), made)?;
        }
    }

    let areas = country.clusters.values().flatten().map(|cluster| outline(country, cluster));
    let layers = [
        AreaLayer { table: cluster_table(country), areas: areas.collect::<Result<_, BuildError>>()? },
        AreaLayer { table: zone_layer_table(country), areas: country.outlines.clone() },
    ];
    published.put_made(AREAS, geopackage(&layers, &plane, &labels))
}

/// The cells of a cluster as an area; only the part of the grid that holds them is made.
fn outline(country: &Country, cluster: &ClusterRecord) -> Result<MultiPolygon, BuildError> {
    let grid = &country.grid;
    let land = cluster.cells.iter().filter_map(|at| country.land.get(place(*at)));
    let cells: Vec<Cell> = land.filter_map(|index| grid.cell(place(*index))).collect();
    let Some(first) = cells.first() else { return Ok(MultiPolygon::new(Vec::new())) };
    let (mut least, mut most) = (*first, *first);
    for cell in &cells {
        least = Cell { row: least.row.min(cell.row), column: least.column.min(cell.column) };
        most = Cell { row: most.row.max(cell.row), column: most.column.max(cell.column) };
    }
    let west_m = grid.west_m() + f64::from(least.column) * grid.cell_m();
    let north_m = grid.north_m() - f64::from(least.row) * grid.cell_m();
    let size = (most.column - least.column + 1, most.row - least.row + 1);
    let window = Grid::new(west_m, north_m, grid.cell_m(), size.0, size.1)?;
    let mut labels = Surface::filled(window, NO_LABEL);
    for cell in cells {
        let own = window.index(Cell { row: cell.row - least.row, column: cell.column - least.column });
        if let Some(label) = own.and_then(|index| labels.values_mut().get_mut(index)) {
            *label = OWN;
        }
    }
    let mut areas: BTreeMap<u16, MultiPolygon> = outlines(&labels);
    Ok(areas.remove(&OWN).unwrap_or_else(|| MultiPolygon::new(Vec::new())))
}
