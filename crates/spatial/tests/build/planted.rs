//! The generated country: what was planted is found.

use std::{collections::BTreeSet, ops::ControlFlow};

use kend_domain::ReadinessClass;
use kend_spatial::{ClusterRecord, Country, PlantedCluster, SectorFinding, SynthSettings, build, synth};

/// How much of a planted and a found cluster is both, of what is either.
const LEAST_JACCARD: f64 = 0.95;

/// Places of the land cells of a planted cluster's zones.
fn planted_cells(country: &Country, planted: &PlantedCluster) -> BTreeSet<u32> {
    let own: BTreeSet<usize> =
        (0..country.zones.len()).filter(|zone| planted.zones.contains(&country.zones[*zone].code)).collect();
    (0..).zip(&country.zone).filter(|(_, zone)| own.contains(&usize::from(**zone))).map(|(at, _)| at).collect()
}

fn jaccard(planted: &BTreeSet<u32>, found: &ClusterRecord) -> f64 {
    let both = found.cells.iter().filter(|cell| planted.contains(cell)).count();
    both as f64 / (planted.len() + found.cells.len() - both) as f64
}

#[test]
fn planted_clusters_classes_and_gaps_come_out() {
    let scratch = tempfile::tempdir().unwrap();
    let (folder, out) = (scratch.path().join("country"), scratch.path().join("out"));
    let planted = synth(&folder, SynthSettings { cell_m: 1000.0, seed: 1 }).unwrap();
    let country = build(&folder, &out, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(country.manifest.synthetic);

    let amplify: Vec<&PlantedCluster> =
        planted.clusters.iter().filter(|cluster| cluster.class == ReadinessClass::Amplify).collect();
    assert_eq!(country.clusters[&ReadinessClass::Amplify].len(), amplify.len());
    for planted in amplify {
        let cells = planted_cells(&country, planted);
        let found = country.clusters[&planted.class].iter().map(|found| jaccard(&cells, found)).fold(0.0, f64::max);
        assert!(found >= LEAST_JACCARD, "{:?}: {found}", planted.zones);
    }

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
    let sectors = country.sectors.as_ref().unwrap();
    assert_eq!(sectors.crops.len(), 2);
    assert!(sectors.zones.iter().all(|zone| zone.cells > 0), "{:?}", sectors.zones);
    assert_eq!(sectors.finding, SectorFinding::Overlap);
    let left_out = &country.indicators[usize::from(planted.left_out_row) - 1];
    assert!(left_out.rule.is_none(), "too few zones have a figure");
}
