use kend_cells::quartic_kernel;
use kend_readiness::{Goalposts, cells::ScoreRule};
use kend_spatial::{ColumnValues, Country, NativeUnit};

use crate::country::{
    CELL_M, Case, HALF, SIDE, ZONES, centre, collection, degrees, feature, people, point, rectangle, ring, zone_of,
};

/// Tables for the rows of `indicators.csv` that these tests say nothing of, so that there is an index.
fn case(without: &[u8], settings: &str) -> Case {
    let case = Case::new(&format!("[clusters]\nleast_area_km2 = 1\n[robustness]\ndraws = 2\n{settings}"));
    let rows = (1..=53).filter(|row| ![8, 10].contains(row) && !without.contains(row));
    case.tables(&rows.map(|row| (row, [0.0, 1.0, 4.0, 9.0].map(Some))).collect::<Vec<_>>(), "");
    case
}

fn vectors(file: &str, keys: &str) -> String {
    format!("[[vectors]]\nfile = \"{file}\"\nyear = 2020\n{keys}\n")
}

#[track_caller]
fn cells(country: &Country, row: usize) -> &[f32] {
    match &country.indicators[row - 1].values {
        ColumnValues::Cells(values) => values,
        ColumnValues::Zones(_) => panic!("row {row} is by zone"),
    }
}

#[track_caller]
fn zones(country: &Country, row: u8) -> [Option<f64>; 4] {
    [0, 1, 2, 3].map(|zone| country.zones[zone].values[&row].value)
}

#[track_caller]
fn near(found: f64, expected: f64, within: f64, what: impl std::fmt::Display) {
    assert!((found - expected).abs() <= within, "{what}: {found} and not {expected}");
}

fn inhabitants(zone: usize) -> f64 {
    (0..SIDE * SIDE).filter(|at| zone_of(at / SIDE, at % SIDE) == zone).map(|at| people(at / SIDE, at % SIDE)).sum()
}

/// Outlines end a metre before the outer border.
const ZONE_KM2: f64 = 9.999 * 9.999;

#[test]
fn points_are_counted_and_weighed_in_zones_and_smoothed_in_cells() {
    let case = case(&[11, 21, 28, 52], "");
    let at = [centre(2, 3), centre(2, 3), centre(15, 15)];
    let towers: Vec<String> =
        at.iter().enumerate().map(|(n, at)| point(*at, &format!("\"members\":\"{}\"", n + 2))).collect();
    case.write("vectors/towers.geojson", &collection(&towers));
    case.add(&vectors("towers.geojson", "indicator = 21"));
    case.add(&vectors("towers.geojson", "indicator = 28\nweight = \"members\""));
    case.add(&vectors("towers.geojson", "indicator = 11"));
    case.add(&vectors("towers.geojson", "indicator = 52\nweight = \"members\""));
    let country = case.built();
    let per_people = |count: f64, zone| Some(count * 10_000.0 / inhabitants(zone));
    for (zone, expected) in [per_people(2.0, 0), Some(0.0), Some(0.0), per_people(1.0, 3)].into_iter().enumerate() {
        near(zones(&country, 21)[zone].unwrap(), expected.unwrap(), 1e-6, zone);
    }
    assert_eq!(zones(&country, 28), [5.0, 0.0, 0.0, 4.0].map(Some), "row 28 has no denominator");
    near(zones(&country, 11)[0].unwrap(), 200.0 / ZONE_KM2, 1e-6, "per 100 km2");
    for (at, found) in cells(&country, 52).iter().enumerate() {
        let here = centre(at / SIDE, at % SIDE);
        let weighted = [(5.0, centre(2, 3)), (4.0, centre(15, 15))];
        let expected: f64 = weighted
            .iter()
            .map(|(weight, (x, y))| weight * quartic_kernel((here.0 - x).hypot(here.1 - y), 10_000.0))
            .sum();
        near(f64::from(*found), expected, 1e-6, at);
    }
    // The zone's own value is the mean of its cells weighted with people.
    let zone = |at: usize| zone_of(at / SIDE, at % SIDE);
    let own = cells(&country, 52).iter().enumerate().filter(|(at, _)| zone(*at) == 3);
    let (mut sum, mut weight) = (0.0, 0.0);
    for (at, value) in own {
        sum += people(at / SIDE, at % SIDE) * f64::from(*value);
        weight += people(at / SIDE, at % SIDE);
    }
    near(zones(&country, 52)[3].unwrap(), sum / weight, 1e-7, "weighted with people");
}

#[test]
fn lines_are_cut_at_outlines_and_areas_covered_once() {
    let case = case(&[18, 22, 34], "");
    // 12 km from 2 km west of the middle: 2 km in the north-west, 8 km in the north-east, the rest beyond the border.
    let line = |from: (f64, f64), to: (f64, f64)| {
        let ((a, b), (c, d)) = (degrees(from), degrees(to));
        feature("LineString", &format!("[[{a:.12},{b:.12}],[{c:.12},{d:.12}]]"), "\"highway\":\"primary\"")
    };
    case.write("vectors/roads.geojson", &collection(&[line((-2000.0, 500.0), (10_500.0, 500.0))]));
    case.add(&vectors("roads.geojson", "indicator = 22\nwhere = { highway = [\"primary\"] }"));
    // Two squares of 4 km that overlap by half: 24 km2 together, all in the south-west.
    let square = |west: f64| feature("Polygon", &format!("[{}]", rectangle(west, -8000.0, west + 4000.0, -4000.0)), "");
    case.write("vectors/built.geojson", &collection(&[square(-8000.0), square(-6000.0)]));
    case.add(&vectors("built.geojson", "indicator = 34"));
    case.add(&vectors("built.geojson", "indicator = 18\ncomplete = true"));
    let country = case.built();
    for (zone, km) in [2.0, 9.999, 0.0, 0.0].into_iter().enumerate() {
        // A straight line in degrees bends by some centimetres in the plane.
        near(zones(&country, 22)[zone].unwrap(), km * 100.0 / ZONE_KM2, 1e-4, zone);
    }
    near(zones(&country, 34)[2].unwrap(), 24.0 * 100.0 / ZONE_KM2, 1e-4, "built");
    assert_eq!(zones(&country, 34)[3], Some(0.0));
    for (at, share) in cells(&country, 18).iter().enumerate() {
        let (x, y) = centre(at / SIDE, at % SIDE);
        let inside = (-8000.0..-2000.0).contains(&x) && (-8000.0..-4000.0).contains(&y);
        near(f64::from(*share), if inside { 1.0 } else { 0.0 }, 1e-5, at);
    }
    assert_eq!(country.manifest.rules[&18], ScoreRule::Coverage);
}

#[test]
fn outside_a_coverage_that_is_not_whole_nothing_is_known() {
    let case = case(&[19], "");
    let area = feature("Polygon", &format!("[{}]", rectangle(-8990.0, -8990.0, 8990.0, 8990.0)), "");
    case.write("vectors/cover.geojson", &collection(&[area]));
    case.add(&vectors("cover.geojson", "indicator = 19"));
    let country = case.built();
    let missing = cells(&country, 19).iter().filter(|share| share.is_nan()).count();
    assert_eq!(missing, SIDE * SIDE - (SIDE - 2) * (SIDE - 2));
}

#[test]
fn travel_times_follow_roads_and_stop_at_water() {
    let case = case(&[9, 42], "");
    // A road along the row of the destination; a river right across the country from north to south, bridged by the road.
    let track: Vec<(f64, f64)> = (0..SIDE).map(|column| centre(10, column)).collect();
    let texts: Vec<String> = track.iter().map(|at| degrees(*at)).map(|(x, y)| format!("[{x:.12},{y:.12}]")).collect();
    let road = feature("LineString", &format!("[{}]", texts.join(",")), "\"highway\":\"primary\"");
    case.write("vectors/roads.geojson", &collection(&[road]));
    let river = ring(&[(1000.0, -9900.0), (2000.0, -9900.0), (2000.0, 9900.0), (1000.0, 9900.0)]);
    case.write("vectors/water.geojson", &collection(&[feature("Polygon", &format!("[{river}]"), "")]));
    case.write("vectors/schools.geojson", &collection(&[point(centre(10, 5), "")]));
    case.write("vectors/ports.geojson", &collection(&[point(centre(10, 11), "")]));
    case.add(&vectors("roads.geojson", "role = \"roads\""));
    case.add(&vectors("water.geojson", "role = \"water\""));
    case.add(&vectors("schools.geojson", "indicator = 42"));
    case.add(&vectors("schools.geojson", "indicator = 9\nset = \"market\""));
    case.add(&vectors("ports.geojson", "indicator = 9\nset = \"port\""));
    let country = case.built();
    let minutes = cells(&country, 42);
    let at = |row: usize, column: usize| f64::from(minutes[row * SIDE + column]);
    let road = CELL_M * 0.06 / 70.0;
    let foot = CELL_M * 0.06 / 5.0;
    near(at(10, 5), 0.0, 0.0, "the destination");
    near(at(10, 8), 3.0 * road, 1e-4, "along the road");
    near(at(9, 8), 3.0 * road + f64::midpoint(road, foot), 1e-3, "a step beside it, or across the corner");
    near(at(10, 15), 10.0 * road, 1e-3, "over the bridge");
    assert!(at(2, 11).is_nan() && !at(10, 11).is_nan(), "water, and the bridge");
    // Straight down from the road on foot: half a cell on the road, then cells on foot.
    near(at(14, 5), f64::midpoint(road, foot) + 3.0 * foot, 1e-3, "on foot");
    let wall = at(2, 12);
    assert!(wall > 7.0 * foot * 0.9, "the far bank is reached by the bridge alone: {wall}");
    // Two sets: the mean of two scores, each by goalposts of its own.
    let sets = &country.manifest.set_rules[&9];
    assert_eq!((sets.len(), country.indicators[8].unit.as_str()), (2, "points"));
    let score = |rule: &ScoreRule, minutes: f64| match rule {
        ScoreRule::Goalposts(Goalposts { low, high, .. }) => {
            (100.0 * (-minutes - low) / (high - low)).clamp(0.0, 100.0)
        }
        ScoreRule::Coverage => panic!("minutes"),
    };
    let market = score(&sets[0], at(10, 8));
    let port = score(&sets[1], 3.0 * road);
    near(f64::from(cells(&country, 9)[10 * SIDE + 8]), f64::midpoint(market, port), 1e-2, "mean of two scores");
}

/// A short track in the east: travel times need a road.
fn track(case: &Case) {
    let ends = [centre(10, 15), centre(10, 16)].map(degrees).map(|(x, y)| format!("[{x:.12},{y:.12}]"));
    let road = feature("LineString", &format!("[{}]", ends.join(",")), "\"highway\":\"track\"");
    case.write("vectors/roads.geojson", &collection(&[road]));
    case.add(&vectors("roads.geojson", "role = \"roads\""));
}

#[test]
fn a_part_that_is_not_linked_by_land_has_the_longest_time() {
    let case = case(&[42], "");
    let wall: Vec<String> = [(-500.0, -9999.0), (-500.0, 9999.0)]
        .iter()
        .map(|at| degrees(*at))
        .map(|(x, y)| format!("[{x:.12},{y:.12}]"))
        .collect();
    let border = feature("LineString", &format!("[{}]", wall.join(",")), "");
    case.write("vectors/border.geojson", &collection(&[border]));
    case.write("vectors/schools.geojson", &collection(&[point(centre(10, 15), "")]));
    track(&case);
    case.add(&vectors("border.geojson", "role = \"closed_borders\""));
    case.add(&vectors("schools.geojson", "indicator = 42"));
    let country = case.built();
    let minutes = cells(&country, 42);
    for (at, minutes) in minutes.iter().enumerate() {
        match at % SIDE {
            9 => assert!(minutes.is_nan()),
            0..9 => assert_eq!(*minutes, 240.0),
            _ => assert!(*minutes < 240.0),
        }
    }
}

#[test]
fn rasters_and_people_give_cells_their_values() {
    let case = case(&[4, 33, 40], "");
    case.values("sun.tif", |x_m, _| if x_m < 0.0 { 1000.0 } else { 1500.0 });
    case.values("cover.tif", |_, y_m| if y_m < 0.0 { 10.0 } else { 130.0 });
    case.counts("working.tif", |row, column| 0.25 * (1 + row % 2) as f64 * people(row, column));
    for (file, of) in [
        ("sun.tif", "indicator = 33"),
        ("cover.tif", "role = \"land_cover\""),
        ("working.tif", "role = \"population_15_65\""),
    ] {
        case.add(&format!("[[rasters]]\nfile = \"{file}\"\n{of}\nyear = 2020\n"));
    }
    case.tables(&[(8, [Some(1.0), Some(2.0), Some(3.0), None]), (10, [10.0, 20.0, 30.0, 40.0].map(Some))], "");
    let toml = case.read("index.toml").replace("indicator = 8\n", "indicator = 8\nproduct = \"grapes\"\n");
    case.write("index.toml", &toml);
    let country = case.built();
    for at in 0..SIDE * SIDE {
        let (row, column) = (at / SIDE, at % SIDE);
        // Pixels straddle the middle line: cells a kilometre from it are pure.
        if !(HALF - 1..=HALF).contains(&column) {
            near(f64::from(cells(&country, 33)[at]), if column < HALF { 1000.0 } else { 1500.0 }, 1e-3, at);
        }
        if !(HALF - 1..=HALF).contains(&row) {
            near(f64::from(cells(&country, 4)[at]), if row < HALF { 0.0 } else { 100.0 }, 1e-3, at);
        }
        let share = cells(&country, 40)[at];
        if people(row, column) == 0.0 {
            assert!(share.is_nan(), "nobody lives there");
        } else {
            near(f64::from(share), 25.0 * (1 + row % 2) as f64, 1e-3, at);
        }
    }
    assert_eq!(country.indicators[39].native, NativeUnit::InhabitedCell);
    // Each zone's total stays whole, and lies where the cropland is: the northern zones have a strip of it at most.
    let spread = cells(&country, 10);
    for (zone, total) in [10.0, 20.0, 30.0, 40.0].into_iter().enumerate() {
        let own = spread.iter().enumerate().filter(|(at, _)| zone_of(at / SIDE, at % SIDE) == zone);
        let sum: f64 = own.map(|(_, value)| f64::from(*value)).sum();
        near(sum, total, 1e-3, ZONES[zone]);
    }
    // Ranks of three zones are 0, 50, 100; the fourth has no figure.
    let ranks = cells(&country, 8);
    let of = |zone: usize| ranks.iter().enumerate().filter(move |(at, _)| zone_of(at / SIDE, at % SIDE) == zone);
    near(of(2).map(|(_, value)| f64::from(*value)).sum(), 100.0, 1e-3, "the highest");
    assert!(of(3).all(|(_, value)| value.is_nan()));
}

#[test]
fn a_zone_without_toilets_and_with_few_amenities_is_unmapped_and_not_without() {
    let case = case(&[31], "");
    let toilets: Vec<String> = [centre(2, 2), centre(2, 15)].iter().map(|at| point(*at, "")).collect();
    // Amenities for each inhabitant: fewest in the south-east, which has no toilet; the south-west has none either, but is
    // mapped as well as others.
    let mapped = [(3, centre(2, 2)), (6, centre(2, 15)), (30, centre(15, 2)), (1, centre(15, 15))];
    let amenities: Vec<String> =
        mapped.iter().flat_map(|(count, at)| std::iter::repeat_n(point(*at, ""), *count)).collect();
    case.write("vectors/toilets.geojson", &collection(&toilets));
    case.write("vectors/amenities.geojson", &collection(&amenities));
    case.add(&vectors("toilets.geojson", "indicator = 31"));
    case.add(&vectors("amenities.geojson", "role = \"amenities\""));
    // The 25th percentile of four is the least: nothing is below it, so take the south-east out of the zones that count.
    let toml = case.read("index.toml");
    let country = case.built();
    assert_eq!(zones(&country, 31).map(|value| value.is_some()), [true; 4], "the least of four is not below itself");
    case.write("index.toml", &toml.replace("indicator = 31", "indicator = 31\ncomplete = true"));
    assert_eq!(zones(&case.built(), 31)[3], Some(0.0));
    case.write("index.toml", &toml.replace("rayons = []", "rayons = [\"AZ-SE\"]"));
    let country = case.built();
    assert_eq!(zones(&country, 31)[2], Some(0.0), "mapped, and without");
    assert_eq!(zones(&country, 31)[3], None, "unmapped");
    // The zone that is left out has cells without index.
    let last = SIDE * SIDE - 1;
    assert!(country.scored.index[last].is_nan() && country.zones[3].excluded);
    assert_eq!(country.rayons.len(), 3);
}

#[test]
fn figures_of_regions_are_divided_by_the_people_of_their_zones() {
    let case = case(&[49, 6, 5], "");
    case.write("statistics/savings.csv", "region,2020\nNorth,1000000\nSouth,3000000\n");
    case.add(
        "[[statistics]]\nfile = \"savings.csv\"\nindicator = 49\nregion = true\nyear = 2020\nunit = \"AZN\"\n\
         per = \"population\"\n",
    );
    case.tables(&[(5, [10.0, 20.0, 40.0, 50.0].map(Some))], "");
    case.tables(&[(6, [1.0, 3.0, 2.0, 4.0].map(Some))], "per = \"indicator 5\"\nfactor = 1000\n");
    let country = case.built();
    let north = 1e6 / (inhabitants(0) + inhabitants(1));
    let south = 3e6 / (inhabitants(2) + inhabitants(3));
    for (zone, expected) in [north, north, south, south].into_iter().enumerate() {
        near(zones(&country, 49)[zone].unwrap(), expected, 1e-3, zone);
    }
    assert_eq!(country.indicators[48].native, NativeUnit::Region);
    assert_eq!(zones(&country, 6), [100.0, 150.0, 50.0, 80.0].map(Some));
}

#[test]
fn destinations_chosen_by_zones_follow_the_zones_that_count() {
    let case = case(&[3], "");
    track(&case);
    let centres: Vec<String> =
        [centre(5, 5), centre(5, 15), centre(15, 5), centre(15, 15)].map(|at| point(at, "")).into();
    case.write("vectors/centres.geojson", &collection(&centres));
    case.write("statistics/employees.csv", "zone,2018\nAZ-NW,1\nAZ-NE,2\nAZ-SW,3\nAZ-SE,4\n");
    case.add("[[statistics]]\nfile = \"employees.csv\"\nfigure = \"employees\"\nyear = 2018\nunit = \"persons\"\n");
    case.add(&vectors("centres.geojson", "indicator = 3\nzones_in_top_quintile_of = \"employees\""));
    let nearest = |country: &Country| -> Vec<usize> {
        let minutes = cells(country, 3);
        (0..SIDE * SIDE).filter(|at| minutes[*at] == 0.0).collect()
    };
    // The 80th percentile of four, and of three, is the greatest.
    assert_eq!(nearest(&case.built()), [15 * SIDE + 15]);
    let toml = case.read("index.toml");
    case.write("index.toml", &toml.replace("rayons = []", "rayons = [\"AZ-SE\"]"));
    assert_eq!(nearest(&case.built()), [15 * SIDE + 5], "a column of before does not stay");
}
