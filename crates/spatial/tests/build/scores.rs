use std::{fs, ops::ControlFlow};

use kend_domain::{Dimension, ReadinessClass};
use kend_readiness::indicators;
use kend_spatial::{ColumnStatus, ValueStatus, build, read_country};

use crate::country::{Case, HALF, SIDE, files, people, zone_of};

/// Rows that tables of zones can give; 8 and 10 are spread over cropland.
fn rows() -> Vec<u8> {
    indicators().iter().map(|indicator| indicator.row).filter(|row| ![8, 10].contains(row)).collect()
}

pub(crate) const SETTINGS: &str =
    "[clusters]\nleast_area_km2 = 50\nleast_population = 1000\n[robustness]\ndraws = 20\n";

/// Zone `z` has the raw value `z * z` in every row: scores 0, 100/9, 400/9, 100 where more is better, mirrored else.
pub(crate) fn quadratic() -> Case {
    let case = Case::new(SETTINGS);
    let values = [0.0, 1.0, 4.0, 9.0].map(Some);
    case.tables(&rows().into_iter().map(|row| (row, values)).collect::<Vec<_>>(), "");
    case
}

/// The score of a zone in a row that is not a share of a cell.
fn score(row: u8, zone: usize) -> f64 {
    let share = (zone * zone) as f64 / 9.0;
    let less = [3, 9, 17, 25, 35, 42, 43, 45, 47, 51];
    100.0 * if less.contains(&row) { 1.0 - share } else { share }
}

#[test]
fn scores_dimensions_index_and_classes_are_those_worked_out_by_hand() {
    let country = quadratic().built();
    assert_eq!((country.cells(), country.grid.columns(), country.grid.rows()), (SIDE * SIDE, 20, 20));
    // Coverage rows skip goalposts: shares 0, 1, and beyond 1 taken as 1.
    let of_row = |row: u8, zone: usize| match row {
        18..=20 => {
            if zone == 0 {
                0.0
            } else {
                100.0
            }
        }
        _ => score(row, zone),
    };
    let dimension = |dimension: Dimension, zone: usize| {
        let own = || indicators().iter().filter(|row| row.dimension == dimension && ![8, 10].contains(&row.row));
        let weights: f64 = own().map(|row| row.weights.criterion).sum();
        own().map(|row| row.weights.criterion * of_row(row.row, zone)).sum::<f64>() / weights
    };
    let index = |zone| Dimension::ALL.iter().map(|of| dimension(*of, zone)).sum::<f64>() / 5.0;
    for row in 0..SIDE {
        for column in 0..SIDE {
            let (at, zone) = (row * SIDE + column, zone_of(row, column));
            assert!((f64::from(country.scored.index[at]) - index(zone)).abs() < 1e-4, "{row} {column}");
            for (of, values) in Dimension::ALL.iter().zip(&country.scored.dimensions) {
                assert!((f64::from(values[at]) - dimension(*of, zone)).abs() < 1e-4, "{of} {row} {column}");
            }
            assert_eq!(usize::from(country.zone[at]), zone);
            assert!((f64::from(country.population[at]) - people(row, column)).abs() < 1e-3);
        }
    }
    // Four zones of one size: each fifth ends in the next zone, so the lowest class is empty.
    let rounded = [0, 1, 2, 3].map(|zone| (index(zone) * 10.0).round() / 10.0);
    assert_eq!(country.thresholds.values(), rounded);
    let class = |zone: usize| rounded.iter().filter(|threshold| **threshold <= index(zone)).count();
    for (at, found) in country.scored.class.iter().enumerate() {
        assert_eq!(usize::from(*found), class(zone_of(at / SIDE, at % SIDE)));
    }
    assert!((country.between_zones.index.unwrap() - 1.0).abs() < 1e-9, "nothing varies inside a zone");
    for summary in &country.rayons {
        let zone = country.zones.iter().position(|zone| zone.code == summary.code).unwrap();
        assert!((summary.index.unwrap() - index(zone)).abs() < 1e-4);
        assert!((summary.index_of_values.unwrap() - index(zone)).abs() < 1e-9);
        assert!((summary.class_shares[class(zone)] - 1.0).abs() < 1e-12);
    }
}

#[test]
fn a_cell_in_the_middle_of_its_class_keeps_it_and_only_who_asks_pays_for_the_draws() {
    let case = quadratic();
    assert!(case.built().class_frequency.is_empty());
    let toml = case.read("index.toml");
    case.write("index.toml", &toml.replace("draws = 20\n", "draws = 20\nstability = true\n"));
    let country = case.built();
    assert_eq!(country.class_frequency.len(), SIDE * SIDE);
    // The highest zone has 100 in all rows where more is better, far above the last threshold below it; ties at thresholds
    // themselves are what changes.
    assert!(country.class_frequency.iter().all(|kept| *kept <= 100));
    let same =
        |at: usize| country.class_frequency[at] == country.class_frequency[zone_start(zone_of(at / SIDE, at % SIDE))];
    assert!((0..SIDE * SIDE).all(same), "cells of a zone are alike here");
    // So a cluster, all of one zone, has its class as often as each of its cells.
    let amplify = &country.clusters[&ReadinessClass::Amplify][0];
    let shares = country.robustness.cluster_classes[&ReadinessClass::Amplify][&amplify.id];
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let kept = country.class_frequency[amplify.cells[0] as usize];
    assert!((shares[4] - f64::from(kept) / 100.0).abs() < 1e-12, "{shares:?} and {kept}");
    assert_eq!(format!("{:?}", read_country(&case.out()).unwrap()), format!("{country:?}"));
}

fn zone_start(zone: usize) -> usize {
    zone / 2 * HALF * SIDE + zone % 2 * HALF
}

#[test]
fn clusters_hold_the_zones_of_their_class_and_are_named_by_them() {
    let country = quadratic().built();
    let amplify = &country.clusters[&ReadinessClass::Amplify];
    assert_eq!(amplify.len(), 1);
    let [cluster] = amplify.as_slice() else { panic!("one cluster") };
    assert_eq!((cluster.id, cluster.names.en.as_str()), (1, "AZ-SE"));
    // Ten by ten cells; the majority filter takes the four corners, each three or four of nine.
    assert_eq!(cluster.cells.len(), HALF * HALF - 4);
    assert!((cluster.area_km2 - 96.0).abs() < 1e-9);
    // 400 in each but the last column, of which two corners are out: 9 x 10 - 2.
    assert!((cluster.population - 400.0 * 88.0).abs() < 1.0, "{}", cluster.population);
    assert_eq!(cluster.zones.len(), 1);
}

#[test]
fn gaps_are_those_of_the_formula_over_zones() {
    let country = quadratic().built();
    // Zones have 0, 1/9, 4/9 and 1 of the way: the 40th percentile of four equal areas is the second value. Where more is
    // better the first zone lags (below 100/9); where less is better scores are 0, 5/9, 8/9, 1 from the last zone on, and
    // the last zone lags.
    let lagging = |row: u8, zone: usize| {
        if [3, 9, 17, 25, 35, 42, 43, 45, 47, 51].contains(&row) { zone == 3 } else { zone == 0 }
    };
    let class_of = |zone: usize| {
        ReadinessClass::ALL[usize::from(
            country.scored.class[match zone {
                0 => 0,
                1 => SIDE - 1,
                2 => SIDE * SIDE - SIDE,
                _ => SIDE * SIDE - 1,
            }],
        )]
    };
    let gaps = &country.gaps.classes[&kend_spatial::GapVariant::Area];
    for zone in 0..4 {
        // Several zones can share a class; here none do.
        for dimension in Dimension::ALL {
            let own = || indicators().iter().filter(|row| row.dimension == *dimension && ![8, 10].contains(&row.row));
            let sum: f64 = own().map(|row| row.weights.criterion).sum();
            let lag: f64 = own().filter(|row| lagging(row.row, zone)).map(|row| row.weights.criterion).sum();
            let found = gaps[&class_of(zone)][dimension];
            assert!((found - 100.0 * lag / sum).abs() < 1e-6, "{zone} {dimension}: {found} {}", 100.0 * lag / sum);
        }
    }
}

#[test]
fn a_missing_zone_gets_its_region_s_mean_and_an_indicator_with_too_few_is_left_out() {
    let case = Case::new(
        &format!("{SETTINGS}[missing]\nindicator_min_share = 0.7\n")
            .replace("[missing]\nindicator_min_share", "[missing]\nindicator_min_share"),
    );
    // The template has [missing] already: take the limit there.
    let toml = case.read("index.toml").replace("[missing]\nindicator_min_share = 0.7\n", "");
    case.write("index.toml", &toml.replace("# indicator_min_share = 0.65", "indicator_min_share = 0.7 #"));
    let mut all: Vec<(u8, [Option<f64>; 4])> =
        rows().into_iter().map(|row| (row, [0.0, 1.0, 4.0, 9.0].map(Some))).collect();
    for (row, values) in &mut all {
        match row {
            44 => values[1] = None,
            45 => (values[0], values[1]) = (None, None),
            _ => {}
        }
    }
    case.tables(&all, "");
    let country = case.built();
    let physicians = country.zones[1].values[&44];
    assert_eq!((physicians.value, physicians.status), (Some(0.0), ValueStatus::Imputed), "the mean of the north");
    assert_eq!(country.zones[1].scores[&44], 0.0);
    let crimes = &country.indicators[44];
    assert!(matches!(crimes.status, ColumnStatus::LeftOut(_)));
    assert_eq!(country.zones[0].values[&45].status, ValueStatus::Missing);
    assert!(!country.manifest.rules.contains_key(&45));
}

#[test]
fn a_finished_country_is_read_back_as_it_was_and_a_changed_file_is_refused() {
    let case = quadratic();
    let country = case.built();
    let read = read_country(&case.out()).unwrap();
    // NaN is not equal to itself: compare what is written of both.
    assert_eq!(format!("{read:?}"), format!("{country:?}"));
    let document = case.out().join("country.json");
    let text = fs::read_to_string(&document).unwrap();
    fs::write(&document, text.replacen("AZ-SE", "AZ-SX", 1)).unwrap();
    assert!(read_country(&case.out()).unwrap_err().to_string().contains("country.json"));
    fs::remove_file(case.out().join("manifest.json")).unwrap();
    assert!(read_country(&case.out()).unwrap_err().to_string().contains("no finished index"));
}

#[test]
fn a_build_stopped_at_any_step_goes_on_to_the_same_bytes() {
    let case = quadratic();
    case.built();
    let whole: Vec<_> = relative(&case);
    fs::remove_dir_all(case.out()).unwrap();
    case.built();
    assert_eq!(relative(&case), whole, "two builds");
    fs::remove_dir_all(case.out()).unwrap();
    for last in [0, 2, 5, 30, 56, 60] {
        let mut steps = 0;
        let stopped = build(&case.folder(), &case.out(), &mut |_| {
            steps += 1;
            if steps > last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(stopped.unwrap_err().to_string().contains("kept"));
        assert!(!case.out().join("manifest.json").exists());
    }
    case.built();
    assert_eq!(relative(&case), whole, "after several kills");
}

fn relative(case: &Case) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let strip = |path: std::path::PathBuf| path.strip_prefix(case.out()).unwrap().to_owned();
    files(&case.out()).into_iter().map(|(path, bytes)| (strip(path), bytes)).collect()
}

#[test]
fn bad_input_is_named_and_changes_nothing_in_a_finished_result() {
    let case = quadratic();
    case.built();
    let before = relative(&case);
    let toml = case.read("index.toml");
    let tries: [(&str, &str, &str, &str); 6] = [
        ("statistics/row44.csv", "zone,2018\nAZ-NW,seven\n", "", "statistics/row44.csv (indicator 44): cell B2"),
        ("statistics/row44.csv", "", "", "row44.csv"),
        ("vectors/zones.geojson", "{\"type\":\"FeatureCollection\",\"features\":[{\"ty", "", "zones.geojson"),
        ("rasters/people.tif", "no raster", "", "people.tif"),
        ("names.csv", "code,az,en,ru,other\nAZ-NW,A,,,\n", "", "zones.geojson"),
        ("index.toml", "", "[[rasters]]\nfile = \"people.tif\"\nrole = \"population\"", "no raster of role population"),
    ];
    for (file, text, without, expected) in tries {
        let path = case.folder().join(file);
        let good = fs::read(&path).unwrap();
        if without.is_empty() {
            fs::write(&path, text).unwrap();
        } else {
            fs::write(&path, toml.replace(without, "[[rasters]]\nfile = \"people.tif\"\nrole = \"elevation\""))
                .unwrap();
        }
        let said = case.refused();
        assert!(said.contains(expected), "{said}");
        fs::write(&path, good).unwrap();
        assert_eq!(relative(&case), before, "{file}");
    }
}
