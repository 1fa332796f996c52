//! The declarations that users read tell the defaults of `Settings`.
#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use background_fetch_polyfill::model::Settings;
use serde_json::{Map, Value};

const DECLARATIONS: &str = include_str!("../src/types/options.d.ts");

/// The members of an interface that have a number as `@defaultValue`, with that.
fn declared_defaults(interface: &str) -> Map<String, Value> {
    let (_, rest) = DECLARATIONS.split_once(&format!("export interface {interface} {{")).expect(interface);
    let (members, _) = rest.split_once("\n}").expect("an end");
    let mut default = None;
    let mut declared = Map::new();
    for line in members.lines() {
        if let Some((_, told)) = line.split_once("@defaultValue ") {
            let number = told.split(' ').next().expect("a value");
            default = Some(number.parse::<f64>().expect("a number"));
        } else if let Some((name, _)) = line.trim().split_once("?: ") {
            let Some(default) = default.take() else { continue };
            declared.insert(name.to_owned(), default.into());
        }
    }
    declared
}

/// Numbers as JavaScript has them.
fn numbers(object: &Value) -> Map<String, Value> {
    let members = object.as_object().expect("an object").iter();
    members.filter_map(|(name, value)| Some((name.clone(), value.as_f64()?.into()))).collect()
}

#[test]
fn the_declarations_tell_the_defaults() {
    let settings = serde_json::to_value(Settings::default()).unwrap();
    assert_eq!(declared_defaults("BackgroundFetchPolyfillSettings"), numbers(&settings));
    assert_eq!(declared_defaults("BackgroundFetchPolyfillRetryPolicy"), numbers(&settings["retry"]));
}
