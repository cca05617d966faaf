//! The document for people and the tests tell the same cases.

use std::path::Path;

#[test]
fn every_case_is_in_the_document_under_the_name_of_its_test() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = std::fs::read_to_string(home.join("../../docs/conflicts.md")).unwrap();
    let sources = ["answers.rs", "devices.rs", "review.rs"];
    let sources = sources.map(|name| std::fs::read_to_string(home.join("tests/litmus").join(name)).unwrap());
    let tests: Vec<&str> = sources.iter().flat_map(|source| source.split("fn ")).collect();
    let named: Vec<&str> = tests
        .iter()
        .filter(|rest| rest.starts_with('l'))
        .filter_map(|rest| rest.split_once("()"))
        .map(|(name, _)| name)
        .collect();
    for name in &named {
        assert!(document.contains(&format!("`{name}`")), "{name} is not in the document");
    }
    for number in 1..=18 {
        let case = format!("l{number}_");
        assert!(named.iter().any(|name| name.starts_with(&case)), "no test of {case}");
        assert!(document.contains(&format!("## L{number} ")), "no section on {case}");
    }
    for quoted in
        document.split('`').skip(1).step_by(2).filter(|quoted| quoted.starts_with('l') && quoted.contains('_'))
    {
        assert!(named.contains(&quoted), "the document names {quoted}, which is no test");
    }
}
