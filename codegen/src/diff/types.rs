//! The types that both contracts have at the same places.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::{
    Choice, Complex, ContentModel, Contract, Derivation, DerivationMethod, EnumerationValue, GroupUse, Particle, Text,
    Type, TypeDef, TypeId, TypeKind, Union, UnionMember,
};

use super::member::{Comparison, Member, Pair, Role, Sides, type_name};
use super::{Change, Difference, Ways};

/// Two types at the same place.
#[derive(Debug)]
struct Node {
    used: Ways,
    differences: Vec<Difference>,
    refers_to: Vec<Pair>,
}

/// The types that are compared, sorted by where the old contract has them: by name.
#[derive(Debug)]
pub(super) struct Types<'c> {
    sides: Sides<'c>,
    nodes: BTreeMap<Pair, Node>,
}

impl<'c> Types<'c> {
    pub(super) fn new(sides: Sides<'c>) -> Self {
        Self { sides, nodes: BTreeMap::new() }
    }

    /// Compares these and all that they refer to, which messages use in these ways.
    pub(super) fn visit(&mut self, pairs: Vec<Pair>, used: Ways) {
        let mut open = pairs;
        while let Some(pair) = open.pop() {
            let node = self.nodes.entry(pair).or_insert_with(|| {
                let Comparison { differences, pairs } = self.sides.pair(pair);
                Node { used: Ways::NONE, differences, refers_to: pairs }
            });
            let now =
                Ways { requests: node.used.requests || used.requests, replies: node.used.replies || used.replies };
            if node.used != now {
                node.used = now;
                open.extend(&node.refers_to);
            }
        }
    }

    pub(super) fn changes(self) -> impl Iterator<Item = Change> {
        self.nodes.into_iter().flat_map(move |(pair, node)| {
            let place = self.sides.old.types.get(pair.0.0).map_or_else(String::new, type_name);
            let change = move |one: Difference| one.used_in(format!("type {place}"), node.used);
            node.differences.into_iter().map(change)
        })
    }
}

impl<'c> Sides<'c> {
    fn pair(self, (old, new): Pair) -> Comparison {
        let (Some(one), Some(other)) = (self.old.types.get(old.0), self.new.types.get(new.0)) else {
            return Comparison::default();
        };
        let mut found = Comparison::default();
        match (&one.kind, &other.kind) {
            (TypeKind::Enumeration(one), TypeKind::Enumeration(other)) => {
                values(&one.values, &other.values, &mut found);
            }
            (TypeKind::Union(one), TypeKind::Union(other)) => self.unions(one, other, &mut found),
            (TypeKind::List(one), TypeKind::List(other)) => {
                self.types_of("an item", (one.item, false), (other.item, false), &mut found);
            }
            (TypeKind::Array(one), TypeKind::Array(other)) => {
                self.types_of("an item", (one.item, false), (other.item, false), &mut found);
            }
            (TypeKind::Choice(one), TypeKind::Choice(other)) => {
                let members = |choice: &'c Choice| -> Vec<Member<'c>> {
                    choice.alternatives.iter().map(Member::particle).collect()
                };
                found = self.members(Role::Alternative, (&members(one), &members(other)), false);
            }
            (TypeKind::Complex(_) | TypeKind::Choice(_), TypeKind::Complex(_) | TypeKind::Choice(_)) => {
                found = self.record(old, new);
            }
            _ => {
                let what = format!("it is {}, was {}", kind(other), kind(one));
                found.add("kind-changed", Ways::BOTH, what);
            }
        }
        found
    }

    /// A member is known by its name.
    fn unions(self, old: &'c Union, new: &'c Union, found: &mut Comparison) {
        let texts = |union: &'c Union| {
            union.members.iter().filter_map(|member| match member {
                UnionMember::Text(value) => Some(value),
                UnionMember::Value(..) => None,
            })
        };
        values(texts(old), texts(new), found);
        let members = |union: &'c Union| -> BTreeMap<&'c str, Type> {
            let named = union.members.iter().filter_map(|member| match member {
                UnionMember::Value(name, ty) => Some((name.as_str(), *ty)),
                UnionMember::Text(_) => None,
            });
            named.collect()
        };
        let (before, after) = (members(old), members(new));
        for (name, ty) in &before {
            match after.get(name) {
                Some(other) => self.types_of(&format!("member {name:?}"), (*ty, false), (*other, false), found),
                None => found.add("value-removed", Ways::REQUESTS, format!("member {name:?} is gone")),
            }
        }
        for name in after.keys().filter(|name| !before.contains_key(*name)) {
            found.add("value-added", Ways::NONE, format!("member {name:?} is new"));
        }
    }

    /// Compares types of which at least one is complex; the other may be a choice that is all that an element holds.
    fn record(self, old: TypeId, new: TypeId) -> Comparison {
        let none = Complex::default();
        let (one, other) = (self.old.complex(old).unwrap_or(&none), self.new.complex(new).unwrap_or(&none));
        // What both inherit from a base of the same name is compared there. What they inherit otherwise is their own.
        let base = |derivation: Option<Derivation>| {
            derivation.filter(|one| one.by == DerivationMethod::Extension).map(|one| one.base)
        };
        let bases = base(one.derivation).zip(base(other.derivation));
        let name = |contract: &'c Contract, id: TypeId| contract.types.get(id.0).map(|def| &def.name);
        let shared = bases.filter(|(one, other)| name(self.old, *one) == name(self.new, *other));
        let content = |contract: &'c Contract, id: TypeId| Content::new(contract, id, shared.is_some());
        let (before, after) = (content(self.old, old), content(self.new, new));

        let mut found = Comparison::default();
        found.pairs.extend(shared);
        match (before.text, after.text) {
            (Some(one), Some(other)) => {
                self.types_of("its text", (one.ty, one.stream), (other.ty, other.stream), &mut found);
            }
            // Elements of mixed content are kept as XML.
            (None, None) if one.mixed != other.mixed => {}
            (None, None) => {
                let position_counts = one.mixed || one.group == Some(GroupUse::Repeated);
                found.extend(self.members(Role::Field, (&before.fields, &after.fields), position_counts));
            }
            (_, now) => {
                let (is, was) = if now.is_some() { ("text", "elements") } else { ("elements", "text") };
                found.add("kind-changed", Ways::BOTH, format!("it holds {is}, held {was}"));
            }
        }
        found.extend(self.members(Role::Attribute, (&before.attributes, &after.attributes), false));
        let mut flag = |kind: &str, (was, is): (bool, bool), gained: Ways, lost: Ways, words: [&str; 2]| match (was, is)
        {
            (false, true) => found.add(kind, gained, words[0].to_owned()),
            (true, false) => found.add(kind, lost, words[1].to_owned()),
            _ => {}
        };
        let words = ["it takes further attributes", "it takes no further attributes"];
        let kind = if before.any_attribute { "wildcard-removed" } else { "wildcard-added" };
        flag(kind, (before.any_attribute, after.any_attribute), Ways::NONE, Ways::REQUESTS, words);
        let words = ["it is abstract: values are of derived types", "it is not abstract any more"];
        flag("abstract-changed", (one.is_abstract, other.is_abstract), Ways::REQUESTS, Ways::REPLIES, words);
        let words = ["text may stand between its elements", "no text may stand between its elements any more"];
        flag("mixed-changed", (one.mixed, other.mixed), Ways::NONE, Ways::BOTH, words);
        self.derived(&one.derived, &other.derived, &mut found);
        found
    }

    /// Compares the types of which a value may be instead.
    fn derived(self, old: &[TypeId], new: &[TypeId], found: &mut Comparison) {
        let by_name = |contract: &'c Contract, ids: &[TypeId]| -> BTreeMap<_, TypeId> {
            let named = |id: &TypeId| Some(((&contract.types.get(id.0)?.name), *id));
            ids.iter().filter_map(named).collect()
        };
        let (old, new) = (by_name(self.old, old), by_name(self.new, new));
        for (name, id) in &old {
            match new.get(name) {
                Some(other) => found.pairs.push((*id, *other)),
                None => {
                    let what = format!("derived type `{}` is gone", name.local);
                    found.add("derived-type-removed", Ways::REQUESTS, what);
                }
            }
        }
        for (name, _) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
            found.add("derived-type-added", Ways::REPLIES, format!("derived type `{}` is new", name.local));
        }
    }
}

/// What is compared of a type that holds elements or text.
struct Content<'c> {
    fields: Vec<Member<'c>>,
    attributes: Vec<Member<'c>>,
    any_attribute: bool,
    text: Option<&'c Text>,
}

impl<'c> Content<'c> {
    /// With what it inherits, unless it is to be `own` content only.
    fn new(contract: &'c Contract, id: TypeId, own: bool) -> Self {
        match contract.types.get(id.0).map(|def| &def.kind) {
            Some(TypeKind::Complex(complex)) if own => {
                let members = |particle: &'c Particle| particle.leaves().iter().map(Member::particle).collect();
                let (fields, text) = match &complex.content {
                    ContentModel::Empty => (Vec::new(), None),
                    ContentModel::Text(text) => (Vec::new(), Some(text)),
                    ContentModel::Elements(particle) => (members(particle), None),
                };
                let attributes = complex.attributes.iter().map(Member::attribute).collect();
                Self { fields, attributes, any_attribute: complex.any_attribute, text }
            }
            Some(TypeKind::Choice(_)) => {
                Self { fields: vec![Member::whole(id)], attributes: Vec::new(), any_attribute: false, text: None }
            }
            _ => {
                let whole = contract.content(id);
                Self {
                    fields: contract.leaves(id).into_iter().map(|leaf| Member::particle(leaf.particle)).collect(),
                    attributes: whole.attributes.into_iter().map(|(_, one)| Member::attribute(one)).collect(),
                    any_attribute: whole.any_attribute,
                    text: whole.text.map(|(_, text)| text),
                }
            }
        }
    }
}

fn values<'e>(
    old: impl IntoIterator<Item = &'e EnumerationValue>,
    new: impl IntoIterator<Item = &'e EnumerationValue>,
    found: &mut Comparison,
) {
    let (old, new): (Vec<_>, Vec<_>) = (old.into_iter().collect(), new.into_iter().collect());
    let texts = |all: &[&'e EnumerationValue]| -> BTreeSet<&str> { all.iter().map(|one| &*one.value).collect() };
    let (before, after) = (texts(&old), texts(&new));
    for one in old.iter().filter(|one| !after.contains(&*one.value)) {
        found.add("value-removed", Ways::REQUESTS, format!("value {:?} is gone", one.value));
    }
    for one in new.iter().filter(|one| !before.contains(&*one.value)) {
        found.add("value-added", Ways::NONE, format!("value {:?} is new", one.value));
    }
}

fn kind(def: &TypeDef) -> &'static str {
    match &def.kind {
        TypeKind::Complex(_) | TypeKind::Choice(_) => "a type with content",
        TypeKind::Enumeration(_) => "an enumeration",
        TypeKind::List(_) => "a list",
        TypeKind::Union(_) => "a union",
        TypeKind::Array(_) => "an array",
    }
}
