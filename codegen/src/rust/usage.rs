//! Which service and port uses which type, and which types several services share.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::{Contract, Type, TypeId};
use crate::rust::layout::Layouts;
use crate::rust::message::Messages;
use crate::rust::modules::{PortModule, ServiceModule};
use crate::rust::type_names::{Key, key};

/// The services that use each type, by the index of their modules.
pub(super) type Uses = BTreeMap<TypeId, BTreeSet<usize>>;

/// Follows every message of every service, as far as types get a Rust type.
pub(super) fn uses(layouts: &Layouts<'_>, modules: &[ServiceModule<'_>]) -> Uses {
    let mut uses = Uses::new();
    for (at, module) in modules.iter().enumerate() {
        let mut open: Vec<TypeId> = module.ports.iter().flat_map(|port| direct(layouts, port)).collect();
        open.extend(
            module.roots().filter(|element| layouts.has_value(element.ty)).filter_map(|element| element.ty.named()),
        );
        while let Some(id) = open.pop() {
            if uses.entry(id).or_default().insert(at) {
                open.extend(layouts.needs(id));
            }
        }
    }
    uses
}

/// Which ports of a service, by index, use each of the `wanted` types; `used` are all types of the service.
///
/// Only what leads to a wanted type is followed: there are few of them, and no port is walked through for nothing.
pub(super) fn by_port(
    layouts: &Layouts<'_>,
    module: &ServiceModule<'_>,
    used: &[TypeId],
    wanted: &BTreeSet<TypeId>,
) -> BTreeMap<TypeId, Vec<usize>> {
    let mut ports: BTreeMap<TypeId, Vec<usize>> = BTreeMap::new();
    if wanted.is_empty() {
        return ports;
    }
    let mut users: BTreeMap<TypeId, Vec<TypeId>> = BTreeMap::new();
    for id in used {
        layouts.needs(*id).into_iter().for_each(|need| users.entry(need).or_default().push(*id));
    }
    let mut leading = wanted.clone();
    let mut open: Vec<TypeId> = wanted.iter().copied().collect();
    while let Some(id) = open.pop() {
        open.extend(users.get(&id).into_iter().flatten().filter(|user| leading.insert(**user)));
    }
    for (at, port) in module.ports.iter().enumerate() {
        let mut seen = BTreeSet::new();
        let mut open = direct(layouts, port);
        while let Some(id) = open.pop() {
            if leading.contains(&id) && seen.insert(id) {
                open.extend(layouts.needs(id));
            }
        }
        seen.intersection(wanted).for_each(|id| ports.entry(*id).or_default().push(at));
    }
    ports
}

/// The types that the methods of a port, its messages and its faults write.
fn direct(layouts: &Layouts<'_>, port: &PortModule<'_>) -> Vec<TypeId> {
    let faults = port.messages.iter().flat_map(|messages| &messages.operation.faults);
    let faults = faults.map(|fault| fault.detail.ty).filter(|ty| layouts.has_value(*ty));
    let types = Messages::needs(&port.messages).into_iter().chain(faults);
    types.filter_map(Type::named).collect()
}

/// The types that are defined in `shared`: used by several services, one shape per name, and made of
/// nothing that is not shared itself.
pub(super) fn shared(contract: &Contract, layouts: &Layouts<'_>, uses: &Uses) -> BTreeSet<TypeId> {
    let mut best: BTreeMap<Key<'_>, (TypeId, usize)> = BTreeMap::new();
    for (id, users) in uses {
        let services = users.len();
        if services > 1 {
            let chosen = best.entry(key(contract, *id)).or_insert((*id, services));
            if services > chosen.1 {
                *chosen = (*id, services);
            }
        }
    }
    let mut shared: BTreeSet<TypeId> = best.into_values().map(|(id, _)| id).collect();
    let mut users: BTreeMap<TypeId, Vec<TypeId>> = BTreeMap::new();
    for id in &shared {
        layouts.needs(*id).into_iter().for_each(|need| users.entry(need).or_default().push(*id));
    }
    let mut open: Vec<TypeId> = users.keys().copied().filter(|need| !shared.contains(need)).collect();
    while let Some(id) = open.pop() {
        for user in users.get(&id).into_iter().flatten() {
            if shared.remove(user) {
                open.push(*user);
            }
        }
    }
    shared
}
