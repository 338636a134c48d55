//! Which records have a `Default`: those whose required fields all have a harmless zero.
//!
//! An enumeration has none, because no value of it means nothing; nor has a record that needs one.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::contract::model::{Contract, FieldKind, Type, TypeId};
use crate::rust::view::{self, Place, Wrap};

/// The records with a `Default`.
#[derive(Clone, Debug, Default)]
pub struct Defaults(BTreeSet<TypeId>);

impl Defaults {
    /// Looks at all types.
    pub fn new(contract: &Contract, config: &Config) -> Self {
        // Records that need each other never get in, so the circle is broken without looking for it.
        let mut found = Self::default();
        loop {
            let more: Vec<TypeId> = (0..contract.types.len())
                .map(TypeId)
                .filter(|id| !found.0.contains(id) && view::record(contract, *id).is_some())
                .filter(|id| found.of(contract, config, &view::places(contract, *id)))
                .collect();
            if more.is_empty() {
                return found;
            }
            found.0.extend(more);
        }
    }

    /// Whether a record of these fields has one.
    pub fn of(&self, contract: &Contract, config: &Config, places: &[Place<'_>]) -> bool {
        places.iter().filter(|place| view::is_member(place.field)).all(|place| {
            let holding = view::hold(contract, config, *place);
            match (holding.wrap, holding.value) {
                (Wrap::One, Type::Named(id)) => {
                    place.field.kind == FieldKind::AnyAttribute
                        || (self.0.contains(&id) && !view::is_polymorphic(contract, id))
                }
                _ => true,
            }
        })
    }

    /// Whether a type has one.
    pub fn contains(&self, id: TypeId) -> bool {
        self.0.contains(&id)
    }
}
