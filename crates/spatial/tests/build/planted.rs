//! The generated country: what was planted is found.

use std::{collections::BTreeSet, ops::ControlFlow};

use kend_domain::{AreaCode, ReadinessClass};
use kend_pack::{SectorZone, crop, tourism};
use kend_spatial::{Country, PlantedCluster, PlantedCountry, SectorFinding, SynthSettings, build, synth};

/// How much of a planted and a found cluster is both, of what is either.
const LEAST_JACCARD: f64 = 0.95;
/// The same of zones of sectors.
const LEAST_OF_SECTORS: f64 = 0.93;

/// Places of the land cells of some zones.
fn planted_cells(country: &Country, zones: &[AreaCode]) -> BTreeSet<u32> {
    let own: BTreeSet<usize> =
        (0..country.zones.len()).filter(|zone| zones.contains(&country.zones[*zone].code)).collect();
    (0..).zip(&country.zone).filter(|(_, zone)| own.contains(&usize::from(**zone))).map(|(at, _)| at).collect()
}

fn jaccard(planted: &BTreeSet<u32>, found: &[u32]) -> f64 {
    let both = found.iter().filter(|cell| planted.contains(cell)).count();
    both as f64 / (planted.len() + found.len() - both) as f64
}

/// As many clusters of each class as are planted, each of them where it is planted.
fn clusters_come_out(country: &Country, planted: &PlantedCountry) {
    for class in ReadinessClass::ALL {
        let own: Vec<&PlantedCluster> = planted.clusters.iter().filter(|cluster| cluster.class == *class).collect();
        assert!(own.len() >= 3, "{class}");
        let found = &country.clusters[class];
        assert_eq!(found.len(), own.len(), "{class}");
        for planted in own {
            let cells = planted_cells(country, &planted.zones);
            let most = found.iter().map(|found| jaccard(&cells, &found.cells)).fold(0.0, f64::max);
            assert!(most >= LEAST_JACCARD, "{class}, {:?}: {most}", planted.zones);
        }
    }
}

/// Zones of agriculture and tourism are where they are planted, and it is told how far it is from one to the next.
fn sectors_come_out(country: &Country, planted: &PlantedCountry) {
    let sectors = country.sectors.as_ref().unwrap();
    assert_eq!(sectors.crops.len(), 2);
    let flagged = |flags: &[u8], flag: u8| -> Vec<u32> {
        (0..).zip(flags).filter(|(_, own)| **own & flag != 0).map(|(at, _)| at).collect()
    };
    let expected = &planted.sectors;
    let tourism = |flag: u8| flagged(&sectors.tourism, flag);
    // A crop's figure may be missing in a zone: the other one's tells of it.
    let grown = |at: &usize| sectors.crops.iter().any(|own| own.flags[*at] & crop::PRODUCTION != 0);
    let grown = (0..country.cells()).filter(grown).map(|at| u32::try_from(at).unwrap()).collect();
    let cases: [(&[AreaCode], Vec<u32>); 5] = [
        (&expected.production.zones, grown),
        (&expected.tourism_supply.zones, tourism(tourism::SUPPLY)),
        (&expected.tourism_demand.zones, tourism(tourism::DEMAND)),
        (&expected.tourism_optimised.zones, tourism(tourism::OPTIMISED)),
        (&expected.agritourism.zones, tourism(tourism::AGRITOURISM)),
    ];
    for (zones, found) in cases {
        let share = jaccard(&planted_cells(country, zones), &found);
        assert!(share >= LEAST_OF_SECTORS, "{zones:?}: {share}");
    }
    assert_eq!(sectors.finding, SectorFinding::Overlap);
    let way = |from, to| sectors.travel.iter().find(|way| (way.from, way.to) == (from, to)).unwrap().minutes;
    // Agritourism is a part of the places in which it lies, and visitors are a journey away where there is no lodging.
    let inside = way(SectorZone::TourismOptimised, SectorZone::Agritourism);
    let across = way(SectorZone::TourismSupply, SectorZone::TourismDemand);
    assert!(inside > 0.0 && inside < 60.0 && across > 0.0 && across < 120.0, "{inside} and {across} minutes");
    assert!(sectors.zones.iter().all(|zone| zone.cells > 0), "{:?}", sectors.zones);
}

#[test]
fn planted_clusters_classes_and_gaps_come_out() {
    let scratch = tempfile::tempdir().unwrap();
    let (folder, out) = (scratch.path().join("country"), scratch.path().join("out"));
    let planted = synth(&folder, SynthSettings { cell_m: 1000.0, seed: 1 }).unwrap();
    let country = build(&folder, &out, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(country.manifest.synthetic);

    clusters_come_out(&country, &planted);
    sectors_come_out(&country, &planted);

    // Nearly every cell has the class of its zone: chance and smooth surfaces move some at borders.
    let classes = country.scored.class.iter().zip(&country.zone);
    let expected: Vec<(u8, ReadinessClass)> = classes
        .filter_map(|(class, zone)| {
            let code = &country.zones[usize::from(*zone)].code;
            Some((*class, *planted.zones.get(code)?))
        })
        .collect();
    let right =
        expected.iter().filter(|(class, planted)| ReadinessClass::ALL.get(usize::from(*class)) == Some(planted));
    let share = right.count() as f64 / expected.len() as f64;
    assert!(share >= 0.9, "{share}");

    for class in &planted.classes {
        assert_eq!(country.gaps.significant[&class.class], class.largest, "{}", class.class);
    }
    let left_out = &country.indicators[usize::from(planted.left_out_row) - 1];
    assert!(left_out.rule.is_none(), "too few zones have a figure");
}
