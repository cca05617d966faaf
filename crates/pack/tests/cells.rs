//! Cells, basemap and signature of a pack: opened when asked for, and never believed unchecked.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests: a pack that can't be made fails the test that asks"
)]

use std::sync::LazyLock;

use kend_cells::EqualArea;
use kend_domain::Position;
use kend_pack::{Basemap, ClusterMap, NO_SHARE, Pack, PackContent, PackError, PackKey, PlaneLine, Run, synthetic};
use proptest::prelude::*;

static PACK: LazyLock<Pack> = LazyLock::new(|| synthetic::pack().unwrap());
static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| PACK.write_signed(&synthetic::key()).unwrap());

fn map(pack: &Pack) -> ClusterMap {
    pack.cells("synthetic-a").unwrap().unwrap()
}

/// Opens a pack and everything in it.
fn all_of(bytes: &[u8]) -> Result<Pack, PackError> {
    let pack = Pack::read(bytes)?;
    pack.check_sections()?;
    Ok(pack)
}

#[test]
fn a_pack_with_cells_is_read_back_as_itself() {
    let back = all_of(&BYTES).unwrap();
    assert_eq!(back.content(), PACK.content());
    assert_eq!(back.fingerprint(), PACK.fingerprint());
    assert_eq!((map(&back), back.basemap().unwrap()), (map(&PACK), PACK.basemap().unwrap()));
    assert_eq!(back.signer(), Some(&synthetic::key().signer()));
    assert_eq!(back.write_signed(&synthetic::key()).unwrap(), *BYTES);
    assert_eq!((PACK.signer(), all_of(&PACK.write().unwrap()).unwrap().signer()), (None, None));
    assert!(PACK.has_cells("synthetic-b") && !PACK.has_cells("synthetic-c"));
    assert_eq!(PACK.cells("synthetic-c"), Ok(None));
}

#[test]
fn packs_with_other_cells_have_another_fingerprint() {
    let without = Pack::new(PACK.content().clone()).unwrap();
    assert_ne!(without.fingerprint(), PACK.fingerprint());
    assert_eq!(without.cells("synthetic-a"), Ok(None));
    assert_eq!(without.basemap(), Ok(None));
}

#[test]
fn damage_in_the_cells_is_found_when_they_are_asked_for_and_only_then() {
    let mut damaged = BYTES.clone();
    let place = damaged.len() / 2;
    damaged[place] ^= 1;
    let pack = Pack::read(&damaged).unwrap();
    assert_eq!(pack.check_sections(), Err(PackError::Altered));
    let hurt = ["synthetic-a", "synthetic-b"].map(|cluster| pack.cells(cluster) == Err(PackError::Altered));
    assert_eq!(hurt.iter().filter(|hurt| **hurt).count(), 1, "a half-way byte is one cluster's");
}

#[test]
fn a_signature_of_another_key_or_over_something_else_is_refused() {
    let other = PackKey::new("Other".to_owned(), &[7; 32]);
    let others = PACK.write_signed(&other).unwrap();
    // The signature begins at byte 48, after the table's hash.
    let mut mixed = BYTES.clone();
    mixed[48..112].copy_from_slice(&others[48..112]);
    assert_eq!(Pack::read(&mixed), Err(PackError::Signature));
    mixed[48..112].fill(0);
    assert_eq!(Pack::read(&mixed), Err(PackError::Signature), "a signer without a signature");
    let nameless = PACK.write_signed(&PackKey::new(" ".to_owned(), &[7; 32])).unwrap();
    assert!(matches!(Pack::read(&nameless), Err(PackError::Inconsistent { .. })));
}

#[test]
fn every_cell_is_found_where_it_lies_and_nothing_beside() {
    let map = map(&PACK);
    let grid = map.grid();
    let mut found = vec![None; grid.cells()];
    for (place, cell) in map.places().enumerate() {
        let (x_m, y_m) = grid.centre(cell);
        assert_eq!(map.cell_at(x_m, y_m), Some(place));
        found[grid.index(cell).unwrap()] = Some(place);
    }
    assert_eq!(found.iter().flatten().count(), map.cells().cells());
    for (index, place) in found.into_iter().enumerate() {
        let (x_m, y_m) = grid.centre(grid.cell(index).unwrap());
        assert_eq!(map.cell_at(x_m, y_m), place);
    }
    assert_eq!(map.cell_at(f64::NAN, 0.0), None);
}

#[test]
fn villages_lie_in_the_cells_of_their_cluster() {
    let projection = EqualArea::default();
    for cluster in &PACK.content().clusters {
        let map = PACK.cells(&cluster.id).unwrap().unwrap();
        for village in &cluster.area.as_ref().unwrap().villages {
            let place = PACK.place(*village).unwrap();
            let (x_m, y_m) = projection.to_plane(place.position.longitude(), place.position.latitude());
            assert!(map.cell_at(x_m, y_m).is_some(), "{}", place.names.en);
            let unknown = kend_pack::geonames_place(1);
            for id in [*village, unknown] {
                assert_eq!(PACK.cluster_of(id, &place.rayon, place.position).unwrap().id, cluster.id);
            }
        }
    }
    let far = Position::new(38.0, 47.5).unwrap();
    assert!(PACK.cluster_of(kend_pack::geonames_place(1), &"AZ-SY1".parse().unwrap(), far).is_none());
}

#[test]
fn the_synthetic_pack_says_that_it_is_one_and_is_small() {
    let content = PACK.content();
    assert!(content.synthetic && content.project.demo);
    assert!(content.attribution.iter().all(|line| line.contains("SYNTHETIC")));
    assert!(BYTES.len() < 1024 * 1024, "{} bytes", BYTES.len());
    let classes: Vec<_> = content.clusters.iter().map(|cluster| cluster.area.as_ref().unwrap().class.word()).collect();
    assert_eq!(classes, ["accelerate_high", "accelerate_low"]);
    for cluster in &content.clusters {
        assert_eq!(PACK.cells(&cluster.id).unwrap().unwrap().cells().cells(), 5000);
    }
}

#[test]
fn cells_that_do_not_fit_are_refused() {
    let map = map(&PACK);
    let grid = PACK.content().calculator.as_ref().unwrap().grid;
    let refused = |spoil: fn(&mut kend_pack::Layout)| {
        let mut layout = map.layout().clone();
        spoil(&mut layout);
        match ClusterMap::new(map.cells().clone(), layout, &grid) {
            Err(PackError::Inconsistent { what }) => what,
            other => panic!("{other:?}"),
        }
    };
    assert!(refused(|layout| layout.runs[0].cells += 1).contains("5001"));
    assert!(refused(|layout| layout.runs.push(Run { skipped: u32::MAX, cells: 0 })).contains("window"));
    assert!(refused(|layout| layout.window.rows = 500).contains("country's grid"));
    assert!(refused(|layout| layout.window.column = u32::MAX).contains("country's grid"));
    assert!(refused(|layout| layout.class_frequency[3] = NO_SHARE - 1).contains("100 percent"));
    assert!(refused(|layout| layout.tourism.truncate(1)).contains("not as long"));
    let content = PACK.content();
    let with =
        |id: &str, map: &ClusterMap| Pack::with_cells(content.clone(), &[(id.to_owned(), map.clone())].into(), None);
    assert!(with("nowhere", &map).is_err());
    assert!(with("synthetic-b", &map).is_err(), "cells of one cluster as another's");
}

#[test]
fn a_basemap_beyond_the_plane_is_refused() {
    let lines = [vec![], vec![1], vec![0, 0, i32::MAX, 1], vec![2_000_001, 0]];
    for line in lines {
        let basemap = Basemap { water: vec![PlaneLine(line.clone())], ..Basemap::default() };
        assert!(Pack::with_cells(PACK.content().clone(), &[].into(), Some(&basemap)).is_err(), "{line:?}");
    }
    assert_eq!(PlaneLine::through([(1.4, 2.0), (3.6, 1.0)]).0, [1, 2, 3, -1]);
}

#[test]
fn what_calculations_need_agrees_with_itself() {
    type Change = fn(&mut PackContent);
    let cases: [(&str, Change); 14] = [
        ("in their order", |content| content.calculator.as_mut().unwrap().rules.swap(0, 1)),
        ("goalposts", |content| {
            let rule = &mut content.calculator.as_mut().unwrap().rules[0].rule;
            let kend_readiness::cells::ScoreRule::Goalposts(posts) = rule else { panic!("a coverage") };
            posts.low = f64::NAN;
        }),
        ("descend", |content| content.calculator.as_mut().unwrap().peers[0].p10 = 99.0),
        ("there twice", |content| content.calculator.as_mut().unwrap().peers[1].row = 1),
        ("no rayon of the pack", |content| {
            content.calculator.as_mut().unwrap().zones[0].rayon = "AZ-NO".parse().unwrap();
        }),
        ("value and status", |content| content.calculator.as_mut().unwrap().zones[0].value = None),
        ("no place of the pack", |content| {
            content.calculator.as_mut().unwrap().villages[0].village = kend_pack::geonames_place(1);
        }),
        ("twice", |content| {
            let gaps = content.calculator.as_ref().unwrap().gaps[0].clone();
            content.calculator.as_mut().unwrap().gaps.push(gaps);
        }),
        ("country's grid", |content| content.calculator.as_mut().unwrap().grid.cell_m = 0.0),
        ("without a grid", |content| content.calculator = None),
        ("in two clusters", |content| {
            let villages = content.clusters[0].area.as_ref().unwrap().villages.clone();
            content.clusters[1].area.as_mut().unwrap().villages = villages;
        }),
        ("shares of classes", |content| {
            content.clusters[0].area.as_mut().unwrap().class_frequencies = Some([0.5; 5]);
        }),
        ("of no crop", |content| {
            let sectors = content.clusters[0].area.as_mut().unwrap().sectors.as_mut().unwrap();
            sectors.travel[0].crop = None;
        }),
        ("is 101", |content| content.rayons[0].readiness.as_mut().unwrap().index = Some(101.0)),
    ];
    for (what, change) in cases {
        let mut content = PACK.content().clone();
        change(&mut content);
        match Pack::new(content) {
            Err(PackError::Inconsistent { what: found }) => assert!(found.contains(what), "{found} for {what}"),
            other => panic!("{what}: {other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_pack_with_any_bit_changed_or_cut_is_refused(place: prop::sample::Index, bit in 0_u8..8, cut: bool) {
        let mut bytes = BYTES.clone();
        let place = place.index(bytes.len());
        if cut { bytes.truncate(place) } else { bytes[place] ^= 1 << bit }
        prop_assert!(all_of(&bytes).is_err());
    }

    /// Behind right hashes too: whoever writes a table may write any bytes as a section.
    #[test]
    fn no_bytes_as_a_section_make_reading_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..400), packed: bool, places in proptest::collection::vec(any::<prop::sample::Index>(), 0..4), of_cells: bool,
    ) {
        let number = if of_cells { CELLS } else { FRICTION };
        let section = if packed {
            let mut own = zstd::decode_all(section_of(&BYTES, number).as_slice()).unwrap();
            for (place, byte) in places.iter().zip(&bytes) {
                let place = place.index(own.len());
                own[place] = *byte;
            }
            zstd::bulk::compress(&own, 1).unwrap()
        } else {
            bytes
        };
        if let Ok(pack) = Pack::read(&with_section(&BYTES, number, &section)) {
            let _ = pack.cells("synthetic-a");
            let _ = pack.friction("synthetic-a").map(|friction| friction.map(|friction| friction.minutes_per_metre()));
            let _ = pack.check_sections();
        }
    }
}

/// The table of a pack, and where its sections begin.
fn table_of(bytes: &[u8]) -> (serde_json::Value, usize) {
    let length = u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    (serde_json::from_slice(&bytes[112..112 + length]).unwrap(), 112 + length)
}

/// Places of the first cells and of the first friction among the sections.
const CELLS: usize = 1;
const FRICTION: usize = 3;

/// Where a section stands.
fn span_of(bytes: &[u8], number: usize) -> (serde_json::Value, usize, usize) {
    let (table, begin) = table_of(bytes);
    let size = |place: usize| usize::try_from(table["sections"][place]["bytes"].as_u64().unwrap()).unwrap();
    let (start, length) = (begin + (0..number).map(size).sum::<usize>(), size(number));
    (table, start, length)
}

fn section_of(bytes: &[u8], number: usize) -> Vec<u8> {
    let (_, start, length) = span_of(bytes, number);
    bytes[start..start + length].to_vec()
}

/// The pack with other bytes for a section, unsigned, with right hashes.
fn with_section(bytes: &[u8], number: usize, section: &[u8]) -> Vec<u8> {
    let (mut table, start, length) = span_of(bytes, number);
    let begin = table_of(bytes).1;
    table["signer"] = serde_json::Value::Null;
    table["sections"][number]["bytes"] = section.len().into();
    table["sections"][number]["blake3"] = blake3::hash(section).to_hex().as_str().into();
    let table = serde_json::to_vec(&table).unwrap();
    let size = u32::try_from(table.len()).unwrap().to_le_bytes();
    let hash = blake3::hash(&table);
    let sections = [&bytes[begin..start], section, &bytes[start + length..]].concat();
    [&bytes[..12], &size, hash.as_bytes(), &[0; 64], &table, &sections].concat()
}
