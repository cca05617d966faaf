//! A pack is read whole or not at all, and knows where things lie.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a pack that can't be made fails the test that asks")]

use kend_domain::{Areas, Dimension, Language, Names, Position};
use kend_pack::{
    Cluster, DimensionValue, IndicatorStatus, IndicatorValue, MAX_CONTENT_BYTES, MAX_FILE_BYTES, Pack, PackContent,
    PackError, Partial, Place, Profile, Project, Rayon, distance_km, geonames_place,
};
use kend_readiness::MergeParameters;
use proptest::prelude::*;

fn names(name: &str) -> Names {
    Names { az: format!("{name} az"), en: name.to_owned(), ru: format!("{name} ru") }
}

/// A square of one degree whose south-west corner is (`latitude`, `longitude`).
fn square(code: &str, latitude: f64, longitude: f64) -> Rayon {
    let ring = vec![
        [longitude, latitude],
        [longitude + 1.0, latitude],
        [longitude + 1.0, latitude + 1.0],
        [longitude, latitude + 1.0],
        [longitude, latitude],
    ];
    Rayon {
        code: code.parse().unwrap(),
        names: names(code),
        population: Some(100_000),
        centre: Position::new(latitude + 0.5, longitude + 0.5).unwrap(),
        outline: vec![vec![ring]],
        readiness: None,
    }
}

fn content() -> PackContent {
    let dimensions = Dimension::ALL
        .iter()
        .map(|dimension| {
            let there = *dimension == Dimension::HumanCapital;
            DimensionValue {
                dimension: *dimension,
                value: there.then_some(40.0),
                thresholds: there.then_some([20.0, 30.0, 45.0, 60.0]),
                sd_mc: there.then_some(5.0),
            }
        })
        .collect();
    let indicators = (1..=53)
        .map(|row| {
            let there = row == 44;
            IndicatorValue {
                row,
                status: if there { IndicatorStatus::Observed } else { IndicatorStatus::Missing },
                value: there.then_some(15.0),
                unit: names("unit"),
                score: there.then_some(40.0),
                norm: there.then_some(35.0),
                period: there.then(|| "2023".to_owned()),
                publisher: there.then(|| "Office".to_owned()),
                remark: None,
            }
        })
        .collect();
    PackContent {
        version: "1".to_owned(),
        method_version: "1.0.0".to_owned(),
        profile: Profile::Recommended,
        project: Project { name: "test".parse().unwrap(), title: names("Test"), demo: false },
        attribution: vec!["Office".to_owned()],
        partial: Some(Partial {
            indicators_present: vec![44],
            indicators_total: 53,
            dimensions_without_data: Dimension::ALL
                .iter()
                .copied()
                .filter(|dimension| *dimension != Dimension::HumanCapital)
                .collect(),
            remark: names("partial"),
        }),
        data_year: 2023.5,
        round_year: 2026.9,
        round: None,
        index_thresholds: [20.0, 30.0, 45.0, 60.0],
        merge: MergeParameters {
            lambda: 0.5,
            alpha: 0.6,
            nu0: 4.0,
            sigma0_sq: 324.0,
            sigma_m_sq: 100.0,
            a: 1.0,
            kappa_cap: 0.5,
        },
        clusters: vec![Cluster {
            id: "one".to_owned(),
            names: names("One"),
            rayons: vec!["AZ-ONE".parse().unwrap()],
            villages_total: 8,
            population: 100_000,
            population_year: 2023,
            index: 40.0,
            dimensions,
            indicators,
            area: None,
        }],
        rayons: vec![square("AZ-ONE", 40.0, 45.0), square("AZ-TWO", 40.0, 46.0)],
        places: vec![Place {
            village: geonames_place(1),
            names: names("Village"),
            rayon: "AZ-ONE".parse().unwrap(),
            population: Some(1200),
            position: Position::new(40.5, 45.5).unwrap(),
        }],
        synthetic: false,
        calculator: None,
    }
}

/// A file as the first format had it.
fn format_1(content: &[u8]) -> Vec<u8> {
    let body = zstd::bulk::compress(content, 1).unwrap();
    let length = (body.len() as u64).to_le_bytes();
    let header = [b"KENDPACK".as_slice(), &1_u32.to_le_bytes(), &length, blake3::hash(&body).as_bytes()].concat();
    [header, body].concat()
}

#[test]
fn a_pack_of_the_first_format_is_read_and_says_the_same() {
    let bytes = format_1(&serde_json::to_vec(&content()).unwrap());
    let back = Pack::read(&bytes).unwrap();
    assert_eq!(back, pack());
    for length in 0..bytes.len() {
        assert!(matches!(Pack::read(&bytes[..length]), Err(PackError::Truncated { .. })), "{length} bytes");
    }
    for place in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x20;
        assert!(Pack::read(&damaged).is_err(), "byte {place}");
    }
}

fn pack() -> Pack {
    Pack::new(content()).unwrap()
}

#[track_caller]
fn at(latitude: f64, longitude: f64) -> Option<String> {
    let position = Position::new(latitude, longitude).unwrap();
    pack().rayon_at(position).map(|rayon| rayon.code.to_string())
}

#[test]
fn a_pack_is_read_back_as_itself_and_written_the_same_twice() {
    let bytes = pack().write().unwrap();
    assert_eq!(bytes, pack().write().unwrap());
    let back = Pack::read(&bytes).unwrap();
    assert_eq!(back, pack());
    assert_eq!(back.fingerprint(), pack().fingerprint());
}

#[test]
fn a_pack_cut_at_any_byte_is_truncated_or_unknown_and_never_read() {
    let bytes = pack().write().unwrap();
    for length in 0..bytes.len() {
        let error = Pack::read(&bytes[..length]).unwrap_err();
        assert!(matches!(error, PackError::Truncated { .. }), "{length} bytes: {error}");
    }
}

#[test]
fn a_pack_with_any_byte_changed_is_refused() {
    let bytes = pack().write().unwrap();
    for place in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x20;
        assert!(Pack::read(&damaged).is_err(), "byte {place}");
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(matches!(Pack::read(&longer), Err(PackError::Altered)));
}

#[test]
fn the_kind_of_damage_is_named() {
    let bytes = pack().write().unwrap();
    let changed = |place: usize, byte: u8| {
        let mut damaged = bytes.clone();
        damaged[place] = byte;
        Pack::read(&damaged).unwrap_err()
    };
    assert!(matches!(changed(0, b'X'), PackError::UnknownFormat(_)));
    assert!(changed(8, 9).to_string().contains("version 9"));
    assert!(matches!(changed(15, 0xff), PackError::TooLarge { .. }));
    assert!(matches!(changed(48, 1), PackError::Altered), "a signature without a signer");
    assert!(matches!(changed(bytes.len() - 1, !bytes[bytes.len() - 1]), PackError::Altered));
    assert!(matches!(Pack::read(b"PK\x03\x04 a zip"), Err(PackError::UnknownFormat(_))));
    assert!(matches!(Pack::read(&vec![0; MAX_FILE_BYTES + 1]), Err(PackError::TooLarge { .. })));
}

#[test]
fn a_small_file_does_not_unpack_into_all_the_memory() {
    let error = Pack::read(&format_1(&vec![b' '; MAX_CONTENT_BYTES + 1])).unwrap_err();
    assert!(matches!(error, PackError::TooLarge { limit_bytes, .. } if limit_bytes == MAX_CONTENT_BYTES as u64));
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(tail in proptest::collection::vec(any::<u8>(), 0..300), as_pack: bool, version in 0_u8..4) {
        let bytes = if as_pack { [b"KENDPACK".as_slice(), &[version, 0, 0, 0], &tail].concat() } else { tail };
        prop_assert!(Pack::read(&bytes).is_err());
    }
}

#[test]
fn a_pack_that_does_not_agree_with_itself_is_refused_with_what_does_not() {
    type Change = fn(&mut PackContent);
    let cases: [(&str, Change); 16] = [
        ("ascend", |content| content.index_thresholds = [20.0, 20.0, 45.0, 60.0]),
        ("ascend", |content| content.index_thresholds[3] = f64::NAN),
        ("ascend", |content| content.clusters[0].dimensions[2].thresholds = Some([0.0, 30.0, 45.0, 60.0])),
        ("no rayon of the pack", |content| content.clusters[0].rayons = vec!["AZ-NO".parse().unwrap()]),
        ("no rayon of the pack", |content| content.places[0].rayon = "AZ-NO".parse().unwrap()),
        ("twice", |content| content.rayons[1].code = "AZ-ONE".parse().unwrap()),
        ("twice", |content| content.places.push(content.places[0].clone())),
        ("two clusters", |content| {
            let second = Cluster { id: "two".to_owned(), ..content.clusters[0].clone() };
            content.clusters.push(second);
        }),
        ("not closed", |content| content.rayons[0].outline[0][0][0] = [45.0, 40.2]),
        ("not on the globe", |content| content.rayons[0].outline[0][0][1] = [45.0, 95.0]),
        ("0 villages", |content| content.clusters[0].villages_total = 0),
        ("five in their order", |content| content.clusters[0].dimensions.swap(0, 1)),
        ("all there or all null", |content| content.clusters[0].dimensions[2].sd_mc = None),
        ("rows 1 to 53", |content| {
            content.clusters[0].indicators.pop();
        }),
        ("missing and has a value", |content| content.clusters[0].indicators[43].status = IndicatorStatus::Missing),
        ("does not say it is partial", |content| content.partial = None),
    ];
    for (what, change) in cases {
        let mut changed = content();
        change(&mut changed);
        match Pack::new(changed) {
            Err(PackError::Inconsistent { what: found }) => assert!(found.contains(what), "{found} for {what}"),
            other => panic!("{what}: {other:?}"),
        }
    }
}

#[test]
fn unknown_fields_and_bad_codes_inside_are_refused() {
    let json = serde_json::to_string(&content()).unwrap();
    for (from, to) in
        [("\"version\"", "\"new\":1,\"version\""), ("AZ-TWO", "AZ TWO"), ("\"latitude\":40.5", "\"latitude\":140.5")]
    {
        assert!(serde_json::from_str::<PackContent>(&json.replacen(from, to, 1)).is_err(), "{to}");
    }
}

#[test]
fn a_position_belongs_to_the_rayon_around_it_or_to_the_nearest_within_two_kilometres() {
    assert_eq!(at(40.5, 45.5).as_deref(), Some("AZ-ONE"));
    assert_eq!(at(40.5, 46.5).as_deref(), Some("AZ-TWO"));
    // 0.015 degrees of longitude are 1.27 km at 40.5 degrees north, 0.03 are 2.54 km.
    assert_eq!(at(40.5, 44.985).as_deref(), Some("AZ-ONE"));
    assert_eq!(at(40.5, 44.97), None);
    assert_eq!(at(39.99, 46.5).as_deref(), Some("AZ-TWO"));
    assert_eq!(at(39.98, 46.5), None);
    assert_eq!(at(-12.0, 3.0), None);
}

#[test]
fn distances_follow_the_great_circle() {
    let equator = |longitude| Position::new(0.0, longitude).unwrap();
    // A degree of the mean Earth's equator: 2 pi 6371.0088 km / 360.
    assert!((distance_km(equator(10.0), equator(11.0)) - 111.195).abs() < 0.001);
    assert!(distance_km(equator(10.0), equator(10.0)).abs() < 1e-12);
    assert!((distance_km(equator(-90.0), equator(90.0)) - 20_015.1).abs() < 0.1);
}

#[test]
fn villages_are_found_by_area_and_by_id() {
    let pack = pack();
    let villages = |areas: &[&str]| {
        let areas = Areas(areas.iter().map(|area| area.parse().unwrap()).collect());
        pack.places_in(&areas).count()
    };
    assert_eq!((villages(&["AZ"]), villages(&["AZ-ONE"]), villages(&["AZ-TWO"]), villages(&[])), (1, 1, 0, 0));
    let place = pack.place(geonames_place(1)).unwrap();
    assert_eq!(place.names.get(Language::Ru), "Village ru");
    let cluster_of = |village, rayon: &str| pack.cluster_of(village, &rayon.parse().unwrap(), place.position);
    assert_eq!(cluster_of(place.village, "AZ-ONE").unwrap().id, "one");
    assert!(cluster_of(geonames_place(2), "AZ-TWO").is_none());
    assert!(pack.place(geonames_place(2)).is_none());
    assert!(pack.cluster("one").is_some() && pack.cluster("two").is_none());
}

#[test]
fn the_schema_accepts_a_pack_and_refuses_a_damaged_one() {
    let schema = include_str!("../../../schema/json-schema/pack.schema.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let valid = |pack: &Pack| validator.is_valid(&serde_json::to_value(pack.content()).unwrap());
    assert!(valid(&pack()));
    assert!(valid(&Pack::demo().unwrap()));
    assert!(valid(&kend_pack::synthetic::pack().unwrap()));
    for (pointer, value) in [
        ("/index_thresholds", serde_json::json!([1, 2, 3])),
        ("/clusters/0/index", serde_json::json!(101)),
        ("/profile", serde_json::json!("mine")),
        ("/rayons/0/code", serde_json::json!("AZ ONE")),
    ] {
        let mut damaged = serde_json::to_value(content()).unwrap();
        *damaged.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&damaged), "{pointer}");
    }
}

#[test]
fn the_demo_pack_is_valid_and_says_what_it_is() {
    let demo = Pack::demo().unwrap();
    let content = demo.content();
    assert!(content.project.demo);
    assert_eq!(content.project.name.as_str(), "demo");
    assert!(content.partial.is_some());
    let clusters: Vec<&str> = content.clusters.iter().map(|cluster| cluster.id.as_str()).collect();
    assert_eq!(clusters, ["shamkir-tovuz", "guba-gusar-khachmaz"]);
    // Every listed place is in, or near the coarse outline of, some rayon.
    let lost: Vec<&Place> = content.places.iter().filter(|place| demo.rayon_at(place.position).is_none()).collect();
    assert!(lost.len() <= 1, "{lost:?}");
}
