//! The part of a raster that lies over the grid, handed out in pieces: a raster of any size takes little memory.

use std::{cmp::Ordering, path::Path};

use gdal::{Dataset, errors::GdalError, raster::RasterBand};
use kend_cells::{Affine, EqualArea, Grid, Source};

use super::{
    LayerError, LayerFault, RASTERS,
    open::{failure, open_raster, said_text},
    reference::Reference,
};
use crate::{
    check::{RasterRange, RasterValues},
    project::RasterDeclaration,
};

/// The most cells of a raster over the grid: a country at 10 m.
pub(crate) const MAX_WINDOW_CELLS: u64 = 5_000_000_000;
/// The most cells of a block, which GDAL holds whole: 512 MB.
pub(crate) const MAX_BLOCK_CELLS: u64 = 64 * 1024 * 1024;
/// Cells of a piece, where blocks are smaller.
const PIECE_CELLS: u32 = 1024 * 1024;
/// Points along each edge of the grid by which its place in the raster is found.
const EDGE_POINTS: u32 = 64;
/// Cells beyond the grid that are read: edges between those points are curved.
const MARGIN: f64 = 2.0;

/// A band of a raster, open.
pub(crate) struct Raster {
    dataset: Dataset,
    band: usize,
    pub(crate) reference: Reference,
    affine: Affine,
    columns: u32,
    rows: u32,
    nodata: Option<f64>,
    /// Whether values have seven digits: the number for "no value" is rounded as they are.
    single: bool,
    /// Cells that a band of the file itself calls missing.
    masked: bool,
    scale: f64,
    offset: f64,
    block: (u32, u32),
    pub(crate) place: String,
}

/// Values of a piece, with the places of its corners in the plane.
pub(super) type PieceSource<'a> = Source<'a, f64, &'a dyn Fn(u32, u32) -> (f64, f64)>;

/// A piece of a raster: columns and rows from the first on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(super) column: u32,
    pub(super) row: u32,
    pub(super) columns: u32,
    pub(super) rows: u32,
}

impl Raster {
    /// Opens the band of a declaration, from `rasters/` in the folder of a project.
    pub(crate) fn open(folder: &Path, declared: &RasterDeclaration, plane: &EqualArea) -> Result<Self, LayerError> {
        let at = format!("{RASTERS}/{}", declared.file);
        Self::opened(&folder.join(RASTERS).join(&declared.file), declared, plane, &at)
            .map_err(|fault| fault.at(at.clone()))
    }

    fn opened(path: &Path, declared: &RasterDeclaration, plane: &EqualArea, at: &str) -> Result<Self, LayerFault> {
        let dataset = open_raster(path)?;
        let bands = dataset.raster_count();
        let band_number = usize::from(declared.band);
        if !(1..=bands).contains(&band_number) {
            return Err(LayerFault::NoBand { band: declared.band, bands });
        }
        let reference = Reference::of(dataset.spatial_ref().ok(), declared.crs.as_deref(), plane)?;
        let affine = affine(&dataset)?;
        let band = dataset.rasterband(band_number).map_err(|error| broken(&error))?;
        let size = |(columns, rows): (usize, usize)| Some((u32::try_from(columns).ok()?, u32::try_from(rows).ok()?));
        let too_large = LayerFault::TooMany { what: "columns or rows", limit: u64::from(u32::MAX) };
        let Some((columns, rows)) = size(band.size()) else { return Err(too_large) };
        let Some(block) = size(band.block_size()) else { return Err(too_large) };
        if u64::from(block.0) * u64::from(block.1) > MAX_BLOCK_CELLS {
            return Err(LayerFault::TooMany { what: "cells in a block", limit: MAX_BLOCK_CELLS });
        }
        let single = band.band_type() == gdal::raster::GdalDataType::Float32;
        let nodata = nodata(&band, declared.nodata, single)?;
        let mask = band.mask_flags().map_err(|error| broken(&error))?;
        let masked = mask.is_per_dataset() || mask.is_alpha();
        let (scale, offset) = (band.scale().unwrap_or(1.0), band.offset().unwrap_or_default());
        let raster = Self {
            band: band_number,
            reference,
            affine,
            columns,
            rows,
            nodata,
            single,
            masked,
            scale,
            offset,
            block,
            place: format!("{at}, band {band_number}"),
            dataset,
        };
        Ok(raster)
    }

    /// The cells that lie over a grid, with a margin.
    pub(crate) fn window(&self, grid: &Grid) -> Result<Piece, LayerFault> {
        let (mut x, mut y) = edge_of(grid);
        self.reference.plane_to_file(&mut x, &mut y)?;
        let Affine { x: x_0, x_per_column, x_per_row, y: y_0, y_per_column, y_per_row } = self.affine;
        let determinant = x_per_column * y_per_row - x_per_row * y_per_column;
        let mut range = ((f64::INFINITY, f64::NEG_INFINITY), (f64::INFINITY, f64::NEG_INFINITY));
        for (x, y) in x.iter().zip(&y) {
            let (x, y) = (x - x_0, y - y_0);
            let column = (x * y_per_row - x_per_row * y) / determinant;
            let row = (x_per_column * y - x * y_per_column) / determinant;
            range.0 = (range.0.0.min(column), range.0.1.max(column));
            range.1 = (range.1.0.min(row), range.1.1.max(row));
        }
        let within = |(low, high): (f64, f64), count: u32| {
            let (low, high) = ((low - MARGIN).max(0.0), (high + MARGIN).min(f64::from(count)));
            (low < high).then(|| (whole(low.floor()), whole(high.ceil())))
        };
        let (Some((west, east)), Some((north, south))) = (within(range.0, self.columns), within(range.1, self.rows))
        else {
            return Err(LayerFault::Outside);
        };
        let piece = Piece { column: west, row: north, columns: east - west, rows: south - north };
        if u64::from(piece.columns) * u64::from(piece.rows) > MAX_WINDOW_CELLS {
            return Err(LayerFault::TooMany { what: "cells over the grid", limit: MAX_WINDOW_CELLS });
        }
        Ok(piece)
    }

    /// Hands out a window piece by piece, row by row of pieces; a piece is whole blocks of the file. Missing values are NaN.
    pub(super) fn pieces(
        &self,
        window: Piece,
        mut take: impl FnMut(Piece, &PieceSource<'_>) -> Result<(), LayerFault>,
    ) -> Result<(), LayerFault> {
        for piece in self.cut(window) {
            let values = self.values(piece)?;
            let corners = self.corners(piece);
            let along = piece.columns as usize + 1;
            let corner = |column: u32, row: u32| {
                corners.get(row as usize * along + column as usize).copied().unwrap_or((f64::NAN, f64::NAN))
            };
            let source = Source {
                columns: piece.columns,
                rows: piece.rows,
                values: &values,
                corner: &corner as &dyn Fn(_, _) -> _,
            };
            take(piece, &source)?;
        }
        Ok(())
    }

    /// What the values over a grid are, times a factor; they are not looked at if they are more than a number. Each one that
    /// is there is shown as it is in the file: reading is what takes time.
    pub(crate) fn range(
        &self,
        grid: &Grid,
        factor: f64,
        most: u64,
        mut show: impl FnMut(f64),
    ) -> Result<RasterRange, LayerFault> {
        let window = self.window(grid)?;
        let Piece { columns, rows, .. } = window;
        if u64::from(columns) * u64::from(rows) > most {
            return Ok(RasterRange { columns, rows, values: None });
        }
        let mut found = RasterValues { observed: 0, minimum: f64::INFINITY, maximum: f64::NEG_INFINITY, sum: 0.0 };
        for piece in self.cut(window) {
            for value in self.values(piece)?.into_iter().filter(|value| !value.is_nan()) {
                show(value);
                let value = value * factor;
                found.observed += 1;
                found.minimum = found.minimum.min(value);
                found.maximum = found.maximum.max(value);
                found.sum += value;
            }
        }
        Ok(RasterRange { columns, rows, values: (found.observed > 0).then_some(found) })
    }

    /// A window in pieces of whole blocks, row by row of pieces.
    fn cut(&self, window: Piece) -> impl Iterator<Item = Piece> {
        let (wide, high) = self.piece_size(window);
        cuts(window.row, window.rows, high).flat_map(move |(row, rows)| {
            cuts(window.column, window.columns, wide).map(move |(column, columns)| Piece { column, row, columns, rows })
        })
    }

    /// Whole blocks, about [`PIECE_CELLS`] of them together.
    fn piece_size(&self, window: Piece) -> (u32, u32) {
        let (wide, high) = self.block;
        let wide = wide.min(window.columns).max(1);
        let blocks_across = (PIECE_CELLS / high.max(1) / wide).max(1);
        let wide = wide.saturating_mul(blocks_across).min(window.columns);
        let blocks_down = (PIECE_CELLS / wide / high.max(1)).max(1);
        (wide, high.max(1).saturating_mul(blocks_down))
    }

    fn values(&self, piece: Piece) -> Result<Vec<f64>, LayerFault> {
        let band = self.dataset.rasterband(self.band).map_err(|error| broken(&error))?;
        let read = |band: &RasterBand<'_>| {
            let place = (signed(piece.column), signed(piece.row));
            let size = (piece.columns as usize, piece.rows as usize);
            let values = band.read_as::<f64>(place, size, size, None).map_err(|error| broken(&error))?;
            Ok::<_, LayerFault>(values.into_shape_and_vec().1)
        };
        let mut values = read(&band)?;
        for value in &mut values {
            *value = if self.is_missing(*value) { f64::NAN } else { *value * self.scale + self.offset };
        }
        if self.masked {
            let mask = band.open_mask_band().map_err(|error| broken(&error))?;
            for (value, seen) in values.iter_mut().zip(read(&mask)?) {
                if seen == 0.0 {
                    *value = f64::NAN;
                }
            }
        }
        match failure() {
            Some(said) => Err(LayerFault::Broken { said }),
            None => Ok(values),
        }
    }

    fn is_missing(&self, value: f64) -> bool {
        self.nodata.is_some_and(
            |nodata| {
                if self.single { same(single(value), single(nodata)) } else { same(value, nodata) }
            },
        )
    }

    /// The corners of a piece in the plane, row by row.
    fn corners(&self, piece: Piece) -> Vec<(f64, f64)> {
        let rows = piece.row..=piece.row + piece.rows;
        let places =
            rows.flat_map(|row| (piece.column..=piece.column + piece.columns).map(move |column| (column, row)));
        let (mut x, mut y): (Vec<f64>, Vec<f64>) = places.map(|(column, row)| self.affine.at(column, row)).unzip();
        self.reference.to_plane(&mut x, &mut y);
        x.into_iter().zip(y).collect()
    }
}

/// What GDAL said of a raster, or the error that it gave.
fn broken(error: &GdalError) -> LayerFault {
    let said = said_text();
    LayerFault::Broken { said: format!("{error}; {said}") }
}

/// Where cells lie: without it GDAL says nothing, or that they lie nowhere.
fn affine(dataset: &Dataset) -> Result<Affine, LayerFault> {
    let [x, x_per_column, x_per_row, y, y_per_column, y_per_row] =
        dataset.geo_transform().map_err(|_| LayerFault::NoPlace)?;
    let determinant = x_per_column * y_per_row - x_per_row * y_per_column;
    let finite = [x, y, determinant].iter().all(|number| number.is_finite());
    if !finite || determinant == 0.0 {
        return Err(LayerFault::NoPlace);
    }
    Ok(Affine { x, x_per_column, x_per_row, y, y_per_column, y_per_row })
}

fn nodata(band: &RasterBand<'_>, declared: Option<f64>, as_single: bool) -> Result<Option<f64>, LayerFault> {
    match (band.no_data_value(), declared) {
        (Some(found), Some(declared)) => {
            let both_nan = found.is_nan() && declared.is_nan();
            let agree = both_nan || same(found, declared) || (as_single && same(single(found), single(declared)));
            if agree { Ok(Some(found)) } else { Err(LayerFault::OtherNodata { declared, found }) }
        }
        (found, declared) => Ok(found.or(declared)),
    }
}

/// Whether two numbers are the same; 0 and -0 are.
fn same<T: PartialOrd + Copy>(one: T, other: T) -> bool {
    one.partial_cmp(&other) == Some(Ordering::Equal)
}

/// Places along the edge of a grid, metres in the plane.
fn edge_of(grid: &Grid) -> (Vec<f64>, Vec<f64>) {
    let (width, height) = (f64::from(grid.columns()) * grid.cell_m(), f64::from(grid.rows()) * grid.cell_m());
    let shares = || (0..=EDGE_POINTS).map(|step| f64::from(step) / f64::from(EDGE_POINTS));
    let places = shares().flat_map(|share| [(share, 0.0), (share, 1.0), (0.0, share), (1.0, share)]);
    places.map(|(x, y)| (grid.west_m() + x * width, grid.north_m() - y * height)).unzip()
}

/// A range cut at multiples of a size: first and length of each part.
fn cuts(first: u32, length: u32, size: u32) -> impl Iterator<Item = (u32, u32)> {
    let end = first.saturating_add(length);
    let begin = first / size * size;
    (0..).map(move |step: u32| begin.saturating_add(step.saturating_mul(size))).take_while(move |from| *from < end).map(
        move |from| {
            let low = from.max(first);
            (low, from.saturating_add(size).min(end) - low)
        },
    )
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the number of a file in single precision is rounded as its values"
)]
const fn single(value: f64) -> f32 {
    value as f32
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held within 0 and a u32 before")]
const fn whole(value: f64) -> u32 {
    value as u32
}

/// A place as GDAL takes it; it has none beyond 2^31.
fn signed(number: u32) -> isize {
    isize::try_from(number).unwrap_or(isize::MAX)
}
