//! The generated layers of points, lines and areas, each in the format and reference system that such a layer may come in.

use geo::{Coord, Geometry, LineString, MultiPoint};

use super::{
    country::{Country, Zone},
    features::{
        Attribute, Feature, count, ellipse, evenly, in_degrees, lines, point, spread, spread_across, squares, whole,
    },
    places,
    plan::HIGHEST,
    sectors,
    settlements::Settlements,
    vectors::{Format, Layer, Shape},
};

const WGS_84: u32 = 4326;
const UTM_38: u32 = 32638;
const UTM_39: u32 = 32639;
const WEB_MERCATOR: u32 = 3857;

/// All layers; those of one file stand behind each other.
pub(super) fn layers(country: &Country, settlements: &Settlements) -> Vec<Layer> {
    let mut layers = vec![zones(country), settlement_points(country, settlements)];
    layers.push(places::open_map(country, settlements));
    layers.extend(transport(country, settlements));
    layers.extend(networks(country, settlements));
    layers.extend(barriers(country));
    layers.extend(registers(country));
    layers.extend(sectors::sectors(country));
    layers.extend(areas(country));
    layers
}

pub(super) fn layer(
    (file, format): (&'static str, Format),
    name: &'static str,
    (epsg, shape): (u32, Shape),
    columns: &[&'static str],
    features: Vec<Feature>,
) -> Layer {
    Layer { file, format, name, epsg, shape, columns: columns.to_vec(), features }
}

fn zones(country: &Country) -> Layer {
    let features = country.zones.iter().map(|zone| Feature {
        geometry: zone.degrees.clone().into(),
        attributes: vec![zone.code.as_str().into(), zone.names.az.as_str().into()],
    });
    layer(("zones.gpkg", Format::Gpkg), "zones", (WGS_84, Shape::Areas), &["code", "name"], features.collect())
}

/// Settlements with the people of their zone: half of them in the one nearest to its middle.
fn settlement_points(country: &Country, settlements: &Settlements) -> Layer {
    const IN_CENTRE: f64 = 0.5;
    let mut features = Vec::new();
    for (place, zone) in country.zones.iter().enumerate() {
        let own = settlements.of(place);
        let centre = settlements.centre(country, place);
        let others = count(own.len().saturating_sub(1));
        for (number, settlement) in own.iter().enumerate() {
            let Some(at) = settlements.all.get(*settlement) else { continue };
            let is_centre = Some(*settlement) == centre;
            let share = match is_centre {
                true if others < 1.0 => 1.0,
                true => IN_CENTRE,
                false => (1.0 - IN_CENTRE) / others,
            };
            let name = if is_centre { zone.names.az.clone() } else { format!("{} {number}", zone.names.az) };
            features.push(Feature {
                geometry: point(country, at.x_m, at.y_m),
                attributes: vec![
                    Attribute::Text(name),
                    if is_centre { "town" } else { "village" }.into(),
                    Attribute::Number((zone.people * share).round()),
                ],
            });
        }
    }
    let columns = ["name", "place", "population"];
    layer(("settlements.fgb", Format::FlatGeobuf), "settlements", (WGS_84, Shape::Points), &columns, features)
}

/// Roads of all classes and rail: in the file of the open map.
fn transport(country: &Country, settlements: &Settlements) -> Vec<Layer> {
    const RAIL_BESIDE_M: f64 = 400.0;
    let trunk = settlements.trunk_links(country);
    let mut taken = trunk.clone();
    // Which links are primary is told by what is marked; the lines themselves are drawn below with all other roads.
    lines(country, settlements, |zone| zone.value(22), 0.0, false, &mut taken);
    let mut roads = Vec::new();
    for ((link, is_trunk), is_taken) in settlements.links.iter().zip(&trunk).zip(&taken) {
        let (Some(one), Some(other)) = (settlements.all.get(link.0), settlements.all.get(link.1)) else { continue };
        let class = match (is_trunk, is_taken) {
            (true, _) => "trunk",
            (_, true) => "primary",
            _ => minor_road(country.zones.get(one.zone), country.zones.get(other.zone)),
        };
        let ends = [Coord { x: one.x_m, y: one.y_m }, Coord { x: other.x_m, y: other.y_m }];
        let geometry = in_degrees(country, &LineString::new(ends.to_vec()).into());
        roads.push(Feature { geometry, attributes: vec![class.into()] });
    }
    let mut free = vec![false; settlements.links.len()];
    let rail = lines(country, settlements, |zone| zone.value(23), RAIL_BESIDE_M, true, &mut free);
    let map = ("open_map.gpkg", Format::Gpkg);
    vec![
        layer(map, "roads", (UTM_38, Shape::Lines), &["highway"], roads),
        layer(map, "rail", (WGS_84, Shape::Lines), &["railway"], with(rail, "rail")),
    ]
}

/// Roads get better with the lower of the two classes that they lie in.
fn minor_road(one: Option<&Zone>, other: Option<&Zone>) -> &'static str {
    let class = |zone: Option<&Zone>| zone.map_or(0, |zone| zone.class);
    match class(one).min(class(other)) {
        0 => "unclassified",
        1..HIGHEST => "tertiary",
        _ => "secondary",
    }
}

fn with(geometries: Vec<Geometry>, attribute: &str) -> Vec<Feature> {
    let feature = |geometry| Feature { geometry, attributes: vec![attribute.into()] };
    geometries.into_iter().map(feature).collect()
}

/// Power and telephone lines, power plants, substations.
fn networks(country: &Country, settlements: &Settlements) -> Vec<Layer> {
    const POWER_BESIDE_M: f64 = -500.0;
    const TELEPHONE_BESIDE_M: f64 = 150.0;
    /// Row 15 is in km per km2, lines are drawn by km per 100 km2.
    const KM2_OF_RATE: f64 = 100.0;
    let none = || vec![false; settlements.links.len()];
    let power = lines(country, settlements, |zone| zone.value(27), POWER_BESIDE_M, false, &mut none());
    let mut taken = none();
    let mut telephone = Vec::new();
    for upwards in [false, true] {
        // Half of it across, half upwards: the density is to be even.
        let half = |zone: &Zone| if places::is_unmapped(zone) { 0.0 } else { zone.value(15) * KM2_OF_RATE / 2.0 };
        telephone.extend(lines(country, settlements, half, TELEPHONE_BESIDE_M, upwards, &mut taken));
    }
    let plants = points(country, 28, |zone| zone.value(28));
    let substations = points(country, 29, |zone| zone.value(29) * zone.area_km2 / KM2_OF_RATE);
    let energy = ("energy.gpkg", Format::Gpkg);
    vec![
        layer(
            ("power_lines.fgb", Format::FlatGeobuf),
            "power_lines",
            (UTM_39, Shape::Lines),
            &["power"],
            with(power, "line"),
        ),
        layer(
            ("telephone.shp", Format::Shapefile),
            "telephone",
            (UTM_38, Shape::Lines),
            &["kind"],
            with(telephone, "overhead"),
        ),
        layer(energy, "plants", (UTM_39, Shape::Points), &["power"], with(plants, "plant")),
        layer(energy, "substations", (WGS_84, Shape::Points), &["power"], with(substations, "substation")),
    ]
}

/// Points spread over each zone, as many as a function asks for.
pub(super) fn points(country: &Country, row: u64, wanted: impl Fn(&Zone) -> f64) -> Vec<Geometry> {
    let zones = country.zones.iter().enumerate();
    let places = zones.flat_map(|(place, zone)| spread(country, place, row, whole(wanted(zone))));
    places.map(|(x_m, y_m)| point(country, x_m, y_m)).collect()
}

/// Lakes, in zones of the lowest class alone; and the border around the exclave, outside of it.
fn barriers(country: &Country) -> Vec<Layer> {
    const LAYER: u64 = 1001;
    /// Half the width and height of a lake, metres.
    const LAKE_M: (f64, f64) = (1800.0, 1000.0);
    /// Zones with less have no lake.
    const LEAST_KM2: f64 = 1000.0;
    let zones = country.zones.iter().enumerate().filter(|(_, zone)| zone.class == 0 && zone.area_km2 > LEAST_KM2);
    let lakes = zones.flat_map(|(place, _)| spread(country, place, LAYER, 1));
    let lakes = lakes.map(|middle| ellipse(country, middle, LAKE_M)).collect();
    let water =
        layer(("water.geojson", Format::GeoJson), "water", (WGS_84, Shape::Areas), &["natural"], with(lakes, "water"));
    let border = with(vec![in_degrees(country, &closed_border(country))], "closed");
    let border = layer(
        ("closed_borders.geojson", Format::GeoJson),
        "closed_borders",
        (WGS_84, Shape::Lines),
        &["border"],
        border,
    );
    vec![water, border]
}

/// A ring around Nakhchivan, which no road links to the rest (report, paragraph 20): wholly outside, so that it makes no
/// cell of a zone impassable.
fn closed_border(country: &Country) -> Geometry {
    use geo::{Centroid as _, ConvexHull as _, Scale as _};
    const NAKHCHIVAN: &str = "Nakhchivan";
    const WIDER: f64 = 1.05;
    let is_own = |zone: &&Zone| super::plan::REGIONS.get(zone.region).is_some_and(|(_, _, en)| *en == NAKHCHIVAN);
    let corners =
        country.zones.iter().filter(is_own).flat_map(|zone| &zone.plane.0).flat_map(|part| part.exterior().points());
    let hull = corners.collect::<MultiPoint>().convex_hull();
    let middle = hull.centroid().unwrap_or_default();
    hull.exterior().scale_around_point(WIDER, WIDER, middle).into()
}

/// What comes as a register: projects, associations, destinations, financial institutions.
fn registers(country: &Country) -> Vec<Layer> {
    const PER_10_000: f64 = 10_000.0;
    /// The kernel's width (method 2.2), metres.
    const KERNEL_M: f64 = 10_000.0;
    let density = |row: u8| -> Vec<Geometry> {
        let places = spread_across(country, row.into(), KERNEL_M, |zone| zone.value(row));
        places.into_iter().map(|(x_m, y_m)| point(country, x_m, y_m)).collect()
    };
    let financial = points(country, 48, |zone| zone.value(48) * zone.people_15_65() / PER_10_000);
    let kinds = ["bank", "credit union", "NBCO", "post office"].into_iter().cycle();
    let financial = financial.into_iter().zip(kinds);
    let financial = financial.map(|(geometry, kind)| Feature { geometry, attributes: vec![kind.into()] }).collect();
    vec![
        layer(
            ("local_projects.geojson", Format::GeoJson),
            "local_projects",
            (WGS_84, Shape::Points),
            &["kind"],
            with(density(52), "project"),
        ),
        layer(
            ("water_users.shp", Format::Shapefile),
            "water_users",
            (UTM_38, Shape::Points),
            &["kind"],
            with(density(53), "association"),
        ),
        layer(
            ("tourism.fgb", Format::FlatGeobuf),
            "tourism",
            (WEB_MERCATOR, Shape::Points),
            &["kind"],
            with(density(12), "destination"),
        ),
        layer(("financial.shp", Format::Shapefile), "financial", (WGS_84, Shape::Points), &["kind"], financial),
        ports(country),
    ]
}

fn ports(country: &Country) -> Layer {
    const LAYER: u64 = 1009;
    const ONE_FOR_KM2: f64 = 600.0;
    let ports = points(country, LAYER, |zone| if zone.lags(9) { 0.0 } else { (zone.area_km2 / ONE_FOR_KM2).ceil() });
    layer(("ports.geojson", Format::GeoJson), "ports", (WGS_84, Shape::Points), &["kind"], with(ports, "port"))
}

/// Coverage of networks, irrigated land, built settlements.
fn areas(country: &Country) -> Vec<Layer> {
    const PER_CENT: f64 = 100.0;
    let shares = |share: &dyn Fn(&Zone) -> f64| -> Vec<Geometry> {
        country.zones.iter().flat_map(|zone| squares(country, zone, share(zone))).collect()
    };
    // Whole zones touch each other, as operators publish them; where a network lags there are islands, and in some none.
    let covered = |row: u8| -> Vec<Geometry> {
        let zones = country.zones.iter().flat_map(|zone| match zone.lags(row) {
            false => vec![zone.degrees.clone().into()],
            true if places::is_unmapped(zone) => Vec::new(),
            true => squares(country, zone, zone.standing(row)),
        });
        zones.collect()
    };
    let coverage = ("coverage.gpkg", Format::Gpkg);
    let network =
        |name, row| layer(coverage, name, (WEB_MERCATOR, Shape::Areas), &["network"], with(covered(row), name));
    vec![
        network("gsm", 18),
        network("umts", 19),
        network("lte", 20),
        layer(
            ("irrigated.shp", Format::Shapefile),
            "irrigated",
            (UTM_39, Shape::Areas),
            &["kind"],
            with(shares(&|zone| zone.value(7) / PER_CENT), "irrigated"),
        ),
        layer(
            ("built.fgb", Format::FlatGeobuf),
            "built",
            (WEB_MERCATOR, Shape::Areas),
            &["kind"],
            with(shares(&|zone| zone.value(34) / PER_CENT), "built"),
        ),
    ]
}

/// Settlements of a zone that have something: a share that grows with the standing, and where its row lags the middle one
/// alone; in the lowest class not even that. So a zone of a class is not the farther behind the farther others are.
pub(super) fn equipped(
    country: &Country,
    settlements: &Settlements,
    (place, zone): (usize, &Zone),
    row: u8,
) -> Vec<usize> {
    const LEAST: f64 = 0.2;
    const GROWTH: f64 = 0.3;
    if zone.lags(row) {
        return settlements.centre(country, place).into_iter().filter(|_| zone.class > 0).collect();
    }
    let own = settlements.of(place);
    let wanted = whole((count(own.len()) * (LEAST + GROWTH * zone.standing(row))).ceil());
    evenly(&own, wanted)
}
