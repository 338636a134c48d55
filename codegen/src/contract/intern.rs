//! Merges equal types, however many documents declare them.
//!
//! Two types are equal if their names, their own content, and the types they refer to are. Types may refer to one
//! another in circles, so this is not decided type by type: all types start in one class per name and own content, and
//! classes are split as long as members refer to different classes.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::{
    Array, ContentModel, Contract, Documentation, List, Particle, Service, Term, Type, TypeDef, TypeId, TypeKind,
    UnionMember,
};
use crate::diagnostic::Position;

/// Drops types that no port and no root element reaches, merges equal types, and sorts the rest by name.
pub(super) fn unify(mut contract: Contract) -> Contract {
    let reached = reachable(&contract);
    let classes = classes(&contract.types, &reached);
    let mut members: BTreeMap<usize, Vec<TypeId>> = BTreeMap::new();
    for id in &reached {
        members.entry(classes[id.0]).or_default().push(*id);
    }
    let mut order: Vec<Vec<TypeId>> = members.into_values().collect();
    order.sort_by_key(|members| {
        let first = &contract.types[members[0].0];
        (&first.name, &first.anonymous_in, members[0])
    });
    let mut new_ids: BTreeMap<usize, TypeId> = BTreeMap::new();
    for (index, members) in order.iter().enumerate() {
        new_ids.insert(classes[members[0].0], TypeId(index));
    }
    let to_new = |id: TypeId| new_ids.get(&classes[id.0]).copied().unwrap_or(id);
    let mut old: Vec<Option<TypeDef>> = std::mem::take(&mut contract.types).into_iter().map(Some).collect();
    let types = order
        .iter()
        .filter_map(|members| {
            let mut def = old[members[0].0].take()?;
            for other in members[1..].iter().filter_map(|other| old[other.0].take()) {
                complete(&mut def, other);
            }
            map_def(&mut def, &to_new);
            Some(def)
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
    let operations = contract.services.iter().flat_map(|service| &service.ports).flat_map(|port| &port.operations);
    let elements = operations.flat_map(|operation| operation.elements()).chain(contract.roots());
    reached(&contract.types, elements.filter_map(|element| element.ty.named())).into_iter().collect()
}

/// These types, and those that they refer to, however far.
pub(super) fn reached(types: &[TypeDef], from: impl IntoIterator<Item = TypeId>) -> BTreeSet<TypeId> {
    let mut open: Vec<TypeId> = from.into_iter().collect();
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if let Some(def) = types.get(id.0).filter(|_| found.insert(id)) {
            open.extend(references(def));
        }
    }
    found
}

/// The class of each type; equal number, equal type.
fn classes(types: &[TypeDef], reached: &[TypeId]) -> Vec<usize> {
    let mut classes = Classes { of: vec![0; types.len()], members: Vec::new() };
    let name = |id: TypeId| (&types[id.0].name, &types[id.0].anonymous_in);
    for named_alike in groups(reached.iter().copied(), name).into_values() {
        match named_alike[..] {
            // Most names are there once, and their types need not be compared with any.
            [_] => classes.add(named_alike),
            _ => groups(named_alike.into_iter(), |id| format!("{:?}", skeleton(&types[id.0])))
                .into_values()
                .for_each(|group| classes.add(group)),
        }
    }
    let refs: Vec<Vec<TypeId>> = types.iter().map(references).collect();
    let mut users: Vec<Vec<TypeId>> = vec![Vec::new(); types.len()];
    for id in reached {
        refs[id.0].iter().for_each(|inner| users[inner.0].push(*id));
    }
    // Types that refer to one whose class is new; of one class, all others refer to the same classes as each other.
    let mut affected: BTreeSet<TypeId> = reached.iter().copied().collect();
    while !affected.is_empty() {
        let asked = affected.into_iter().filter(|id| classes.members[classes.of[id.0]].len() > 1);
        let mut parts: BTreeMap<usize, Vec<Vec<TypeId>>> = BTreeMap::new();
        let key = |id: TypeId| -> Vec<usize> {
            std::iter::once(id).chain(refs[id.0].iter().copied()).map(|id| classes.of[id.0]).collect()
        };
        for (key, part) in groups(asked, key) {
            parts.entry(key[0]).or_default().push(part);
        }
        let changed: Vec<TypeId> = parts.into_iter().flat_map(|(at, parts)| classes.split(at, parts)).collect();
        affected = changed.iter().flat_map(|id| &users[id.0]).copied().collect();
    }
    classes.of
}

/// Types of equal key together.
fn groups<K: Ord>(ids: impl Iterator<Item = TypeId>, key: impl Fn(TypeId) -> K) -> BTreeMap<K, Vec<TypeId>> {
    let mut groups: BTreeMap<K, Vec<TypeId>> = BTreeMap::new();
    ids.for_each(|id| groups.entry(key(id)).or_default().push(id));
    groups
}

/// Types that are taken for equal so far.
struct Classes {
    /// The class of each type.
    of: Vec<usize>,
    members: Vec<BTreeSet<TypeId>>,
}

impl Classes {
    fn add(&mut self, members: Vec<TypeId>) {
        members.iter().for_each(|id| self.of[id.0] = self.members.len());
        self.members.push(members.into_iter().collect());
    }

    /// Splits a class into these parts and what is left of it. Returns the types whose class is another now.
    ///
    /// The largest part keeps its class, so that the class of a type changes at most as often as a class can be halved.
    fn split(&mut self, at: usize, mut parts: Vec<Vec<TypeId>>) -> Vec<TypeId> {
        for id in parts.iter().flatten() {
            self.members[at].remove(id);
        }
        let left = self.members[at].len();
        let largest = (0..parts.len()).max_by_key(|part| parts[*part].len());
        if let Some(largest) = largest.filter(|part| parts[*part].len() > left) {
            let kept = parts.swap_remove(largest).into_iter().collect();
            let left = std::mem::replace(&mut self.members[at], kept);
            parts.extend((!left.is_empty()).then(|| left.into_iter().collect()));
        }
        parts.iter().for_each(|part| self.add(part.clone()));
        parts.concat()
    }
}

/// The part of a type that is compared first: without documentation and positions, and without the types it refers to.
fn skeleton(def: &TypeDef) -> TypeDef {
    let mut bare = def.clone();
    map_def(&mut bare, &|_| TypeId(0));
    bare.position = Position::default();
    bare.problems.clear();
    each_documentation(&mut bare, &mut |documentation| *documentation = Documentation::default());
    bare.change_particles(&mut |particle| particle.position = Position::default());
    bare
}

/// Takes over documentation that an equal type has and this one lacks, and what is wrong with it.
fn complete(def: &mut TypeDef, mut other: TypeDef) {
    def.problems.append(&mut other.problems);
    let mut theirs = Vec::new();
    each_documentation(&mut other, &mut |documentation| theirs.push(std::mem::take(documentation)));
    let mut theirs = theirs.into_iter();
    each_documentation(def, &mut |mine| {
        let other = theirs.next().unwrap_or_default();
        if mine.paragraphs.is_empty() && mine.parameters.is_empty() {
            *mine = other;
        }
    });
}

/// Visits all documentation of a type, in an order that depends on its shape alone.
fn each_documentation(def: &mut TypeDef, visit: &mut impl FnMut(&mut Documentation)) {
    visit(&mut def.documentation);
    def.change_elements(|element| visit(&mut element.documentation));
    match &mut def.kind {
        TypeKind::Choice(_) | TypeKind::List(_) | TypeKind::Array(_) => {}
        TypeKind::Complex(complex) => {
            if let ContentModel::Text(text) = &mut complex.content {
                visit(&mut text.documentation);
            }
            complex.attributes.iter_mut().for_each(|attribute| visit(&mut attribute.documentation));
        }
        TypeKind::Enumeration(enumeration) => {
            enumeration.values.iter_mut().for_each(|value| visit(&mut value.documentation));
        }
        TypeKind::Union(union) => union.members.iter_mut().for_each(|member| match member {
            UnionMember::Text(value) => visit(&mut value.documentation),
            UnionMember::Value(..) => {}
        }),
    }
}

/// Types a type refers to, in a fixed order.
pub(super) fn references(def: &TypeDef) -> Vec<TypeId> {
    let complex = match &def.kind {
        TypeKind::Complex(complex) => complex,
        TypeKind::Choice(choice) => return choice.alternatives.iter().flat_map(Particle::types).collect(),
        TypeKind::List(List { item, .. }) | TypeKind::Array(Array { item, .. }) => {
            return item.named().into_iter().collect();
        }
        TypeKind::Union(union) => return union.types().filter_map(Type::named).collect(),
        TypeKind::Enumeration(_) => return Vec::new(),
    };
    let base = complex.derivation.map(|derivation| derivation.base);
    let text = match &complex.content {
        ContentModel::Text(text) => text.ty.named(),
        ContentModel::Empty | ContentModel::Elements(_) => None,
    };
    let particles = match &complex.content {
        ContentModel::Elements(particle) => particle.types(),
        ContentModel::Empty | ContentModel::Text(_) => Vec::new(),
    };
    let attributes = complex.attributes.iter().filter_map(|one| one.ty.named());
    base.into_iter().chain(text).chain(particles).chain(attributes).chain(complex.derived.iter().copied()).collect()
}

/// Replaces all type ids of a type.
pub(super) fn map_def(def: &mut TypeDef, map: &impl Fn(TypeId) -> TypeId) {
    def.change_particles(&mut |particle| match &mut particle.term {
        Term::Element(element) => map_type(&mut element.ty, map),
        Term::Group(id) => *id = map(*id),
        _ => {}
    });
    let complex = match &mut def.kind {
        TypeKind::Complex(complex) => complex,
        TypeKind::List(List { item, .. }) | TypeKind::Array(Array { item, .. }) => return map_type(item, map),
        TypeKind::Union(union) => {
            return union.members.iter_mut().for_each(|member| match member {
                UnionMember::Value(_, ty) => map_type(ty, map),
                UnionMember::Text(_) => {}
            });
        }
        TypeKind::Choice(_) | TypeKind::Enumeration(_) => return,
    };
    if let Some(derivation) = &mut complex.derivation {
        derivation.base = map(derivation.base);
    }
    complex.derived.iter_mut().for_each(|id| *id = map(*id));
    if let ContentModel::Text(text) = &mut complex.content {
        map_type(&mut text.ty, map);
    }
    complex.attributes.iter_mut().for_each(|attribute| map_type(&mut attribute.ty, map));
}

/// Replaces all type ids of a service.
pub(super) fn map_service(service: &mut Service, map: &impl Fn(TypeId) -> TypeId) {
    service.roots.iter_mut().for_each(|element| map_type(&mut element.ty, map));
    for operation in service.ports.iter_mut().flat_map(|port| &mut port.operations) {
        for message in std::iter::once(&mut operation.input).chain(&mut operation.output) {
            let headers = message.headers.iter_mut().map(|header| &mut header.element);
            headers.chain(&mut message.body).for_each(|element| map_type(&mut element.ty, map));
        }
        operation.faults.iter_mut().for_each(|fault| map_type(&mut fault.detail.ty, map));
    }
}

fn map_type(ty: &mut Type, map: &impl Fn(TypeId) -> TypeId) {
    if let Type::Named(id) = ty {
        *id = map(*id);
    }
}
