//! Unions: values of several simple types in one text.

use std::collections::BTreeSet;

use crate::contract::{
    docs,
    model::{Builtin, Enumeration, Type, TypeKind, Union, UnionMember, WhiteSpace},
    types::{DeclarationPath, Types, Value},
};
use crate::diagnostic::At;
use crate::document::xml::XS;
use crate::document::xsd::model::{SimpleBase, SimpleType, Variety};
use crate::name::QName;

/// The types of XML Schema that any text is valid for.
const ANY_TEXT: &[&str] = &["string", "normalizedString", "token", "anyURI", "anySimpleType", "anyAtomicType"];

impl<'s> Types<'_, 's, '_> {
    /// An enum over the members. Where all are texts, it is an enumeration of what they list, or a text if they list
    /// nothing.
    pub(super) fn union(
        &mut self,
        ty: &'s SimpleType,
        named: &'s [QName],
        inline: &'s [SimpleType],
        place: &DeclarationPath,
    ) -> Value {
        if !self.enter_simple(named.len() + inline.len(), ty.at) {
            return Value::of(Builtin::String);
        }
        let mut found = Members::default();
        for name in named {
            let value = self.member(name, ty.at);
            found.takes_any_text |= name.namespace == XS && ANY_TEXT.contains(&name.local.as_str());
            self.add(&mut found, &name.local, &value, ty.at);
        }
        for member in inline {
            let name = name_of(member);
            let value = self.simple(member, &place.inside(&name));
            self.add(&mut found, &name, &value, ty.at);
        }
        self.simple_depth -= 1;
        let white_space = found.white_space.flatten().unwrap_or_default();
        let union = Union { members: found.members, is_open: found.is_open };
        let kind = if union.types().next().is_some() {
            TypeKind::Union(union)
        } else if union.members.is_empty() {
            return Value { white_space, ..Value::of(Builtin::String) };
        } else {
            let texts = union.members.into_iter().filter_map(|member| match member {
                UnionMember::Text(value) => Some(value),
                UnionMember::Value(..) => None,
            });
            TypeKind::Enumeration(Enumeration { values: texts.collect() })
        };
        let (id, new) = self.identify(ty.name.as_ref(), std::ptr::from_ref(ty).addr(), ty.at, place);
        if new {
            self.define(id, docs::clean(ty.annotation.texts.iter().map(String::as_str)), kind);
        }
        Value { ty: Type::Named(id), white_space, ..Value::of(Builtin::Any) }
    }

    /// Adds what a member brings that those before it do not have.
    fn add(&mut self, found: &mut Members, name: &str, value: &Value, at: At) {
        let Type::Named(id) = value.ty else {
            return match value.ty {
                Type::Builtin(Builtin::String | Builtin::Any) => {
                    found.is_open = true;
                    found.read_as(value.white_space);
                }
                ty => found.add_value(name, ty, ty),
            };
        };
        let size = match &self.defs[id.0].kind {
            TypeKind::Enumeration(enumeration) => enumeration.values.len(),
            TypeKind::Union(union) => union.members.len(),
            _ => 1,
        };
        if !self.may_expand(size, at) {
            return;
        }
        match &self.defs[id.0].kind {
            TypeKind::Enumeration(enumeration) => {
                found.read_as(value.white_space);
                enumeration.values.iter().for_each(|one| found.add_text(&UnionMember::Text(one.clone())));
            }
            TypeKind::Union(union) => {
                found.read_as(value.white_space);
                for member in &union.members {
                    match member {
                        UnionMember::Value(name, ty) => found.add_value(name, *ty, self.of_list(*ty)),
                        text @ UnionMember::Text(_) => found.add_text(text),
                    }
                }
                found.is_open |= union.is_open;
            }
            _ => found.add_value(name, value.ty, self.of_list(value.ty)),
        }
    }

    /// The type of an item of a list; another type itself.
    fn of_list(&self, ty: Type) -> Type {
        match ty.named().map(|id| &self.defs[id.0].kind) {
            Some(TypeKind::List(list)) => list.item,
            _ => ty,
        }
    }
}

/// The members of a union that have been found so far.
#[derive(Default)]
struct Members {
    members: Vec<UnionMember>,
    texts: BTreeSet<String>,
    /// Types of values, and whether they are lists.
    types: Vec<(Type, bool)>,
    is_open: bool,
    /// A text that takes whatever comes, so that no value is read behind it.
    takes_any_text: bool,
    /// How the texts among them are read; where they differ, nothing is taken from a text.
    white_space: Option<Option<WhiteSpace>>,
}

impl Members {
    fn read_as(&mut self, white_space: WhiteSpace) {
        self.white_space = match self.white_space {
            None => Some(Some(white_space)),
            Some(before) => Some(before.filter(|before| *before == white_space)),
        };
    }

    fn add_text(&mut self, member: &UnionMember) {
        if let UnionMember::Text(text) = member
            && self.texts.insert(text.value.clone())
        {
            self.members.push(member.clone());
        }
    }

    /// A second member of one Rust type is never read, so both are one, and have the name of that type if they have no
    /// name in common. `item` is what distinguishes a list.
    fn add_value(&mut self, name: &str, ty: Type, item: Type) {
        if self.takes_any_text {
            return;
        }
        let key = (item, item != ty);
        if !self.types.contains(&key) {
            self.types.push(key);
            return self.members.push(UnionMember::Value(name.to_owned(), ty));
        }
        for member in &mut self.members {
            if let (UnionMember::Value(before, same), Type::Builtin(builtin)) = (member, ty)
                && *same == ty
                && before != name
            {
                builtin.name().clone_into(before);
            }
        }
    }
}

/// What a member without a name is called: the type that it restricts, or the list of its items.
fn name_of(member: &SimpleType) -> String {
    let of = |base: &SimpleBase| match base {
        SimpleBase::Named(name) => name.local.clone(),
        SimpleBase::Inline(inner) => name_of(inner),
    };
    match &member.variety {
        Variety::Restriction { base, .. } => of(base),
        Variety::List(item) => format!("{}List", of(item)),
        Variety::Union { .. } => "Union".to_owned(),
    }
}
