//! Maps: cells as a picture, outlines and names of zones over it, as in Figures 6 and 8 of the report.

use std::collections::BTreeSet;

use geo::{InteriorPoint as _, LineString, MultiPolygon, Simplify as _};
use kend_cells::Grid;
use kend_domain::AreaCode;
use maud::{Markup, html};

use super::{page::Page, plot::f1, text::width};
use crate::build::ZoneRecord;

/// Width of a map in units of the drawing.
const WIDTH: f64 = 1000.0;
/// Corners nearer to a straight line than this part of the width are not drawn.
const DETAIL: f64 = 1.0 / 2500.0;
/// Size of a name, that of the letters whose width is known, and the height of a line.
const NAME_SIZE: f64 = 13.0;
const LABEL_SIZE: f64 = 12.0;
const LINE: f64 = 14.0;
/// Length of the scale bar: the longest of these below a quarter of the width.
const BARS_KM: [f64; 8] = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0];
const BAR_SHARE: f64 = 0.25;
const M_PER_KM: f64 = 1000.0;

/// From metres of the plane to units of a drawing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    west_m: f64,
    north_m: f64,
    /// Units for each metre.
    scale: f64,
    height: f64,
}

impl Frame {
    pub(super) fn new(grid: &Grid) -> Self {
        let width_m = f64::from(grid.columns()) * grid.cell_m();
        let scale = WIDTH / width_m;
        let height = f64::from(grid.rows()) * grid.cell_m() * scale;
        Self { west_m: grid.west_m(), north_m: grid.north_m(), scale, height }
    }

    pub(super) fn at(&self, (x_m, y_m): (f64, f64)) -> (f64, f64) {
        ((x_m - self.west_m) * self.scale, (self.north_m - y_m) * self.scale)
    }
}

/// What lies over the cells of a map.
#[derive(Debug, Clone, Default)]
pub(super) struct Over<'a> {
    /// Whether zones are named.
    pub(super) names: bool,
    /// Zones that are hatched.
    pub(super) hatched: BTreeSet<&'a AreaCode>,
    /// Numbers, in metres of the plane.
    pub(super) numbers: Vec<(String, (f64, f64))>,
    /// How large numbers are: small maps need larger ones.
    pub(super) number_radius: f64,
}

/// A map of a picture with outlines and what else lies over it. `id` tells patterns of several maps apart.
pub(super) fn map(page: &Page<'_>, picture: &str, over: &Over<'_>, (id, alt): (&str, &str)) -> Markup {
    let (country, frame) = (page.country, Frame::new(&page.country.grid));
    let hatch = format!("hatch-{id}");
    let zones = || country.zones.iter().zip(&country.outlines);
    html! {
        svg.map viewBox={ "0 0 " (f1(WIDTH)) " " (f1(frame.height)) } role="img" aria-label=(alt) {
            defs {
                pattern id=(hatch) width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    line x1="0" y1="0" x2="0" y2="7" stroke="#1e2426" stroke-width="2.4" opacity="0.6" {}
                }
            }
            image href=(picture) x="0" y="0" width=(f1(WIDTH)) height=(f1(frame.height))
                preserveAspectRatio="none" {}
            @for (zone, outline) in zones() {
                path.outline d=(path(outline, &frame))
                    fill=(if over.hatched.contains(&zone.code) { format!("url(#{hatch})") } else { "none".to_owned() }) {
                    title { (zone.names.get(page.language)) }
                }
            }
            @if over.names {
                @for (name, (x, y)) in names(page, zones(), &frame) {
                    text.name x=(f1(x)) y=(f1(y)) text-anchor="middle" font-size=(NAME_SIZE) { (name) }
                }
            }
            @for (number, (x, y)) in numbers(over, &frame) {
                circle.badge cx=(f1(x)) cy=(f1(y)) r=(f1(over.number_radius)) {}
                text.badge x=(f1(x)) y=(f1(y + over.number_radius * 0.38)) text-anchor="middle"
                    font-size=(f1(over.number_radius * 1.1)) { (number) }
            }
            (scale_bar(page, &frame))
        }
    }
}

fn path(outline: &MultiPolygon, frame: &Frame) -> String {
    let simple = outline.simplify(WIDTH * DETAIL / frame.scale);
    let rings = simple.iter().flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
    let mut text = String::new();
    for ring in rings {
        ring_path(ring, frame, &mut text);
    }
    text
}

fn ring_path(ring: &LineString, frame: &Frame, text: &mut String) {
    for (place, corner) in ring.coords().enumerate() {
        let (x, y) = frame.at((corner.x, corner.y));
        text.extend([if place == 0 { "M" } else { "L" }, f1(x).as_str(), " ", f1(y).as_str()]);
    }
    text.push('Z');
}

/// Names that fit beside each other, of the zones with the largest area first.
fn names<'a>(
    page: &Page<'a>,
    zones: impl Iterator<Item = (&'a ZoneRecord, &'a MultiPolygon)>,
    frame: &Frame,
) -> Vec<(&'a str, (f64, f64))> {
    let mut zones: Vec<(&ZoneRecord, &MultiPolygon)> = zones.collect();
    zones.sort_by(|one, other| other.0.area_km2.total_cmp(&one.0.area_km2));
    let mut taken: Vec<(f64, f64, f64)> = Vec::new();
    let mut placed = Vec::new();
    for (zone, outline) in zones {
        let Some(middle) = outline.interior_point() else { continue };
        let name = page.short_zone(&zone.code);
        let half = width(name, true) * NAME_SIZE / LABEL_SIZE / 2.0;
        let (x, y) = frame.at((middle.x(), middle.y()));
        let free = |y: &f64| taken.iter().all(|(to, own, at)| (to - x).abs() > own + half || (at - y).abs() > LINE);
        // Where the place itself is taken, a line above or below will do.
        let spot = [y + LINE / 3.0, y - LINE, y + LINE + LINE / 2.0].into_iter().find(|y| free(y));
        if let Some(y) = spot.filter(|_| x > half && x + half < WIDTH) {
            taken.push((x, half, y));
            placed.push((name, (x, y)));
        }
    }
    placed
}

/// Numbers moved apart where they would lie on each other.
fn numbers<'a>(over: &'a Over<'_>, frame: &Frame) -> Vec<(&'a str, (f64, f64))> {
    let apart = over.number_radius + over.number_radius;
    let mut placed: Vec<(&str, (f64, f64))> = Vec::new();
    for (number, at) in &over.numbers {
        let (x, y) = frame.at(*at);
        let free = |(x, y): &(f64, f64)| {
            placed.iter().all(|(_, (other_x, other_y))| (x - other_x).abs() > apart || (y - other_y).abs() > apart)
        };
        let step = apart + 1.0;
        let spots = [(0.0, 0.0), (step, 0.0), (0.0, step), (-step, 0.0), (0.0, -step), (step, step), (-step, -step)];
        let spot = spots.into_iter().map(|(right, down)| (x + right, y + down)).find(free).unwrap_or((x, y));
        placed.push((number, spot));
    }
    placed
}

fn scale_bar(page: &Page<'_>, frame: &Frame) -> Markup {
    let units = |kilometres: f64| kilometres * M_PER_KM * frame.scale;
    let longest = BARS_KM.into_iter().rfind(|kilometres| units(*kilometres) <= WIDTH * BAR_SHARE);
    let kilometres = longest.unwrap_or(1.0);
    let (left, y) = (20.0, frame.height - 20.0);
    let right = left + units(kilometres);
    html! {
        path.scale d={ "M" (f1(left)) " " (f1(y - 6.0)) "V" (f1(y)) "H" (f1(right)) "V" (f1(y - 6.0)) } {}
        text.name x=(f1(f64::midpoint(left, right))) y=(f1(y - 8.0)) text-anchor="middle" font-size="15" {
            (page.number(kilometres, 0)) " " (page.say(&page.words.map.kilometres))
        }
    }
}
