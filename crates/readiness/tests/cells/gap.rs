use kend_domain::ReadinessClass;
use kend_readiness::{
    GapIndicator, LagRule, Method,
    cells::{CellWeights, ClassTally, NO_CLASS, class_gap, class_tally, class_totals},
    gap_percent,
};
use proptest::{collection::vec, option, prelude::*};

/// By hand in method 5: a class of four cells, and two that are not of it.
#[test]
fn the_worked_example_of_the_method_gives_its_gaps() {
    let classes = [3, 3, 3, 3, 1, NO_CLASS];
    let tally = |threshold, minimum, scores: [f32; 4]| {
        let scores = [scores.as_slice(), &[0.0, 0.0]].concat();
        class_tally(&scores, &classes, CellWeights::Equal, &LagRule { threshold, minimum }, |score| score).unwrap()
    };
    let tallies = [
        (0.25, tally(40.0, 10.0, [10.0, 50.0, 60.0, 80.0])),
        (0.25, tally(100.0, 0.0, [0.0, 100.0, 100.0, 100.0])),
        (0.5, tally(0.0, 0.0, [0.0, 0.0, 0.0, 30.0])),
    ];
    let gap = |indicators: &[(f64, ClassTally)], class| class_gap(indicators, class, Method::standard());
    let class = ReadinessClass::ALL[3];
    let single = tallies.map(|tally| gap(&[tally], class).unwrap());
    assert_eq!(single.to_vec(), [25.0, 25.0, 75.0]);
    assert!((gap(&tallies, class).unwrap() - 50.0).abs() < 1e-4);
    let unweighted = tallies.map(|(_, tally)| (1.0, tally));
    assert!((gap(&unweighted, class).unwrap() - 41.6667).abs() < 1e-4);
    assert_eq!(gap(&tallies, ReadinessClass::ALL[1]), Some(100.0));
    assert_eq!(gap(&tallies, ReadinessClass::Amplify), None, "no cell is in it");
    assert_eq!(class_totals(&classes, CellWeights::Equal).unwrap().to_vec(), [0.0, 1.0, 0.0, 4.0, 0.0]);
}

#[test]
fn columns_of_different_length_are_refused() {
    let rule = LagRule { threshold: 1.0, minimum: 0.0 };
    assert!(class_tally(&[1.0], &[], CellWeights::Equal, &rule, |score| score).is_err());
    assert!(class_tally(&[1.0], &[1], CellWeights::Each(&[]), &rule, |score| score).is_err());
    assert!(class_totals(&[1], CellWeights::Each(&[])).is_err());
}

proptest! {
    #[test]
    fn a_gap_of_a_class_is_the_gap_of_its_cells(
        cells in vec((0_u8..6, 0_u8..5, vec(option::of(0.0..100.0_f32), 3)), 1..60),
        weights in vec(0.1..1.0_f64, 3), threshold in 0.0..60.0_f64, people in any::<bool>(),
    ) {
        let (method, rule) = (Method::standard(), LagRule { threshold, minimum: 0.0 });
        let classes: Vec<u8> = cells.iter().map(|cell| cell.0).collect();
        let each: Vec<f32> = cells.iter().map(|cell| if people { f32::from(cell.1) } else { 1.0 }).collect();
        let counted = if people { CellWeights::Each(&each) } else { CellWeights::Equal };
        let column = |row: usize| cells.iter().map(|cell| cell.2[row].unwrap_or(f32::NAN)).collect::<Vec<f32>>();
        let tallies: Vec<(f64, ClassTally)> = weights.iter().enumerate().map(|(row, weight)| {
            (*weight, class_tally(&column(row), &classes, counted, &rule, |score| score).unwrap())
        }).collect();
        for (place, class) in ReadinessClass::ALL.iter().enumerate() {
            let of_class = || cells.iter().zip(&each).filter(|(cell, _)| usize::from(cell.0) == place);
            let indicators: Vec<GapIndicator> = weights.iter().enumerate().map(|(row, weight)| GapIndicator {
                weight: *weight, rule, scores: of_class().map(|(cell, _)| cell.2[row].map(f64::from)).collect(),
            }).collect();
            let weights: Vec<f64> = of_class().map(|(_, weight)| f64::from(*weight)).collect();
            let found = class_gap(&tallies, *class, method);
            let expected = gap_percent(&indicators, &weights, method);
            prop_assert_eq!(found.is_some(), expected.is_some());
            prop_assert!((found.unwrap_or(0.0) - expected.unwrap_or(0.0)).abs() < 1e-9);
        }
    }
}
