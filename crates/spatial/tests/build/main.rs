//! `kend index build` on a country that is small enough to be worked out by hand.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "counts of cells and pixels are small"
)]
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::float_cmp, reason = "exact where worked out exactly")]

mod country;
mod kinds;
mod others;
mod partial;
mod planted;
mod report;
mod results;
mod scores;
mod sectors;
