//! The report of the small country: its numbers are those of the country, and nothing gets into it unescaped.

use kend_domain::{Dimension, Language, ReadinessClass};
use kend_spatial::{Country, CountryReport, GapVariant, read_country, write_reports};

use crate::{
    country::{ZONES, files},
    scores::{SETTINGS, quadratic},
};

fn report(country: &Country, language: Language) -> String {
    CountryReport::new(country).unwrap().html(language)
}

/// A section by its id, to the next one.
fn section<'a>(html: &'a str, id: &str) -> &'a str {
    let start = html.split(&format!("<section id=\"{id}\">")).nth(1).unwrap();
    start.split("<section").next().unwrap()
}

/// The row of a table that begins with a name.
fn row<'a>(section: &'a str, name: &str) -> &'a str {
    let start = section.split(&format!("<th scope=\"row\">{name}</th>")).nth(1).unwrap();
    start.split("</tr>").next().unwrap()
}

/// The cell of a table with a number.
fn cell(value: f64, decimals: usize) -> String {
    format!("<td class=\"number\" data-v=\"{value}\">{value:.decimals$}</td>")
}

#[test]
fn the_numbers_of_the_report_are_those_of_the_country() {
    let country = quadratic().built();
    let html = report(&country, Language::En);
    let rayons = section(&html, "rayons");
    for rayon in &country.rayons {
        let row = row(rayons, rayon.code.as_str());
        let (cells, own) = (rayon.index.unwrap(), rayon.index_of_values.unwrap());
        assert!(row.contains(&cell(cells, 1)) && row.contains(&cell(own, 1)), "{row}");
        let better = country.rayons.iter().filter(|other| other.index_of_values.unwrap() > own).count();
        assert!(row.contains(&cell((better + 1) as f64, 0)), "the engine ranks the index of own values: {row}");
        let shares = rayon.class_shares.iter().rev().map(|share| format!("{:.0}", 100.0 * share));
        assert!(row.contains(&shares.collect::<Vec<_>>().join("\u{a0}· ")), "{row}");
    }
    let clusters = section(&html, "clusters");
    assert!(country.clusters.values().flatten().count() > 0);
    for cluster in country.clusters.values().flatten() {
        let row = row(clusters, &cluster.names.en);
        assert!(row.contains(&cell(cluster.area_km2, 0)) && row.contains(&cell(cluster.index.unwrap(), 1)), "{row}");
        for value in cluster.dimensions.values() {
            assert!(row.contains(&cell(*value, 1)), "{row}");
        }
    }
    let gaps = section(&html, "gaps");
    for (class, found) in &country.gaps.classes[&GapVariant::Area] {
        for dimension in Dimension::ALL {
            assert!(gaps.contains(&format!(">{:.1}</td>", found[dimension])), "{class} {dimension}");
        }
    }
    let of =
        |class: ReadinessClass| country.scored.class.iter().filter(move |own| usize::from(**own) == class as usize);
    let cells = |class| of(class).map(|_| 1.0).sum();
    for class in ReadinessClass::ALL {
        assert!(section(&html, "map").contains(&cell(cells(*class), 0)), "a cell is a square kilometre: {class}");
    }
}

#[test]
fn one_country_gives_the_same_bytes_at_once_and_read_back() {
    let case = quadratic();
    let country = case.built();
    let built = files(&case.out());
    let before: Vec<String> = Language::ALL.iter().map(|language| report(&country, *language)).collect();
    let paths = write_reports(&read_country(&case.out()).unwrap(), &case.out(), Language::ALL).unwrap();
    let written: Vec<String> = paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    assert!(before == written, "the same in three languages");
    assert!(before[0] != before[1] && before[1] != before[2]);
    assert_eq!(files(&case.out()).len(), built.len() + 3, "nothing else has changed");
    assert!(read_country(&case.out()).is_ok());
}

#[test]
fn what_a_file_calls_a_rayon_is_no_part_of_the_page() {
    let case = quadratic();
    let bad = ["<script>alert(1)</script>", "\"\"><img src=x onerror=alert(2)>", "{low} & 'AZ'", "AZ-SE"];
    let lines = ZONES.iter().zip(bad).zip(["R1", "R1", "R2", "R2"]);
    let lines =
        lines.map(|((code, name), region)| format!("{code},\"{name}1\",\"{name}2\",\"{name}3\",{code},{region}"));
    let lines: Vec<String> = std::iter::once("code,az,en,ru,other,region".to_owned()).chain(lines).collect();
    case.write("names.csv", &(lines.join("\n") + "\n"));
    let country = case.built();
    for language in Language::ALL {
        let html = report(&country, *language);
        assert_eq!(html.matches("<script").count(), 1, "its own");
        assert!(!html.contains("<img") && html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert!(html.contains("{low} &amp; "), "no sentence is looked through twice");
    }
}

#[test]
fn what_is_missing_or_invented_is_said_at_the_top() {
    let case = quadratic();
    let html = report(&case.built(), Language::En);
    let head = html.split("<section").next().unwrap();
    assert!(head.contains("The index is partial: 51 of 53 indicators are there."), "{head}");
    assert!(head.contains("8 Agricultural production; 10 People employed in farming."), "{head}");
    assert!(!head.contains("SYNTHETIC"));
    assert!(section(&html, "data").contains("not declared"));

    case.write("index.toml", &format!("synthetic = true\n{}", case.read("index.toml")));
    let country = case.built();
    for (language, word) in [(Language::Az, "SÜNİ"), (Language::En, "SYNTHETIC"), (Language::Ru, "СИНТЕТИЧЕСКИЕ")]
    {
        let html = report(&country, language);
        assert!(html.split("<h1>").next().unwrap().matches(word).count() >= 2, "in the title and before all else");
    }
}

#[test]
fn cells_whose_class_is_not_firm_are_told_where_that_is_known() {
    let plain = report(&quadratic().built(), Language::En);
    assert!(plain.contains("How firm the class of single cells is was not calculated."));
    let case = quadratic();
    let settings = case.read("index.toml").replace(SETTINGS, &format!("{SETTINGS}stability = true\n"));
    case.write("index.toml", &settings);
    let html = report(&case.built(), Language::En);
    assert!(html.contains("Hatched: a cell") && html.contains("of the area keeps its class in fewer than 70 %"));
}

#[test]
fn the_page_loads_nothing_and_is_small() {
    let html = report(&quadratic().built(), Language::Az);
    assert!(html.starts_with("<!DOCTYPE html><html lang=\"az\">"));
    assert!(!html.contains("http://") && !html.contains("https://") && !html.contains("url(\""));
    assert!(html.matches("src=").count() == 0 && html.contains("default-src 'none'"));
    assert!(html.len() < 5_000_000, "{}", html.len());
}
