//! The sector view of a country that can be worked out by hand.

use std::fs;

use gdal::{Dataset, Metadata as _};
use kend_cells::{Speeds, quartic_kernel};
use kend_pack::{SectorZone, crop, tourism};
use kend_spatial::{Country, SectorFinding, Sectors, read_country};

use crate::country::{CELL_M, Case, HALF, SIDE, centre, collection, people, point, zone_of};

const CELLS: usize = SIDE * SIDE;
/// Cells of which plants, markets, sights and guests are.
const PLANT: (usize, usize) = (4, 4);
const MARKET: (usize, usize) = (16, 3);
const SIGHT: (usize, usize) = (14, 14);
const GUESTS: (usize, usize) = (15, 12);

const SECTORS: &str = "[[sectors]]\ncrop = \"grapes\"\nnames = { az = \"üzüm\", en = \"grapes\", ru = \"виноград\" }\n";

fn role(role: &str, keys: &str) -> String {
    format!("[[vectors]]\nrole = \"{role}\"\nfile = \"{role}.geojson\"\nyear = 2020\n{keys}\n")
}

/// Grapes grow in the south-east alone; all land is cropland without roads.
fn case() -> Case {
    let case = Case::new("[clusters]\nleast_area_km2 = 1\n[robustness]\ndraws = 2\n");
    let rows = (1..=53).filter(|row| ![8, 10].contains(row));
    case.tables(&rows.map(|row| (row, [0.0, 1.0, 4.0, 9.0].map(Some))).collect::<Vec<_>>(), "");
    case.tables(&[(8, [0.0, 0.0, 0.0, 500.0].map(Some))], "product = \"grapes\"\n");
    case.values("cover.tif", |_, _| 10.0);
    case.add("[[rasters]]\nfile = \"cover.tif\"\nrole = \"land_cover\"\nyear = 2015\n");
    let one = |(row, column)| collection(&[point(centre(row, column), "\"number\":\"3\"")]);
    for (file, at) in
        [("processing", PLANT), ("commercialisation", MARKET), ("tourism_supply", SIGHT), ("tourism_demand", GUESTS)]
    {
        case.write(&format!("vectors/{file}.geojson"), &one(at));
    }
    case.add(SECTORS);
    case.add(&role("processing", "crop = \"grapes\""));
    case.add(&role("commercialisation", "crop = \"grapes\""));
    case.add(&role("tourism_supply", ""));
    case.add(&role("tourism_demand", "weight = \"number\""));
    case
}

fn sectors(country: &Country) -> &Sectors {
    country.sectors.as_ref().unwrap()
}

/// The value that a fifth of the cells reach.
fn top_fifth(values: &[f32]) -> f32 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted[CELLS * 4 / 5 - 1]
}

#[track_caller]
fn values(country: &Country, zone: SectorZone) -> &[f32] {
    &sectors(country).concentrations.iter().find(|own| own.zone == zone).unwrap().values
}

/// The cells of a zone.
fn cells(country: &Country, zone: SectorZone) -> Vec<usize> {
    let (flags, bit) = match zone {
        SectorZone::Production => (&sectors(country).crops[0].flags, crop::PRODUCTION),
        SectorZone::Processing => (&sectors(country).crops[0].flags, crop::PROCESSING),
        SectorZone::Commercialisation => (&sectors(country).crops[0].flags, crop::COMMERCIALISATION),
        SectorZone::TourismSupply => (&sectors(country).tourism, tourism::SUPPLY),
        SectorZone::TourismDemand => (&sectors(country).tourism, tourism::DEMAND),
        SectorZone::TourismOptimised => (&sectors(country).tourism, tourism::OPTIMISED),
        SectorZone::Agritourism => (&sectors(country).tourism, tourism::AGRITOURISM),
    };
    (0..CELLS).filter(|at| flags[*at] & bit != 0).collect()
}

#[test]
fn zones_are_the_top_fifth_of_cells_and_where_they_meet() {
    let country = case().built();
    let grown = values(&country, SectorZone::Production);
    let tons: f64 = grown.iter().map(|own| f64::from(*own)).sum();
    assert!((tons - 500.0).abs() < 1e-3, "cells of a square kilometre: {tons}");
    assert!((0..CELLS).all(|at| zone_of(at / SIDE, at % SIDE) == 3 || grown[at] == 0.0));
    for (zone, at, weight) in [
        (SectorZone::Processing, PLANT, 1.0),
        (SectorZone::Commercialisation, MARKET, 1.0),
        (SectorZone::TourismSupply, SIGHT, 1.0),
        (SectorZone::TourismDemand, GUESTS, 3.0),
    ] {
        let (x, y) = centre(at.0, at.1);
        for (cell, found) in values(&country, zone).iter().enumerate() {
            let own = centre(cell / SIDE, cell % SIDE);
            let expected = weight * quartic_kernel((own.0 - x).hypot(own.1 - y), 10_000.0);
            assert!((f64::from(*found) - expected).abs() < 1e-6, "{zone:?} {cell}");
        }
    }
    for own in &sectors(&country).concentrations {
        let limit = top_fifth(&own.values);
        assert_eq!(own.threshold, Some(f64::from(limit)));
        let expected: Vec<usize> = (0..CELLS).filter(|at| own.values[*at] >= limit).collect();
        assert_eq!(cells(&country, own.zone), expected, "{:?}", own.zone);
    }
    let both = |one, other| -> Vec<usize> {
        let other = cells(&country, other);
        cells(&country, one).into_iter().filter(|at| other.contains(at)).collect()
    };
    let optimised = both(SectorZone::TourismSupply, SectorZone::TourismDemand);
    assert!(!optimised.is_empty());
    assert_eq!(cells(&country, SectorZone::TourismOptimised), optimised);
    let agritourism = both(SectorZone::TourismOptimised, SectorZone::Production);
    assert!(!agritourism.is_empty() && agritourism.len() < optimised.len());
    assert_eq!(cells(&country, SectorZone::Agritourism), agritourism);
    assert_eq!(sectors(&country).finding, SectorFinding::Overlap);
    let record = sectors(&country).zones.iter().find(|own| own.zone == SectorZone::Agritourism).unwrap();
    assert_eq!((record.cells, record.area_km2), (agritourism.len(), agritourism.len() as f64));
    let inhabitants: f64 = agritourism.iter().map(|at| people(at / SIDE, at % SIDE)).sum();
    assert!((record.population - inhabitants).abs() < 1e-2);
    let share: f64 = record.rayons.iter().map(|(_, share)| share).sum();
    assert!((share - 1.0).abs() < 1e-12);
}

/// Minutes on foot over even land to the nearest of some cells, along eight neighbours.
fn on_foot(at: usize, to: &[usize]) -> f64 {
    let minutes = CELL_M / 1000.0 / Speeds::default().low_vegetation_kmh * 60.0;
    let steps = |other: usize| {
        let (rows, columns) = ((at / SIDE).abs_diff(other / SIDE) as f64, (at % SIDE).abs_diff(other % SIDE) as f64);
        rows.max(columns) - rows.min(columns) + rows.min(columns) * std::f64::consts::SQRT_2
    };
    to.iter().map(|other| (minutes * steps(*other)).min(240.0)).fold(f64::INFINITY, f64::min)
}

#[test]
fn ways_between_zones_are_weighted_with_people_in_the_country_and_in_each_cluster() {
    let country = case().built();
    let mean = |from: SectorZone, to: SectorZone, only: &dyn Fn(usize) -> bool| {
        let (to, mut sum, mut weight) = (cells(&country, to), 0.0, 0.0);
        for at in cells(&country, from).into_iter().filter(|at| only(*at)) {
            let own = people(at / SIDE, at % SIDE);
            (sum, weight) = (sum + own * on_foot(at, &to), weight + own);
        }
        sum / weight
    };
    let ways = &sectors(&country).travel;
    assert_eq!(ways.len(), 5, "{ways:?}");
    for way in ways {
        let expected = mean(way.from, way.to, &|_| true);
        assert!((way.minutes - expected).abs() < 1e-3, "{way:?} and not {expected}");
        let of_crop = matches!(way.from, SectorZone::Production | SectorZone::Processing);
        assert_eq!(way.crop.as_deref(), of_crop.then_some("grapes"));
    }
    let all = country.clusters.iter().flat_map(|(class, clusters)| clusters.iter().map(move |own| (*class, own)));
    let mut told = 0;
    for (class, cluster) in all {
        for way in sectors(&country).clusters[&class].get(&cluster.id).into_iter().flatten() {
            let expected = mean(way.from, way.to, &|at| cluster.cells.contains(&u32::try_from(at).unwrap()));
            assert!((way.minutes - expected).abs() < 1e-3, "{way:?} and not {expected}");
            told += 1;
        }
    }
    assert!(told > 0);
}

#[test]
fn sectors_are_maps_a_table_and_a_sentence_and_come_back() {
    let case = case();
    let country = case.built();
    let out = case.out();
    assert_eq!(format!("{:?}", read_country(&out).unwrap()), format!("{country:?}"));
    let map = |file: &str| Dataset::open(out.join(format!("maps/sector-{file}.tif"))).unwrap();
    let read = |file: &str| map(file).rasterband(1).unwrap().read_band_as::<f32>().unwrap().data().to_vec();
    assert_eq!(read("grapes-production"), values(&country, SectorZone::Production));
    assert_eq!(read("tourism_demand"), values(&country, SectorZone::TourismDemand));
    for (file, flags) in [("grapes", &sectors(&country).crops[0].flags), ("tourism", &sectors(&country).tourism)] {
        let found = map(file).rasterband(1).unwrap().read_band_as::<u8>().unwrap();
        assert_eq!(found.data(), flags, "{file}");
    }
    assert_eq!(map("tourism").metadata_item("FLAG_8", "").as_deref(), Some("agritourism"));
    let table = fs::read_to_string(out.join("sectors.csv")).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 1 + 7, "{table}");
    assert!(lines[0].starts_with("crop,zone,threshold,unit,year,cells,area_km2,population,minutes_to_processing"));
    assert!(lines[1].starts_with("grapes,production,") && lines[7].starts_with(",agritourism,,,,"));
    assert!(sectors(&country).sentence().contains("where crops are grown, most in AZ-SE"));
}

#[test]
fn zones_left_out_are_in_no_zone_and_what_is_not_declared_is_not_there() {
    let case = case();
    case.write("index.toml", &case.read("index.toml").replace("rayons = []", "rayons = [\"AZ-SE\"]"));
    let country = case.built();
    for zone in [SectorZone::Production, SectorZone::TourismSupply] {
        let outside = |at: &usize| at / SIDE < HALF || at % SIDE < HALF;
        assert!(cells(&country, zone).iter().all(outside), "{zone:?}");
    }
    assert!(cells(&country, SectorZone::Production).is_empty(), "grapes grow there alone");
    assert_eq!(sectors(&country).concentrations[0].threshold, None);

    let toml = case.read("index.toml").replace(&role("tourism_demand", "weight = \"number\""), "");
    case.write("index.toml", &toml);
    let country = case.built();
    let zones: Vec<SectorZone> = sectors(&country).zones.iter().map(|own| own.zone).collect();
    assert!(!zones.contains(&SectorZone::TourismDemand) && !zones.contains(&SectorZone::TourismOptimised));
    assert_eq!(sectors(&country).finding, SectorFinding::NoTourism);
}

#[test]
fn a_sector_that_cannot_be_is_named() {
    let cases = [
        ("crop = \"grapes\"\nnames", "crop = \"Grapes!\"\nnames", "sectors 1, crop: expected a word of small letters"),
        ("crop = \"grapes\"\nnames", "crop = \"wheat\"\nnames", "no statistics of row 8 are of product `wheat`"),
        ("en = \"grapes\"", "en = \" \"", "sectors 1, names: a name is empty"),
        ("year = 2020\ncrop = \"grapes\"", "year = 2020", "crop: expected the crop that it is of"),
        ("year = 2020\ncrop = \"grapes\"", "year = 2020\ncrop = \"figs\"", "crop: no [[sectors]] declare `figs`"),
        ("role = \"tourism_supply\"", "role = \"tourism_supply\"\ncrop = \"grapes\"", "crop: only roles processing"),
    ];
    let case = case();
    let toml = case.read("index.toml");
    for (from, to, expected) in cases {
        assert!(toml.contains(from), "{from}");
        case.write("index.toml", &toml.replacen(from, to, 1));
        let said = case.refused();
        assert!(said.contains(expected), "{said}");
    }
    case.write("index.toml", &format!("{toml}\n{SECTORS}"));
    assert!(case.refused().contains("sectors 2, crop: `grapes` is declared twice"));
}
