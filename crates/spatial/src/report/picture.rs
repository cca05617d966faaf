//! Cells as a picture of few colours, small enough to lie in the page itself.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kend_domain::ReadinessClass;

use crate::{
    build::{Country, number::place},
    results::CLASS_COLOURS,
};

/// The widest picture, pixels: a pixel is one cell or a whole number of cells.
const WIDEST: u32 = 1200;
/// Colours of a picture: no land, land without a class, five classes.
const COLOURS: usize = 2 + CLASS_COLOURS.len();
/// Stripes over cells whose class is not firm: their colour, and pixels from one to the next and across.
const STRIPE: [u8; 3] = [0x1e, 0x24, 0x26];
const STRIPE_COLOUR: u8 = 7;
const STRIPE_STEP: usize = 8;
const STRIPE_WIDTH: usize = 2;
/// No land: see-through.
const NO_LAND: [u8; 3] = [251, 249, 244];
/// Land without a class.
const NO_CLASS: [u8; 3] = [216, 211, 200];

/// What a land cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    /// Land without a class.
    Plain,
    /// A class by its place, lowest first; anything else is plain.
    Class(u8),
}

impl Paint {
    fn colour(self) -> usize {
        match self {
            Self::Class(class) if usize::from(class) < CLASS_COLOURS.len() => usize::from(class) + 2,
            Self::Class(_) | Self::Plain => 1,
        }
    }
}

/// The colour of a class as CSS writes it.
pub(super) fn colour(class: ReadinessClass) -> String {
    hex(CLASS_COLOURS.into_iter().find(|(own, _)| *own == class).map_or(NO_CLASS, |(_, colour)| colour))
}

/// The colour of land without a class.
pub(super) fn plain_colour() -> String {
    hex(NO_CLASS)
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// The country's cells as the `data:` address of a PNG with a palette. Where a pixel holds several cells it shows what
/// most of them show; of equal counts the plainer, then the lower class. Stripes lie where most of its cells are `unsure`,
/// which runs over land cells or is empty.
pub(super) fn picture(country: &Country, paint: &[Paint], unsure: &[bool]) -> Result<String, png::EncodingError> {
    let grid = &country.grid;
    let side = grid.columns().div_ceil(WIDEST).max(1);
    let (width, height) = (grid.columns().div_ceil(side), grid.rows().div_ceil(side));
    let mut counts = vec![([0_u32; COLOURS], 0_u32); place(width) * place(height)];
    let unsure = unsure.iter().copied().chain(std::iter::repeat(false));
    for ((index, paint), unsure) in country.land.iter().zip(paint).zip(unsure) {
        let (row, column) = (index / grid.columns(), index % grid.columns());
        let pixel = place(row / side) * place(width) + place(column / side);
        let Some((counts, unsures)) = counts.get_mut(pixel) else { continue };
        if let Some(count) = counts.get_mut(paint.colour()) {
            *count += 1;
            *unsures += u32::from(unsure);
        }
    }
    let pixels: Vec<u8> = counts
        .iter()
        .enumerate()
        .map(|(pixel, (counts, unsure))| {
            let land: u32 = counts.iter().sum();
            let (mut shown, mut most) = (0, (side * side).saturating_sub(land));
            for (colour, count) in (0_u8..).zip(counts).filter(|(colour, _)| *colour > 0) {
                if *count > most {
                    (shown, most) = (colour, *count);
                }
            }
            let striped = (pixel % place(width) + pixel / place(width)) % STRIPE_STEP < STRIPE_WIDTH;
            if striped && *unsure > land / 2 { STRIPE_COLOUR } else { shown }
        })
        .collect();
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(encoded(&pixels, (width, height))?)))
}

fn encoded(pixels: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let ramp = CLASS_COLOURS.into_iter().map(|(_, colour)| colour);
    let palette: Vec<u8> = [NO_LAND, NO_CLASS].into_iter().chain(ramp).chain([STRIPE]).flatten().collect();
    encoder.set_palette(palette);
    encoder.set_trns(vec![0]);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}
