//! Where each type is defined, and by which paths it is found.
//!
//! The paths users write are `<service>::types::X`, whatever else is generated. Where the definition
//! stands follows from who uses it: one service, or `shared` for more than one.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::contract::model::{Contract, Type, TypeId};
use crate::name::QName;
use crate::rust::message::{self, Carrier, Reply};
use crate::rust::modules::ServiceModule;
use crate::rust::view;

/// What distinguishes types in a schema: the name, and for anonymous types the elements around it.
pub type Key = (QName, Vec<String>);

/// The key of a type.
pub fn key(contract: &Contract, id: TypeId) -> Key {
    let def = contract.type_def(id);
    (def.name.clone(), def.anonymous_in.clone())
}

/// Who uses which type: module and port by index.
pub type Uses = BTreeMap<TypeId, BTreeSet<(usize, usize)>>;

/// Follows every message of every port, as far as types get a Rust type.
pub fn uses(contract: &Contract, config: &Config, modules: &[ServiceModule<'_>]) -> Uses {
    let mut uses = Uses::new();
    for (module_at, module) in modules.iter().enumerate() {
        for (port_at, port) in module.ports.iter().enumerate() {
            let mut open = Vec::new();
            for operation in &port.port.operations {
                carried(contract, config, &message::request(contract, operation), &mut open);
                match message::reply(contract, operation) {
                    Reply::Empty | Reply::Void(_) => {}
                    Reply::Unwrapped(_, child) => {
                        if view::is_member(child.field) {
                            named(view::hold(contract, config, child).value, &mut open);
                        }
                    }
                    Reply::Element(_, carrier) => carried(contract, config, &carrier, &mut open),
                }
                operation.faults.iter().for_each(|fault| named(fault.detail.ty, &mut open));
            }
            while let Some(id) = open.pop() {
                if uses.entry(id).or_default().insert((module_at, port_at)) {
                    open.extend(needs(contract, config, id));
                }
            }
        }
    }
    uses
}

/// The types a definition names.
pub fn needs(contract: &Contract, config: &Config, id: TypeId) -> Vec<TypeId> {
    let mut found = Vec::new();
    for place in view::places(contract, id).into_iter().filter(|place| view::is_member(place.field)) {
        named(view::hold(contract, config, place).value, &mut found);
    }
    found.extend(view::record(contract, id).into_iter().flat_map(|record| &record.derived));
    found
}

fn carried(contract: &Contract, config: &Config, carrier: &Carrier, found: &mut Vec<TypeId>) {
    match carrier {
        Carrier::Nothing => {}
        Carrier::Type(ty) => named(*ty, found),
        Carrier::Struct(wrapper) => {
            for place in wrapper.places(contract).into_iter().filter(|place| view::is_member(place.field)) {
                named(view::hold(contract, config, place).value, found);
            }
        }
    }
}

fn named(ty: Type, found: &mut Vec<TypeId>) {
    if let Type::Named(id) = ty {
        found.push(id);
    }
}

/// The types that are defined in `shared`: used by several services, one shape per name, and made of
/// nothing that is not shared itself.
pub fn shared(contract: &Contract, config: &Config, uses: &Uses) -> BTreeSet<TypeId> {
    let services = |id: &TypeId| uses[id].iter().map(|(module, _)| module).collect::<BTreeSet<_>>().len();
    let mut best: BTreeMap<Key, TypeId> = BTreeMap::new();
    for id in uses.keys().filter(|id| services(id) > 1) {
        let chosen = best.entry(key(contract, *id)).or_insert(*id);
        if services(id) > services(chosen) {
            *chosen = *id;
        }
    }
    let mut shared: BTreeSet<TypeId> = best.into_values().collect();
    loop {
        let whole = |id: &TypeId| needs(contract, config, *id).iter().all(|need| shared.contains(need));
        let kept: BTreeSet<TypeId> = shared.iter().copied().filter(whole).collect();
        if kept.len() == shared.len() {
            return kept;
        }
        shared = kept;
    }
}

/// Whether one service uses two shapes of a name: then neither is `types::X`.
pub fn is_split(contract: &Contract, uses: &Uses, module: usize, id: TypeId) -> bool {
    let this = key(contract, id);
    uses.iter().any(|(other, users)| {
        *other != id && users.iter().any(|(user, _)| *user == module) && key(contract, *other) == this
    })
}
