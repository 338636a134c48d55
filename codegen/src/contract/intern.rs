//! Makes types one that say the same, however many documents say it.
//!
//! Two types are one if their names, their own content, and the types they refer to are. Types may
//! refer to one another in circles, so this is not decided type by type: all types start in one
//! class per name and own content, and classes are split as long as members refer to different
//! classes.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::{Contract, Documentation, Field, Message, Service, Type, TypeDef, TypeId, TypeKind};

/// Drops what no port reaches, makes equal types one, and sorts the rest by name.
pub(super) fn unify(mut contract: Contract) -> Contract {
    let reached = reachable(&contract);
    let classes = classes(&contract.types, &reached);
    let mut members: BTreeMap<usize, Vec<TypeId>> = BTreeMap::new();
    for id in &reached {
        members.entry(classes[id.0]).or_default().push(*id);
    }
    let mut order: Vec<&Vec<TypeId>> = members.values().collect();
    order.sort_by_key(|members| {
        let first = &contract.types[members[0].0];
        (&first.name, &first.anonymous_in, members[0])
    });
    let mut new_ids: BTreeMap<usize, TypeId> = BTreeMap::new();
    for (index, members) in order.iter().enumerate() {
        new_ids.insert(classes[members[0].0], TypeId(index));
    }
    let to_new = |id: TypeId| new_ids.get(&classes[id.0]).copied().unwrap_or(id);
    let types = order
        .iter()
        .map(|members| {
            let mut def = contract.types[members[0].0].clone();
            for other in &members[1..] {
                complete(&mut def, &contract.types[other.0]);
            }
            map_def(&mut def, &to_new);
            def
        })
        .collect();
    for service in &mut contract.services {
        map_service(service, &to_new);
    }
    contract.types = types;
    contract
}

/// Everything operations refer to, in the order of first reference.
fn reachable(contract: &Contract) -> Vec<TypeId> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let mut visit = |id: TypeId, open: &mut Vec<TypeId>| {
        if id.0 < contract.types.len() && seen.insert(id) {
            open.push(id);
        }
    };
    let mut open = Vec::new();
    let operations = contract.services.iter().flat_map(|service| &service.ports).flat_map(|port| &port.operations);
    for operation in operations {
        let details = operation.faults.iter().map(|fault| &fault.detail);
        let fields = fields(&operation.input).chain(fields(&operation.output)).chain(details);
        fields.filter_map(named).for_each(|id| visit(id, &mut open));
    }
    while let Some(id) = open.pop() {
        found.push(id);
        references(&contract.types[id.0]).into_iter().for_each(|id| visit(id, &mut open));
    }
    found.sort_unstable();
    found
}

/// The class of each type; equal number, equal type.
fn classes(types: &[TypeDef], reached: &[TypeId]) -> Vec<usize> {
    let mut class = vec![0; types.len()];
    let mut count = split(reached, &mut class, |id| format!("{:?}", skeleton(&types[id.0])));
    let refs: Vec<Vec<TypeId>> = types.iter().map(references).collect();
    loop {
        let before = class.clone();
        let key = |id: TypeId| {
            let inner: Vec<usize> = refs[id.0].iter().map(|id| before[id.0]).collect();
            (before[id.0], inner)
        };
        let now = split(reached, &mut class, key);
        if now == count {
            return class;
        }
        count = now;
    }
}

/// Gives types of equal key an equal number, and returns how many numbers there are.
fn split<K: Ord>(reached: &[TypeId], class: &mut [usize], key: impl Fn(TypeId) -> K) -> usize {
    let mut numbers = BTreeMap::new();
    for id in reached {
        let next = numbers.len();
        class[id.0] = *numbers.entry(key(*id)).or_insert(next);
    }
    numbers.len()
}

/// A type without documentation and without telling which types it refers to.
fn skeleton(def: &TypeDef) -> TypeDef {
    let mut bare = def.clone();
    map_def(&mut bare, &|_| TypeId(0));
    bare.documentation = Documentation::default();
    match &mut bare.kind {
        TypeKind::Record(record) => {
            record.fields.iter_mut().for_each(|field| field.documentation = Documentation::default());
        }
        TypeKind::Enumeration(enumeration) => {
            enumeration.values.iter_mut().for_each(|value| value.documentation = Documentation::default());
        }
    }
    bare
}

/// Takes over documentation that an equal type has and this one lacks.
fn complete(def: &mut TypeDef, other: &TypeDef) {
    let fill = |mine: &mut Documentation, other: &Documentation| {
        if mine.paragraphs.is_empty() && mine.parameters.is_empty() {
            mine.clone_from(other);
        }
    };
    fill(&mut def.documentation, &other.documentation);
    match (&mut def.kind, &other.kind) {
        (TypeKind::Record(mine), TypeKind::Record(other)) => {
            let pairs = mine.fields.iter_mut().zip(&other.fields);
            pairs.for_each(|(mine, other)| fill(&mut mine.documentation, &other.documentation));
        }
        (TypeKind::Enumeration(mine), TypeKind::Enumeration(other)) => {
            let pairs = mine.values.iter_mut().zip(&other.values);
            pairs.for_each(|(mine, other)| fill(&mut mine.documentation, &other.documentation));
        }
        _ => {}
    }
}

fn fields(message: &Message) -> impl Iterator<Item = &Field> {
    message.headers.iter().chain(&message.body)
}

fn named(field: &Field) -> Option<TypeId> {
    match field.ty {
        Type::Named(id) => Some(id),
        Type::Builtin(_) => None,
    }
}

/// Types a type refers to, in a fixed order.
fn references(def: &TypeDef) -> Vec<TypeId> {
    match &def.kind {
        TypeKind::Record(record) => record
            .base
            .into_iter()
            .chain(record.fields.iter().filter_map(named))
            .chain(record.derived.iter().copied())
            .collect(),
        TypeKind::Enumeration(_) => Vec::new(),
    }
}

/// Replaces all type ids of a type.
pub(super) fn map_def(def: &mut TypeDef, map: &impl Fn(TypeId) -> TypeId) {
    if let TypeKind::Record(record) = &mut def.kind {
        record.base = record.base.map(map);
        record.derived.iter_mut().for_each(|id| *id = map(*id));
        record.fields.iter_mut().for_each(|field| map_field(field, map));
    }
}

/// Replaces all type ids of a service.
pub(super) fn map_service(service: &mut Service, map: &impl Fn(TypeId) -> TypeId) {
    for operation in service.ports.iter_mut().flat_map(|port| &mut port.operations) {
        for message in [&mut operation.input, &mut operation.output] {
            message.headers.iter_mut().chain(&mut message.body).for_each(|field| map_field(field, map));
        }
        operation.faults.iter_mut().for_each(|fault| map_field(&mut fault.detail, map));
    }
}

fn map_field(field: &mut Field, map: &impl Fn(TypeId) -> TypeId) {
    if let Type::Named(id) = &mut field.ty {
        *id = map(*id);
    }
}
