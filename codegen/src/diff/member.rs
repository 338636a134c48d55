//! The parts of messages and types: which of them are the same, and what is different about those.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::{
    Attribute, Contract, Element, Particle, Preset, Term, Type, TypeDef, TypeId, TypeKind, WhiteSpace,
};
use crate::contract::print::local_name;
use crate::name::QName;

use super::{Difference, Ways};

/// Types of the old and of the new contract that stand at the same place.
pub(super) type Pair = (TypeId, TypeId);

/// What is found where two things are compared.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) differences: Vec<Difference>,
    /// The types that they refer to.
    pub(super) pairs: Vec<Pair>,
}

impl Comparison {
    pub(super) fn add(&mut self, kind: impl Into<String>, breaks: Ways, what: String) {
        self.differences.push(Difference::new(kind, breaks, what));
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.differences.extend(other.differences);
        self.pairs.extend(other.pairs);
    }
}

/// Both contracts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides<'c> {
    pub(super) old: &'c Contract,
    pub(super) new: &'c Contract,
}

/// What the members of a list are, in words and in rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Header,
    Field,
    Alternative,
    Attribute,
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Field => "field",
            Self::Alternative => "alternative",
            Self::Attribute => "attribute",
        }
    }
}

/// A header part, field, alternative or attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member<'c> {
    min: u32,
    max: Option<u32>,
    what: What<'c>,
}

#[derive(Clone, Copy, Debug)]
enum What<'c> {
    Value(Value<'c>),
    Wildcard,
    Group(TypeId),
}

/// An element or attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'c> {
    name: &'c QName,
    pub(super) ty: Type,
    pub(super) white_space: WhiteSpace,
    preset: Option<&'c Preset>,
    nillable: bool,
    pub(super) stream: bool,
}

impl<'c> From<&'c Element> for Value<'c> {
    fn from(element: &'c Element) -> Self {
        let Element { name, ty, white_space, preset, nillable, stream, .. } = element;
        let (ty, white_space, nillable, stream) = (*ty, *white_space, *nillable, *stream);
        Self { name, ty, white_space, preset: preset.as_ref(), nillable, stream }
    }
}

impl<'c> Member<'c> {
    pub(super) fn element(element: &'c Element, required: bool) -> Self {
        Self { min: u32::from(required), max: Some(1), what: What::Value(element.into()) }
    }

    pub(super) fn attribute(attribute: &'c Attribute) -> Self {
        let Attribute { name, ty, white_space, preset, required, .. } = attribute;
        let (ty, white_space, preset) = (*ty, *white_space, preset.as_ref());
        let value = Value { name, ty, white_space, preset, nillable: false, stream: false };
        Self { min: u32::from(*required), max: Some(1), what: What::Value(value) }
    }

    /// One of the sequence that a finished contract has.
    pub(super) fn particle(particle: &'c Particle) -> Self {
        let what = match &particle.term {
            Term::Element(element) => What::Value(element.into()),
            Term::Group(id) => What::Group(*id),
            Term::Wildcard | Term::Sequence(_) | Term::All(_) | Term::Choice(_) => What::Wildcard,
        };
        Self { min: particle.min, max: particle.max, what }
    }

    /// What stands for a choice that is all that an element holds.
    pub(super) fn whole(id: TypeId) -> Self {
        Self { min: 1, max: Some(1), what: What::Group(id) }
    }

    fn often(&self) -> String {
        match (self.min, self.max) {
            (0, Some(1)) => "optional".to_owned(),
            (1, Some(1)) => "required".to_owned(),
            (min, None) => format!("{min} or more"),
            (min, Some(max)) => format!("{min} to {max}"),
        }
    }
}

impl<'c> Sides<'c> {
    /// Compares lists of members. `position_counts`: a reader goes by the order of the elements.
    pub(super) fn members(
        self,
        role: Role,
        (old, new): (&[Member<'c>], &[Member<'c>]),
        position_counts: bool,
    ) -> Comparison {
        let mut found = Comparison::default();
        let partners = self.partners(old, new);
        for (member, partner) in old.iter().zip(&partners) {
            match partner.and_then(|at| new.get(at)) {
                Some(partner) => self.member(role, member, partner, &mut found),
                None => {
                    let breaks = match (role, &member.what) {
                        (Role::Alternative, _) | (_, What::Wildcard) => Ways::REQUESTS,
                        _ => Ways::BOTH,
                    };
                    let (kind, word) = describe(self.old, role, member);
                    found.add(format!("{kind}-removed"), breaks, format!("{word} is gone"));
                }
            }
        }
        let known: BTreeSet<usize> = partners.iter().flatten().copied().collect();
        for (_, member) in new.iter().enumerate().filter(|(at, _)| !known.contains(at)) {
            let (kind, word) = describe(self.new, role, member);
            let (breaks, often) = match role {
                Role::Alternative => (Ways::REPLIES, String::new()),
                _ if member.min > 0 => (Ways::REQUESTS, format!(", {}", member.often())),
                _ => (Ways::NONE, format!(", {}", member.often())),
            };
            found.add(format!("{kind}-added"), breaks, format!("{word} is new{often}"));
        }
        if role == Role::Field {
            let order: Vec<usize> = partners.into_iter().flatten().collect();
            if let Some([after, before]) = order.windows(2).find(|pair| pair.first() > pair.last()) {
                let name = |at: &usize| new.get(*at).map_or_else(String::new, |one| short(self.new, one));
                let breaks = Ways { requests: true, replies: position_counts };
                let what = format!("the order of its fields is another: {} comes before {}", name(before), name(after));
                found.add("order-changed", breaks, what);
            }
        }
        found
    }

    /// For each old member the index of the new one that it has become.
    fn partners(self, old: &[Member<'c>], new: &[Member<'c>]) -> Vec<Option<usize>> {
        let by_key: BTreeMap<_, usize> =
            keys(new).into_iter().zip(0..).filter_map(|(key, at)| Some((key?, at))).collect();
        let mut partners: Vec<Option<usize>> = keys(old).into_iter().map(|key| by_key.get(&key?).copied()).collect();
        // Of the others: the same local name in another namespace, and groups that share an element.
        let taken: BTreeSet<usize> = partners.iter().flatten().copied().collect();
        let (mut by_local, mut groups) = (BTreeMap::new(), Vec::new());
        for (at, member) in new.iter().enumerate().filter(|(at, _)| !taken.contains(at)) {
            match &member.what {
                What::Value(value) => drop(by_local.entry(&*value.name.local).or_insert(at)),
                What::Group(id) => groups.push((at, is_choice(self.new, *id), names(self.new, *id))),
                What::Wildcard => {}
            }
        }
        for (member, partner) in old.iter().zip(&mut partners).filter(|(_, partner)| partner.is_none()) {
            *partner = match &member.what {
                What::Value(value) => by_local.remove(&*value.name.local),
                What::Group(id) => {
                    let (choice, names) = (is_choice(self.old, *id), names(self.old, *id));
                    let alike = |(_, other, others): &(usize, bool, BTreeSet<&QName>)| {
                        choice == *other && !names.is_disjoint(others)
                    };
                    groups.iter().position(alike).map(|at| groups.remove(at).0)
                }
                What::Wildcard => None,
            };
        }
        partners
    }

    fn member(self, role: Role, old: &Member<'c>, new: &Member<'c>, found: &mut Comparison) {
        let (_, word) = describe(self.old, role, old);
        if (old.min, old.max) != (new.min, new.max) {
            let once = old.max == Some(1);
            let fewer = old.max.is_none_or(|old| new.max.is_some_and(|new| new < old)) && new.max.is_some();
            let breaks = Ways {
                requests: new.min > old.min || fewer,
                replies: once && (new.min < old.min || new.max != Some(1)),
            };
            found.add("occurrence-changed", breaks, format!("{word} is {}, was {}", new.often(), old.often()));
        }
        match (&old.what, &new.what) {
            (What::Value(one), What::Value(other)) => {
                if one.name != other.name {
                    let what = format!(
                        "{word} is in {}, was in {}",
                        namespace(&other.name.namespace),
                        namespace(&one.name.namespace)
                    );
                    found.add("namespace-changed", Ways::BOTH, what);
                }
                self.value(&word, one, other, old.min > 0 && old.max == Some(1), found);
            }
            (What::Group(one), What::Group(other)) => found.pairs.push((*one, *other)),
            _ => {}
        }
    }

    /// Compares what two elements or attributes hold. `required`: a reader does without neither value.
    pub(super) fn value(self, word: &str, old: &Value<'_>, new: &Value<'_>, required: bool, found: &mut Comparison) {
        if old.nillable != new.nillable {
            let breaks = Ways { requests: old.nillable, replies: new.nillable && required };
            let what = if new.nillable { "may be nil" } else { "may not be nil any more" };
            found.add("nillable-changed", breaks, format!("{word} {what}"));
        }
        self.types_of(word, (old.ty, old.stream), (new.ty, new.stream), found);
        if old.white_space != new.white_space && old.ty == new.ty {
            let what = format!(
                "white space of {word} is {}, was {}",
                white_space(new.white_space),
                white_space(old.white_space)
            );
            found.add("white-space-changed", Ways::NONE, what);
        }
        if old.preset != new.preset {
            let what = format!("{word} has {}, had {}", preset(new.preset), preset(old.preset));
            found.add("preset-changed", Ways::BOTH, what);
        }
    }

    /// Compares the types of two values, each with whether it is a stream.
    pub(super) fn types_of(self, word: &str, old: (Type, bool), new: (Type, bool), found: &mut Comparison) {
        if let (Type::Named(one), Type::Named(other)) = (old.0, new.0) {
            if let (Some(a), Some(b)) = (self.old.types.get(one.0), self.new.types.get(other.0)) {
                let is_anonymous = !a.anonymous_in.is_empty() || !b.anonymous_in.is_empty();
                if old.1 == new.1 && (is_anonymous || a.name == b.name) {
                    return found.pairs.push((one, other));
                }
            }
        } else if old == new {
            return;
        }
        let what = format!("{word} is {}, was {}", type_text(self.new, new), type_text(self.old, old));
        found.add("type-changed", Ways::BOTH, what);
    }
}

/// What tells a member from others: the name, and which one of that name it is. Groups have no names of their own.
fn keys<'c>(members: &[Member<'c>]) -> Vec<Option<(Option<&'c QName>, usize)>> {
    let mut seen: BTreeMap<Option<&QName>, usize> = BTreeMap::new();
    let key = |member: &Member<'c>| {
        let name = match member.what {
            What::Value(value) => Some(value.name),
            What::Wildcard => None,
            What::Group(_) => return None,
        };
        let ordinal = seen.entry(name).or_default();
        *ordinal += 1;
        Some((name, *ordinal))
    };
    members.iter().map(key).collect()
}

fn is_choice(contract: &Contract, id: TypeId) -> bool {
    contract.types.get(id.0).is_some_and(|def| matches!(def.kind, TypeKind::Choice(_)))
}

/// The elements of a group, those of groups in it included.
fn names(contract: &Contract, id: TypeId) -> BTreeSet<&QName> {
    let (mut open, mut seen, mut found) = (vec![id], BTreeSet::new(), BTreeSet::new());
    while let Some(id) = open.pop().filter(|_| seen.len() <= contract.types.len()) {
        if !seen.insert(id) {
            continue;
        }
        for leaf in contract.leaves(id) {
            match &leaf.particle.term {
                Term::Element(element) => drop(found.insert(&element.name)),
                Term::Group(id) => open.push(*id),
                _ => {}
            }
        }
    }
    found
}

/// The kind of a member for programs, and what it is in words.
fn describe(contract: &Contract, role: Role, member: &Member<'_>) -> (&'static str, String) {
    match member.what {
        What::Wildcard => ("wildcard", "the wildcard for any element".to_owned()),
        What::Value(value) => (role.word(), format!("{} `{}`", role.word(), value.name.local)),
        What::Group(_) => (role.word(), short(contract, member)),
    }
}

fn short(contract: &Contract, member: &Member<'_>) -> String {
    match member.what {
        What::Wildcard => "any".to_owned(),
        What::Value(value) => format!("`{}`", value.name.local),
        What::Group(id) => {
            let leaves = contract.leaves(id);
            let parts = leaves.iter().map(|leaf| match &leaf.particle.term {
                Term::Element(element) => format!("`{}`", element.name.local),
                Term::Group(_) => "(…)".to_owned(),
                _ => "any".to_owned(),
            });
            let word = if is_choice(contract, id) { "choice" } else { "group" };
            format!("the {word} of {}", parts.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A type in words.
pub(super) fn type_name(def: &TypeDef) -> String {
    format!("{} of {}", local_name(def), namespace(&def.name.namespace))
}

pub(super) fn namespace(namespace: &str) -> &str {
    if namespace.is_empty() { "no namespace" } else { namespace }
}

fn type_text(contract: &Contract, (ty, stream): (Type, bool)) -> String {
    let name = match ty {
        Type::Builtin(value) => value.name().to_owned(),
        Type::Named(id) => contract.types.get(id.0).map_or_else(String::new, type_name),
    };
    if stream { format!("{name} as a stream") } else { name }
}

fn white_space(rule: WhiteSpace) -> &'static str {
    match rule {
        WhiteSpace::Preserve => "preserved",
        WhiteSpace::Replace => "replaced",
        WhiteSpace::Collapse => "collapsed",
    }
}

fn preset(preset: Option<&Preset>) -> String {
    match preset {
        None => "no default or fixed value".to_owned(),
        Some(Preset::Default(text)) => format!("the default {text:?}"),
        Some(Preset::Fixed(text)) => format!("the fixed value {text:?}"),
    }
}
