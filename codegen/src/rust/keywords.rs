//! Words that mean something to Rust.

use std::collections::BTreeSet;

/// Keywords of any edition up to 2024 that may be written raw (`r#type`).
const RAW: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Keywords that may not.
const NOT_RAW: &[&str] = &["self", "Self", "super", "crate", "_"];

/// Names of the prelude that generated code writes bare. A type of the contract must not hide them.
const PRELUDE: &[&str] = &["Box", "Default", "Into", "Option", "Result", "String", "Vec"];

/// A field or method: raw where needed, with an underscore behind what can't be raw.
pub fn member(name: &str) -> String {
    if RAW.contains(&name) {
        format!("r#{name}")
    } else if NOT_RAW.contains(&name) {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

/// A module: never raw, because it names a file and a feature too.
pub fn module(name: &str) -> String {
    if RAW.contains(&name) || NOT_RAW.contains(&name) { format!("{name}_") } else { name.to_owned() }
}

/// A type.
pub fn type_name(name: &str) -> String {
    if NOT_RAW.contains(&name) || PRELUDE.contains(&name) { format!("{name}_") } else { member(name) }
}

/// A variant of an enumeration.
pub fn variant(name: &str) -> String {
    member(name)
}

/// `name`, with as many underscores behind it as it takes to be new in `taken`; adds it there.
///
/// An underscore and not a number, because numbers shift when a schema grows.
pub fn unique(taken: &mut BTreeSet<String>, name: String) -> String {
    let mut name = name;
    while taken.contains(&name) {
        // `r#type` taken twice: `type_` needs no prefix
        name = format!("{}_", name.strip_prefix("r#").unwrap_or(&name));
    }
    taken.insert(name.clone());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_or_underscore() {
        assert_eq!(member("type"), "r#type");
        assert_eq!(member("self"), "self_");
        assert_eq!(member("typed"), "typed");
        assert_eq!(module("type"), "type_");
        assert_eq!(type_name("Self"), "Self_");
        assert_eq!(type_name("Option"), "Option_");
        assert_eq!(variant("Self"), "Self_");
    }

    #[test]
    fn every_raw_keyword_is_one() {
        for word in RAW {
            assert!(syn::parse_str::<syn::Ident>(&format!("r#{word}")).is_ok(), "{word}");
        }
    }

    #[test]
    fn collisions_grow_underscores() {
        let mut taken = BTreeSet::new();
        let names = ["a", "a", "a", "r#type", "r#type"].map(|name| unique(&mut taken, name.to_owned()));
        assert_eq!(names, ["a", "a_", "a__", "r#type", "type_"]);
    }
}
