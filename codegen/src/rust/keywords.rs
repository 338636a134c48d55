//! Reserved words of Rust.

use std::collections::BTreeMap;

/// Keywords of any edition up to 2024 that may be written raw (`r#type`).
const RAW: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Keywords that may not.
const NOT_RAW: &[&str] = &["self", "Self", "super", "crate", "_"];

/// Names that generated code writes without a path. A type of the contract must not hide them; all others it may.
const WRITTEN_BARE: &[&str] = &["Box", "Into", "Option", "Result", "String", "Vec"];

/// Whether a word is reserved.
pub(super) fn is_keyword(word: &str) -> bool {
    RAW.contains(&word) || NOT_RAW.contains(&word)
}

/// A field or method: raw where needed, with an underscore behind what can't be raw.
pub(super) fn member(name: &str) -> String {
    if RAW.contains(&name) {
        format!("r#{name}")
    } else if NOT_RAW.contains(&name) {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

/// A module: never raw, because it names a file and a feature too.
pub(super) fn module(name: &str) -> String {
    if RAW.contains(&name) || NOT_RAW.contains(&name) { format!("{name}_") } else { name.to_owned() }
}

/// A type.
pub(super) fn type_name(name: &str) -> String {
    if NOT_RAW.contains(&name) || WRITTEN_BARE.contains(&name) { format!("{name}_") } else { member(name) }
}

/// Names that are taken in one place.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Name → how often it was requested again.
    taken: BTreeMap<String, usize>,
}

/// How many underscores a name gets before a number is better to read.
const UNDERSCORES: usize = 3;

impl Names {
    /// These names are taken from the start.
    pub(super) fn reserve(names: &[&str]) -> Self {
        Self { taken: names.iter().map(|name| ((*name).to_owned(), 0)).collect() }
    }

    /// Whether a name is taken.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.taken.contains_key(name)
    }

    /// Takes the name, with an underscore appended for each earlier request.
    ///
    /// An underscore and not a number, because numbers look as if they meant something; beyond a few of them a number
    /// is all the same better. It ends with an underscore, for in the middle of a type's name the compiler warns of one.
    pub(super) fn unique(&mut self, wanted: String) -> String {
        let Some(asked) = self.taken.get_mut(&wanted) else {
            self.taken.insert(wanted.clone(), 0);
            return wanted;
        };
        let mut count = *asked;
        // `r#type` taken twice: `type_` needs no prefix
        let plain = wanted.strip_prefix("r#").unwrap_or(&wanted).to_owned();
        loop {
            count += 1;
            let name =
                if count <= UNDERSCORES { format!("{plain}{}", "_".repeat(count)) } else { format!("{plain}{count}_") };
            if !self.contains(&name) {
                self.taken.insert(wanted, count);
                self.taken.insert(name.clone(), 0);
                return name;
            }
        }
    }
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
        assert_eq!(type_name("From"), "From");
    }

    #[test]
    fn every_raw_keyword_is_one() {
        for word in RAW {
            assert!(syn::parse_str::<syn::Ident>(&format!("r#{word}")).is_ok(), "{word}");
        }
    }

    #[test]
    fn collisions_grow_underscores() {
        let mut names = Names::default();
        let given = ["a", "a", "a", "r#type", "r#type", "a", "a", "a_"].map(|name| names.unique(name.to_owned()));
        assert_eq!(given, ["a", "a_", "a__", "r#type", "type_", "a___", "a4_", "a____"]);
    }

    #[test]
    fn many_collisions_take_no_time() {
        let mut names = Names::default();
        let longest = (0..100_000).map(|_| names.unique("name".to_owned()).len()).max();
        assert_eq!(longest, Some("name_99999".len()));
    }
}
