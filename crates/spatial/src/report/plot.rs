//! One kind of plot for all that is compared here: a row for each thing, its name, a mark, and a range.

use maud::{Markup, html};

use super::text::fitting;

/// Sizes in units of the drawing; a phone shows some 400 of them.
const ROW: f64 = 17.0;
const HEAD: f64 = 20.0;
const MARGIN: f64 = 12.0;

/// Marks of what is no class.
pub(super) const DATA: &str = "#2f7fb8";
/// Around filled marks: the ramp's yellow alone would be lost on white.
const INK: &str = "#1e2426";

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlotRow {
    pub(super) label: String,
    /// Where the mark is; none leaves the row empty.
    pub(super) mark: Option<f64>,
    pub(super) range: Option<(f64, f64)>,
    pub(super) colour: String,
    /// A filled mark.
    pub(super) filled: bool,
    /// A strong label.
    pub(super) strong: bool,
    /// What a pointer on the row shows.
    pub(super) title: String,
}

/// The axis of a plot.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    pub(super) ends: (f64, f64),
    /// Where lines are, and what they are called.
    pub(super) ticks: Vec<(f64, String)>,
    /// Width of the labels and of the plot itself.
    pub(super) widths: (f64, f64),
    /// How thick a range is.
    pub(super) thick: f64,
}

/// A plot of rows. `alt` says what it is for people who do not see it.
pub(super) fn plot(rows: &[PlotRow], axis: &Axis, alt: &str) -> Markup {
    let (labels, width) = axis.widths;
    let (low, high) = axis.ends;
    let at = |value: f64| {
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        labels + MARGIN + share.clamp(0.0, 1.0) * width
    };
    let count: f64 = rows.iter().map(|_| 1.0).sum();
    let height = HEAD + count * ROW + MARGIN / 2.0;
    let all = labels + width + MARGIN + MARGIN;
    html! {
        svg.plot viewBox={ "0 0 " (f1(all)) " " (f1(height)) } role="img" aria-label=(alt) {
            @for (value, name) in &axis.ticks {
                line.grid x1=(f1(at(*value))) x2=(f1(at(*value))) y1=(f1(HEAD - 4.0)) y2=(f1(height)) {}
                text.tick x=(f1(at(*value))) y=(f1(HEAD - 8.0)) text-anchor="middle" { (name) }
            }
            @for (row, y) in rows.iter().zip(std::iter::successors(Some(HEAD + ROW / 2.0), |y| Some(y + ROW))) {
                g {
                    title { (row.title) }
                    rect x="0" y=(f1(y - ROW / 2.0)) width=(f1(all)) height=(f1(ROW)) fill="transparent" {}
                    text.label.strong[row.strong] x=(f1(labels)) y=(f1(y + 4.0)) text-anchor="end" {
                        (fitting(&row.label, labels, row.strong))
                    }
                    @if let Some((from, to)) = row.range {
                        line x1=(f1(at(from))) x2=(f1(at(to))) y1=(f1(y)) y2=(f1(y)) stroke=(row.colour)
                            stroke-width=(axis.thick) stroke-linecap="round" opacity="0.6" {}
                    }
                    @if let Some(mark) = row.mark {
                        circle cx=(f1(at(mark))) cy=(f1(y)) r="4.5" stroke=(if row.filled { INK } else { &row.colour })
                            stroke-width=(if row.filled { 1 } else { 2 })
                            fill=(if row.filled { row.colour.as_str() } else { "#ffffff" }) {}
                    }
                }
            }
        }
    }
}

/// A coordinate with one decimal: finer than any screen, and the same bytes everywhere.
pub(super) fn f1(value: f64) -> String {
    let text = format!("{value:.1}");
    if text == "-0.0" { "0.0".to_owned() } else { text }
}
