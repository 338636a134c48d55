//! The names of types: within their namespace, and within one service.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::{Contract, TypeId};
use crate::name::QName;
use crate::rust::keywords::{self, Names};
use crate::rust::layout::Layouts;
use crate::rust::modules::ServiceModule;
use crate::rust::usage::Uses;
use crate::rust::{Finding, words};

/// What distinguishes types in a schema: the name, and for anonymous types the elements around it.
pub(super) type Key<'a> = (&'a QName, &'a [String]);

/// The key of a type.
pub(super) fn key(contract: &Contract, id: TypeId) -> Key<'_> {
    let def = contract.type_def(id);
    (&def.name, &def.anonymous_in)
}

/// Names of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TypeNames {
    /// The struct or enum.
    pub(super) own: String,
    /// The enum over it and its derived types.
    pub(super) any: Option<String>,
}

impl TypeNames {
    /// The names of this type among those of its name.
    pub(super) fn of(&self, layouts: &Layouts<'_>, id: TypeId) -> Self {
        Self { own: self.own.clone(), any: self.any.clone().filter(|_| layouts.is_polymorphic(id)) }
    }
}

/// The name of each type among the types of its namespace.
pub(super) fn in_namespaces<'a>(
    contract: &'a Contract,
    layouts: &Layouts<'_>,
    uses: &Uses,
    findings: &mut Vec<Finding>,
) -> BTreeMap<Key<'a>, TypeNames> {
    // Of two shapes of one name, one may be polymorphic and the other not: documents know different derived types.
    let mut keys: BTreeMap<Key<'a>, bool> = BTreeMap::new();
    uses.keys().for_each(|id| *keys.entry(key(contract, *id)).or_default() |= layouts.is_polymorphic(*id));
    // Names that need no change come first, then named types, then anonymous ones.
    let mut order: Vec<(Key<'a>, bool)> = keys.into_iter().collect();
    order.sort_by_cached_key(|((name, path), _)| (path.len(), words::upper_camel(&name.local) != name.local));
    let mut taken: BTreeMap<&str, Names> = BTreeMap::new();
    let mut names = BTreeMap::new();
    for ((name, path), polymorphic) in order {
        let taken = taken.entry(&name.namespace).or_default();
        let wanted = match path {
            [] | [_] => words::upper_camel(&name.local),
            nested => nested.iter().map(|part| words::upper_camel(part)).collect(),
        };
        let mut wanted = keywords::type_name(&wanted);
        if !path.is_empty() && taken.contains(&wanted) {
            wanted.push_str("Element");
        }
        let own = taken.unique(wanted.clone());
        if own != wanted {
            findings.push(Finding::warning(
                format!("two types of namespace {} would be `{wanted}`: {} is `{own}`", name.namespace, name.local),
                "rename it under [service.…names] in the configuration",
            ));
        }
        let any = polymorphic.then(|| taken.unique(format!("Any{}", own.trim_start_matches("r#"))));
        names.insert((name, path), TypeNames { own, any });
    }
    names
}

/// The names types have in one service, and whether they stand in a module of their namespace.
pub(super) fn in_service<'a>(
    module: &ServiceModule<'_>,
    base: &BTreeMap<Key<'a>, TypeNames>,
    keys: &BTreeSet<Key<'a>>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<Key<'a>, (TypeNames, bool)> {
    let configured: BTreeMap<Key<'a>, &String> = keys
        .iter()
        .filter_map(|key| {
            let (name, path) = key;
            let names = module.config.filter(|config| !config.names.is_empty())?;
            let is_meant = path.is_empty() || (path.len() == 1 && !keys.contains(&(*name, &[])));
            Some((*key, names.names.get(&name.to_string()).filter(|_| is_meant)?))
        })
        .collect();
    let mut names: BTreeMap<Key<'a>, (TypeNames, bool)> = BTreeMap::new();
    let mut groups: BTreeMap<String, Vec<Key<'a>>> = BTreeMap::new();
    for key in keys {
        let mut called = base[key].clone();
        if let Some(configured) = configured.get(key) {
            called.any = called.any.map(|_| format!("Any{configured}"));
            called.own = (*configured).clone();
        }
        groups.entry(called.own.clone()).or_default().push(*key);
        called.any.iter().for_each(|any| groups.entry(any.clone()).or_default().push(*key));
        names.insert(*key, (called, false));
    }
    for (name, group) in groups.into_iter().filter(|(_, group)| group.len() > 1) {
        let (named, unnamed): (Vec<Key<'_>>, Vec<Key<'_>>) =
            group.into_iter().partition(|key| configured.contains_key(key));
        if named.len() > 1 {
            let message = format!("[service.{}.names] calls two types `{name}`", module.name);
            findings.push(Finding::config(message, "give each a name of its own"));
            continue;
        }
        for key in unnamed {
            if let Some((_, separate)) = names.get_mut(&key) {
                *separate = true;
            }
        }
        let service = &module.name;
        findings.push(Finding::warning(
            format!(
                "service `{service}` has `{name}` in more than one namespace: they are in modules of their namespaces"
            ),
            "name them under [service.…names] in the configuration",
        ));
    }
    names
}

/// Distinct names for the variants of one enum. Where several would have one name, those of another namespace than
/// `home` are named after the module of theirs too.
pub(super) fn variants<'n>(
    wanted: &[(String, &'n str)],
    home: &str,
    modules: &BTreeMap<&'n str, String>,
) -> Vec<String> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    wanted.iter().for_each(|(name, _)| *count.entry(name).or_default() += 1);
    let mut names = Names::default();
    let mut given = vec![String::new(); wanted.len()];
    // Those that keep their names come first.
    for renamed in [false, true] {
        for ((name, namespace), given) in wanted.iter().zip(&mut given) {
            if (count[name.as_str()] > 1 && *namespace != home) == renamed {
                let module = modules.get(namespace).filter(|_| renamed).map(|module| words::upper_camel(module));
                let name = module.map_or(name.clone(), |module| format!("{module}{}", name.trim_start_matches("r#")));
                *given = names.unique(name);
            }
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_named_after_their_namespaces_where_they_must() {
        let modules = [("urn:a", "a"), ("urn:b", "b_2010"), ("urn:c", "c")].map(|(ns, module)| (ns, module.to_owned()));
        let wanted = [("X", "urn:b"), ("X", "urn:a"), ("Y", "urn:b"), ("X", "urn:c"), ("CX", "urn:c")];
        let wanted = wanted.map(|(name, namespace)| (name.to_owned(), namespace));
        assert_eq!(variants(&wanted, "urn:a", &BTreeMap::from(modules)), ["B2010X", "X", "Y", "CX_", "CX"]);
    }
}
