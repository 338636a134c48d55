//! Which fields need a `Box`: those through which a record would hold itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::contract::model::{Contract, Type, TypeId};
use crate::rust::view;

/// Types from which a type can be reached by value, for every type.
#[derive(Clone, Debug, Default)]
pub struct Cycles(BTreeMap<TypeId, BTreeSet<TypeId>>);

impl Cycles {
    /// Looks at all types.
    pub fn new(contract: &Contract, config: &Config) -> Self {
        let ids = || (0..contract.types.len()).map(TypeId);
        let direct: BTreeMap<TypeId, Vec<TypeId>> = ids().map(|id| (id, by_value(contract, config, id))).collect();
        let reach = |from: TypeId| {
            let mut seen = BTreeSet::new();
            let mut open = direct[&from].clone();
            while let Some(id) = open.pop() {
                if seen.insert(id) {
                    open.extend(&direct[&id]);
                }
            }
            seen
        };
        Self(ids().map(|id| (id, reach(id))).collect())
    }

    /// Whether a field of `owner` that holds a `value` by value closes a circle.
    pub fn is_boxed(&self, owner: TypeId, value: TypeId) -> bool {
        owner == value || self.0.get(&value).is_some_and(|reached| reached.contains(&owner))
    }
}

/// The types whose values lie inside a value of this type. A polymorphic type holds its derived types.
fn by_value(contract: &Contract, config: &Config, id: TypeId) -> Vec<TypeId> {
    let held = view::places(contract, id).into_iter().filter(|place| view::is_member(place.field));
    let fields = held.map(|place| view::hold(contract, config, place)).filter(|holding| !holding.wrap.is_list());
    let derived = view::record(contract, id).map_or(&[][..], |record| &record.derived);
    fields
        .filter_map(|holding| match holding.value {
            Type::Named(value) => Some(value),
            Type::Builtin(_) => None,
        })
        .chain(derived.iter().copied())
        .collect()
}
