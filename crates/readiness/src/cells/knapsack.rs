//! The cheapest way to a sum: the fractional knapsack, solved exactly.
//!
//! Minimise `sum(c_i y_i)` with `sum(w_i y_i) >= need` and `0 <= y_i <= b_i`: whoever moves the sum most for its cost is
//! used up first, and the last one in part (Dantzig 1957, Operations Research 5(2)). Of sets of a few, all are tried.

/// Something that can be raised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnapsackItem {
    /// What one unit adds to the sum; items that add nothing above 0 are never raised.
    pub effect: f64,
    /// Cost of one unit, above 0.
    pub cost: f64,
    /// Most units.
    pub bound: f64,
}

impl KnapsackItem {
    fn useful(&self) -> bool {
        self.effect > 0.0 && self.bound > 0.0 && self.cost > 0.0
    }
}

/// How far items are raised.
#[derive(Debug, Clone, PartialEq)]
pub struct KnapsackPlan {
    /// Place of each item that is raised, and its units.
    pub raises: Vec<(usize, f64)>,
    /// Cost of all.
    pub cost: f64,
    /// What it adds up to.
    pub sum: f64,
    /// Whether that is as much as is needed. If not, everything is raised as far as it goes.
    pub enough: bool,
}

/// Places of useful items, the most effect for its cost first, then the first.
fn order(items: &[KnapsackItem]) -> Vec<(usize, KnapsackItem)> {
    let mut order: Vec<(usize, KnapsackItem)> =
        items.iter().copied().enumerate().filter(|(_, item)| item.useful()).collect();
    order.sort_by(|(_, one), (_, other)| (other.effect / other.cost).total_cmp(&(one.effect / one.cost)));
    order
}

fn fill<'a>(order: impl IntoIterator<Item = &'a (usize, KnapsackItem)>, need: f64) -> KnapsackPlan {
    let mut plan = KnapsackPlan { raises: Vec::new(), cost: 0.0, sum: 0.0, enough: need <= 0.0 };
    for (place, item) in order {
        if plan.enough {
            break;
        }
        let rest = need - plan.sum;
        let all = item.effect * item.bound;
        plan.enough = all >= rest;
        let units = if plan.enough { (rest / item.effect).min(item.bound) } else { item.bound };
        plan.raises.push((*place, units));
        plan.cost += item.cost * units;
        plan.sum = if plan.enough { need } else { plan.sum + all };
    }
    plan
}

/// The cheapest way to raise a sum by what is needed.
///
/// `w` effect and `c` cost of a unit, `b` most units, any units. Source: method 8, Dantzig 1957. Among equally good items
/// the first. NaN and what is not above 0 make an item useless; nothing needed costs nothing.
///
/// ```
/// use kend_readiness::cells::{KnapsackItem, cheapest_plan};
/// let item = |effect, cost, bound| KnapsackItem { effect, cost, bound };
/// let plan = cheapest_plan(&[item(0.125, 2.0, 24.0), item(0.125, 1.0, 24.0)], 5.0);
/// assert_eq!(plan.raises, [(1, 24.0), (0, 16.0)]);
/// assert!(plan.enough && plan.cost == 56.0);
/// ```
pub fn cheapest_plan(items: &[KnapsackItem], need: f64) -> KnapsackPlan {
    fill(&order(items), need)
}

/// The cheapest sets of at most three items that suffice alone, at most `count` of them, the cheapest first.
///
/// Every set is tried and filled as in [`cheapest_plan`]; one that does not need all of its items is left to the smaller
/// set. Of equally cheap sets the smaller, then the one with the earlier items. Source: method 8, after Ustun, Spangher
/// and Liu 2019 (actionable recourse).
///
/// ```
/// use kend_readiness::cells::{KnapsackItem, cheapest_sets};
/// let items = [0.5, 0.25, 0.125].map(|effect| KnapsackItem { effect, cost: 1.0, bound: 10.0 });
/// let sets = cheapest_sets(&items, 3.0, 3);
/// let places: Vec<Vec<usize>> = sets.iter().map(|set| set.raises.iter().map(|(place, _)| *place).collect()).collect();
/// assert_eq!(places, [vec![0], vec![1, 2]]);
/// ```
pub fn cheapest_sets(items: &[KnapsackItem], need: f64, count: usize) -> Vec<KnapsackPlan> {
    let order = order(items);
    let mut best: Vec<KnapsackPlan> = Vec::new();
    let mut offer = |set: &[(usize, KnapsackItem)]| {
        let plan = fill(set, need);
        if plan.enough && plan.raises.len() == set.len() {
            let rank = |other: &KnapsackPlan| {
                let sorted = |plan: &KnapsackPlan| {
                    let mut places: Vec<usize> = plan.raises.iter().map(|(place, _)| *place).collect();
                    places.sort_unstable();
                    (places.len(), places)
                };
                other.cost.total_cmp(&plan.cost).then_with(|| sorted(other).cmp(&sorted(&plan))).is_lt()
            };
            let place = best.partition_point(rank);
            if place < count {
                best.insert(place, plan);
                best.truncate(count);
            }
        }
    };
    for (first, one) in order.iter().enumerate() {
        offer(&[*one]);
        let rest = order.get(first + 1..).unwrap_or_default();
        for (second, two) in rest.iter().enumerate() {
            offer(&[*one, *two]);
            for three in rest.get(second + 1..).unwrap_or_default() {
                offer(&[*one, *two, *three]);
            }
        }
    }
    best
}
