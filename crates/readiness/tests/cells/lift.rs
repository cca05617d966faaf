use kend_readiness::{
    cells::{KnapsackItem, LIFT_MARGIN, LiftError, LiftOption, cheapest_plan, cheapest_sets},
    indicators,
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::cluster::cluster;

fn option(row: usize, cost: f64, peers_p80: f64) -> LiftOption<'static> {
    LiftOption { indicator: &indicators()[row - 1], cost, peers_p80 }
}

/// By hand: all scores 36, the next class begins at 40, so 4.1 points are needed. Governance has two rows of 0.1 each, which
/// may rise by 24 points: 2.4 come from the cheaper one, the other 1.7 take 17 points of the dearer.
#[test]
fn the_cheaper_indicator_is_used_up_first_and_the_last_in_part() {
    let cluster = cluster(vec![vec![90; 3]; 53], vec![1.0, 2.0, 3.0], vec![1; 3]);
    let lift = cluster.lift(&[option(52, 2.0, 60.0), option(53, 1.0, 60.0), option(41, 0.1, 100.0)]).unwrap();
    assert_eq!(lift.next.word(), "accelerate_medium");
    assert!((lift.index - 36.0).abs() < 1e-4 && (lift.threshold - 40.0).abs() < 1e-6);
    let plan = &lift.cheapest;
    let rows: Vec<u8> = plan.raises.iter().map(|raise| raise.row).collect();
    assert_eq!(rows, [53, 52], "row 41 is not actionable");
    let points: Vec<f64> = plan.raises.iter().map(|raise| raise.points).collect();
    assert!((points[0] - 24.0).abs() < 1e-4 && (points[1] - 17.0).abs() < 1e-3, "{points:?}");
    assert!(plan.enough && (plan.cost - 58.0).abs() < 1e-2);
    assert!((plan.index - (lift.threshold + LIFT_MARGIN)).abs() < 1e-9);
    assert!((plan.index_of_cells - plan.index).abs() < 1e-3, "no cell reaches the top");
    assert_eq!((plan.area_share, plan.people_share), (1.0, 1.0));
    assert_eq!(lift.sets, std::slice::from_ref(plan), "neither suffices alone");
}

#[test]
fn a_class_out_of_reach_says_how_far_it_gets() {
    let cluster = cluster(vec![vec![90; 3]; 53], vec![1.0; 3], vec![1; 3]);
    let lift = cluster.lift(&[option(52, 1.0, 46.0), option(53, 1.0, 20.0)]).unwrap();
    assert!(!lift.cheapest.enough && lift.sets.is_empty());
    assert!((lift.cheapest.index - 37.0).abs() < 1e-4, "ten points of a tenth; row 53 is above its peers already");
    assert_eq!((lift.cheapest.area_share, lift.cheapest.people_share), (0.0, 0.0));
}

#[test]
fn cells_at_the_top_of_the_scale_take_less_than_the_sums_say() {
    let mut scores = vec![vec![90; 2]; 53];
    scores[51] = vec![0, 180];
    let cluster = cluster(scores, vec![1.0; 2], vec![1; 2]);
    let lift = cluster.lift(&[option(52, 1.0, 90.0)]).unwrap();
    let plan = &lift.cheapest;
    assert!(plan.enough && plan.raises[0].points > 28.0);
    assert!(plan.index_of_cells < plan.index - 0.5);
    assert_eq!((plan.area_share, plan.people_share), (0.5, 0.5));
}

#[test]
fn what_cannot_be_lifted_is_refused() {
    let lift = |steps, people, options: &[LiftOption<'_>]| {
        cluster(vec![vec![steps]; 53], vec![people], vec![1]).lift(options).map(|_| ()).unwrap_err()
    };
    assert_eq!(lift(90, 0.0, &[]), LiftError::NoIndex);
    assert_eq!(lift(250, 1.0, &[]), LiftError::HighestClass);
    assert_eq!(lift(90, 1.0, &[option(52, 1.0, 60.0); 2]), LiftError::Twice { row: 52 });
    assert!(matches!(lift(90, 1.0, &[option(52, 0.0, 60.0)]), LiftError::NotANumber { row: 52, .. }));
    assert!(matches!(lift(90, 1.0, &[option(52, 1.0, f64::NAN)]), LiftError::NotANumber { row: 52, .. }));
}

/// The optimum at the corners of the linear programme: each item at an end but for at most one.
fn brute_force(items: &[KnapsackItem], need: f64) -> Option<f64> {
    let mut best: Option<f64> = None;
    for full in 0_u32..1 << items.len() {
        let is_full = |place: usize| full >> place & 1 == 1;
        let chosen = || items.iter().enumerate().filter(|(place, _)| is_full(*place)).map(|(_, item)| item);
        let sum: f64 = chosen().map(|item| item.effect * item.bound).sum();
        let cost: f64 = chosen().map(|item| item.cost * item.bound).sum();
        let rest = need - sum;
        let mut offer = |cost: f64| best = Some(best.map_or(cost, |best| best.min(cost)));
        if rest <= 1e-9 {
            offer(cost);
            continue;
        }
        for (_, item) in items.iter().enumerate().filter(|(place, _)| !is_full(*place)) {
            if item.effect > 0.0 && rest / item.effect <= item.bound + 1e-9 {
                offer(cost + item.cost * rest / item.effect);
            }
        }
    }
    best
}

fn item() -> impl Strategy<Value = KnapsackItem> {
    let effect = prop_oneof![4 => 0.01..1.0_f64, 1 => Just(0.0)];
    let bound = prop_oneof![4 => 0.0..30.0_f64, 1 => Just(0.0)];
    (effect, select(vec![1.0, 2.0, 4.0]), bound).prop_map(|(effect, cost, bound)| KnapsackItem { effect, cost, bound })
}

proptest! {
    #[test]
    fn greed_finds_the_optimum_of_the_linear_programme(items in vec(item(), 0..8), need in 0.1..40.0_f64) {
        let plan = cheapest_plan(&items, need);
        let most: f64 = items.iter().map(|item| item.effect * item.bound).sum();
        match brute_force(&items, need) {
            Some(cost) => {
                prop_assert!(plan.enough && (plan.cost - cost).abs() < 1e-6, "{} for {cost}", plan.cost);
                let sum: f64 = plan.raises.iter().map(|(place, units)| items[*place].effect * units).sum();
                prop_assert!((sum - need).abs() < 1e-9);
            }
            None => prop_assert!(!plan.enough && (plan.sum - most).abs() < 1e-9),
        }
        prop_assert!(plan.raises.iter().all(|(place, units)| (0.0..=items[*place].bound).contains(units)));
    }

    #[test]
    fn the_cheapest_sets_are_those_of_trying_all(items in vec(item(), 0..8), need in 0.1..30.0_f64) {
        let mut costs: Vec<f64> = Vec::new();
        for members in 1_u32..1 << items.len() {
            let of = |members: u32| -> Vec<KnapsackItem> {
                items.iter().enumerate().filter(|(place, _)| members >> place & 1 == 1).map(|(_, item)| *item).collect()
            };
            let set = of(members);
            let Some(cost) = brute_force(&set, need).filter(|_| set.len() <= 3) else { continue };
            // A set that a smaller one inside it equals says nothing new.
            let smaller = (0..items.len()).filter(|place| members >> place & 1 == 1).any(|place| {
                brute_force(&of(members & !(1 << place)), need).is_some_and(|other| other <= cost + 1e-9)
            });
            if !smaller {
                costs.push(cost);
            }
        }
        costs.sort_by(f64::total_cmp);
        costs.truncate(3);
        let sets = cheapest_sets(&items, need, 3);
        prop_assert_eq!(sets.len(), costs.len());
        for (set, cost) in sets.iter().zip(costs) {
            prop_assert!(set.enough && set.raises.len() <= 3 && (set.cost - cost).abs() < 1e-6, "{} for {cost}", set.cost);
        }
    }
}
