//! The floors of the house hold: imports run downwards only. And what its documents lean on is there.
//!
//! Read from `cargo metadata`, so that no crate is forgotten: one that has no floor fails too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Where each crate lives. The harness and the tools stand beside the house, above all floors: nobody imports them.
const FLOORS: &[(&str, u8)] = &[
    ("kend-domain", 0),
    ("kend-log", 1),
    ("kend-form", 1),
    ("kend-readiness", 1),
    ("kend-pack", 1),
    ("kend-cells", 1),
    ("kend-store", 2),
    ("kend-sync", 2),
    ("kend-bundle", 2),
    ("kend-app", 3),
    ("kend-spatial", 4),
    ("kend-world", 4),
    ("kend-machine", 4),
    ("kend-stick", 4),
    ("kend-desktop", 5),
    ("kend-hub", 5),
    ("kend-cli", 5),
    ("kend-crash", 6),
    ("kend-sim", 6),
    ("kend-wire", 6),
    ("kend-tests", 6),
    ("kend-grow", 7),
    ("kend-link", 7),
    ("xtask", 7),
];
/// Imports that stay on their floor, each with its reason. Never both ways.
const BESIDE: &[(&str, &str, &str)] = &[
    ("kend-bundle", "kend-sync", "what a bundle carries is what an exchange carries"),
    ("kend-machine", "kend-stick", "a device writes bundles as a hub does, which has no use for its network"),
    ("kend-pack", "kend-cells", "where a cell of a pack lies is said by the country's grid"),
    ("kend-pack", "kend-readiness", "the parameters that a pack carries are those of the merge"),
    ("kend-sync", "kend-store", "what a store says of a received segment is what goes over the line"),
    ("kend-machine", "kend-world", "a device's machine hands on the clocks that a hub reads too"),
];
/// The floors that must know no network, no clock, no randomness and no thread of their own.
const HIGHEST_PURE_FLOOR: u8 = 1;
/// Crates that would bring one of these.
const NEVER_IN_A_PURE_CRATE: [&str; 11] =
    ["axum", "getrandom", "hyper", "rand", "rayon", "reqwest", "rusqlite", "rustix", "tauri", "tokio", "tower-http"];

#[derive(Debug, Clone, PartialEq, Eq)]
struct Import {
    from: String,
    to: String,
    /// Only for the crate's own tests.
    for_tests: bool,
}

fn import(from: &str, to: &str, for_tests: bool) -> Import {
    Import { from: from.into(), to: to.into(), for_tests }
}

/// The workspace's crates and all that they import.
fn house() -> cargo_metadata::Result<(Vec<String>, Vec<Import>)> {
    let metadata = MetadataCommand::new().no_deps().exec()?;
    let mut crates = Vec::new();
    let mut imports = Vec::new();
    for package in metadata.workspace_packages() {
        crates.push(package.name.to_string());
        for dependency in &package.dependencies {
            imports.push(import(&package.name, &dependency.name, dependency.kind == DependencyKind::Development));
        }
    }
    Ok((crates, imports))
}

/// Everything that breaks the rules, one sentence each.
fn broken_rules(crates: &[String], imports: &[Import]) -> Vec<String> {
    let floors: BTreeMap<&str, u8> = FLOORS.iter().copied().collect();
    let mut broken = Vec::new();
    for name in crates {
        if !floors.contains_key(name.as_str()) {
            broken.push(format!("{name} has no floor"));
        }
    }
    for Import { from, to, for_tests } in imports {
        let (Some(&from_floor), to_floor) = (floors.get(from.as_str()), floors.get(to.as_str())) else { continue };
        let pure = from_floor <= HIGHEST_PURE_FLOOR;
        // A test may set up what it tests with a crate from above, except in the pure crates: these are tested with
        // values alone.
        let counts = !for_tests || pure;
        if let Some(&to_floor) = to_floor {
            let is_beside = to_floor == from_floor && BESIDE.iter().any(|(of, beside, _)| (*of, *beside) == (from, to));
            if counts && to_floor >= from_floor && from != to && !is_beside {
                broken.push(format!("{from} (floor {from_floor}) imports {to} (floor {to_floor})"));
            }
        } else if pure && !for_tests && NEVER_IN_A_PURE_CRATE.contains(&to.as_str()) {
            broken.push(format!("{from} is pure and imports {to}"));
        }
    }
    broken
}

#[test]
fn imports_run_downwards_only() {
    let (crates, imports) = house().unwrap();
    assert!(crates.len() >= FLOORS.len(), "cargo metadata shows only {crates:?}");
    assert_eq!(broken_rules(&crates, &imports), Vec::<String>::new());
}

#[test]
fn every_floor_belongs_to_a_crate() {
    let (crates, _) = house().unwrap();
    for (name, _) in FLOORS {
        assert!(crates.iter().any(|there| there == name), "{name} has a floor and does not exist");
    }
}

#[test]
fn every_import_that_stays_on_its_floor_is_needed() {
    let (_, imports) = house().unwrap();
    for (from, to, _) in BESIDE {
        assert!(imports.contains(&import(from, to, false)), "{from} no longer imports {to}");
    }
}

#[test]
fn a_made_up_upward_import_is_found() {
    let crates = ["kend-log".to_owned(), "kend-store".to_owned(), "kend-attic".to_owned()];
    let cases: [(&str, Import, Option<&str>); 10] = [
        ("down", import("kend-store", "kend-log", false), None),
        ("up", import("kend-log", "kend-store", false), Some("kend-log (floor 1) imports kend-store (floor 2)")),
        (
            "sideways",
            import("kend-hub", "kend-desktop", false),
            Some("kend-hub (floor 5) imports kend-desktop (floor 5)"),
        ),
        ("sideways with a reason", import("kend-sync", "kend-store", false), None),
        (
            "the other way round",
            import("kend-store", "kend-sync", false),
            Some("kend-store (floor 2) imports kend-sync (floor 2)"),
        ),
        ("up, for tests", import("kend-store", "kend-app", true), None),
        (
            "up, for tests of a pure crate",
            import("kend-log", "kend-app", true),
            Some("kend-log (floor 1) imports kend-app (floor 3)"),
        ),
        ("a clock in a pure crate", import("kend-form", "tokio", false), Some("kend-form is pure and imports tokio")),
        ("the same for tests", import("kend-form", "rand", true), None),
        ("the same higher up", import("kend-hub", "tokio", false), None),
    ];
    for (name, made_up, expected) in cases {
        let mut broken = broken_rules(&crates, &[made_up]);
        assert_eq!(broken.remove(0), "kend-attic has no floor", "{name}");
        assert_eq!(broken.first().map(String::as_str), expected, "{name}");
        assert!(broken.len() <= 1, "{name}: {broken:?}");
    }
}

/// A word in code marks with so many underscores is the sentence of a test.
const FEWEST_UNDERSCORES: usize = 4;

/// The words of a text that are made of small letters, digits and underscores.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !(character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_'))
}

/// All text of the files with these endings below a folder.
fn read_all(folder: &Path, endings: &[&str], text: &mut String) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !["node_modules", "target", "dist"].contains(&name) && !name.starts_with('.') {
                read_all(&path, endings, text)?;
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            text.push_str(&fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

#[test]
fn every_test_that_a_document_names_by_its_sentence_is_there() {
    let root = MetadataCommand::new().no_deps().exec().unwrap().workspace_root;
    let (mut documents, mut sources) = (String::new(), String::new());
    read_all(root.join("docs").as_std_path(), &[".md"], &mut documents).unwrap();
    read_all(root.as_std_path(), &[".rs", ".ts"], &mut sources).unwrap();
    let there: BTreeSet<&str> = words(&sources).collect();
    let named = documents.split('`').skip(1).step_by(2).flat_map(words);
    let sentences: BTreeSet<&str> = named.filter(|word| word.matches('_').count() >= FEWEST_UNDERSCORES).collect();
    let gone: Vec<&&str> = sentences.difference(&there).collect();
    assert!(gone.is_empty(), "named in docs, and no such test: {gone:#?}");
    assert!(sentences.len() > 50, "only {} sentences were found", sentences.len());
}
