//! What stands in the synthetic pack's tables.

use kend_domain::{Dimension, Names};
use kend_readiness::{
    Direction, Goalposts, Indicator, IndicatorKind, LagRule, Method, Treatment,
    cells::{CellWeights, ClassTally, MISSING_SCORE, SCORE_STEP, ScoreRule, class_tally},
    indicators,
};

use super::{
    CLASSES, RAYONS, SYNTHETIC, YEAR, code,
    land::{Land, count, is_zonal, noise},
    names, village_id, zone_value,
};
use crate::{
    AddedKind, ClassGaps, ClusterMap, IndicatorStatus, PackContent, Peers, ProfileNumber, RowAddition, RowLag, RowRule,
    TravelTime, VillageFacts, VillageValue, ZoneValue,
};

/// Raw value that scores highest where more is better.
const HIGH: f64 = 250.0;
/// Raw value that scores highest in a density: a few points within a small country's reach.
const DENSE: f64 = 0.25;
/// Minutes that score 0.
const LONGEST_MINUTES: f64 = 60.0;
/// Width of kernels, smaller than the method's as the country is.
const BANDWIDTH_KM: f64 = 3.0;
/// Score at which a row lags.
const LAG: f64 = 40.0;

/// The nearest whole number from 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held within the range before")]
pub(super) fn whole(value: f64) -> u32 {
    value.round().clamp(0.0, f64::from(u32::MAX)) as u32
}

/// The nearest whole percentage.
pub(super) fn percent(value: f64) -> u8 {
    u8::try_from(whole(value.min(100.0))).unwrap_or(100)
}

/// The nearest whole metre.
#[expect(clippy::cast_possible_truncation, reason = "the synthetic country is a few kilometres wide")]
pub(super) const fn metres(value: f64) -> i32 {
    value as i32
}

pub(super) fn rule(row: &Indicator) -> ScoreRule {
    if row.kind == IndicatorKind::Coverage {
        return ScoreRule::Coverage;
    }
    let high = match row.kind {
        IndicatorKind::Kde => DENSE,
        IndicatorKind::TravelTime => LONGEST_MINUTES,
        _ => HIGH,
    };
    let (low, high) = if row.direction == Direction::MoreIsBetter { (0.0, high) } else { (-high, 0.0) };
    ScoreRule::Goalposts(Goalposts { direction: row.direction, treatment: Treatment::AsObserved, low, high })
}

/// The raw value that scores so many points.
pub(super) fn value_of(row: &Indicator, score: f64) -> f64 {
    rule(row).value_of(score, Method::standard())
}

pub(super) fn rules() -> Vec<RowRule> {
    indicators().iter().map(|row| RowRule { row: row.row, rule: rule(row) }).collect()
}

/// Everything that a place can be added to, as a real pack has it; row 9 is a mean over two sets there.
pub(super) fn additions() -> Vec<RowAddition> {
    let added = |row: &Indicator| match row.kind {
        IndicatorKind::Kde => Some(AddedKind::Point { bandwidth_km: BANDWIDTH_KM }),
        IndicatorKind::TravelTime if row.row != 9 => Some(AddedKind::Destination),
        IndicatorKind::Coverage => Some(AddedKind::Mast),
        _ => None,
    };
    indicators().iter().filter_map(|row| Some(RowAddition { row: row.row, added: added(row)? })).collect()
}

pub(super) fn lag() -> Vec<RowLag> {
    indicators().iter().map(|row| RowLag { row: row.row, rule: LagRule { threshold: LAG, minimum: 0.0 } }).collect()
}

pub(super) fn peers() -> Vec<Peers> {
    let of_class = |(place, class): (usize, &kend_domain::ReadinessClass)| {
        let middle = 26.0 + 10.0 * count(place);
        indicators()
            .iter()
            .map(|row| {
                let p50 = middle + 12.0 * (noise(u32::from(row.row), 77) - 0.5);
                let at = |share: f64| (p50 + share).clamp(0.0, 100.0);
                Peers {
                    class: *class,
                    row: row.row,
                    p10: at(-18.0),
                    p25: at(-9.0),
                    p50: at(0.0),
                    p75: at(9.0),
                    p80: at(12.0),
                    p90: at(19.0),
                }
            })
            .collect::<Vec<_>>()
    };
    CLASSES.iter().enumerate().flat_map(of_class).collect()
}

pub(super) fn gaps() -> Vec<ClassGaps> {
    CLASSES
        .iter()
        .enumerate()
        .map(|(place, class)| {
            let of = |dimension: usize| {
                let own = noise(u32::try_from(dimension).unwrap_or_default(), 31 + u32::try_from(place).unwrap_or(0));
                Some((78.0 - 15.0 * count(place) + 16.0 * own).clamp(0.0, 100.0))
            };
            ClassGaps { class: *class, gaps: std::array::from_fn(of) }
        })
        .collect()
}

/// Gaps of a cluster: all its cells as if of one class.
pub(super) fn gaps_of(map: &ClusterMap, content: &PackContent) -> [Option<f64>; Dimension::ALL.len()] {
    let columns = map.cells().columns();
    let all = vec![0; columns.zones.len()];
    let score = |steps: u8| if steps == MISSING_SCORE { f32::NAN } else { f32::from(steps) * SCORE_STEP };
    let scheme = content.calculator.as_ref().map_or(kend_readiness::WeightScheme::Criterion, |own| own.weights);
    let tally = |row: &Indicator, steps: &Vec<u8>| -> (f64, ClassTally) {
        let rule = LagRule { threshold: LAG, minimum: 0.0 };
        (row.weights.of(scheme), class_tally(steps, &all, CellWeights::Equal, &rule, score).unwrap_or_default())
    };
    let of = |place: usize| {
        let dimension = Dimension::ALL.get(place)?;
        let rows = indicators().iter().zip(&columns.scores).filter(|(row, _)| row.dimension == *dimension);
        let tallies: Vec<(f64, ClassTally)> = rows.map(|(row, steps)| tally(row, steps)).collect();
        kend_readiness::cells::class_gap(&tallies, *CLASSES.first()?, Method::standard())
    };
    std::array::from_fn(of)
}

pub(super) fn zone_values() -> Vec<ZoneValue> {
    let rows = || indicators().iter().filter(|row| is_zonal(row.kind));
    let of = |zone: usize, row: &Indicator| ZoneValue {
        rayon: code(zone),
        row: row.row,
        value: Some(zone_value(zone, row)),
        status: IndicatorStatus::Observed,
        year: Some(YEAR),
        source: Some(SYNTHETIC.to_owned()),
        unit: None,
    };
    (0..RAYONS.len()).flat_map(|zone| rows().map(move |row| of(zone, row))).collect()
}

pub(super) fn profile(seed: u32) -> Vec<ProfileNumber> {
    let number = |az: &str, en: &str, ru: &str, value: f64, unit: Option<Names>| ProfileNumber {
        name: names(az, en, ru),
        value,
        unit,
    };
    let of = |most: f64, what: u32| (most * noise(seed, what)).round();
    vec![
        number("görməli yer", "attractions", "достопримечательности", of(60.0, 1), None),
        number("yerləşdirmə", "lodgings", "места размещения", of(80.0, 2), None),
        number("müəssisə", "enterprises", "предприятия", of(900.0, 3), None),
        number("məktəb", "schools", "школы", of(40.0, 4), None),
    ]
}

pub(super) fn village(land: &Land, number: u32) -> VillageFacts {
    let seed = land.number * 100 + number;
    let way = |az: &str, en: &str, ru: &str, most: f64, what: u32| TravelTime {
        to: names(az, en, ru),
        minutes: (most * noise(seed, what)).round(),
    };
    let at_cells = indicators().iter().filter(|row| !is_zonal(row.kind) && row.kind != IndicatorKind::Coverage);
    VillageFacts {
        village: village_id(land, number),
        values: at_cells
            .take(6)
            .map(|row| VillageValue {
                row: row.row,
                value: (value_of(row, 30.0 + 40.0 * noise(seed, u32::from(row.row))) * 10.0).round() / 10.0,
            })
            .collect(),
        travel: vec![
            way("məktəb", "school", "школа", 20.0, 51),
            way("həkim", "doctor", "врач", 45.0, 52),
            way("bank", "bank", "банк", 60.0, 53),
            way("şəhər", "city", "город", 90.0, 54),
        ],
        profile: profile(seed + 20).into_iter().take(2).collect(),
    }
}
