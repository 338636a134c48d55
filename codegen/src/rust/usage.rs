//! Which port uses which type, and which types several services share.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::{Contract, Type, TypeId};
use crate::rust::layout::Layouts;
use crate::rust::message::Messages;
use crate::rust::modules::ServiceModule;
use crate::rust::type_names::{Key, key};

/// The users of each type: module and port by index.
pub(super) type Uses = BTreeMap<TypeId, BTreeSet<(usize, usize)>>;

/// Follows every message of every port, as far as types get a Rust type.
pub(super) fn uses(layouts: &Layouts<'_>, modules: &[ServiceModule<'_>]) -> Uses {
    let mut uses = Uses::new();
    for (module_at, module) in modules.iter().enumerate() {
        for (port_at, port) in module.ports.iter().enumerate() {
            let types = port.messages.iter().flat_map(|messages| written(layouts, messages));
            let named = |ty| match ty {
                Type::Named(id) => Some(id),
                Type::Builtin(_) => None,
            };
            let mut open: Vec<TypeId> = types.filter_map(named).collect();
            while let Some(id) = open.pop() {
                if uses.entry(id).or_default().insert((module_at, port_at)) {
                    open.extend(layouts.needs(id));
                }
            }
        }
    }
    uses
}

/// The types that the method of an operation, its messages and its faults write.
fn written(layouts: &Layouts<'_>, messages: &Messages<'_>) -> Vec<Type> {
    let mut types = messages.request.needs();
    types.extend(messages.reply.needs());
    types.extend(messages.operation.faults.iter().map(|fault| fault.detail.ty).filter(|ty| layouts.has_value(*ty)));
    types
}

/// The types that are defined in `shared`: used by several services, one shape per name, and made of
/// nothing that is not shared itself.
pub(super) fn shared(contract: &Contract, layouts: &Layouts<'_>, uses: &Uses) -> BTreeSet<TypeId> {
    let services = |id: &TypeId| uses[id].iter().map(|(module, _)| module).collect::<BTreeSet<_>>().len();
    let mut best: BTreeMap<Key<'_>, (TypeId, usize)> = BTreeMap::new();
    for id in uses.keys() {
        let services = services(id);
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
