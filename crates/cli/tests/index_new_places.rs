//! A clinic and a project that stand on a device's map score as in a build of the country that has them: generated country,
//! index, pack, the device's calculation, and the index built again with both in their layers.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::{fs, path::Path, process::Command};

use kend_cells::EqualArea;
use kend_domain::{Position, ReadinessClass};
use kend_pack::{AddedKind, Cluster, ClusterMap, Pack};
use kend_readiness::{
    Indicator, Method,
    cells::{Addition, ScoreRule},
};
use kend_spatial::{ColumnValues, Country, read_country};
use serde_json::json;

const CLINIC: u8 = 43;
const PROJECT: u8 = 52;
/// Half of a stored step, and what f32 leaves over, points.
const HALF_STEP: f64 = 0.201;

fn kend(at: &Path, command: &str, options: &[&str]) {
    let mut kend = Command::new(env!("CARGO_BIN_EXE_kend"));
    let output = kend.args(["index", command]).args(options).current_dir(at).output().unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

fn indicator(row: u8) -> &'static Indicator {
    kend_readiness::indicator(row).unwrap()
}

/// A generated country, built and packed.
fn office(at: &Path) -> (Country, Pack) {
    kend(at, "synth", &["country", "--cell-m", "2000"]);
    let settings = at.join("country/index.toml");
    let mut text: toml::Table = toml::from_str(&fs::read_to_string(&settings).unwrap()).unwrap();
    text.insert("robustness".to_owned(), toml::from_str::<toml::Table>("draws = 10").unwrap().into());
    fs::write(settings, toml::to_string(&text).unwrap()).unwrap();
    kend(at, "key", &["office.key"]);
    kend(at, "build", &["country", "--out", "built", "--quiet"]);
    let options = ["built", "--folder", "country", "--project", "generated", "--key", "office.key", "--name", "Office"];
    kend(at, "pack", &[&options[..], &["--round-year", "2026.9", "--out", "a.kendpack"]].concat());
    let pack = Pack::read(&fs::read(at.join("a.kendpack")).unwrap()).unwrap();
    (read_country(&at.join("built")).unwrap(), pack)
}

/// Builds the country again with one more point in the layers of these rows.
fn built_with(at: &Path, position: Position, rows: &[u8]) -> Country {
    let point = json!({ "type": "FeatureCollection", "features": [{ "type": "Feature", "properties": {},
        "geometry": { "type": "Point", "coordinates": [position.longitude(), position.latitude()] } }] });
    fs::write(at.join("country/vectors/new.geojson"), point.to_string()).unwrap();
    let settings = at.join("country/index.toml");
    let mut text: toml::Table = toml::from_str(&fs::read_to_string(&settings).unwrap()).unwrap();
    let vectors = text["vectors"].as_array_mut().unwrap();
    for row in rows {
        let of_row = |own: &&toml::Value| own.get("indicator").and_then(toml::Value::as_integer) == Some((*row).into());
        let mut own = vectors.iter().find(of_row).unwrap().as_table().unwrap().clone();
        own.retain(|key, _| !["layer", "where", "crs", "encoding"].contains(&key));
        own.insert("file".to_owned(), "new.geojson".into());
        vectors.push(own.into());
    }
    fs::write(settings, toml::to_string(&text).unwrap()).unwrap();
    kend(at, "build", &["country", "--out", "with", "--quiet"]);
    read_country(&at.join("with")).unwrap()
}

/// The raw values of a row in the cluster's cells.
fn raw(country: &Country, of: &[u32], row: u8) -> Vec<f64> {
    let ColumnValues::Cells(values) = &country.indicators[usize::from(row) - 1].values else { panic!("no cells") };
    of.iter().map(|cell| f64::from(values[*cell as usize])).collect()
}

/// The village of the cluster from which it is farthest to a clinic.
fn farthest(pack: &Pack, cluster: &Cluster) -> Position {
    let own = &cluster.area.as_ref().unwrap().villages;
    let facts =
        pack.content().calculator.as_ref().unwrap().villages.iter().filter(|facts| own.contains(&facts.village));
    let minutes =
        |values: &[kend_pack::VillageValue]| values.iter().find(|value| value.row == CLINIC).map(|own| own.value);
    let far = facts.filter_map(|facts| Some((facts.village, minutes(&facts.values)?)));
    let (village, _) = far.max_by(|one, other| one.1.total_cmp(&other.1)).unwrap();
    pack.place(village).unwrap().position
}

fn rule(pack: &Pack, row: u8) -> ScoreRule {
    pack.content().calculator.as_ref().unwrap().rules.iter().find(|rule| rule.row == row).unwrap().rule
}

#[test]
fn a_new_clinic_and_a_new_project_on_a_device_score_as_in_a_build_that_has_them() {
    let scratch = tempfile::tempdir().unwrap();
    let (before, pack) = office(scratch.path());
    let cluster = &pack.content().clusters[0];
    let cells = &before.clusters[&ReadinessClass::Amplify][0].cells;
    let map = pack.cells(&cluster.id).unwrap().unwrap();
    let position = farthest(&pack, cluster);
    let after = built_with(scratch.path(), position, &[CLINIC, PROJECT]);
    let place = EqualArea::default().to_plane(position.longitude(), position.latitude());

    clinic(&pack, cluster, &map, place, &raw(&before, cells, CLINIC), &raw(&after, cells, CLINIC));
    project(&pack, &map, place, &raw(&before, cells, PROJECT), &raw(&after, cells, PROJECT));
}

fn clinic(pack: &Pack, cluster: &Cluster, map: &ClusterMap, place: (f64, f64), before: &[f64], after: &[f64]) {
    let (row, rule, method) = (indicator(CLINIC), rule(pack, CLINIC), Method::standard());
    let stored = pack.friction(&cluster.id).unwrap().unwrap();
    let friction = stored.minutes_per_metre();
    let limits = map.cells().useful_minutes(row, rule, stored.error(), method).unwrap();
    let cell = friction.grid().cell_at(place.0, place.1).unwrap();
    let minutes = map.minutes_to(&friction, &[cell], &limits).unwrap();
    let device = map.cells().raised(row, Addition::Minutes(&minutes), rule, method).unwrap();
    let (mut better, mut as_good) = (0, 0);
    for ((found, old), new) in device.scores.iter().zip(before).zip(after) {
        let score = |minutes: f64| rule.score(minutes, method);
        assert_eq!(found.is_nan(), new.is_nan());
        if new.is_nan() {
            continue;
        }
        let found = f64::from(*found);
        // Ways around through elsewhere are not seen, so it may be less than the office's, and never more.
        assert!(found <= score(new * (1.0 - stored.error())) + HALF_STEP, "{found} for {}", score(*new));
        assert!(found >= score(*old) - HALF_STEP, "{found} after {}", score(*old));
        if score(*new) > score(*old) + 1.0 {
            better += 1;
            as_good += usize::from(found >= score(new * (1.0 + stored.error())) - HALF_STEP);
        }
    }
    assert!(better >= 3 && as_good * 10 >= better * 9, "{as_good} of {better} cells are as good as the office's");
}

fn project(pack: &Pack, map: &ClusterMap, place: (f64, f64), before: &[f64], after: &[f64]) {
    let (row, rule, method) = (indicator(PROJECT), rule(pack, PROJECT), Method::standard());
    let additions = &pack.content().calculator.as_ref().unwrap().additions;
    let own = additions.iter().find(|addition| addition.row == PROJECT).unwrap();
    let AddedKind::Point { bandwidth_km } = own.added else { panic!("{own:?}") };
    let added = map.density_added(&[place], bandwidth_km).unwrap();
    let device = map.cells().raised(row, Addition::Density(&added), rule, method).unwrap();
    let mut moved = 0;
    for ((found, old), new) in device.scores.iter().zip(before).zip(after) {
        let (score, old) = (rule.score(*new, method), rule.score(*old, method));
        let found = f64::from(*found);
        let beyond = old <= HALF_STEP && device.at_least > 0;
        assert!(found <= score + HALF_STEP && (beyond || found >= score - HALF_STEP), "{found} for {score}");
        moved += usize::from(score > old + 1.0);
    }
    assert!(moved > 0, "nothing moved");
}
