use super::*;
use crate::init::index_toml;

/// The settings of a new project with some text in place of other.
#[track_caller]
fn changed(from: &str, to: &str) -> Result<Project, ProjectError> {
    let text = index_toml().unwrap();
    assert!(text.contains(from), "{from}");
    Project::read(text.replacen(from, to, 1).as_bytes())
}

#[track_caller]
fn refused(from: &str, to: &str) -> String {
    changed(from, to).unwrap_err().to_string()
}

fn declared(lines: &str) -> Result<Project, ProjectError> {
    Project::read(format!("{}\n{lines}", index_toml().unwrap()).as_bytes())
}

#[test]
fn a_new_project_is_the_method_and_its_comments_name_the_defaults() {
    let text = index_toml().unwrap();
    let project = Project::read(text.as_bytes()).unwrap();
    assert_eq!(project.speeds, Speeds::default());
    assert_eq!(project.merge, MergeParameters::default());
    assert_eq!(project.limits().unwrap(), Method::standard().missing);
    assert_eq!((project.grid.centre_longitude, project.grid.centre_latitude, project.grid.cell_m), (47.5, 40.2, 100.0));
    let excluded: Vec<&str> = project.excluded.rayons.iter().map(AreaCode::as_str).collect();
    assert_eq!(excluded, ["AZ-ABS", "AZ-BA", "AZ-SM"]);
    assert_eq!(project.statistics, []);

    // Every commented default says the same as leaving it out: of all keys but those of the example.
    let head = text.split("# [[statistics]]").next().unwrap();
    let is_key = |line: &str| {
        line.strip_prefix("# ").is_some_and(|rest| {
            rest.split(" = ")
                .next()
                .unwrap()
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
                && rest.contains(" = ")
        })
    };
    let uncommented: Vec<&str> = head.lines().map(|line| if is_key(line) { &line[2..] } else { line }).collect();
    assert_eq!(
        uncommented.iter().zip(head.lines()).filter(|(now, before)| **now != *before).count(),
        1 + 2 + 3 + 10 + 7
    );
    let mut spelt_out = Project::read(uncommented.join("\n").as_bytes()).unwrap();
    assert_eq!(spelt_out.limits().unwrap(), project.limits().unwrap());
    spelt_out.missing = MissingSettings::default();
    assert_eq!(spelt_out, project);
}

#[test]
fn the_commented_examples_are_declarations_that_hold() {
    let text = index_toml().unwrap();
    let (head, examples) = text.split_once("# [[statistics]]").unwrap();
    // Words of explanation begin with a capital or a mark, keys with a small letter and an equals sign.
    let is_toml = |rest: &str| {
        let key = rest.split(" = ").next().unwrap_or_default();
        rest.starts_with('[')
            || (rest.contains(" = ") && key.chars().all(|letter| letter == '_' || letter.is_ascii_lowercase()))
    };
    let uncommented =
        |line: &str| line.strip_prefix("# ").filter(|rest| is_toml(rest)).unwrap_or(line).to_owned() + "\n";
    let examples: String = examples.lines().map(uncommented).collect();
    let project = Project::read(format!("{head}[[statistics]]{examples}").as_bytes()).unwrap();
    assert_eq!((project.statistics.len(), project.vectors.len(), project.rasters.len()), (2, 2, 2));
    assert!(project.zones.is_some());
}

#[test]
fn a_key_or_value_that_cannot_be_is_named() {
    let said = refused("profile = \"recommended\"", "profile = \"best\"");
    assert!(said.contains("unknown variant `best`, expected `recommended` or `faithful`"), "{said}");
    assert!(refused("cell_m = 100", "cel_m = 100").contains("unknown field `cel_m`"));
    assert_eq!(refused("cell_m = 100", "cell_m = 0"), "grid.cell_m: expected a number from 30 to 5000, found 0");
    assert!(
        refused("point_km = 10", "point_km = nan").starts_with("kernel.point_km: expected a number from 0.1 to 50")
    );
    assert_eq!(refused("# lambda = 0.5", "lambda = 2"), "merge.lambda: expected a number from 0 to 1, found 2");
    let said = refused("# indicator_min_share = 0.65", "indicator_min_share = 65");
    assert_eq!(said, "missing.indicator_min_share: expected a number from 0 to 1, found 65");
    assert_eq!(refused("# track_kmh = 12", "track_kmh = 0 #"), "speeds");
}

#[test]
fn a_declaration_that_could_mean_two_things_is_refused() {
    let valid = "[[statistics]]\nfile = \"a.csv\"\nindicator = 44\nyear = 2018\nunit = \"physicians\"\n";
    assert!(declared(valid).is_ok());
    let cases = [
        ("a.csv", "../a.csv", "file: expected the name of a file in statistics/"),
        ("indicator = 44", "", "expected either indicator (a row of Annex I) or figure (a name)"),
        (
            "indicator = 44",
            "indicator = 44\nfigure = \"p\"",
            "expected either indicator (a row of Annex I) or figure (a name)",
        ),
        ("indicator = 44", "indicator = 54", "indicator: expected a row of Annex I, 1 to 53, found 54"),
        ("year = 2018", "year = 18", "year: expected a year from 1900 to 2100, found 18"),
        ("\"physicians\"", "\" \"", "unit: expected a unit, found an empty text"),
        ("year", "factor = 0\nyear", "factor: expected a number other than 0, found 0"),
        (
            "year",
            "per = \"people\"\nyear",
            "per: no statistics declare figure = \"people\", and it is none of population, population_15_65, zone_area_km2 and indicator N",
        ),
        ("year", "per = \"indicator 44\"\nyear", "per: an indicator is not divided by itself"),
        ("year", "per = \"indicator 1\"\nyear", "per: no statistics declare one total for indicator 1"),
        ("year", "product = \"grapes\"\nyear", "product: only row 8 has products"),
        ("indicator = 44", "indicator = 8", "product: row 8 is declared once for each product"),
        ("year", "delimiter = \"x\"\nyear", "delimiter: expected \",\", \";\", \"\\t\" or \"|\", found 'x'"),
    ];
    for (from, to, expected) in cases {
        let said = declared(&valid.replacen(from, to, 1)).unwrap_err().to_string();
        let file = if to.starts_with("..") { to } else { "a.csv" };
        assert_eq!(said, format!("statistics 1 ({file}): {expected}"));
    }
    let twice = declared(&format!("{valid}{valid}")).unwrap_err().to_string();
    assert_eq!(twice, "statistics 2 (a.csv): measures the same as statistics 1");
    let product = |name| valid.replace("indicator = 44", &format!("indicator = 8\nproduct = \"{name}\""));
    assert!(declared(&format!("{}{}", product("grapes"), product("wheat"))).is_ok());
    assert!(declared(&format!("{}{}", product("grapes"), product("grapes"))).is_err());
    for always in ["population", "population_15_65", "zone_area_km2"] {
        assert!(declared(&valid.replace("year", &format!("per = \"{always}\"\nyear"))).is_ok());
    }
    let figure = valid.replace("indicator = 44", "figure = \"people\"");
    assert!(declared(&format!("{figure}{}", valid.replace("year", "per = \"people\"\nyear"))).is_ok());
}

mod layers;
