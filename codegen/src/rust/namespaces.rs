//! Short names for namespaces: of modules, and of constants.

use std::collections::BTreeMap;

use crate::rust::keywords::{self, Names};
use crate::rust::words;

/// The names of the modules of namespaces. Modules called as `reserved` would hide what generated code imports.
pub(super) fn modules<'a>(
    namespaces: impl IntoIterator<Item = &'a str>,
    reserved: &[&str],
) -> BTreeMap<&'a str, String> {
    let mut names = Names::reserve(reserved);
    short_names(namespaces).into_iter().map(|(namespace, name)| (namespace, names.unique(name))).collect()
}

/// The names of constants for namespaces; none for the empty one.
pub(super) fn constants<'a>(namespaces: impl IntoIterator<Item = &'a str>) -> BTreeMap<&'a str, String> {
    let mut names = Names::default();
    let written = namespaces.into_iter().filter(|namespace| !namespace.is_empty());
    let name = |(namespace, name): (&'a str, String)| (namespace, names.unique(format!("NS_{}", words::shouty(&name))));
    short_names(written).into_iter().map(name).collect()
}

/// A snake_case name per namespace, as short as tells them apart, if any does.
fn short_names<'a>(namespaces: impl IntoIterator<Item = &'a str>) -> BTreeMap<&'a str, String> {
    let mut level: BTreeMap<&str, usize> = namespaces.into_iter().map(|namespace| (namespace, 0)).collect();
    loop {
        let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (namespace, level) in &level {
            groups.entry(spell(namespace, *level)).or_default().push(namespace);
        }
        let clashes: Vec<&str> = groups.into_values().filter(|group| group.len() > 1).flatten().collect();
        let grown: Vec<&str> = clashes.into_iter().filter(|namespace| level[namespace] < LONGEST).collect();
        if grown.is_empty() {
            break;
        }
        grown.iter().for_each(|namespace| *level.entry(namespace).or_default() += 1);
    }
    level.into_iter().map(|(namespace, level)| (namespace, spell(namespace, level))).collect()
}

const LONGEST: usize = 3;

/// Level 0: the end of the path from its last word on; 1: with the host's first label; 2: the whole path; 3: all.
fn spell(namespace: &str, level: usize) -> String {
    let rest = namespace.split_once("://").map_or(namespace, |(_, rest)| rest);
    let (host, path) = match namespace.contains("://") {
        true => rest.split_once('/').unwrap_or((rest, "")),
        false => ("", rest),
    };
    let segments: Vec<&str> = path.split(['/', ':', '#', '?']).filter(|part| !part.is_empty()).collect();
    let has_word = |part: &&str| part.chars().any(char::is_alphabetic);
    let from = segments.iter().rposition(has_word).unwrap_or(0);
    let mut tail: Vec<&str> = segments[from..].to_vec();
    // `Company.Product.Part`, as .NET makes namespaces of data contracts
    if let Some(dotted) = tail.first_mut() {
        *dotted = dotted.rsplit('.').find(has_word).unwrap_or(dotted);
    }
    let label = host.split('.').next().unwrap_or("");
    let parts = match level {
        0 if tail.is_empty() => vec![host],
        0 => tail,
        1 => [vec![label], tail].concat(),
        2 => segments,
        _ => [vec![host], segments].concat(),
    };
    let name = words::snake(&parts.join("/"));
    match (namespace.is_empty(), name.starts_with('_')) {
        (true, _) => "no_namespace".to_owned(),
        (false, true) => format!("ns{name}"),
        (false, false) => keywords::module(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_distinct() {
        let names = short_names([
            "http://schemas.example.org/services/Intermediary/Receipt/2015/06",
            "http://schemas.example.org/services/Archive/2010/10",
            "http://www.example.org/services/Archive/2010/10",
            "http://schemas.datacontract.org/2004/07/Contoso.Common.Entities.Intermediary",
            "http://schemas.microsoft.com/2003/10/Serialization/",
            "http://example.org/a/shapes",
            "http://example.org/b/shapes",
            "http://example.org/",
            "urn:example:orders",
            "urn:2024",
            "",
        ]);
        let expected = [
            ("", "no_namespace"),
            ("http://example.org/", "example_org"),
            ("http://example.org/a/shapes", "a_shapes"),
            ("http://example.org/b/shapes", "b_shapes"),
            ("http://schemas.datacontract.org/2004/07/Contoso.Common.Entities.Intermediary", "intermediary"),
            ("http://schemas.example.org/services/Archive/2010/10", "schemas_archive_2010_10"),
            ("http://schemas.example.org/services/Intermediary/Receipt/2015/06", "receipt_2015_06"),
            ("http://schemas.microsoft.com/2003/10/Serialization/", "serialization"),
            ("http://www.example.org/services/Archive/2010/10", "www_archive_2010_10"),
            ("urn:2024", "urn_2024"),
            ("urn:example:orders", "orders"),
        ];
        assert_eq!(names.iter().map(|(k, v)| (*k, v.as_str())).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn no_name_twice_and_none_that_hides_an_import() {
        let namespaces = ["urn:a-b", "urn:a_b", "urn:v1"];
        let names = |found: BTreeMap<&str, String>| found.into_values().collect::<Vec<_>>();
        assert_eq!(names(modules(namespaces, &["v1"])), ["urn_a_b", "urn_a_b_", "v1_"]);
        assert_eq!(names(constants(namespaces)), ["NS_URN_A_B", "NS_URN_A_B_", "NS_V1"]);
    }
}
