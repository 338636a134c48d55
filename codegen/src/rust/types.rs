//! Names and paths of types.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::contract::model::{Contract, TypeId};
use crate::rust::assign::{Home, Plan, Scope, TypeModule};
use crate::rust::modules::ServiceModule;
use crate::rust::place::{self, Key, Uses};
use crate::rust::{Finding, keywords, namespaces, view, words};

/// Names of a type: its own, and that of the enum over its derived types.
type Names = (String, Option<String>);

/// The name of each type among the types of its namespace.
fn base_names(contract: &Contract, uses: &Uses, findings: &mut Vec<Finding>) -> BTreeMap<Key, Names> {
    let keys: BTreeMap<Key, bool> =
        uses.keys().map(|id| (place::key(contract, *id), view::is_polymorphic(contract, *id))).collect();
    // Names that need no change come first, then named types, then anonymous ones.
    let mut order: Vec<(&Key, bool)> = keys.iter().map(|(key, poly)| (key, *poly)).collect();
    order.sort_by_key(|((name, path), _)| (path.len(), words::upper_camel(&name.local) != name.local));
    let mut taken: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut names = BTreeMap::new();
    for ((name, path), polymorphic) in order {
        let taken = taken.entry(&name.namespace).or_default();
        let wanted = match path.as_slice() {
            [] | [_] => words::upper_camel(&name.local),
            nested => nested.iter().map(|part| words::upper_camel(part)).collect(),
        };
        let mut wanted = keywords::type_name(&wanted);
        if !path.is_empty() && taken.contains(&wanted) {
            wanted.push_str("Element");
        }
        let rust = keywords::unique(taken, wanted.clone());
        if rust != wanted {
            findings.push(Finding::warning(
                format!("two types of namespace {} would be `{wanted}`: {} is `{rust}`", name.namespace, name.local),
                "rename it under [service.…names] in the configuration",
            ));
        }
        let any = polymorphic.then(|| keywords::unique(taken, format!("Any{}", rust.trim_start_matches("r#"))));
        names.insert((name.clone(), path.clone()), (rust, any));
    }
    names
}

/// The names types have in one service, and whether they stand in a module of their namespace.
fn service_names(
    module: &ServiceModule<'_>,
    base: &BTreeMap<Key, Names>,
    keys: &BTreeSet<Key>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<Key, (Names, bool)> {
    let configured = |(name, path): &Key| {
        let named = (name.clone(), Vec::new());
        let meant = path.is_empty() || (path.len() == 1 && !keys.contains(&named));
        module.config.filter(|_| meant).and_then(|config| config.names.get(&name.to_string())).cloned()
    };
    let mut names: BTreeMap<Key, (Names, bool)> = BTreeMap::new();
    let mut groups: BTreeMap<String, Vec<&Key>> = BTreeMap::new();
    for key in keys {
        let (mut name, mut any) = base[key].clone();
        if let Some(configured) = configured(key) {
            if !words::is_identifier(&configured) {
                findings.push(Finding::config(
                    format!("[service.{}.names] calls {} `{configured}`, which is no name in Rust", module.name, key.0),
                    "use letters and digits",
                ));
            }
            any = any.map(|_| format!("Any{configured}"));
            name = configured;
        }
        groups.entry(name.clone()).or_default().push(key);
        any.iter().for_each(|any| groups.entry(any.clone()).or_default().push(key));
        names.insert(key.clone(), ((name, any), false));
    }
    for (name, group) in groups.into_iter().filter(|(_, group)| group.len() > 1) {
        let (named, unnamed): (Vec<&Key>, Vec<&Key>) = group.into_iter().partition(|key| configured(key).is_some());
        if named.len() > 1 {
            findings.push(Finding::config(
                format!("[service.{}.names] calls two types `{name}`", module.name),
                "give each a name of its own",
            ));
            continue;
        }
        for key in unnamed {
            if let Some((_, separate)) = names.get_mut(key) {
                *separate = true;
            }
        }
        findings.push(Finding::warning(
            format!(
                "service `{}` has `{name}` in more than one namespace: they are in modules of their namespaces",
                module.name
            ),
            "name them under [service.…names] in the configuration",
        ));
    }
    names
}

/// Gives every type that is used its place and its paths.
pub fn place(
    contract: &Contract,
    config: &Config,
    modules: &[ServiceModule<'_>],
    uses: &Uses,
    plan: &mut Plan<'_>,
    findings: &mut Vec<Finding>,
) {
    let base = base_names(contract, uses, findings);
    let short = namespaces::short_names(base.keys().map(|(name, _)| name.namespace.as_str()));
    let namespace_module = |id: TypeId| short[contract.type_def(id).name.namespace.as_str()].clone();
    let shared = place::shared(contract, config, uses);
    // Where each type is defined; users have another path where that is not their service.
    let mut homes: BTreeMap<(Scope, TypeId), Home> = BTreeMap::new();
    for id in &shared {
        let services: BTreeSet<usize> = uses[id].iter().map(|(module, _)| *module).collect();
        let (name, any) = base[&place::key(contract, *id)].clone();
        let module = vec!["shared".to_owned(), namespace_module(*id)];
        let home = Home { module: module.clone(), name: name.clone(), any };
        plan.paths.insert((Scope::Shared, *id), home.clone());
        services.iter().for_each(|at| drop(homes.insert((Scope::Service(*at), *id), home.clone())));
        let entry = plan.type_modules.entry(module).or_insert_with(|| TypeModule::new(Scope::Shared));
        entry.namespace = Some(contract.type_def(*id).name.namespace.clone());
        entry.services.extend(&services);
        entry.define.insert(name, (*id, services));
    }
    for (at, module) in modules.iter().enumerate() {
        let ids: Vec<TypeId> =
            uses.iter().filter(|(_, users)| users.iter().any(|(user, _)| *user == at)).map(|(id, _)| *id).collect();
        let keys = ids.iter().map(|id| place::key(contract, *id)).collect();
        let names = service_names(module, &base, &keys, findings);
        for id in ids {
            let (called, separate) = &names[&place::key(contract, id)];
            for mut path in paths(contract, uses, module, at, id) {
                if *separate {
                    path.push(namespace_module(id));
                }
                let scope = Scope::Service(at);
                let entry = plan.type_modules.entry(path.clone()).or_insert_with(|| TypeModule::new(scope));
                entry.services.insert(at);
                entry.namespace = separate.then(|| contract.type_def(id).name.namespace.clone());
                let (name, any) = free_names(entry, called, findings);
                let here = Home { module: path.clone(), name: name.clone(), any: any.clone() };
                let home = homes.entry((scope, id)).or_insert_with(|| here.clone());
                plan.paths.entry((scope, id)).or_insert(here);
                if home.module == path {
                    entry.define.insert(name, (id, BTreeSet::from([at])));
                    continue;
                }
                if view::has_struct(contract, id) {
                    entry.export.insert(name, (home.module.clone(), home.name.clone()));
                }
                for (any, there) in any.into_iter().zip(&home.any) {
                    entry.export.insert(any, (home.module.clone(), there.clone()));
                }
            }
        }
    }
}

/// The modules in which a service has a type: its `types`, or for two shapes of one name those of the ports.
fn paths(contract: &Contract, uses: &Uses, module: &ServiceModule<'_>, at: usize, id: TypeId) -> Vec<Vec<String>> {
    let types = || "types".to_owned();
    if !place::is_split(contract, uses, at, id) {
        return vec![vec![module.name.clone(), types()]];
    }
    let ports = uses[&id].iter().filter(|(user, _)| *user == at).map(|(_, port)| &module.ports[*port].name);
    ports.map(|port| vec![module.name.clone(), port.clone(), types()]).collect()
}

/// The names of a type in a module. One port may hold two shapes of a type, such as with and without the
/// caller's credentials; the second gets an underscore.
fn free_names(module: &TypeModule, (name, any): &Names, findings: &mut Vec<Finding>) -> Names {
    let mut taken: BTreeSet<String> = module.define.keys().chain(module.export.keys()).cloned().collect();
    let free = keywords::unique(&mut taken, name.clone());
    if free == *name {
        return (free, any.clone());
    }
    findings.push(Finding::warning(
        format!("one port has two shapes of type `{name}`: the second is `{free}`"),
        "nothing to do, unless the contract can be changed",
    ));
    let any = any.as_ref().map(|_| format!("Any{free}"));
    (free, any)
}
