//! Makes a type of its own of every choice and every sequence that repeats, so that the content of each type is one sequence
//! of elements, wildcards and such groups.
//!
//! What a schema may nest is brought into this form without a change to the messages: a sequence that occurs once is its
//! members, a choice with one alternative is that alternative, an alternative that may be absent makes the choice optional.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::{
    Choice, ChoicePlace, Complex, ContentModel, Documentation, GroupUse, Particle, Term, TypeDef, TypeId, TypeKind,
};
use crate::diagnostic::{Position, Report, Severity};
use crate::name::QName;

/// Takes the groups out of all types. Types whose whole content is a choice become that choice.
pub(super) fn take_out(defs: &mut Vec<TypeDef>, report: &mut Report<'_>) {
    for index in 0..defs.len() {
        let TypeKind::Complex(Complex { content, .. }) = &mut defs[index].kind else { continue };
        let particle = match std::mem::take(content) {
            ContentModel::Elements(particle) => particle,
            other => {
                *content = other;
                continue;
            }
        };
        let TypeDef { name, anonymous_in, .. } = &defs[index];
        let path = if anonymous_in.is_empty() { vec![name.local.clone()] } else { anonymous_in.clone() };
        let namespace = name.namespace.clone();
        let position = particle.position.clone();
        let mut groups = Groups { defs, report, namespace, path, taken: BTreeSet::new() };
        let members = groups.members(particle, GroupUse::Once);
        let term = Term::Sequence(members);
        if let TypeKind::Complex(complex) = &mut defs[index].kind {
            complex.content = ContentModel::Elements(Particle { min: 1, max: Some(1), position, name: None, term });
        }
    }
    whole_choices(defs);
}

/// Takes the groups out of one type.
struct Groups<'d, 'r, 't> {
    defs: &'d mut Vec<TypeDef>,
    report: &'r mut Report<'t>,
    namespace: String,
    /// Names of the type and what it is declared in.
    path: Vec<String>,
    /// Names of its groups.
    taken: BTreeSet<String>,
}

impl Groups<'_, '_, '_> {
    /// A particle as elements, wildcards and groups. What is around it is used in this way.
    fn members(&mut self, particle: Particle, around: GroupUse) -> Vec<Particle> {
        let Particle { min, max, position, name, term } = particle;
        let inner = if max == Some(1) { around } else { GroupUse::Repeated };
        match term {
            Term::Element(_) | Term::Wildcard | Term::Group(_) => vec![Particle { min, max, position, name, term }],
            Term::Sequence(members) | Term::All(members) => {
                let mut all: Vec<Particle> = Vec::new();
                for member in members {
                    self.members(member, inner).into_iter().for_each(|member| merge(&mut all, member));
                }
                self.occurring(all, (min, max), position, name)
            }
            Term::Choice(alternatives) => self.choice(alternatives, (min, max), inner, position, name),
        }
    }

    /// A sequence of these members.
    fn occurring(
        &mut self,
        mut members: Vec<Particle>,
        (min, max): (u32, Option<u32>),
        position: Position,
        name: Option<String>,
    ) -> Vec<Particle> {
        if max == Some(1) {
            members.iter_mut().filter(|_| min == 0).for_each(|member| member.min = 0);
            return members;
        }
        if let [one] = members.as_mut_slice() {
            one.min = one.min.saturating_mul(min);
            one.max = one.max.zip(max).map(|(inner, outer)| inner.saturating_mul(outer));
            return members;
        }
        if members.is_empty() {
            return members;
        }
        let min = if members.iter().all(|member| member.min == 0) { 0 } else { min };
        let id = self.sequence(members, GroupUse::Repeated, &position, name);
        vec![Particle { min, max, position, name: None, term: Term::Group(id) }]
    }

    /// A choice, as its only alternative or as a group.
    fn choice(
        &mut self,
        alternatives: Vec<Particle>,
        (min, max): (u32, Option<u32>),
        used: GroupUse,
        position: Position,
        name: Option<String>,
    ) -> Vec<Particle> {
        let mut min = min;
        let mut found: Vec<(Vec<Particle>, Option<String>)> = Vec::new();
        let mut known = BTreeSet::new();
        for alternative in flat(alternatives, &mut min) {
            let name = alternative.name.clone();
            let members = self.members(alternative, used);
            if members.iter().all(|member| member.min == 0) {
                min = 0;
            }
            let shape: Vec<_> = members.iter().map(|one| (one.min, one.max, key(&one.term))).collect();
            if !members.is_empty() && known.insert(shape) {
                found.push((members, name));
            }
        }
        if found.len() < 2 {
            let members = found.pop().map_or(Vec::new(), |(members, _)| members);
            return self.occurring(members, (min, max), position, name);
        }
        if is_ambiguous(self.defs, &found) {
            return self.ambiguous(found, (min, max), position);
        }
        let alternatives: Vec<Particle> = found
            .into_iter()
            .map(|(mut members, name)| match members.as_mut_slice() {
                [one] => {
                    one.min = one.min.max(1);
                    if used == GroupUse::Repeated {
                        one.max = Some(1);
                    }
                    one.clone()
                }
                [first, ..] => {
                    let position = first.position.clone();
                    let id = self.sequence(members, used, &position, name);
                    Particle { min: 1, max: Some(1), position, name: None, term: Term::Group(id) }
                }
                [] => unreachable!("alternatives without members were left out"),
            })
            .collect();
        let wanted = name.unwrap_or_else(|| match alternatives.as_slice() {
            [_, _] | [_, _, _] => self.joined(&alternatives, "Or").unwrap_or_else(|| "Choice".to_owned()),
            _ => "Choice".to_owned(),
        });
        let kind = TypeKind::Choice(Choice { alternatives, place: ChoicePlace::Group });
        let id = self.define(wanted, kind, &position);
        vec![Particle { min, max, position, name: None, term: Term::Group(id) }]
    }

    /// A choice in which a first element does not tell the alternative. Once, it is all its elements, of which only some are
    /// there, in an order that fits all; if there is none, or if it repeats, they are kept as XML.
    fn ambiguous(
        &mut self,
        found: Vec<(Vec<Particle>, Option<String>)>,
        (min, max): (u32, Option<u32>),
        position: Position,
    ) -> Vec<Particle> {
        let is_flat = found.iter().flat_map(|(members, _)| members).all(|one| !matches!(one.term, Term::Group(_)));
        if max == Some(1)
            && is_flat
            && let Some(order) = common_order(&found)
        {
            let count = found.len();
            let mut members: BTreeMap<usize, (Particle, usize)> = BTreeMap::new();
            for one in found.into_iter().flat_map(|(members, _)| members) {
                let place = order.get(&key(&one.term)).copied().unwrap_or_default();
                match members.get_mut(&place) {
                    Some((known, in_how_many)) => {
                        known.min = known.min.min(one.min);
                        known.max = known.max.zip(one.max).map(|(a, b)| a.max(b));
                        *in_how_many += 1;
                    }
                    None => drop(members.insert(place, (one, 1))),
                }
            }
            let member = |(member, in_how_many): (Particle, usize)| {
                let min = if in_how_many < count || min == 0 { 0 } else { member.min };
                Particle { min, ..member }
            };
            return members.into_values().map(member).collect();
        }
        let message =
            format!("alternatives of a choice in `{}` begin alike: its elements are kept as XML", self.path.join("/"));
        self.report.at_position(Severity::Warning, &position, message, "nothing to do: they are `Fragment`s in Rust");
        vec![Particle { min: 0, max: None, position, name: None, term: Term::Wildcard }]
    }

    /// A group that is a struct.
    fn sequence(
        &mut self,
        members: Vec<Particle>,
        used: GroupUse,
        position: &Position,
        name: Option<String>,
    ) -> TypeId {
        let wanted = name.unwrap_or_else(|| match members.as_slice() {
            [_, _] => self.joined(&members, "And").unwrap_or_else(|| "Group".to_owned()),
            _ => "Group".to_owned(),
        });
        let term = Term::Sequence(members);
        let content = Particle { min: 1, max: Some(1), position: position.clone(), name: None, term };
        let content = ContentModel::Elements(content);
        let complex = Complex { content, group: Some(used), ..Complex::default() };
        self.define(wanted, TypeKind::Complex(complex), position)
    }

    /// `CardOrCash`.
    fn joined(&self, members: &[Particle], between: &str) -> Option<String> {
        let names: Option<Vec<String>> = members.iter().map(|member| self.name_of(member)).collect();
        Some(names?.join(between)).filter(|joined| joined.len() <= 60)
    }

    fn name_of(&self, member: &Particle) -> Option<String> {
        match &member.term {
            Term::Element(element) => Some(capitalized(&element.name.local)),
            // The name of a group would make that of another too long.
            Term::Group(id) => match self.defs.get(id.0).map(|def| &def.kind) {
                Some(TypeKind::Choice(choice)) => choice.alternatives.first().and_then(|one| self.name_of(one)),
                Some(TypeKind::Complex(Complex { content: ContentModel::Elements(content), .. })) => {
                    content.leaves().first().and_then(|one| self.name_of(one))
                }
                _ => None,
            },
            Term::Wildcard => Some("Any".to_owned()),
            Term::Sequence(_) | Term::All(_) | Term::Choice(_) => None,
        }
    }

    fn define(&mut self, wanted: String, kind: TypeKind, position: &Position) -> TypeId {
        let mut local = wanted;
        if self.taken.contains(&local) {
            let first = match &kind {
                TypeKind::Choice(choice) => choice.alternatives.first().and_then(|one| self.name_of(one)),
                TypeKind::Complex(complex) => complex.elements().first().map(|one| capitalized(&one.name.local)),
                _ => None,
            };
            local = format!("{local}Of{}", first.unwrap_or_else(|| "Any".to_owned()));
        }
        while !self.taken.insert(local.clone()) {
            local.push('_');
        }
        let id = TypeId(self.defs.len());
        self.defs.push(TypeDef {
            name: QName { namespace: self.namespace.clone(), local: local.clone() },
            anonymous_in: self.path.iter().cloned().chain([local]).collect(),
            position: position.clone(),
            documentation: Documentation::default(),
            finite: true,
            problems: Vec::new(),
            kind,
        });
        id
    }
}

/// The alternatives of a choice, with those of choices directly inside it. `min` becomes 0 if one of these is optional.
fn flat(alternatives: Vec<Particle>, min: &mut u32) -> Vec<Particle> {
    let mut all = Vec::new();
    for one in alternatives {
        match one {
            Particle { max: Some(1), term: Term::Choice(inner), name: None, min: least, .. } => {
                if least == 0 {
                    *min = 0;
                }
                all.extend(flat(inner, min));
            }
            other => all.push(other),
        }
    }
    all
}

/// Adds a member of a sequence. Neighbouring wildcards are one.
fn merge(members: &mut Vec<Particle>, member: Particle) {
    match members.last_mut() {
        Some(last) if matches!((&last.term, &member.term), (Term::Wildcard, Term::Wildcard)) => {
            last.min = last.min.saturating_add(member.min);
            last.max = last.max.zip(member.max).map(|(a, b)| a.saturating_add(b));
        }
        _ => members.push(member),
    }
}

/// What tells an element, a wildcard or a group from others, wherever it stands.
type TermKey = (Option<QName>, Option<TypeId>);

fn key(term: &Term) -> TermKey {
    match term {
        Term::Element(element) => (Some(element.name.clone()), None),
        Term::Group(id) => (None, Some(*id)),
        Term::Wildcard | Term::Sequence(_) | Term::All(_) | Term::Choice(_) => (None, None),
    }
}

/// The place of each member in an order that all alternatives keep; `None` if there is none.
fn common_order(alternatives: &[(Vec<Particle>, Option<String>)]) -> Option<BTreeMap<TermKey, usize>> {
    // As they appear first, and by that number what has to come before and after them.
    let mut numbers = BTreeMap::new();
    let mut after: Vec<Vec<usize>> = Vec::new();
    let mut before: Vec<usize> = Vec::new();
    for (members, _) in alternatives {
        let mut last: Option<usize> = None;
        for member in members {
            let number = *numbers.entry(key(&member.term)).or_insert(after.len());
            if number == after.len() {
                after.push(Vec::new());
                before.push(0);
            }
            if let Some(last) = last {
                after[last].push(number);
                before[number] += 1;
            }
            last = Some(number);
        }
    }
    let mut ready: BTreeSet<usize> = (0..before.len()).filter(|number| before[*number] == 0).collect();
    let mut places = BTreeMap::new();
    while let Some(number) = ready.pop_first() {
        places.insert(number, places.len());
        for next in &after[number] {
            before[*next] -= 1;
            if before[*next] == 0 {
                ready.insert(*next);
            }
        }
    }
    numbers.into_iter().map(|(key, number)| Some((key, *places.get(&number)?))).collect()
}

/// Whether one element can begin two of the alternatives.
fn is_ambiguous(defs: &[TypeDef], alternatives: &[(Vec<Particle>, Option<String>)]) -> bool {
    let mut begins: BTreeMap<Option<&QName>, usize> = BTreeMap::new();
    for (at, (members, _)) in alternatives.iter().enumerate() {
        let mut names = Vec::new();
        first_names(defs, members, &mut names);
        if names.into_iter().any(|name| *begins.entry(name).or_insert(at) != at) {
            return true;
        }
    }
    false
}

/// The elements with which these members can begin; `None` is any.
fn first_names<'d>(defs: &'d [TypeDef], members: &'d [Particle], found: &mut Vec<Option<&'d QName>>) {
    for member in members {
        match &member.term {
            Term::Element(element) => found.push(Some(&element.name)),
            Term::Wildcard => found.push(None),
            Term::Group(id) => match defs.get(id.0).map(|def| &def.kind) {
                Some(TypeKind::Choice(choice)) => {
                    choice.members().iter().for_each(|one| first_names(defs, std::slice::from_ref(one), found));
                }
                Some(TypeKind::Complex(Complex { content: ContentModel::Elements(content), .. })) => {
                    if let Term::Sequence(members) = &content.term {
                        first_names(defs, members, found);
                    }
                }
                _ => {}
            },
            Term::Sequence(_) | Term::All(_) | Term::Choice(_) => {}
        }
        if member.min > 0 {
            return;
        }
    }
}

fn capitalized(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// A type with nothing but one choice, which has to be made, is that choice, unless it is of a substitution group. One that others are derived from keeps its
/// members, and so does the type of a global element alone, whose members are the arguments of an operation.
fn whole_choices(defs: &mut [TypeDef]) {
    let base = |def: &TypeDef| match &def.kind {
        TypeKind::Complex(complex) => complex.derivation.map(|derivation| derivation.base),
        _ => None,
    };
    let bases: BTreeSet<TypeId> = defs.iter().filter_map(base).collect();
    for index in 0..defs.len() {
        let TypeKind::Complex(complex) = &defs[index].kind else { continue };
        let Complex { derivation: None, attributes, any_attribute: false, derived, group: None, .. } = complex else {
            continue;
        };
        let ContentModel::Elements(Particle { term: Term::Sequence(members), .. }) = &complex.content else { continue };
        let [Particle { min: 1, max: Some(1), term: Term::Group(id), .. }] = members.as_slice() else { continue };
        let is_plain = attributes.is_empty() && derived.is_empty() && !complex.is_abstract && !complex.mixed;
        if !is_plain || bases.contains(&TypeId(index)) || defs[index].anonymous_in.len() == 1 {
            continue;
        }
        let Some(TypeKind::Choice(choice)) = defs.get(id.0).map(|def| &def.kind) else { continue };
        if choice.place == ChoicePlace::Substitution {
            continue;
        }
        let alternatives = choice.alternatives.clone();
        defs[index].kind = TypeKind::Choice(Choice { alternatives, place: ChoicePlace::Content });
    }
}
