//! Names of what is inside a type: members and variants.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::{Contract, Enumeration, TypeId, TypeKind};
use crate::name::QName;
use crate::rust::view::{self, Place};
use crate::rust::{Finding, keywords, words};

/// The members of a record by the index of their field, in wire order.
pub fn members(places: &[Place<'_>]) -> BTreeMap<usize, String> {
    let mut taken = BTreeSet::new();
    let held = places.iter().enumerate().filter(|(_, place)| view::is_member(place.field));
    held.map(|(at, place)| (at, keywords::unique(&mut taken, member(&place.field.name)))).collect()
}

fn member(name: &QName) -> String {
    keywords::member(&words::snake(&name.local))
}

/// The variants of an enumeration, in schema order.
pub fn variants(enumeration: &Enumeration) -> Vec<String> {
    let mut taken: BTreeSet<String> = ["Unrecognized".to_owned()].into();
    let mut names = vec![String::new(); enumeration.values.len()];
    // Values that are names already keep them, whatever stands before them.
    for kept in [true, false] {
        for (name, value) in names.iter_mut().zip(&enumeration.values) {
            if (words::upper_camel(&value.value) == value.value) == kept {
                *name = keywords::unique(&mut taken, variant(&value.value));
            }
        }
    }
    names
}

fn variant(value: &str) -> String {
    keywords::variant(&words::upper_camel(value))
}

/// Tells what a definition does not show: members and variants that could not have the names they should.
pub fn report(contract: &Contract, id: TypeId, findings: &mut Vec<Finding>) {
    let def = contract.type_def(id);
    let mut tell = |wire: &str, wanted: &str, name: &str| {
        if name != wanted {
            let message = format!("{}: `{wanted}` is taken, so {wire:?} is `{name}`", def.name);
            findings.push(Finding::warning(message, "nothing to do, unless the schema can be changed"));
        }
    };
    match &def.kind {
        TypeKind::Enumeration(enumeration) => {
            for (value, name) in enumeration.values.iter().zip(variants(enumeration)) {
                tell(&value.value, &variant(&value.value), &name);
            }
        }
        TypeKind::Record(record) => {
            let places = view::places(contract, id);
            for (at, name) in members(&places) {
                tell(&places[at].field.name.local, &member(&places[at].field.name), &name);
            }
            let concrete = |id: &TypeId| view::record(contract, *id).is_some_and(|record| !record.is_abstract);
            if record.is_abstract && !record.derived.is_empty() && !record.derived.iter().any(concrete) {
                let message =
                    format!("{} is abstract, and so is every type derived from it: it has no values", def.name);
                findings.push(Finding::error(message, "derive a type that is not abstract"));
            }
        }
    }
}
