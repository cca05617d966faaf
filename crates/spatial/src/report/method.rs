//! The method in plain words.

use kend_readiness::Method;
use maud::{Markup, html};

use super::page::Page;
use crate::build::clusters::NAMING_SHARE;

/// The section.
pub(super) fn method(page: &Page<'_>) -> Markup {
    let words = &page.words.method;
    let missing = &Method::standard().missing;
    let merge = page.number(page.country.manifest.clusters.merge_within_m, 0);
    let weight = page.percent(missing.dimension_min_weight_share.value);
    let lacking = page.percent(1.0 - missing.indicator_min_share.value);
    let naming = page.percent(NAMING_SHARE);
    html! {
        section id="method" {
            h2 { (page.say(&words.title)) }
            ol {
                li { (page.say(&words.cells)) }
                li { (page.say(&words.scores)) }
                li { (page.told(&words.index, &[("weight", &weight)])) }
                li { (page.say(&words.classes)) }
                li { (page.told(&words.clusters, &[("merge", &merge), ("naming", &naming)])) }
                li { (page.told(&words.missing, &[("lacking", &lacking)])) }
            }
            p { (page.say(&words.source)) }
        }
    }
}
