//! The zone of each pixel of a raster in degrees, by its centre.

use geo::BoundingRect as _;

use super::{
    country::Country,
    features::{count, whole},
};

/// Where the pixels of a raster are; squares in the units of its reference system.
pub(super) struct Frame {
    pub(super) west: f64,
    pub(super) north: f64,
    pub(super) step: f64,
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Frame {
    /// The pixels over all zones, in degrees.
    pub(super) fn of_zones(country: &Country, step: f64) -> Self {
        let bounds = country.zones.iter().filter_map(|zone| zone.degrees.bounding_rect());
        let (west, south, east, north) =
            bounds.fold((f64::MAX, f64::MAX, f64::MIN, f64::MIN), |(west, south, east, north), own| {
                (west.min(own.min().x), south.min(own.min().y), east.max(own.max().x), north.max(own.max().y))
            });
        let (west, north) = ((west / step).floor() - 1.0, (north / step).ceil() + 1.0);
        let (columns, rows) = ((east / step).ceil() + 1.0 - west, north - (south / step).floor() + 1.0);
        Self { west: west * step, north: north * step, step, columns: whole(columns), rows: whole(rows) }
    }

    /// The middle of a pixel.
    pub(super) fn centre(&self, column: usize, row: usize) -> (f64, f64) {
        const HALF: f64 = 0.5;
        (self.west + (count(column) + HALF) * self.step, self.north - (count(row) + HALF) * self.step)
    }

    /// The southern edge.
    pub(super) fn south(&self) -> f64 {
        self.north - count(self.rows) * self.step
    }

    /// The eastern edge.
    pub(super) fn east(&self) -> f64 {
        self.west + count(self.columns) * self.step
    }
}

/// The place of the zone in which the centre of each pixel lies, from 1; 0 where there is none.
///
/// By scan lines rather than by `kend_cells::zone_labels`, which weighs areas on grids of the plane: a raster as it is
/// published lies in degrees, and a pixel has the zone of its centre.
pub(super) fn zone_labels(country: &Country, frame: &Frame) -> Vec<u8> {
    let mut labels = vec![0; frame.columns * frame.rows];
    for (label, zone) in (1_u8..).zip(&country.zones) {
        let rings = || zone.degrees.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
        for (row, line) in labels.chunks_mut(frame.columns).enumerate() {
            let latitude = frame.centre(0, row).1;
            let crossings = rings().flat_map(geo::LineString::lines).filter_map(|side| {
                if (side.start.y > latitude) == (side.end.y > latitude) {
                    return None;
                }
                let along = (latitude - side.start.y) / (side.end.y - side.start.y);
                Some(side.start.x + along * (side.end.x - side.start.x))
            });
            let mut crossings: Vec<f64> = crossings.collect();
            crossings.sort_by(f64::total_cmp);
            for pair in crossings.chunks_exact(2) {
                let [from, to] = [pair.first(), pair.last()].map(|crossing| {
                    const HALF: f64 = 0.5;
                    crossing.map_or(0, |longitude| whole(((longitude - frame.west) / frame.step - HALF).ceil()))
                });
                if let Some(inside) = line.get_mut(from..to) {
                    inside.fill(label);
                }
            }
        }
    }
    labels
}
