//! The tables of the robustness kit as text.

use super::{Effect, Importance, RankRange, Removal};
use crate::composite::{CompositeIndex, Table, UnitTable, number};

/// Decimals of shares, effects and correlations.
const DECIMALS: u8 = 4;

/// `ranks.csv`: unit, nominal rank, median, 5th and 95th percentile, share of draws with an index, share in each class.
pub fn ranks_csv(index: &CompositeIndex, table: &UnitTable, ranges: &[RankRange]) -> String {
    let names = index.config().classes.iter().flat_map(|classes| &classes.names);
    let header = ["unit", "rank", "median", "p5", "p95", "present_share"].map(str::to_owned);
    let mut lines = Table::new(header.into_iter().chain(names.map(|name| format!("class: {name}"))));
    for (unit, range) in table.units().iter().zip(ranges) {
        let ranks = [range.nominal, range.median, range.low, range.high].map(|rank| number(rank, 0));
        let shares = std::iter::once(&range.present_share).chain(&range.class_shares);
        let shares = shares.map(|share| number(Some(*share), DECIMALS));
        lines.line(std::iter::once(unit.clone()).chain(ranks).chain(shares));
    }
    lines.text()
}

/// `effects.csv`: factor, first-order and total effect on the mean rank shift; empty where the ranks do not vary.
pub fn effects_csv(factors: &[String], effects: Option<&[Effect]>) -> String {
    let mut lines = Table::new(["factor", "first_order", "total"]);
    for (place, factor) in factors.iter().enumerate() {
        let effect = effects.and_then(|effects| effects.get(place));
        let of = |value: Option<f64>| number(value, DECIMALS);
        lines.line([factor.clone(), of(effect.map(|effect| effect.first)), of(effect.map(|effect| effect.total))]);
    }
    lines.text()
}

/// `removal.csv`: indicator, mean and greatest rank shift without it, units whose index comes or goes.
pub fn removal_csv(removals: &[Removal]) -> String {
    let mut lines = Table::new(["indicator", "mean_rank_shift", "largest_shift", "units_lost_or_won"]);
    for removal in removals {
        lines.line([
            removal.indicator.clone(),
            number(removal.mean_rank_shift, DECIMALS),
            number(removal.largest_shift, 0),
            removal.units_lost_or_won.to_string(),
        ]);
    }
    lines.text()
}

/// `importance.csv`: item, share of weight, correlation, correlation ratio, flag.
pub fn importance_csv(importances: &[Importance]) -> String {
    let mut lines = Table::new(["item", "weight", "correlation", "correlation_ratio", "flag"]);
    for importance in importances {
        lines.line([
            importance.item.clone(),
            number(Some(importance.weight), DECIMALS),
            number(importance.correlation, DECIMALS),
            number(importance.correlation_ratio, DECIMALS),
            importance.flag.map(|flag| flag.word().to_owned()).unwrap_or_default(),
        ]);
    }
    lines.text()
}
