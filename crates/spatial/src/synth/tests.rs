use std::collections::BTreeMap;

use gdal::{Dataset, Metadata as _, vector::LayerAccess as _};
use kend_cells::{EqualArea, Grid};
use kend_domain::{Dimension, ReadinessClass};
use kend_readiness::{Method, baseline_thresholds, class_of};

use super::*;
use crate::{NameTable, Project, RasterRole, layers};

const COARSE: SynthSettings = SynthSettings { cell_m: 2000.0, seed: 1 };

/// Every file of a folder and of those in it, by its path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else {
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_another_country() {
    let scratch = tempfile::tempdir().unwrap();
    let made = |name: &str, seed| {
        let folder = scratch.path().join(name);
        synth(&folder, SynthSettings { seed, ..COARSE }).unwrap();
        files(&folder)
    };
    let (one, again, other) = (made("one", 1), made("again", 1), made("other", 2));
    assert!(one.keys().eq(again.keys()) && one.keys().eq(other.keys()));
    let differing: Vec<&String> =
        one.iter().filter(|(file, bytes)| again[*file] != **bytes).map(|(file, _)| file).collect();
    assert_eq!(differing, Vec::<&String>::new());
    for file in ["statistics/ict.csv", "statistics/social.xlsx", "vectors/settlements.fgb", "rasters/population.tif"] {
        assert_ne!(one[file], other[file], "{file}");
    }
}

#[test]
fn every_file_says_that_it_is_synthetic() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("country");
    synth(&folder, COARSE).unwrap();
    assert!(Project::read(&fs::read(folder.join(INDEX_TOML)).unwrap()).unwrap().synthetic);
    for (file, bytes) in files(&folder) {
        let path = folder.join(&file);
        let says = match path.extension().and_then(|end| end.to_str()).unwrap() {
            // Names are real; parts of a shapefile stand with its `.shp`.
            "csv" if !file.contains('/') => continue,
            "cpg" | "dbf" | "prj" | "shx" => continue,
            "csv" | "md" | "toml" | "json" => String::from_utf8(bytes).unwrap().contains(LABEL),
            "xlsx" => {
                let source = crate::SheetSource { sheet: None, ..Default::default() };
                let sheet = crate::read_sheet(&path, source);
                // One with several sheets has to be asked for one of them.
                let sheet = sheet.or_else(|_| {
                    crate::read_sheet(&path, crate::SheetSource { sheet: Some("1.1"), ..Default::default() })
                });
                format!("{:?}", sheet.unwrap()).contains(LABEL)
            }
            "tif" | "nc" => {
                let dataset = Dataset::open(&path).unwrap();
                let own =
                    ["SYNTHETIC", "NC_GLOBAL#GDAL_SYNTHETIC"].iter().find_map(|key| dataset.metadata_item(key, ""));
                own.as_deref() == Some(LABEL)
            }
            _ => Dataset::open(&path).unwrap().layers().all(|mut layer| {
                let column = layer.defn().field_index("synthetic").unwrap();
                layer.features().all(|feature| feature.field_as_string(column).unwrap().as_deref() == Some("yes"))
            }),
        };
        assert!(says, "{file}");
    }
}

/// The plan on zones, before any layer: if this does not come out, no layer can.
#[test]
fn zones_by_themselves_give_back_the_planted_classes() {
    /// Classes are apart by so much at least, so that layers may blur them.
    const APART: f64 = 6.0;
    for seed in 1..=20 {
        let country = Country::new(seed).unwrap();
        let zones = planted::eligible(&country);
        let (_, index) = planted::scored(&zones);
        let cells: Vec<(f64, f64)> = index.iter().copied().zip(zones.iter().map(|zone| zone.area_km2)).collect();
        let thresholds = baseline_thresholds(&cells, Method::standard()).unwrap();
        let wrong: f64 = zones
            .iter()
            .zip(&index)
            .filter(|(zone, value)| ReadinessClass::ALL[zone.class] != class_of(**value, &thresholds))
            .map(|(zone, _)| zone.area_km2)
            .sum();
        // Groups are up to 0.4 % larger than a fifth, and a whole zone cannot be cut: the last of each may fall to the next.
        assert!(wrong / cells.iter().map(|(_, area)| area).sum::<f64>() < 0.1, "seed {seed}: {wrong} km2");
        let range = |class: usize| {
            let own = zones.iter().zip(&index).filter(|(zone, _)| zone.class == class).map(|(_, value)| *value);
            own.fold((f64::MAX, f64::MIN), |(least, greatest), value| (least.min(value), greatest.max(value)))
        };
        for class in 1..5 {
            assert!(range(class - 1).1 + APART < range(class).0, "seed {seed}, class {class}");
        }
    }
}

/// Table 6 of the report: what the interventions of each class are for.
#[test]
fn each_class_lags_most_where_table_6_says() {
    use Dimension::{EconomicPotential, EconomicSources, Governance, HumanCapital, Infrastructure};
    for seed in 1..=20 {
        let planted = planted::planted(&Country::new(seed).unwrap());
        let mut largest: Vec<Vec<Dimension>> = planted.classes.iter().map(|class| class.largest.clone()).collect();
        for dimensions in &mut largest {
            dimensions.sort_unstable();
        }
        let expected = [
            vec![EconomicPotential, Governance],
            vec![EconomicPotential],
            vec![HumanCapital],
            vec![EconomicSources],
            vec![EconomicSources, Infrastructure],
        ];
        assert_eq!(largest, expected, "seed {seed}");
        assert!(planted.classes[4].gaps.values().all(|gap| *gap < 30.0), "small gaps overall");
    }
}

#[test]
fn each_class_has_a_handful_of_clusters_of_one_and_of_several_zones_on_a_fifth_of_the_area() {
    let planted = planted::planted(&Country::new(1).unwrap());
    for class in ReadinessClass::ALL {
        let own = planted.clusters.iter().filter(|cluster| cluster.class == *class);
        let sizes: Vec<usize> = own.clone().map(|cluster| cluster.zones.len()).collect();
        assert!((3..=8).contains(&sizes.len()) && sizes.contains(&1), "{class}: {sizes:?}");
        assert!(sizes.iter().any(|size| *size >= 3), "{class}: {sizes:?}");
        assert!(own.clone().all(|cluster| cluster.area_km2 > 700.0 && cluster.people > 10_000.0), "{class}");
    }
    let zones: usize = planted.clusters.iter().map(|cluster| cluster.zones.len()).sum();
    assert_eq!(zones, planted.zones.len(), "each in one cluster");
    let country = Country::new(1).unwrap();
    let area = |class: usize| -> f64 {
        let own = planted::eligible(&country).into_iter().filter(|zone| zone.class == class);
        own.map(|zone| zone.area_km2).sum()
    };
    let areas: Vec<f64> = (0..5).map(area).collect();
    let fifth = areas.iter().sum::<f64>() / 5.0;
    assert!(areas.iter().all(|area| (area / fifth - 1.0).abs() < 0.004), "{areas:?}");
}

/// A rim between two zones has a class between theirs: where these are next to each other, it has one of theirs.
#[test]
fn zones_next_to_each_other_are_at_most_one_class_apart() {
    use geo::{Distance as _, Euclidean};
    const NEXT_M: f64 = 5000.0;
    let country = Country::new(1).unwrap();
    for (place, one) in country.zones.iter().enumerate() {
        for other in country.zones.iter().take(place).filter(|other| one.class.abs_diff(other.class) > 1) {
            let apart_m = Euclidean.distance(&one.plane, &other.plane);
            assert!(apart_m > NEXT_M, "{} and {}: {apart_m} m", one.code, other.code);
        }
    }
}

#[test]
fn supply_of_tourism_and_demand_are_a_fifth_of_the_area_each_and_meet_where_crops_grow_and_where_not() {
    let planted = planted::planted(&Country::new(1).unwrap());
    let area: f64 = planted.clusters.iter().map(|cluster| cluster.area_km2).sum();
    let sectors = planted.sectors;
    for places in [&sectors.production, &sectors.tourism_supply, &sectors.tourism_demand] {
        assert!((places.area_km2 / area * 5.0 - 1.0).abs() < 0.01, "{:?}: {} km2", places.zones, places.area_km2);
    }
    let both = |one: &PlantedPlaces, other: &PlantedPlaces| -> Vec<AreaCode> {
        one.zones.iter().filter(|zone| other.zones.contains(zone)).cloned().collect()
    };
    assert_eq!(both(&sectors.tourism_supply, &sectors.tourism_demand), sectors.tourism_optimised.zones);
    assert_eq!(both(&sectors.tourism_optimised, &sectors.production), sectors.agritourism.zones);
    assert!(sectors.agritourism.zones.len() >= 2 && sectors.agritourism.zones != sectors.tourism_optimised.zones);
}

#[test]
fn the_folder_is_checked_without_a_problem_and_every_layer_can_be_read() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("country");
    synth(&folder, COARSE).unwrap();
    let report = crate::check(&folder).unwrap();
    assert_eq!(report.problems, []);
    let too_few: Vec<u8> =
        report.indicators.iter().filter(|row| row.status == crate::Status::TooFew).map(|row| row.row).collect();
    assert_eq!(too_few, [statistics::MOSTLY_MISSING.0]);

    let project = Project::read(&fs::read(folder.join(INDEX_TOML)).unwrap()).unwrap();
    let names = NameTable::read(&fs::read_to_string(folder.join(NAMES)).unwrap()).unwrap();
    let plane = EqualArea::default();
    let outlines = layers::read_outlines(&folder, project.zones.as_ref().unwrap(), &names, &plane).unwrap();
    assert_eq!(outlines.zones.len(), 74);
    for declared in &project.vectors {
        let read = layers::read_vectors(&folder, declared, &plane).unwrap();
        assert!(!read.features.is_empty() && read.warnings.is_empty(), "{} {:?}", declared.of(), read.warnings);
    }
    let grid = Grid::covering(-250_000.0, -220_000.0, 270_000.0, 200_000.0, 2000.0).unwrap();
    let country = Country::new(COARSE.seed).unwrap();
    let all: f64 = country.zones.iter().map(|zone| zone.people).sum();
    for declared in &project.rasters {
        if declared.role == Some(RasterRole::Population) {
            let read = layers::read_raster_sum(&folder, declared, grid, &plane).unwrap();
            let sum: f64 = read.values().iter().filter(|value| value.is_finite()).map(|value| f64::from(*value)).sum();
            assert!((sum / all - 1.0).abs() < 1e-3, "{sum} people of {all}");
        } else {
            let read = layers::read_raster_mean(&folder, declared, grid, &plane).unwrap();
            assert!(read.values().iter().any(|value| value.is_finite()), "{}", declared.of());
        }
    }
    let unmapped = country.zones.iter().filter(|zone| places::is_unmapped(zone));
    assert_eq!(unmapped.filter(|zone| zone.class == 0).count(), 2);
}

#[test]
fn a_folder_in_use_stays_as_it_is_and_a_cell_out_of_range_makes_none() {
    let scratch = tempfile::tempdir().unwrap();
    fs::write(scratch.path().join("mine"), "mine").unwrap();
    assert!(matches!(synth(scratch.path(), COARSE), Err(SynthError::Folder(InitError::Taken { .. }))));
    assert_eq!(files(scratch.path()).len(), 1);
    for cell_m in [0.0, -1.0, f64::NAN, 1e9] {
        let settings = SynthSettings { cell_m, seed: 1 };
        assert!(matches!(synth(&scratch.path().join("new"), settings), Err(SynthError::Cell { .. })));
    }
    assert!(!scratch.path().join("new").exists());
}
