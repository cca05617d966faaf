//! `kend readiness merge`, by running the binary: documents in and out, and what it says to bad ones.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

#[expect(clippy::expect_used, reason = "a test fails loudly")]
fn schema_folder() -> PathBuf {
    Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests")).join("../../schema")
}

#[expect(clippy::unwrap_used, reason = "the project's own files are there and valid")]
fn document(path: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(schema_folder().join(path)).unwrap()).unwrap()
}

fn example() -> Value {
    document("examples/readiness-merge-input.json")
}

#[expect(clippy::unwrap_used, reason = "a binary that cannot be run fails the test")]
fn kend(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kend"))
        .args(["readiness", "merge"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The binary may refuse its arguments and leave before it reads.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn merge(input: &Value) -> Output {
    kend(&["-", "--json"], input.to_string().as_bytes())
}

#[track_caller]
#[expect(clippy::unwrap_used, reason = "an output that is not JSON fails the test")]
fn merged(input: &Value) -> Value {
    let output = merge(input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
#[expect(clippy::unwrap_used, reason = "a schema that is none fails the test")]
fn valid(schema: &str, instance: &Value) {
    let validator = jsonschema::validator_for(&document(&format!("json-schema/{schema}.schema.json"))).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// The refusal of a document: one line on stderr, nothing on stdout, exit code 2.
#[track_caller]
#[expect(clippy::unwrap_used, reason = "a message that is not UTF-8 fails the test")]
fn refusal(input: &[u8]) -> String {
    let output = kend(&["-", "--json"], input);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(output.stdout.is_empty());
    assert_eq!(message.lines().count(), 1, "{message}");
    message
}

#[test]
fn the_example_and_its_result_match_their_schemas_and_the_method() {
    let input = example();
    valid("readiness-merge-input", &input);
    let output = merged(&input);
    valid("readiness-merge-output", &output);
    let near = |pointer: &str, expected: f64| {
        let found = output.pointer(pointer).and_then(Value::as_f64).unwrap();
        assert!((found - expected).abs() <= 1e-4, "{pointer}: expected {expected}, found {found}");
    };
    near("/index/merged", 44.0654);
    near("/index/se", 3.7963);
    near("/index/range_low", 37.8205);
    near("/index/probabilities/2", 0.5416);
    near("/dimensions/economic_potential/kappa", 0.1907);
    near("/themes/finance/v", 99.7103);
    assert_eq!(output["index"]["class"], "accelerate_high");
    assert_eq!(output["index"]["merged_class"], "accelerate_medium");
    assert_eq!(output["index"]["range_classes"], json!(["accelerate_medium", "accelerate_high"]));
    assert_eq!(output["dimensions"]["economic_potential"]["label"], "qual-lower");
    assert_eq!(output["dimensions"]["governance"]["kappa"], Value::Null);
    assert_eq!(output["themes"]["health"], json!({ "q": null, "v": null, "villages": 0 }));
    assert!(output.get("partial").is_none());
}

#[test]
fn a_file_and_standard_input_give_the_same_bytes() {
    let path = schema_folder().join("examples/readiness-merge-input.json");
    let from_file = kend(&[path.to_str().unwrap(), "--json"], b"");
    assert!(from_file.status.success());
    assert_eq!(from_file.stdout, merge(&example()).stdout);
}

#[test]
fn left_out_parameters_are_those_of_the_method_and_given_ones_count() {
    let mut input = example();
    let defaults = merged(&input);
    input["parameters"] = json!({ "lambda": 0.5, "alpha": 0.6, "nu0": 4, "sigma0_sq": 324, "sigma_m_sq": 100, "a": 1,
        "kappa_cap": 0.5 });
    valid("readiness-merge-input", &input);
    assert_eq!(merged(&input), defaults);
    input["parameters"] = json!({ "lambda": 0 });
    assert_eq!(merged(&input)["index"]["merged"], 44.8);
}

#[test]
fn a_dimension_without_data_gives_nulls_and_says_partial() {
    let mut input = example();
    input["dimensions"]["infrastructure"] = json!({ "value": null });
    valid("readiness-merge-input", &input);
    let output = merged(&input);
    valid("readiness-merge-output", &output);
    assert_eq!(output["partial"], true);
    assert_eq!(output["dimensions"]["infrastructure"]["merged"], Value::Null);
    assert!(output["dimensions"]["infrastructure"]["q"].is_number(), "voices are still reported");
}

#[test]
fn an_official_of_the_rayon_is_an_informant_without_a_village() {
    let mut input = example();
    let official = json!({ "village": null, "kind": "kii",
        "themes": { "health": { "levels": [3], "consensus": null, "evidence": 2, "in_domain": true } } });
    input["interviews"].as_array_mut().unwrap().push(official);
    valid("readiness-merge-input", &input);
    assert_eq!(merged(&input)["themes"]["health"]["villages"], 1);
    let last = input["interviews"].as_array().unwrap().len() - 1;
    input["interviews"][last]["kind"] = json!("fgd");
    assert!(refusal(input.to_string().as_bytes()).contains("/interviews/3/village"));
}

#[test]
fn the_table_for_reading_names_both_classes_and_every_dimension() {
    let output = kend(&["-"], example().to_string().as_bytes());
    let text = String::from_utf8(output.stdout).unwrap();
    for word in ["Accelerate-high", "Accelerate-medium", "37.8 to 50.3", "Infrastructure", "qual-lower", "silent"] {
        assert!(text.contains(word), "{word} in {text}");
    }
}

#[test]
fn bad_values_are_refused_by_their_place_and_with_what_was_expected() {
    let digital = "/interviews/0/themes/digital";
    for (pointer, value, expected) in [
        ("/years", json!(-1), "a number from 0 to 200"),
        ("/years", json!("seven"), "a number"),
        ("/years", json!(null), "a number"),
        ("/villages_total", json!(0), "a whole number from 1"),
        ("/villages_total", json!(2.5), "a whole number from 1"),
        ("/villages_total", json!(1), "at least the 2 villages"),
        ("/index_thresholds", json!([26, 34, 34, 54]), "strictly increasing"),
        ("/index_thresholds", json!([26, 34, 44.5]), "4"),
        ("/dimensions/infrastructure/thresholds", json!([62, 48, 36, 25]), "strictly increasing"),
        ("/dimensions/infrastructure/thresholds", json!([0, 48, 56, 95]), "strictly increasing"),
        ("/dimensions/infrastructure/thresholds", json!(null), "four thresholds"),
        ("/dimensions/infrastructure/value", json!(100.5), "a number from 0 to 100"),
        ("/dimensions/infrastructure/sd_mc", json!(-0.1), "a number from 0 to 100"),
        ("/dimensions/infrastructure/sd_mc", json!(null), "a number"),
        ("/dimensions", json!([]), "an object"),
        ("/interviews", json!({}), "sequence"),
        ("/interviews/0", json!(["A", "fgd", {}]), "an object"),
        ("/interviews/0/themes/digital", json!([[1], null, 1, true]), "an object"),
        ("/interviews/0/kind", json!("survey"), "`fgd`"),
        ("/interviews/0/village", json!(""), "a village"),
        ("/interviews/0/themes/digital/levels", json!([]), "1 to 16 levels"),
        ("/interviews/0/themes/digital/levels/1", json!(6), "a whole number from 1 to 5"),
        ("/interviews/0/themes/digital/levels/1", json!(0), "a whole number from 1 to 5"),
        ("/interviews/0/themes/digital/levels/1", json!(2.5), "a whole number from 1 to 5"),
        ("/interviews/0/themes/digital/levels/1", json!(-1), "a whole number from 1 to 5"),
        ("/interviews/0/themes/digital/consensus", json!(6), "a whole number from 1 to 5"),
        ("/interviews/0/themes/digital/evidence", json!(4), "a whole number from 1 to 3"),
        ("/interviews/0/themes/digital/in_domain", json!("yes"), "boolean"),
    ] {
        let mut input = example();
        *input.pointer_mut(pointer).unwrap() = value.clone();
        let message = refusal(input.to_string().as_bytes());
        assert!(message.contains(&format!("{pointer}: ")), "{pointer} {value}: {message}");
        assert!(message.contains(expected), "{pointer} {value}: {message}");
    }
    for (name, value) in [("lambda", 1.1), ("alpha", -0.1), ("nu0", -1.0), ("sigma0_sq", -1.0), ("kappa_cap", 2.0)] {
        let mut input = example();
        input["parameters"] = json!({ name: value });
        assert!(refusal(input.to_string().as_bytes()).contains(&format!("/parameters/{name}: expected a number from")));
    }
    let mut missing = example();
    missing.pointer_mut(digital).unwrap().as_object_mut().unwrap().remove("levels");
    assert!(refusal(missing.to_string().as_bytes()).contains(&format!("{digital}: missing field `levels`")));
}

#[test]
fn unknown_keys_are_refused_at_every_depth() {
    for pointer in ["", "/dimensions/governance", "/interviews/0", "/interviews/0/themes/digital"] {
        let mut input = example();
        input.pointer_mut(pointer).unwrap()["colour"] = json!(1);
        let message = refusal(input.to_string().as_bytes());
        assert!(message.contains("unknown field `colour`") && message.contains(pointer), "{message}");
    }
    for pointer in ["/dimensions", "/interviews/0/themes"] {
        let mut input = example();
        input.pointer_mut(pointer).unwrap()["religion"] = json!({});
        let message = refusal(input.to_string().as_bytes());
        assert!(message.contains("`religion` is not a ") && message.contains(pointer), "{message}");
    }
    let mut input = example();
    input["parameters"] = json!({ "lamda": 0.5 });
    assert!(refusal(input.to_string().as_bytes()).contains("unknown field `lamda`"));
}

#[test]
fn what_is_no_document_is_refused_in_one_line() {
    let example = example().to_string();
    let twice = example.replacen("\"digital\":", "\"digital\":{\"levels\":[1],\"evidence\":1},\"digital\":", 1);
    assert_ne!(twice, example);
    for (input, expected) in [
        (b"".as_slice(), "EOF"),
        (b"{", "EOF"),
        (b"[1, 2]", "expected an object"),
        (b"\xff\xfe", "UTF-8"),
        (br#"{"years": NaN}"#, "line 1"),
        (br#"{"years": 1e999}"#, "out of range"),
        (b"{\"a\\nb\\u001b[31m\": 1}", "unknown field"),
        (format!("{example} {{}}").as_bytes(), "trailing characters"),
        (twice.as_bytes(), "expected `digital` once"),
    ] {
        let message = refusal(input);
        assert!(message.contains(expected), "{}: {message}", String::from_utf8_lossy(input));
    }
    let deep = "[".repeat(100_000);
    assert!(refusal(deep.as_bytes()).starts_with("kend: standard input: "));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let output = kend(&["no/such/file.json", "--json"], b"");
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(message.contains("can't read no/such/file.json"), "{message}");
    assert!(kend(&["."], b"").status.code() == Some(2), "a folder is no document");
}
