//! `sd_mc`: how far a dimension's class position depends on choices of the method (3, robustness (i)).
//!
//! Drawn are the kind of normalisation, the weights, and whatever else values could have been made of (kernels, speeds,
//! profiles), which the caller brings as other values of the same zones. Positions are compared, not points, and each draw
//! has its own thresholds: z-scores and ranks have other ranges than min-max, and only the place among zones carries over.
//! Randomness is handed in, so a seed gives the same estimate everywhere.

use std::{borrow::Cow, collections::BTreeMap};

use kend_domain::Dimension;

use crate::{
    catalogue::{Indicator, WeightScheme},
    class::{baseline_thresholds, position},
    method::Method,
    normalise::Normalisation,
    zones::{ScoreTable, ZoneTable, dimension_values, score_table},
};

/// Running mean and sum of squares of one zone (Welford 1962, Technometrics 4(3)).
#[derive(Debug, Clone, Copy, Default)]
struct Spread {
    draws: f64,
    mean: f64,
    squares: f64,
}

impl Spread {
    fn add(&mut self, value: f64) {
        self.draws += 1.0;
        let before = value - self.mean;
        self.mean += before / self.draws;
        self.squares += before * (value - self.mean);
    }

    fn sd(self) -> Option<f64> {
        (self.draws > 1.0).then(|| (self.squares / (self.draws - 1.0)).sqrt())
    }
}

/// The row whose direction is contested. Source: method 3 (i), "flipped 35".
pub const FLIPPED_ROW: u8 = 35;

/// What may become of a contested indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contest {
    /// It stays.
    AsItIs,
    /// It has no weight.
    Dropped,
    /// Its scores are mirrored.
    Flipped,
}

impl Contest {
    const ALL: [Self; 3] = [Self::AsItIs, Self::Dropped, Self::Flipped];
}

/// Scores under one kind of normalisation.
struct Tables {
    own: ScoreTable,
    /// By choice, the table's own values first.
    others: Vec<Vec<Option<ScoreTable>>>,
}

/// Values that could have been taken as well.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ValueChoice {
    /// What there is beside the values of the table: by row of Annex I a value for each of its zones.
    pub others: Vec<BTreeMap<u8, Vec<Option<f64>>>>,
}

/// Standard deviation of the class position of every zone in every dimension over random choices of the method.
///
/// In each of `draws` draws: one kind of normalisation of three, one weight scheme of three, for each indicator a
/// factor `f = 1 + r (2 u - 1)` on its weight, `u` uniform in [0, 1), `r` = 0.25, for each of `choices` the table's
/// values or one of the others (rows that the table lacks stay out), and for each contested row of the table whether it stays,
/// has no weight or, of row 35, is mirrored, in equal parts; dimension values, their area-weighted thresholds, positions. Result: `sd` (n - 1) of position, position points, at least 0, by dimension and zone; `None`
/// for a zone without a value in two draws. `uniform` gives the `u`; anything it gives outside [0, 1) is taken at the
/// nearest end. Source: method 3 (i). An empty table gives empty lists.
///
/// ```
/// use kend_domain::Dimension;
/// use kend_readiness::{Method, ZoneTable, indicators, position_sd};
/// let physicians = (44, (0..10).map(|zone| Some(f64::from(zone * zone))).collect());
/// let table = ZoneTable { areas: vec![1.0; 10], values: [physicians].into() };
/// let mut method = Method::standard().clone();
/// method.missing.dimension_min_weight_share.value = 0.0;
/// let mut step = 0_u32;
/// let uniform = || { step = (step + 7) % 10; f64::from(step) / 10.0 };
/// let sd = position_sd(&table, &[], indicators(), 50, uniform, &method);
/// assert!(sd[&Dimension::HumanCapital].iter().all(|zone| zone.is_some_and(|sd| sd < 20.0)));
/// assert_eq!(sd[&Dimension::Governance], [None; 10]);
/// ```
pub fn position_sd(
    table: &ZoneTable,
    choices: &[ValueChoice],
    indicators: &[Indicator],
    draws: u32,
    mut uniform: impl FnMut() -> f64,
    method: &Method,
) -> BTreeMap<Dimension, Vec<Option<f64>>> {
    let zones = table.areas.len();
    let other = |values: &BTreeMap<u8, Vec<Option<f64>>>, kind| {
        let known = values.iter().filter(|(row, _)| table.values.contains_key(row));
        let values = known.map(|(row, values)| (*row, values.clone())).collect();
        score_table(&ZoneTable { areas: table.areas.clone(), values }, indicators, kind, method)
    };
    let tables: Vec<Tables> = Normalisation::ALL
        .iter()
        .map(|kind| Tables {
            own: score_table(table, indicators, *kind, method),
            others: choices
                .iter()
                .map(|choice| {
                    let others = choice.others.iter().map(|values| Some(other(values, *kind)));
                    std::iter::once(None).chain(others).collect()
                })
                .collect(),
        })
        .collect();
    let mut spreads: BTreeMap<Dimension, Vec<Spread>> =
        Dimension::ALL.iter().map(|dimension| (*dimension, vec![Spread::default(); zones])).collect();
    let spread = method.robustness.weight_spread.value;
    let contested = indicators.iter().filter(|own| own.contested && table.values.contains_key(&own.row));
    let contested: Vec<u8> = contested.map(|own| own.row).collect();
    for _ in 0..draws {
        let Some(tables) = pick(&tables, uniform()) else { break };
        let Some(scheme) = pick(&WeightScheme::ALL, uniform()) else { break };
        let mut factors: BTreeMap<u8, f64> = indicators
            .iter()
            .map(|indicator| {
                let share = uniform().clamp(0.0, 1.0);
                (indicator.row, 1.0 + spread * (share + share - 1.0))
            })
            .collect();
        let mut scores = Cow::Borrowed(&tables.own);
        for options in &tables.others {
            if let Some(Some(other)) = pick(options, uniform()) {
                let scores = scores.to_mut();
                for row in other.left_out.keys() {
                    scores.scores.remove(row);
                }
                scores.scores.extend(other.scores.iter().map(|(row, scores)| (*row, scores.clone())));
            }
        }
        for row in &contested {
            let contests: &[Contest] =
                if *row == FLIPPED_ROW { &Contest::ALL } else { &[Contest::AsItIs, Contest::Dropped] };
            match pick(contests, uniform()) {
                Some(Contest::Dropped) => drop(factors.insert(*row, 0.0)),
                Some(Contest::Flipped) => {
                    for score in scores.to_mut().scores.get_mut(row).into_iter().flatten().flatten() {
                        *score = method.scale.maximum.value - *score;
                    }
                }
                Some(Contest::AsItIs) | None => {}
            }
        }
        let factor = |row| factors.get(&row).copied().unwrap_or(1.0);
        for (dimension, spreads) in &mut spreads {
            let values = dimension_values(&scores, indicators, *dimension, *scheme, factor, zones, method);
            let cells: Vec<(f64, f64)> = values
                .iter()
                .zip(&table.areas)
                .filter_map(|(value, area)| value.map(|value| (value.value, *area)))
                .collect();
            let Ok(thresholds) = baseline_thresholds(&cells, method) else { continue };
            for (value, spread) in values.iter().zip(spreads.iter_mut()) {
                if let Some(value) = value {
                    spread.add(position(value.value, &thresholds, method));
                }
            }
        }
    }
    spreads.into_iter().map(|(dimension, spreads)| (dimension, spreads.into_iter().map(Spread::sd).collect())).collect()
}

/// The item at a uniform number's place.
pub(crate) fn pick<T>(items: &[T], uniform: f64) -> Option<&T> {
    let share = crate::method::count(items.len());
    items
        .iter()
        .enumerate()
        .take_while(|(place, _)| *place == 0 || crate::method::count(*place) <= uniform * share)
        .last()
        .map(|(_, item)| item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators;

    fn table() -> ZoneTable {
        let row = |step: u32| (0..20).map(|zone| Some(f64::from((zone * step) % 19))).collect();
        ZoneTable { areas: vec![1.0; 20], values: [(52, row(3)), (53, row(5))].into() }
    }

    #[test]
    fn without_choices_to_vary_the_position_is_certain() {
        let sd = position_sd(&table(), &[], indicators(), 20, || 0.5, Method::standard());
        assert!(sd[&Dimension::Governance].iter().all(|zone| zone.is_some_and(|sd| sd < 1e-9)));
    }

    #[test]
    fn other_values_are_drawn_beside_those_of_the_table() {
        // Nothing else varies: normalisation and weights stay the first.
        let alternating = |choices: &[ValueChoice]| {
            let mut drawn = 0_usize;
            let per_draw = 2 + indicators().len() + choices.len();
            let uniform = || {
                drawn += 1;
                let (draw, place) = ((drawn - 1) / per_draw, (drawn - 1) % per_draw);
                match place {
                    0 | 1 => 0.0,
                    _ if place + choices.len() < per_draw => 0.5,
                    _ => {
                        if draw % 2 == 0 {
                            0.0
                        } else {
                            0.9
                        }
                    }
                }
            };
            position_sd(&table(), choices, indicators(), 20, uniform, Method::standard())
        };
        let turned = |row: u8| (row, table().values[&row].iter().rev().copied().collect());
        let own = ValueChoice { others: vec![[turned(52), turned(53)].into()] };
        let same = ValueChoice { others: vec![table().values] };
        let unknown = ValueChoice { others: vec![[(1, vec![Some(1.0); 20])].into()] };
        let of = |choices: &[ValueChoice]| alternating(choices)[&Dimension::Governance].clone();
        assert!(of(&[own]).iter().flatten().any(|sd| *sd > 1.0));
        for still in [of(&[]), of(&[same]), of(&[unknown])] {
            assert!(still.iter().all(|zone| zone.is_some_and(|sd| sd < 1e-9)));
        }
    }

    #[test]
    fn a_contested_row_may_lose_its_weight_or_be_mirrored() {
        let rows = |of: &[u8]| -> ZoneTable {
            let row = |row: u8| (row, (0..20).map(|zone| Some(f64::from((zone * u32::from(row)) % 19))).collect());
            ZoneTable { areas: vec![1.0; 20], values: of.iter().map(|of| row(*of)).collect() }
        };
        let mut method = Method::standard().clone();
        method.missing.dimension_min_weight_share.value = 0.0;
        // Normalisation, weights and data stay; what comes after is drawn.
        let spread = |table: &ZoneTable, last: [f64; 2]| {
            let contested =
                indicators().iter().filter(|own| own.contested && table.values.contains_key(&own.row)).count();
            let (per_draw, mut drawn) = (2 + indicators().len() + contested, 0_usize);
            let uniform = || {
                let (draw, place) = (drawn / per_draw, drawn % per_draw);
                drawn += 1;
                match place {
                    0 | 1 => 0.0,
                    _ if place + contested < per_draw => 0.5,
                    _ => last[draw % 2],
                }
            };
            let sd = position_sd(table, &[], indicators(), 20, uniform, &method);
            sd[&Dimension::Infrastructure].iter().flatten().fold(0.0, |most: f64, sd| most.max(*sd))
        };
        let both = rows(&[34, FLIPPED_ROW]);
        assert!(spread(&both, [0.0, 0.0]) < 1e-9);
        assert!(spread(&both, [0.0, 0.5]) > 1.0, "without it only the other is left");
        assert!(spread(&both, [0.0, 0.9]) > spread(&both, [0.0, 0.5]), "mirrored it pulls the other way");
        assert!(spread(&rows(&[34]), [0.0, 0.9]) < 1e-9);
    }

    #[test]
    fn one_seed_gives_one_estimate_and_varied_choices_give_spread() {
        let estimate = || {
            let mut state = 1_u32;
            let uniform = move || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                f64::from(state) / 4_294_967_296.0
            };
            position_sd(&table(), &[], indicators(), 200, uniform, Method::standard())
        };
        let sd = estimate();
        assert_eq!(sd, estimate());
        assert!(sd[&Dimension::Governance].iter().flatten().any(|sd| *sd > 1.0));
    }

    #[test]
    fn uniform_numbers_out_of_range_and_empty_tables_do_no_harm() {
        for wrong in [-1.0, 1.0, 5.0, f64::NAN] {
            let _ = position_sd(&table(), &[], indicators(), 3, || wrong, Method::standard());
        }
        let empty = ZoneTable { areas: Vec::new(), values: BTreeMap::new() };
        assert!(
            position_sd(&empty, &[], indicators(), 3, || 0.5, Method::standard())[&Dimension::Governance].is_empty()
        );
    }
}
