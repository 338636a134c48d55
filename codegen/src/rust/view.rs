//! How Rust holds what a record holds: which fields are members, and in what.

use crate::config::Config;
use crate::contract::model::{Contract, Field, FieldKind, Record, Type, TypeId, TypeKind};
use crate::name::QName;

/// A field of a record where it stands on the wire, inherited ones included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place<'a> {
    /// The record that declares it.
    pub owner: &'a QName,
    /// The field.
    pub field: &'a Field,
    /// It is a part of the SOAP header.
    pub header: bool,
}

impl Place<'_> {
    /// How the configuration names it: `{namespace}Type/field`.
    pub fn path(&self) -> String {
        format!("{}/{}", self.owner, self.field.name.local)
    }
}

/// What a member is made of.
#[derive(Clone, Copy, Debug)]
pub struct Holding<'a> {
    /// Around the value.
    pub wrap: Wrap,
    /// One value.
    pub value: Type,
    /// For a list with an element of its own around it: the item.
    pub items: Option<&'a Field>,
}

/// What stands around a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrap {
    /// Nothing.
    One,
    /// `Option`.
    Option,
    /// `Nillable`: absent and nil are two things.
    Nillable,
    /// `Vec`.
    Vec,
    /// `Vec<Option<_>>`: nil items are kept.
    VecOption,
}

impl Wrap {
    /// Whether the value lies on the heap anyway.
    pub fn is_list(self) -> bool {
        matches!(self, Self::Vec | Self::VecOption)
    }
}

/// All fields of a record, those of its bases first.
pub fn places(contract: &Contract, id: TypeId) -> Vec<Place<'_>> {
    let mut lineage = vec![id];
    while let Some(base) = lineage.last().and_then(|last| record(contract, *last)).and_then(|record| record.base) {
        if lineage.contains(&base) {
            break;
        }
        lineage.push(base);
    }
    let declared = |id: &TypeId| {
        let owner = &contract.type_def(*id).name;
        let fields = record(contract, *id).map_or(&[][..], |record| &record.fields);
        fields.iter().map(move |field| Place { owner, field, header: false })
    };
    lineage.iter().rev().flat_map(declared).collect()
}

/// The record behind an id, if it is one.
pub fn record(contract: &Contract, id: TypeId) -> Option<&Record> {
    match &contract.type_def(id).kind {
        TypeKind::Record(record) => Some(record),
        TypeKind::Enumeration(_) => None,
    }
}

/// Whether values of the type may be of a derived type.
pub fn is_polymorphic(contract: &Contract, id: TypeId) -> bool {
    record(contract, id).is_some_and(|record| !record.derived.is_empty())
}

/// Whether a type is defined under its own name: an abstract base is only ever one of the types derived from it.
pub fn has_struct(contract: &Contract, id: TypeId) -> bool {
    !(is_polymorphic(contract, id) && record(contract, id).is_some_and(|record| record.is_abstract))
}

/// Whether a field may occur more than once.
pub fn is_many(field: &Field) -> bool {
    field.max != Some(1) && !matches!(field.kind, FieldKind::Attribute | FieldKind::Text | FieldKind::AnyAttribute)
}

/// The item, if the type does nothing but hold a list.
pub fn list_item(contract: &Contract, ty: Type) -> Option<&Field> {
    let Type::Named(id) = ty else { return None };
    let record = record(contract, id)?;
    let [item] = record.fields.as_slice() else { return None };
    let plain = record.base.is_none() && record.derived.is_empty() && !record.is_abstract;
    let element = item.kind == FieldKind::Element && is_many(item) && item.slot.is_none() && !item.stream;
    (plain && element).then_some(item)
}

/// How a field is held.
pub fn hold<'a>(contract: &'a Contract, config: &Config, place: Place<'a>) -> Holding<'a> {
    let field = place.field;
    let listed = |paths: &[String]| !paths.is_empty() && paths.contains(&place.path());
    let list = if listed(&config.nillable_items) { Wrap::VecOption } else { Wrap::Vec };
    if is_many(field) {
        return Holding { wrap: list, value: field.ty, items: None };
    }
    let tri_state = listed(&config.nillable);
    let item = list_item(contract, field.ty).filter(|_| !tri_state && field.kind == FieldKind::Element);
    if let Some(item) = item {
        return Holding { wrap: list, value: item.ty, items: Some(item) };
    }
    // A header part is there or it is not: one that is nil says nothing.
    let may_lack = field.min == 0 || (field.nillable && !place.header);
    let wrap = match (tri_state, may_lack) {
        (true, _) => Wrap::Nillable,
        (false, true) => Wrap::Option,
        (false, false) => Wrap::One,
    };
    Holding { wrap, value: field.ty, items: None }
}

/// Whether the record has a member for the field: the caller's credentials and streams stand beside it.
pub fn is_member(field: &Field) -> bool {
    field.slot.is_none() && !field.stream
}
