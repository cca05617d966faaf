//! SYNTHETIC. A small made-up country with cells: three rayons with two clusters across their borders and one rayon without,
//! to test what works on cells and to look at screens before an office has made a real pack.
//!
//! Nothing in it is a fact, it says so in its title, its attribution and its flag, and it is never part of a build for
//! use. All numbers come from whole numbers by plain arithmetic, so it is the same on every machine.

mod facts;
mod land;

use std::collections::BTreeMap;

use kend_cells::EqualArea;
use kend_domain::{AreaCode, Dimension, EntityId, Names, Position, ReadinessClass};
use kend_readiness::{
    MergeParameters, Method, WeightScheme,
    cells::{ClusterCells, ClusterColumns, NO_CLASS, ScoredCells, score_steps},
    class_of, indicators,
};

use crate::{
    Basemap, Calculator, Cluster, ClusterArea, ClusterMap, Crop, DimensionValue, Friction, IndicatorStatus,
    IndicatorValue, Layout, Pack, PackContent, PackError, PackKey, Place, PlaneLine, Profile, Project, Rayon,
    RayonReadiness, Road, RoadClass, SectorZone, Sectors, Settlement, ZoneTravel, cell_index,
};
use land::{GRID, Land, RAYONS, score_at, zone_value};

/// Thresholds of the index.
const INDEX: [f64; 4] = [30.0, 38.0, 46.0, 54.0];
/// Thresholds of every dimension.
const DIMENSION: [f64; 4] = [28.0, 37.0, 46.0, 56.0];
/// Villages of each cluster.
const VILLAGES: u32 = 8;
const SYNTHETIC: &str = "SYNTHETIC";
const YEAR: u16 = 2023;
/// Degrees have five decimals, about a metre.
const STEPS: f64 = 1e5;

/// The pack.
pub fn pack() -> Result<Pack, PackError> {
    let lands = [Land::new(0), Land::new(1)];
    let mut content = country(&lands);
    let mut cells = BTreeMap::new();
    for land in &lands {
        let map = map(land, &content)?;
        content.clusters.push(cluster(land, &map, &content)?);
        cells.insert(land.id().to_owned(), map);
    }
    let friction: Result<BTreeMap<_, _>, PackError> =
        lands.iter().map(|land| Ok((land.id().to_owned(), Friction::of(&land.friction()?)?))).collect();
    Pack::with_cells(content, &cells, Some(&basemap(&lands)))?.with_friction(&friction?)
}

/// The key that signs it, known to everybody: who trusts it trusts nothing.
pub fn key() -> PackKey {
    PackKey::new(format!("{SYNTHETIC} office"), blake3::hash(b"kend synthetic office").as_bytes())
}

fn names(az: &str, en: &str, ru: &str) -> Names {
    Names { az: format!("Sintetik {az}"), en: format!("Synthetic {en}"), ru: format!("Синтетика: {ru}") }
}

fn code(zone: usize) -> AreaCode {
    #[expect(clippy::expect_used, reason = "the codes of this file are codes")]
    format!("AZ-SY{}", zone + 1).parse().expect("BUG: a code of the synthetic country is none")
}

/// Degrees of a point of the plane, to a metre.
fn degrees((x_m, y_m): (f64, f64)) -> [f64; 2] {
    let (longitude, latitude) = EqualArea::default().to_degrees(x_m, y_m);
    [(longitude * STEPS).round() / STEPS, (latitude * STEPS).round() / STEPS]
}

fn position(point: (f64, f64)) -> Position {
    let [longitude, latitude] = degrees(point);
    #[expect(clippy::expect_used, reason = "the synthetic country lies on the globe")]
    Position::new(latitude, longitude).expect("BUG: a synthetic place off the globe")
}

/// Everything but the clusters.
fn country(lands: &[Land; 2]) -> PackContent {
    PackContent {
        version: "synthetic-1".to_owned(),
        method_version: Method::standard().method_version.clone(),
        profile: Profile::Recommended,
        project: Project { name: project(), title: names("ölkə", "country", "страна"), demo: true },
        attribution: vec![format!("{SYNTHETIC}: made up, nothing here is a fact.")],
        partial: None,
        data_year: f64::from(YEAR) + 0.5,
        round_year: 2026.9,
        round: None,
        index_thresholds: INDEX,
        merge: MergeParameters::of(Method::standard()),
        clusters: Vec::new(),
        rayons: (0..RAYONS.len()).map(rayon).collect(),
        places: lands.iter().flat_map(|land| (0..VILLAGES).map(|number| place(land, number))).collect(),
        synthetic: true,
        calculator: Some(Calculator {
            grid: GRID,
            weights: WeightScheme::Criterion,
            limits: None,
            rules: facts::rules(),
            additions: facts::additions(),
            lag: facts::lag(),
            peers: facts::peers(),
            gaps: facts::gaps(),
            zones: facts::zone_values(),
            villages: lands.iter().flat_map(|land| (0..VILLAGES).map(|number| facts::village(land, number))).collect(),
        }),
    }
}

fn project() -> AreaCode {
    #[expect(clippy::expect_used, reason = "the word of this file is one")]
    "synthetic".parse().expect("BUG: the synthetic project has no name")
}

fn rayon(zone: usize) -> Rayon {
    let corners = land::corners(zone);
    let [first, ..] = corners;
    let ring = corners.iter().chain([&first]).map(|corner| degrees(*corner)).collect();
    let number = zone + 1;
    let level = land::level(zone);
    Rayon {
        code: code(zone),
        names: names(&format!("rayon {number}"), &format!("rayon {number}"), &format!("район {number}")),
        population: Some(land::people(zone)),
        centre: position(land::middle(zone)),
        outline: vec![vec![ring]],
        readiness: Some(RayonReadiness {
            index: Some(level),
            index_of_values: Some(level + 1.5),
            dimensions: std::array::from_fn(|place| Some(level + 2.0 * land::count(place) - 4.0)),
            class_shares: [0.1, 0.2, 0.4, 0.2, 0.1],
            area_km2: land::area_km2(zone),
            profile: facts::profile(u32::try_from(zone).unwrap_or_default()),
        }),
    }
}

fn village_id(land: &Land, number: u32) -> EntityId {
    crate::ground::derived(&format!("synthetic:{}:{number}", land.id()))
}

fn place(land: &Land, number: u32) -> Place {
    let name = land.number * VILLAGES + number + 1;
    let here = land.village(number);
    Place {
        village: village_id(land, number),
        names: names(&format!("kənd {name}"), &format!("village {name}"), &format!("село {name}")),
        rayon: code(land::zone_at(here)),
        population: Some(300 + 450 * number),
        position: position(here),
    }
}

/// The cells as an office would have scored them.
fn map(land: &Land, content: &PackContent) -> Result<ClusterMap, PackError> {
    let count = land.cells.len();
    let scores = indicators().iter().map(|row| {
        let of = |cell: &land::At| score_steps(score_at(land, cell, row));
        land.cells.iter().map(of).collect()
    });
    let nothing = ScoredCells {
        dimensions: std::array::from_fn(|_| vec![f32::NAN; count]),
        index: vec![f32::NAN; count],
        class: vec![NO_CLASS; count],
    };
    let mut columns = ClusterColumns {
        scores: scores.collect(),
        office: nothing,
        population: land.cells.iter().map(|cell| land.people_at(cell)).collect(),
        zones: land.cells.iter().map(|cell| u16::try_from(cell.zone).unwrap_or_default()).collect(),
        cell_km2: GRID.cell_m * GRID.cell_m / 1e6,
    };
    let unfit = |error: kend_readiness::cells::CellError| PackError::inconsistent(error.to_string());
    let index = cell_index(content)?;
    let blank = ClusterCells::new(index.clone(), columns.clone()).map_err(unfit)?;
    blank.recompute(&mut columns.office);
    let cells = ClusterCells::new(index, columns).map_err(unfit)?;
    let layout = Layout {
        window: land.window(),
        runs: land.runs(),
        class_frequency: land.cells.iter().map(|cell| land.frequency_at(cell)).collect(),
        tourism: land.cells.iter().map(|cell| land.tourism_at(cell)).collect(),
        crops: CROPS.iter().map(|(crop, ..)| ((*crop).to_owned(), land.crop_flags(crop))).collect(),
    };
    ClusterMap::new(cells, layout, &GRID)
}

/// Word and names of the crops.
const CROPS: [(&str, &str, &str, &str); 2] =
    [("grapes", "üzüm", "grapes", "виноград"), ("tomatoes", "pomidor", "tomatoes", "томаты")];

fn sectors() -> Sectors {
    use SectorZone::{Agritourism, Commercialisation, Processing, Production, TourismOptimised};
    let own = |(crop, az, en, ru): &(&str, &str, &str, &str)| Crop {
        crop: (*crop).to_owned(),
        names: Names { az: (*az).to_owned(), en: (*en).to_owned(), ru: (*ru).to_owned() },
    };
    let ways = |(crop, ..): &(&str, &str, &str, &str)| {
        let crop = Some((*crop).to_owned());
        [(Production, Processing, 14.0), (Processing, Commercialisation, 22.0), (Production, Commercialisation, 31.0)]
            .map(|(from, to, minutes)| ZoneTravel { crop: crop.clone(), from, to, minutes })
    };
    let between = ZoneTravel { crop: None, from: TourismOptimised, to: Agritourism, minutes: 9.0 };
    let travel = CROPS.iter().flat_map(ways).chain([between]).collect();
    Sectors { crops: CROPS.iter().map(own).collect(), travel }
}

fn cluster(land: &Land, map: &ClusterMap, content: &PackContent) -> Result<Cluster, PackError> {
    let summary = map.cells().summary();
    let mean = |value: Option<f64>| value.ok_or_else(|| PackError::inconsistent("a synthetic cluster without people"));
    let kept = |value: f64| (value * 1e6).round() / 1e6;
    let index = kept(mean(summary.index)?);
    let mut dimensions = Vec::new();
    for ((dimension, value), sd) in Dimension::ALL.iter().zip(summary.dimensions).zip([6.0, 5.0, 7.0, 8.0, 9.0]) {
        let value = Some(kept(mean(value)?));
        dimensions.push(DimensionValue { dimension: *dimension, value, thresholds: Some(DIMENSION), sd_mc: Some(sd) });
    }
    let mut told = Vec::new();
    for row in indicators() {
        let score = kept(mean(map.cells().mean_score(row.row))?);
        told.push(IndicatorValue {
            row: row.row,
            status: IndicatorStatus::Observed,
            value: Some(kept(facts::value_of(row, score))),
            unit: row.unit_name.clone(),
            score: Some(score),
            norm: Some(42.0),
            period: Some(YEAR.to_string()),
            publisher: Some(SYNTHETIC.to_owned()),
            remark: None,
        });
    }
    let people: f64 = summary.population.iter().sum();
    let letter = if land.number == 0 { "A" } else { "B" };
    let thresholds =
        kend_readiness::Thresholds::new(INDEX).map_err(|error| PackError::inconsistent(error.to_string()))?;
    Ok(Cluster {
        id: land.id().to_owned(),
        names: names(&format!("klaster {letter}"), &format!("cluster {letter}"), &format!("кластер {letter}")),
        rayons: land.zones().map(code).collect(),
        villages_total: VILLAGES + 3,
        population: facts::whole(people),
        population_year: YEAR,
        index,
        dimensions,
        indicators: told,
        area: Some(ClusterArea {
            class: class_of(index, &thresholds),
            area_km2: summary.area_km2.iter().sum(),
            outline: vec![vec![land.outline().into_iter().map(degrees).collect()]],
            window: land.window(),
            villages: (0..VILLAGES).map(|number| village_id(land, number)).collect(),
            gaps: facts::gaps_of(map, content),
            class_frequencies: Some([0.0, 0.05, 0.25, 0.6, 0.1]),
            profile: facts::profile(land.number + 7),
            sectors: Some(sectors()),
        }),
    })
}

fn basemap(lands: &[Land; 2]) -> Basemap {
    let through =
        |row: f64| (0..27).map(move |step| (-13_000.0 + 1000.0 * f64::from(step), row + 150.0 * f64::from(step % 3)));
    let road = |class, row| Road { class, line: PlaneLine::through(through(row)) };
    let lake = [(0.0, -2000.0), (900.0, -1700.0), (1200.0, -2600.0), (300.0, -3000.0), (0.0, -2000.0)];
    let settlement = |land: &Land, number: u32| {
        let place = place(land, number);
        let (x_m, y_m) = land.village(number);
        Settlement {
            names: place.names,
            x_m: facts::metres(x_m),
            y_m: facts::metres(y_m),
            population: place.population,
        }
    };
    let mut settlements: Vec<Settlement> =
        lands.iter().flat_map(|land| (0..VILLAGES).map(|number| settlement(land, number))).collect();
    settlements.sort_by_key(|settlement| std::cmp::Reverse(settlement.population));
    Basemap {
        roads: vec![road(RoadClass::Motorway, 300.0), road(RoadClass::Secondary, -1900.0)],
        water: vec![PlaneLine::through(lake)],
        settlements,
    }
}

/// The classes in their order.
const CLASSES: &[ReadinessClass] = ReadinessClass::ALL;
