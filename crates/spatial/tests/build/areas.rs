//! Clusters that a programme chose by their rayons.

use kend_readiness::class_of;
use kend_spatial::{FIRST_AREA_ID, read_country};

use crate::country::{CELL_M, Case, HALF, ZONES};

fn case(areas: &str) -> Case {
    let case =
        Case::new(&format!("[clusters]\nleast_area_km2 = 1\n[robustness]\ndraws = 20\nstability = true\n{areas}"));
    let rows = (1..=53).filter(|row| ![8, 10].contains(row));
    case.tables(&rows.map(|row| (row, [0.0, 1.0, 4.0, 9.0].map(Some))).collect::<Vec<_>>(), "");
    case
}

fn area(id: &str, rayons: &str) -> String {
    format!(
        "[[areas]]\nid = \"{id}\"\nnames = {{ az = \"Şimal\", en = \"North\", ru = \"Север\" }}\nrayons = [{rayons}]\nvillages = 3\n"
    )
}

/// By hand: the mean of its rayons weighed with their people, and all of their cells.
#[test]
fn an_area_is_told_of_as_a_cluster_is() {
    let case = case(&area("north", "\"AZ-NE\", \"AZ-NW\""));
    let country = case.built();
    let north = &country.areas[0];
    assert_eq!((north.id.as_str(), north.villages, north.cluster.id), ("north", 3, FIRST_AREA_ID));
    let own: Vec<_> = country.rayons.iter().filter(|rayon| ["AZ-NE", "AZ-NW"].contains(&rayon.code.as_str())).collect();
    let people = |code: &str| country.zones.iter().find(|zone| zone.code.as_str() == code).unwrap().population;
    let all: f64 = own.iter().map(|rayon| people(rayon.code.as_str())).sum();
    let index: f64 = own.iter().map(|rayon| rayon.index.unwrap() * people(rayon.code.as_str()) / all).sum();
    assert!((north.cluster.index.unwrap() - index).abs() < 1e-9);
    assert_eq!(north.cluster.class, class_of(index, &country.thresholds));
    assert_eq!(north.cluster.cells.len(), 2 * HALF * HALF);
    assert!((north.cluster.area_km2 - 2.0 * (HALF as f64 * CELL_M / 1000.0).powi(2)).abs() < 1e-9);
    assert!((north.cluster.population - all).abs() < 1e-6);
    // The north-east has more people a cell.
    let shares: Vec<(&str, f64)> = north.cluster.zones.iter().map(|(code, share)| (code.as_str(), *share)).collect();
    assert_eq!(shares.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [ZONES[1], ZONES[0]]);
    assert!((shares.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-12);

    let (class, id) = (north.cluster.class, north.cluster.id);
    assert_eq!(country.gaps.clusters[&class][&id].len(), 5);
    assert_eq!(country.robustness.clusters[&class][&id].len(), 5);
    assert!((country.robustness.cluster_classes[&class][&id].iter().sum::<f64>() - 1.0).abs() < 1e-9);
    assert!(country.clusters.values().flatten().all(|cluster| cluster.id < FIRST_AREA_ID), "it is none of those found");
    assert_eq!(read_country(&case.out()).unwrap().areas, country.areas);
    let table = std::fs::read_to_string(case.out().join("areas.csv")).unwrap();
    assert!(table.lines().nth(1).unwrap().starts_with(&format!("north,{class},Şimal,North,Север,200,")), "{table}");
}

#[test]
fn an_area_that_cannot_be_is_refused_by_name() {
    let refused = |areas: &str| case(areas).refused();
    assert!(refused(&area("north", "\"AZ-XX\"")).contains("areas: AZ-XX of north is not in names.csv"));
    let twice = area("north", "\"AZ-NE\"") + &area("north", "\"AZ-NW\"");
    for (areas, said) in [
        (twice, "areas: id \"north\": expected one that no other area or cluster has"),
        (area("amplify-2", "\"AZ-NE\""), "areas: id \"amplify-2\": expected one that no other area or cluster has"),
        (area("North!", "\"AZ-NE\""), "areas: id \"North!\": expected small letters, digits and dashes"),
        (area("north", ""), "areas: north: expected a name in three languages and at least one rayon"),
    ] {
        assert!(refused(&areas).contains(said), "{said}: {}", refused(&areas));
    }
}
