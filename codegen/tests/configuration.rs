//! The JSON schema of `codegen.toml` and `docs/configuration.md`, against what the deserializer takes.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use wsdl_codegen::Config;

fn schema() -> Value {
    serde_json::from_str(include_str!("../codegen.schema.json")).unwrap()
}

/// A step into the configuration.
#[derive(Clone, Debug)]
enum Step {
    Key(String),
    /// Of a table with names of the user's own.
    Any,
    Item,
}

/// A text that has `value` at the end of a path, and nothing else.
fn at(path: &[Step], value: toml::Value) -> String {
    let table = |key: &str, value| toml::Value::Table([(key.to_owned(), value)].into_iter().collect());
    let whole = path.iter().rev().fold(value, |inside, step| match step {
        Step::Key(key) => table(key, inside),
        Step::Any => table("name", inside),
        Step::Item => toml::Value::Array(vec![inside]),
    });
    toml::to_string(&whole).unwrap()
}

/// What the deserializer would take in the place of `unheard-of`, by its error.
fn expected(text: &str) -> BTreeSet<String> {
    let error = Config::from_toml(text).unwrap_err();
    let (_, list) = error.split_once("expected ").unwrap_or_else(|| panic!("{error}"));
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Visits each table and each list of values of the schema.
fn visit(schema: &Value, node: &Value, path: &[Step], found: &mut dyn FnMut(&[Step], &Value)) {
    let node = match node["$ref"].as_str() {
        Some(reference) => &schema["$defs"][reference.strip_prefix("#/$defs/").unwrap()],
        None => node,
    };
    found(path, node);
    let mut into = |step: Step, node: &Value| {
        let path = [path, &[step]].concat();
        visit(schema, node, &path, found);
    };
    for (key, node) in node["properties"].as_object().into_iter().flatten() {
        into(Step::Key(key.clone()), node);
    }
    if node["additionalProperties"].is_object() {
        into(Step::Any, &node["additionalProperties"]);
    }
    if node["items"].is_object() {
        into(Step::Item, &node["items"]);
    }
}

#[test]
fn the_schema_has_the_keys_and_values_of_the_deserializer() {
    let schema = schema();
    let (mut tables, mut lists) = (0, 0);
    visit(&schema, &schema, &[], &mut |path, node| {
        if let Some(properties) = node["properties"].as_object() {
            let unheard_of = [path, &[Step::Key("unheard-of".to_owned())]].concat();
            let keys: BTreeSet<String> = properties.keys().cloned().collect();
            assert_eq!(expected(&at(&unheard_of, true.into())), keys, "{path:?}");
            assert_eq!(node["additionalProperties"], Value::Bool(false), "{path:?}");
            tables += 1;
        }
        // What a port asks for is checked by its name later.
        if let Some(values) = node["enum"].as_array().filter(|_| !format!("{path:?}").contains("\"security\"")) {
            let values: BTreeSet<String> = values.iter().map(|value| value.as_str().unwrap().to_owned()).collect();
            assert_eq!(expected(&at(path, "unheard-of".into())), values, "{path:?}");
            lists += 1;
        }
        // A value of another type is refused where the schema refuses it.
        if let Some(kind) = node["type"].as_str() {
            let wrong: toml::Value = if kind == "boolean" { "x".into() } else { true.into() };
            if !path.is_empty() {
                assert!(Config::from_toml(&at(path, wrong)).is_err(), "{path:?}");
            }
        }
    });
    assert!(tables > 15 && lists > 5, "{tables} tables, {lists} lists");
}

#[test]
fn the_document_shows_every_key_in_examples_that_are_read() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/configuration.md");
    let document = fs::read_to_string(path).unwrap();
    let blocks: Vec<&str> =
        document.split("```toml\n").skip(1).map(|block| block.split_once("```").unwrap().0).collect();
    let mut shown = BTreeSet::new();
    for block in &blocks {
        Config::from_toml(block).unwrap_or_else(|error| panic!("{block}\n{error}"));
        collect("", &toml::Value::Table(block.parse().unwrap()), &mut shown);
    }
    let schema = schema();
    visit(&schema, &schema, &[], &mut |path, _| {
        let Some(Step::Key(_)) = path.last() else { return };
        let pattern: Vec<&str> = path
            .iter()
            .map(|step| match step {
                Step::Key(key) => key.as_str(),
                Step::Any => "*",
                Step::Item => "[]",
            })
            .collect();
        let is_shown = |one: &String| {
            let keys: Vec<&str> = one.split('\0').skip(1).collect();
            keys.len() == pattern.len() && keys.iter().zip(&pattern).all(|(key, one)| *one == "*" || key == one)
        };
        assert!(shown.iter().any(is_shown), "no example of {}", pattern.join("."));
    });
}

/// The paths of all keys in a value, with a null character before each step.
fn collect(path: &str, value: &toml::Value, found: &mut BTreeSet<String>) {
    found.insert(path.to_owned());
    match value {
        toml::Value::Table(table) => {
            table.iter().for_each(|(key, value)| collect(&format!("{path}\0{key}"), value, found));
        }
        toml::Value::Array(items) => items.iter().for_each(|item| collect(&format!("{path}\0[]"), item, found)),
        _ => {}
    }
}
