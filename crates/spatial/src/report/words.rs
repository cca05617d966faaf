//! The words of the report in three languages, from `schema/report.json`. A word that is missing there, or that nothing
//! says, does not get through a build and its tests: each is a field.

use std::sync::LazyLock;

use kend_domain::Names;
use serde::Deserialize;

const REPORT_JSON: &str = include_str!("../../../../schema/report.json");

macro_rules! words {
    ($($section:ident: $sort:ident { $($word:ident,)+ })+) => {
        /// All words.
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct Words { $(pub(super) $section: $sort,)+ }
        $(
            /// Words of a section.
            #[derive(Debug, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub(super) struct $sort { $(pub(super) $word: Names,)+ }
        )+
        #[cfg(test)]
        impl Words {
            fn all(&self) -> Vec<(&'static str, &Names)> {
                vec![$($((concat!(stringify!($section), ".", stringify!($word)), &self.$section.$word),)+)+]
            }
        }
    };
}

words! {
    head: Head {
        title, what, synthetic, synthetic_text, method, profile, recommended, faithful, round, baseline, years, cells,
        cells_text, people, excluded, version, fingerprint, complete, partial, missing_rows, contents, none,
    }
    limits: Limits { title, between, between_unknown, accuracy, weights, voices, }
    map: Map {
        title, alt, sentence, class, points, area, area_share, people, people_share, no_index, hatched,
        hatched_sentence, hatched_cells, cells_known, cells_unknown, names, kilometres,
    }
    clusters: Clusters { title, text, alt, sentence, none, others, number, name, zones, more, index, gap, }
    gaps: Gaps {
        title, text, legend, alt, sentence, no_cells, variant, area, unweighted, population, dimension_value, median,
        bottom_tercile, variants, fits, typical, here, not_typical,
    }
    rayons: Rayons {
        title, text, ranks, ranks_text, alt, sentence, no_ranks, name, of_cells, of_values, class, shares, shares_text, rank, range,
        holds, without,
    }
    drives: Drives {
        title, text, alt, sentence, none, item, weight, correlation, ratio, flag, weak, negative, dimensions, table,
        removal, removal_sentence, mean_shift, largest_shift, effects, effects_text, effects_sentence, still, factor,
        first, total, normalisation, weights, mean, contested, kernel, speed, profile, weight_of,
    }
    data: Data {
        title, text, row, status, year, files, coverage, goalposts, treatment, used, undeclared, dropped, too_few, no_range,
        not_a_number, zones, imputed, of_cells, as_observed, winsorised, logarithm, clamped, covered, several, inferred,
        contested, weak, warnings, no_warnings, inputs, size, hash,
    }
    method: PlainMethod { title, cells, scores, index, classes, clusters, missing, source, }
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the program; a test reads it")]
    serde_json::from_str(REPORT_JSON).expect("BUG: the shipped words of the report are complete")
});

/// The words as shipped.
pub(super) fn words() -> &'static Words {
    &WORDS
}

/// A sentence with `{key}` replaced. What is put in is not looked through again, whatever a file calls a place.
pub(super) fn filled(sentence: &str, values: &[(&str, &str)]) -> String {
    let (mut text, mut rest) = (String::with_capacity(sentence.len()), sentence);
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let value = after
            .split_once('}')
            .and_then(|(key, end)| values.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value, end)));
        if let Some((value, end)) = value {
            text.push_str(value);
            rest = end;
        } else {
            text.push('{');
            rest = after;
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keys(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(key, _)| key).collect()
    }

    #[test]
    fn every_word_is_there_in_three_languages_with_the_same_values_in_it() {
        for (place, names) in words().all() {
            assert!(!names.has_gap(), "{place}");
            assert_eq!(keys(&names.az), keys(&names.en), "{place}");
            assert_eq!(keys(&names.ru), keys(&names.en), "{place}");
        }
    }

    #[test]
    fn what_is_put_into_a_sentence_is_not_looked_through_again() {
        assert_eq!(filled("{a} and {b}, {c}", &[("a", "{b}"), ("b", "x")]), "{b} and x, {c}");
        assert_eq!(filled("{", &[]), "{");
    }
}
