//! A project of which most is missing: an index of what is there, and nothing in place of what is not.

use kend_domain::Dimension;
use kend_spatial::{ColumnStatus, Country, read_country};

use crate::country::{Case, HALF, SIDE, ZONES, centre, collection, files, point, zone_of};

/// Rows 44 (human capital) and 48 (economic potential) by tables, and no raster of people; `people` are figures of the zones.
fn first_day(people: [&str; 4], dimensions: u32) -> Case {
    let case = Case::new("");
    let raster = "[[rasters]]\nfile = \"people.tif\"\nrole = \"population\"\nyear = 2020\n";
    let limits = format!("[missing]\ndimension_min_weight_share = 0.01\nindex_min_dimensions = {dimensions}\n");
    let toml = case.read("index.toml").replace(raster, "").replace("[missing]\n", &limits);
    case.write("index.toml", &toml);
    let lines: Vec<String> = ZONES.iter().zip(people).map(|(zone, people)| format!("{zone},{people}\n")).collect();
    case.write("statistics/people.csv", &format!("zone,2018\n{}", lines.concat()));
    case.add("[[statistics]]\nfile = \"people.csv\"\nfigure = \"population\"\nyear = 2018\nunit = \"persons\"\n");
    case.tables(&[(44, [1.0, 2.0, 3.0, 4.0].map(Some)), (48, [5.0, 7.0, 6.0, 8.0].map(Some))], "");
    case
}

fn warned(country: &Country, begin: &str) -> bool {
    country.manifest.warnings.iter().any(|warning| warning.starts_with(begin))
}

#[test]
fn an_index_of_two_dimensions_is_their_mean_and_says_what_it_is_made_without() {
    let case = first_day(["10000", "20000", "30000", "..."], 2);
    let country = case.built();
    let two = [Dimension::HumanCapital, Dimension::EconomicPotential];
    assert_eq!(country.dimension_thresholds.keys().copied().collect::<Vec<_>>(), two);
    // Scores of 44 are 0, 100/3, 200/3, 100; of 48 0, 200/3, 100/3, 100.
    let index = [0.0, 50.0, 50.0, 100.0];
    for at in 0..SIDE * SIDE {
        let zone = zone_of(at / SIDE, at % SIDE);
        assert!((f64::from(country.scored.index[at]) - index[zone]).abs() < 1e-4, "{at}");
        for (of, values) in Dimension::ALL.iter().zip(&country.scored.dimensions) {
            assert_eq!(values[at].is_nan(), !two.contains(of), "{of}");
        }
        // A quarter of the country has HALF times HALF cells of equal people.
        let people = [100.0, 200.0, 300.0, 0.0];
        assert_eq!(f64::from(country.population[at]), people[zone], "{HALF} cells in a row");
    }
    let missing = &country.manifest.missing;
    assert!(missing.is_partial());
    assert_eq!(missing.rows.len(), 51);
    assert_eq!(missing.dimensions, [Dimension::EconomicSources, Dimension::Infrastructure, Dimension::Governance]);
    assert_eq!(missing.limits["index_min_dimensions"], (2.0, 5.0));
    assert!(!missing.limits.contains_key("indicator_min_share"), "that of the method");
    assert!(warned(&country, "people: no raster of role population"));
    assert!(warned(&country, "people: zones without a figure count as without people: AZ-SE"));
    assert!(
        country
            .gaps
            .classes
            .values()
            .flat_map(|classes| classes.values())
            .flat_map(|gaps| gaps.keys())
            .all(|of| two.contains(of))
    );
    // As text, since what is missing is NaN.
    let read = read_country(&case.out()).unwrap();
    assert!(format!("{read:?}") == format!("{country:?}"), "read back as it was built");
}

#[test]
fn too_few_dimensions_for_any_index_are_named_and_nothing_is_written() {
    let case = first_day(["1", "1", "1", "1"], 3);
    let said = case.refused();
    assert!(
        said.starts_with(
            "no cell has an index: 3 dimensions need a value there and only human_capital, economic_potential have"
        ),
        "{said}"
    );
    assert!(files(&case.out()).is_empty());
}

#[test]
fn a_row_of_travel_time_without_roads_is_missing_and_said() {
    let case = first_day(["1", "1", "1", "1"], 2);
    case.write("vectors/schools.geojson", &collection(&[point(centre(10, 5), "")]));
    case.add("[[vectors]]\nfile = \"schools.geojson\"\nindicator = 42\nyear = 2020\n");
    let country = case.built();
    assert_eq!(country.indicators[41].status, ColumnStatus::Undeclared);
    assert!(warned(&country, "row 42: destinations are declared, but no layer of role roads"));
}

#[test]
fn nobody_knows_where_people_live_without_raster_and_figure() {
    let case = first_day(["1", "1", "1", "1"], 2);
    let toml = case.read("index.toml").replace("figure = \"population\"", "figure = \"inhabitants\"");
    case.write("index.toml", &toml);
    let said = case.refused();
    assert!(said.contains("declares no raster of role population or statistics by zone with figure"), "{said}");
}

#[test]
fn people_of_regions_or_below_zero_are_refused() {
    let case = first_day(["10", "-20", "30", "40"], 2);
    assert_eq!(case.refused(), "statistics/people.csv (figure population): AZ-NE has -20 people");
    let case = first_day(["1", "1", "1", "1"], 2);
    case.write("statistics/people.csv", "region,2018\nR1,10\nR2,20\n");
    let toml = case.read("index.toml").replace("\nfile = \"people.csv\"\n", "\nfile = \"people.csv\"\nregion = true\n");
    case.write("index.toml", &toml);
    let said = case.refused();
    assert!(said.contains("statistics by zone"), "{said}");
}

#[test]
fn a_result_never_lies_among_the_files_of_a_project() {
    let case = first_day(["1", "1", "1", "1"], 2);
    let before = files(&case.folder());
    let error = kend_spatial::build(&case.folder(), &case.folder(), &mut |_| std::ops::ControlFlow::Continue(()));
    assert!(error.unwrap_err().to_string().ends_with("is a project folder: the result needs a folder of its own"));
    assert_eq!(files(&case.folder()), before);
}
