//! What the sector view looks at (report 5.7): where crops are processed, where visitors may stay and where they come. Crops
//! follow row 8, which is highest in the highest class, so the production zones are that class. Tourism is planted apart from
//! the index: its supply in a fifth of the area and the demand for it in another, which meet in two places, and in both of
//! these one zone is of the highest class.

use kend_domain::AreaCode;
use serde::Serialize;

use super::{
    country::{Country, Zone},
    features::{Attribute, Feature, point, spread_across},
    layers::{layer, points},
    plan::HIGHEST,
    planted::{Outline, outline},
    vectors::{Format, Layer, Shape},
};

const WGS_84: u32 = 4326;

/// Zones in which there are both, in the south and in the north-east.
const MEETING: [&str; 8] = ["AZ-AST", "AZ-LAN", "AZ-LER", "AZ-MAS", "AZ-YAR", "AZ-SBN", "AZ-SIY", "AZ-XAC"];
/// Zones with places to stay and few visitors; with those above they are a fifth of the eligible area, within 0.6 %.
const SUPPLY_ALONE: [&str; 6] = ["AZ-GOY", "AZ-OGU", "AZ-QAB", "AZ-QAX", "AZ-SAK", "AZ-ZAQ"];
/// Zones with visitors and few places to stay; with those above they are a fifth of the eligible area, within 0.6 %.
const DEMAND_ALONE: [&str; 8] = ["AZ-DAS", "AZ-GA", "AZ-GAD", "AZ-GOR", "AZ-GYG", "AZ-NA", "AZ-SKR", "AZ-TOV"];

fn meets(zone: &Zone) -> bool {
    MEETING.contains(&zone.code.as_str())
}

fn has_supply(zone: &Zone) -> bool {
    meets(zone) || SUPPLY_ALONE.contains(&zone.code.as_str())
}

fn has_demand(zone: &Zone) -> bool {
    meets(zone) || DEMAND_ALONE.contains(&zone.code.as_str())
}

/// Zones of a sector that have to be found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlantedPlaces {
    /// Their codes.
    pub zones: Vec<AreaCode>,
    /// Their area in the equal-area plane, km2.
    pub area_km2: f64,
    /// Their outlines, EPSG:4326, longitude first.
    pub outline: Outline,
}

/// Where agriculture and tourism are expected; edges of densities blur by some kilometres.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlantedSectors {
    /// The top quintile of production of one crop or another; where a figure is missing the other one tells.
    pub production: PlantedPlaces,
    /// The top quintile of the supply of tourism.
    pub tourism_supply: PlantedPlaces,
    /// The top quintile of the demand for it.
    pub tourism_demand: PlantedPlaces,
    /// Where these meet.
    pub tourism_optimised: PlantedPlaces,
    /// Where crops are grown there too.
    pub agritourism: PlantedPlaces,
}

/// What has to be found.
pub(super) fn planted_sectors(zones: &[&Zone]) -> PlantedSectors {
    let is_grown = |zone: &Zone| zone.class == HIGHEST;
    PlantedSectors {
        production: places(zones, is_grown),
        tourism_supply: places(zones, has_supply),
        tourism_demand: places(zones, has_demand),
        tourism_optimised: places(zones, meets),
        agritourism: places(zones, |zone| meets(zone) && is_grown(zone)),
    }
}

fn places(zones: &[&Zone], is_in: impl Fn(&Zone) -> bool) -> PlantedPlaces {
    let own: Vec<&Zone> = zones.iter().copied().filter(|zone| is_in(zone)).collect();
    PlantedPlaces {
        zones: own.iter().map(|zone| zone.code.clone()).collect(),
        area_km2: own.iter().map(|zone| zone.area_km2).sum(),
        outline: outline(own.iter().flat_map(|zone| &zone.degrees)),
    }
}

/// The layers: where crops are processed, lodging with its beds, visitors.
pub(super) fn sectors(country: &Country) -> Vec<Layer> {
    const PROCESSING: u64 = 1011;
    const VISITORS: u64 = 1012;
    const LODGING: u64 = 1013;
    const ONE_FOR_KM2: f64 = 250.0;
    /// Beds of a place to stay; together they outweigh attractions and destinations by far.
    const BEDS: [f64; 4] = [18.0, 24.0, 20.0, 26.0];
    /// Guests of a place in a year.
    const GUESTS: [f64; 4] = [500.0, 700.0, 550.0, 650.0];
    let plants = points(country, PROCESSING, |zone| zone.standing(8) * zone.area_km2 / ONE_FOR_KM2);
    let plants = plants.into_iter().zip(["grapes", "vegetables"].into_iter().cycle());
    let plants = plants.map(|(geometry, crop)| Feature { geometry, attributes: vec![crop.into()] }).collect();
    let shape = (WGS_84, Shape::Points);
    let lodging = counted(country, LODGING, has_supply, &BEDS);
    let visitors = counted(country, VISITORS, has_demand, &GUESTS);
    vec![
        layer(("processing.geojson", Format::GeoJson), "processing", shape, &["crop"], plants),
        layer(("lodging.fgb", Format::FlatGeobuf), "lodging", shape, &["beds"], lodging),
        layer(("visitors.fgb", Format::FlatGeobuf), "visitors", shape, &["guests"], visitors),
    ]
}

/// Points with a number each: many where there is something, and a few everywhere else.
fn counted(country: &Country, layer: u64, is_there: impl Fn(&Zone) -> bool, numbers: &[f64]) -> Vec<Feature> {
    /// The kernel's width (method 2.2), metres.
    const KERNEL_M: f64 = 10_000.0;
    /// Points per km2.
    const MANY: f64 = 0.15;
    const FEW: f64 = 0.01;
    let places = spread_across(country, layer, KERNEL_M, |zone| if is_there(zone) { MANY } else { FEW });
    let numbered = places.into_iter().zip(numbers.iter().cycle());
    let feature = |((x_m, y_m), number): ((f64, f64), &f64)| Feature {
        geometry: point(country, x_m, y_m),
        attributes: vec![Attribute::Number(*number)],
    };
    numbered.map(feature).collect()
}
