//! Simple types: their values and facets.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::{
    docs,
    model::{self, Builtin, Documentation, Enumeration, EnumerationValue, List, Type, TypeKind, WhiteSpace},
    types::{DeclarationPath, Types, Value},
};
use crate::diagnostic::At;
use crate::document::xsd::{
    builtin::{self, KnownType},
    model::{Facet, Preset, SimpleBase, SimpleType, Variety},
};
use crate::name::QName;

/// Types that restrict one another; a longer chain is a circle.
const MAX_CHAIN: usize = 100;

impl<'s> Types<'_, 's, '_> {
    /// The value of a simple type. `place` names an anonymous one.
    pub(super) fn simple(&mut self, ty: &'s SimpleType, place: &DeclarationPath) -> Value {
        let mut chain = vec![ty];
        let end = loop {
            let current = chain[chain.len() - 1];
            let base = match &current.variety {
                Variety::Restriction { base, .. } => base,
                Variety::List(item) => break self.list(current, item, place),
                Variety::Union { named, inline } => break self.union(current, named, inline, place),
            };
            match base {
                SimpleBase::Inline(next) => chain.push(next),
                SimpleBase::Named(name) => match builtin::known(name) {
                    Some(known) => break self.known(known),
                    None => match self.scope.simple_types.get(name) {
                        Some(next) => chain.push(next),
                        None => {
                            self.unknown_type(name, current.at);
                            break Value::of(Builtin::Any);
                        }
                    },
                },
            }
            if chain.len() > MAX_CHAIN {
                self.report.error(
                    ty.at,
                    format!("the simple type restricts itself, or over more than {MAX_CHAIN} others"),
                    "remove the circle",
                );
                break Value::of(Builtin::Any);
            }
        };
        self.restricted(&chain, end, place)
    }

    fn restricted(&mut self, chain: &[&'s SimpleType], end: Value, place: &DeclarationPath) -> Value {
        // Microsoft's guid is a string with a pattern that only repeats what the type implies.
        let mut value = Value { notes: Vec::new(), ..end };
        for ty in chain.iter().rev() {
            if let Variety::Restriction { facets, .. } = &ty.variety {
                narrow(&mut value.facets, facets);
            }
        }
        if value.is_text() {
            // Starting at the base: the facet nearest to the type applies.
            let facets = chain.iter().rev().filter_map(|ty| match &ty.variety {
                Variety::Restriction { facets, .. } => Some(facets),
                Variety::List(_) | Variety::Union { .. } => None,
            });
            value.white_space = facets.flatten().fold(value.white_space, white_space);
        }
        let named = chain.iter().copied().find(|ty| ty.name.is_some());
        if let Some(ty) = named.or(chain.first().copied()) {
            value.documentation = docs::clean(ty.annotation.texts.iter().map(String::as_str));
        }
        for ty in chain {
            let Variety::Restriction { facets, values, .. } = &ty.variety else { continue };
            if !values.is_empty() {
                if self.is_enumerable(value.ty) {
                    value.ty = self.enumeration(ty, value.white_space, place);
                    value.documentation = Documentation::default();
                    value.facets.clear();
                    return value;
                }
                let values: Vec<_> = values.iter().map(|one| one.value.as_str()).collect();
                value.notes.push(format!("One of {}.", values.join(", ")));
            }
            value.notes.extend(facets.iter().filter_map(|facet| note(facet, value.ty)));
        }
        value.notes.extend(end.notes);
        value
    }

    /// Whether a restriction to some texts becomes an enumeration.
    fn is_enumerable(&self, ty: Type) -> bool {
        match ty {
            Type::Builtin(builtin) => builtin == Builtin::String,
            Type::Named(id) => matches!(self.defs[id.0].kind, TypeKind::Union(_) | TypeKind::Enumeration(_)),
        }
    }

    fn enumeration(&mut self, ty: &'s SimpleType, white_space: WhiteSpace, place: &DeclarationPath) -> Type {
        let Variety::Restriction { values, .. } = &ty.variety else { return Type::Builtin(Builtin::String) };
        let (id, new) = self.identify(ty.name.as_ref(), std::ptr::from_ref(ty).addr(), ty.at, place);
        if !new {
            return Type::Named(id);
        }
        let mut beside: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
        ty.annotation.members.iter().for_each(|(value, text)| beside.entry(value).or_default().push(text));
        let mut seen = BTreeSet::new();
        let mut known: Vec<EnumerationValue> = Vec::new();
        for one in values {
            let value = white_space.apply(&one.value);
            if !seen.insert(value.clone()) {
                continue;
            }
            let beside = beside.get(one.value.as_str()).into_iter().flatten().copied();
            let texts = one.annotation.texts.iter().chain(beside).map(String::as_str);
            known.push(EnumerationValue { value, documentation: docs::clean(texts) });
        }
        let documentation = docs::clean(ty.annotation.texts.iter().map(String::as_str));
        self.define(id, documentation, TypeKind::Enumeration(Enumeration { values: known }));
        Type::Named(id)
    }

    fn list(&mut self, ty: &'s SimpleType, item: &'s SimpleBase, place: &DeclarationPath) -> Value {
        let (id, new) = self.identify(ty.name.as_ref(), std::ptr::from_ref(ty).addr(), ty.at, place);
        if new && self.enter_simple(1, ty.at) {
            let item = match item {
                SimpleBase::Inline(item) => self.simple(item, &place.inside("Item")),
                SimpleBase::Named(name) => self.member(name, ty.at),
            };
            self.simple_depth -= 1;
            let documentation = docs::clean(ty.annotation.texts.iter().map(String::as_str));
            self.define(id, documentation, TypeKind::List(List { item: item.ty, facets: item.facets }));
        }
        Value { ty: Type::Named(id), ..Value::of(Builtin::Any) }
    }

    /// The type of an item of a list, or a member of a union.
    pub(super) fn member(&mut self, name: &QName, at: At) -> Value {
        match builtin::known(name) {
            Some(known) => self.known(known),
            None => self.named_simple(name).unwrap_or_else(|| {
                self.unknown_type(name, at);
                Value::of(Builtin::String)
            }),
        }
    }

    /// Goes into a list or union of this many members, unless it leads too deep or becomes too large.
    pub(super) fn enter_simple(&mut self, members: usize, at: At) -> bool {
        if self.simple_depth > MAX_CHAIN {
            let message = format!("the simple type contains itself, or is nested more than {MAX_CHAIN} deep");
            self.report.error(at, message, "remove the circle");
            return false;
        }
        let may_enter = self.may_expand(members, at);
        self.simple_depth += usize::from(may_enter);
        may_enter
    }

    /// The value of a type that needs no schema.
    pub(super) fn known(&self, known: KnownType) -> Value {
        match known {
            KnownType::Value(builtin) => Value::of(builtin),
            KnownType::Text(white_space) => Value { white_space, ..Value::of(Builtin::String) },
            KnownType::Bounded(facet, bound) => {
                let facets = vec![model::Facet::Bound(facet, bound.to_owned())];
                Value { facets, ..Value::of(Builtin::Integer) }
            }
            KnownType::Stream => Value { stream: true, ..Value::of(Builtin::Base64Binary) },
        }
    }
}

/// The rule for white space, given one more facet.
pub(super) fn white_space(inherited: WhiteSpace, facet: &Facet) -> WhiteSpace {
    let stated = (facet.name == "whiteSpace").then(|| WhiteSpace::from_facet(&facet.value)).flatten();
    stated.unwrap_or(inherited)
}

/// Adds the facets of one step of restriction. Of each the last step counts, but all patterns do.
pub(super) fn narrow(all: &mut Vec<model::Facet>, step: &[Facet]) {
    const COUNTS: [&str; 5] = ["length", "minLength", "maxLength", "totalDigits", "fractionDigits"];
    const BOUNDS: [&str; 4] = ["minInclusive", "maxInclusive", "minExclusive", "maxExclusive"];
    let named = |names: &[&'static str], facet: &Facet| names.iter().copied().find(|name| *name == facet.name);
    let mut patterns = Vec::new();
    for facet in step {
        let (name, limit) = if let Some(name) = named(&COUNTS, facet) {
            let Ok(count) = facet.value.trim().parse() else { continue };
            (name, model::Facet::Count(name, count))
        } else if let Some(name) = named(&BOUNDS, facet) {
            (name, model::Facet::Bound(name, facet.value.trim().to_owned()))
        } else {
            patterns.extend((facet.name == "pattern").then(|| facet.value.clone()));
            continue;
        };
        all.retain(|one| !matches!(one, model::Facet::Count(same, _) | model::Facet::Bound(same, _) if *same == name));
        all.push(limit);
    }
    if !patterns.is_empty() {
        all.push(model::Facet::Patterns(patterns));
    }
}

/// The `default` or `fixed` value of a declaration, with its white space normalized. An empty one has no effect.
pub(super) fn preset(preset: &Preset, value: &Value) -> Option<model::Preset> {
    let text = |text: &String| Some(value.white_space.apply(text)).filter(|text| !text.is_empty());
    match (&preset.fixed, &preset.default) {
        (Some(fixed), _) => text(fixed).map(model::Preset::Fixed),
        (None, Some(default)) => text(default).map(model::Preset::Default),
        (None, None) => None,
    }
}

/// A facet in words.
pub(super) fn note(facet: &Facet, ty: Type) -> Option<String> {
    let value = &facet.value;
    let plural = if value == "1" { "" } else { "s" };
    let unit = match ty {
        Type::Builtin(Builtin::Base64Binary | Builtin::HexBinary) => format!("byte{plural}"),
        Type::Builtin(Builtin::Nmtokens) | Type::Named(_) => format!("item{plural}"),
        _ => format!("character{plural}"),
    };
    Some(match facet.name.as_str() {
        "length" => format!("Exactly {value} {unit}."),
        "minLength" if value == "0" => return None,
        "minLength" => format!("At least {value} {unit}."),
        "maxLength" => format!("At most {value} {unit}."),
        "pattern" if ty == Type::Builtin(Builtin::Guid) => return None,
        "pattern" => format!("Matches the pattern {value}"),
        "minInclusive" => format!("At least {value}."),
        "maxInclusive" => format!("At most {value}."),
        "minExclusive" => format!("More than {value}."),
        "maxExclusive" => format!("Less than {value}."),
        "totalDigits" => format!("At most {value} digit{plural}."),
        "fractionDigits" if value == "0" => "A whole number.".to_owned(),
        "fractionDigits" => format!("At most {value} fraction digit{plural}."),
        _ => return None,
    })
}

/// Documentation of one use of a value: the use's own, facets, default.
pub(super) fn documented(texts: &[String], value: &Value, preset: Option<&model::Preset>) -> Documentation {
    let mut documentation = docs::clean(texts.iter().map(String::as_str));
    if documentation.paragraphs.is_empty() {
        documentation.paragraphs.clone_from(&value.documentation.paragraphs);
    }
    documentation.paragraphs.extend(value.notes.iter().cloned());
    documentation.paragraphs.extend(preset.map(|preset| match preset {
        model::Preset::Fixed(text) => format!("Always {text}."),
        model::Preset::Default(text) => format!("Default: {text}."),
    }));
    documentation
}
