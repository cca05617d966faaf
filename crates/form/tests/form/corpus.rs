//! Expressions of real forms (pyxform, ODK Collect, `JavaRosa`, Enketo and others) read by the parser.

use std::collections::BTreeSet;
use std::path::Path;

use kend_form::expression::{Syntax, SyntaxKind, is_known_function, parse};

/// Functions that real forms use and that are not in the language yet.
const NOT_YET: [&str; 3] = ["jr:itext", "pulldata", "uuid"];

fn functions(syntax: &Syntax, found: &mut BTreeSet<String>) {
    use kend_form::expression::Start;
    match &syntax.kind {
        SyntaxKind::Call { name, arguments } => {
            found.insert(name.clone());
            for argument in arguments {
                functions(argument, found);
            }
        }
        SyntaxKind::Chain { first, rest } => {
            functions(first, found);
            for (_, operand) in rest {
                functions(operand, found);
            }
        }
        SyntaxKind::Negate(operand) => functions(operand, found),
        SyntaxKind::Path(path) => {
            if let Start::At(start) = &path.start {
                functions(start, found);
            }
            for predicate in path.steps.iter().flat_map(|step| &step.predicates) {
                functions(predicate, found);
            }
        }
        SyntaxKind::Number(_) | SyntaxKind::Text(_) | SyntaxKind::Reference(_) | SyntaxKind::This => {}
    }
}

#[test]
fn expressions_of_real_forms_are_read() {
    const ATTRIBUTES: [&str; 6] = ["relevant", "constraint", "calculate", "required", "readonly", "nodeset"];
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../../shared/data/forms");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: there are no forms at {}", folder.display());
        return;
    };
    let mut expressions = BTreeSet::new();
    for entry in entries {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "xml") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
        let document = match roxmltree::Document::parse_with_options(text.trim_start_matches('\u{feff}'), options) {
            Ok(document) => document,
            Err(error) => {
                println!("{} is no XML: {error}", file.display());
                continue;
            }
        };
        for attribute in document.descendants().flat_map(|node| node.attributes()) {
            if ATTRIBUTES.contains(&attribute.name()) {
                expressions.insert(attribute.value().to_owned());
            }
        }
    }
    let mut unknown = BTreeSet::new();
    let mut refused = Vec::new();
    for expression in &expressions {
        match parse(expression) {
            Ok(syntax) => functions(&syntax, &mut unknown),
            Err(error) => refused.push(format!("{expression}: {error}")),
        }
    }
    unknown.retain(|name| !is_known_function(name));
    println!(
        "{} expressions read, {} refused, functions not in the language: {unknown:?}",
        expressions.len(),
        refused.len()
    );
    for line in &refused {
        println!("refused: {line}");
    }
    assert!(expressions.len() > 100);
    assert!(refused.is_empty(), "{refused:?}");
    assert!(unknown.iter().all(|name| NOT_YET.contains(&name.as_str())), "{unknown:?}");
}
