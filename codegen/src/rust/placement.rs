//! Where each type is defined, and by which paths it is found.
//!
//! The paths users write are `<service>::types::X`, whatever else is generated. Where the definition
//! stands follows from who uses it: one service, or `shared` for more than one.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::contract::model::{Contract, TypeId};
use crate::rust::keywords::Names;
use crate::rust::layout::Layouts;
use crate::rust::modules::ServiceModule;
use crate::rust::type_names::{self, Key, TypeNames, key};
use crate::rust::usage::{self, Uses};
use crate::rust::{Finding, namespaces};

/// The module from which a type is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// From a shared module.
    Shared,
    /// From a service, by index.
    Service(usize),
}

/// The path of a module from the root.
pub(super) type ModulePath = Rc<[String]>;

/// A path to a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Home {
    /// Path of the module from the root.
    pub(super) module: ModulePath,
    /// Its names there.
    pub(super) names: TypeNames,
}

/// A module of types.
#[derive(Debug)]
pub(super) struct TypeModule<'a> {
    /// From where its types see others.
    pub(super) scope: Scope,
    /// The namespace, for a module of one namespace.
    pub(super) namespace: Option<&'a str>,
    /// Services that use the module.
    pub(super) services: BTreeSet<usize>,
    /// Types defined here by name, with the services that use them.
    pub(super) define: BTreeMap<String, (TypeId, BTreeSet<usize>)>,
    /// Types defined elsewhere: name here → (module, name there).
    pub(super) export: BTreeMap<String, (ModulePath, String)>,
    names: Names,
}

/// All modules of types, and the paths to what they define.
#[derive(Debug)]
pub(super) struct Placement<'a> {
    /// Modules of types by path from the root.
    pub(super) modules: BTreeMap<ModulePath, TypeModule<'a>>,
    /// Namespace → name of its module, where it has one.
    pub(super) namespaces: BTreeMap<&'a str, String>,
    /// The path by which a type is named: inside a service, the one its users write.
    paths: BTreeMap<(Scope, TypeId), Rc<Home>>,
    /// Where each type is defined; users have another path where that is not their service.
    homes: BTreeMap<(Scope, TypeId), Rc<Home>>,
}

impl<'a> Placement<'a> {
    /// How a type is named in `scope`; `None` if nothing uses it.
    pub(super) fn path(&self, scope: Scope, id: TypeId) -> Option<&Home> {
        self.paths.get(&(scope, id)).map(Rc::as_ref)
    }

    /// Decides the module and the paths of every type that is used. Modules of namespaces are not called as `reserved`.
    pub(super) fn new(
        contract: &'a Contract,
        layouts: &Layouts<'_>,
        modules: &[ServiceModule<'_>],
        uses: &Uses,
        reserved: &[&str],
        findings: &mut Vec<Finding>,
    ) -> Self {
        let base = type_names::in_namespaces(contract, layouts, uses, findings);
        let namespaces = base.keys().map(|(name, _)| name.namespace.as_str());
        let mut placement = Self {
            modules: BTreeMap::new(),
            namespaces: namespaces::modules(namespaces, reserved),
            paths: BTreeMap::new(),
            homes: BTreeMap::new(),
        };
        placement.share(contract, layouts, uses, &base);
        let mut used = vec![Vec::new(); modules.len()];
        for (id, users) in uses {
            users.iter().for_each(|module| used[*module].push(*id));
        }
        for ((at, module), used) in modules.iter().enumerate().zip(&used) {
            placement.serve(contract, layouts, (at, module), used, &base, findings);
        }
        placement
    }

    fn namespace_module(&self, namespace: &str) -> String {
        self.namespaces.get(namespace).cloned().unwrap_or_default()
    }

    /// Places what several services use.
    fn share(
        &mut self,
        contract: &'a Contract,
        layouts: &Layouts<'_>,
        uses: &Uses,
        base: &BTreeMap<Key<'a>, TypeNames>,
    ) {
        for id in usage::shared(contract, layouts, uses) {
            let services = uses[&id].clone();
            let names = base[&key(contract, id)].of(layouts, id);
            let namespace = contract.type_def(id).name.namespace.as_str();
            let module: ModulePath = ["shared".to_owned(), self.namespace_module(namespace)].into();
            let home = Rc::new(Home { module: Rc::clone(&module), names });
            let entry = self.modules.entry(module).or_insert_with(|| TypeModule::new(Scope::Shared));
            entry.namespace = Some(namespace);
            entry.services.extend(&services);
            for at in &services {
                self.homes.insert((Scope::Service(*at), id), home.clone());
            }
            entry.define.insert(home.names.own.clone(), (id, services));
            self.paths.insert((Scope::Shared, id), home);
        }
    }

    /// Places what one service uses.
    fn serve(
        &mut self,
        contract: &'a Contract,
        layouts: &Layouts<'_>,
        (at, module): (usize, &ServiceModule<'_>),
        used: &[TypeId],
        base: &BTreeMap<Key<'a>, TypeNames>,
        findings: &mut Vec<Finding>,
    ) {
        let scope = Scope::Service(at);
        let mut shapes: BTreeMap<Key<'a>, usize> = BTreeMap::new();
        used.iter().for_each(|id| *shapes.entry(key(contract, *id)).or_default() += 1);
        let several = used.iter().copied().filter(|id| shapes[&key(contract, *id)] > 1).collect();
        let by_port = usage::by_port(layouts, module, used, &several);
        let keys = shapes.keys().copied().collect();
        let names = type_names::in_service(module, base, &keys, findings);
        let types: ModulePath = [module.name.clone(), "types".to_owned()].into();
        for id in used {
            let key = key(contract, *id);
            let (called, separate) = &names[&key];
            // Two shapes of one name are in the modules of the ports that use them, not in the service's `types`.
            let mut paths = vec![Rc::clone(&types)];
            if let Some(ports) = by_port.get(id) {
                let port = |port: &usize| [module.name.clone(), module.ports[*port].name.clone(), "types".to_owned()];
                paths = ports.iter().map(|at| port(at).into()).collect();
            }
            let namespace = key.0.namespace.as_str();
            for mut path in paths {
                if *separate {
                    path = path.iter().cloned().chain([self.namespace_module(namespace)]).collect();
                }
                let entry = self.modules.entry(Rc::clone(&path)).or_insert_with(|| TypeModule::new(scope));
                entry.services.insert(at);
                entry.namespace = separate.then_some(namespace);
                let called = called.of(layouts, *id);
                let here = Rc::new(Home { module: path, names: entry.free_names(&called, findings) });
                let home = self.homes.entry((scope, *id)).or_insert_with(|| Rc::clone(&here));
                if home.module == here.module {
                    entry.define.insert(here.names.own.clone(), (*id, BTreeSet::from([at])));
                } else {
                    let mut export = |here: &String, there: &String| {
                        entry.export.insert(here.clone(), (Rc::clone(&home.module), there.clone()));
                    };
                    if layouts.has_struct(*id) {
                        export(&here.names.own, &home.names.own);
                    }
                    for (here, there) in here.names.any.iter().zip(&home.names.any) {
                        export(here, there);
                    }
                }
                self.paths.entry((scope, *id)).or_insert(here);
            }
        }
    }
}

impl TypeModule<'_> {
    fn new(scope: Scope) -> Self {
        Self {
            scope,
            namespace: None,
            services: BTreeSet::new(),
            define: BTreeMap::new(),
            export: BTreeMap::new(),
            names: Names::default(),
        }
    }

    /// The names of a type here. One port may hold two shapes of a type, such as with and without the
    /// caller's credentials; the second gets an underscore.
    fn free_names(&mut self, called: &TypeNames, findings: &mut Vec<Finding>) -> TypeNames {
        let own = self.names.unique(called.own.clone());
        if own == called.own {
            return called.clone();
        }
        findings.push(Finding::warning(
            format!("one port has two shapes of type `{}`: the second is `{own}`", called.own),
            "nothing to do, unless the contract can be changed",
        ));
        let any = called.any.as_ref().map(|_| format!("Any{own}"));
        TypeNames { own, any }
    }
}
