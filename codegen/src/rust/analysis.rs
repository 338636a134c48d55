//! The analysis of a contract that definitions are made from, and how types are written in a module.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Config, matches};
use crate::contract::model::{Builtin, Contract, Type, TypeId};
use crate::rust::credentials::Slots;
use crate::rust::equality::Equalities;
use crate::rust::layout::{Around, Field, Kind, Layouts};
use crate::rust::model::{Name, Path, RustType, Wrap};
use crate::rust::modules::ServiceModule;
use crate::rust::placement::{Placement, Scope};
use crate::rust::recursion::Recursion;

/// The facts about a contract that are computed before anything is defined.
#[derive(Debug)]
pub(super) struct Analysis<'a> {
    /// The contract.
    pub(super) contract: &'a Contract,
    /// The configuration.
    pub(super) config: &'a Config,
    /// Fields of all types.
    pub(super) layouts: Layouts<'a>,
    /// How types hold each other.
    pub(super) recursion: Recursion,
    /// What they can be compared by.
    pub(super) equalities: Equalities,
    /// Where types are.
    pub(super) placement: Placement<'a>,
    /// Where credentials are.
    pub(super) slots: Slots<'a>,
    /// Elements by the type of the faults that they hold.
    pub(super) fault_elements: BTreeMap<TypeId, Vec<Name<'a>>>,
    /// Elements that documents may begin with, by their types.
    pub(super) root_elements: BTreeMap<TypeId, Vec<Name<'a>>>,
    /// Patterns in lower case.
    sensitive: Vec<String>,
}

/// The module that something is written in.
#[derive(Clone, Copy, Debug)]
pub(super) struct CurrentModule<'p> {
    /// The scope in which types are named.
    pub(super) scope: Scope,
    /// Its path from the root.
    pub(super) module: &'p [String],
}

impl<'a> Analysis<'a> {
    /// Computes the analysis.
    pub(super) fn new(
        contract: &'a Contract,
        config: &'a Config,
        layouts: Layouts<'a>,
        placement: Placement<'a>,
        modules: &[ServiceModule<'a>],
    ) -> Self {
        Self {
            recursion: Recursion::new(contract, &layouts),
            equalities: Equalities::new(contract, &layouts),
            slots: Slots::new(contract, &layouts, config),
            fault_elements: fault_elements(modules),
            root_elements: root_elements(modules),
            sensitive: config.sensitive.iter().map(|pattern| pattern.to_lowercase()).collect(),
            contract,
            config,
            layouts,
            placement,
        }
    }

    /// Whether the value of a field must not be printed: by what is said of it, or else by its name. Truth values and dates
    /// are no secrets, and a document prints its length only.
    pub(super) fn is_sensitive(&self, field: &Field<'_>) -> bool {
        let is_said =
            if self.config.field.is_empty() { None } else { self.config.is_said_to_be_sensitive(&field.path()) };
        is_said.unwrap_or_else(|| {
            let is_plain = |ty| matches!(ty, Type::Builtin(Builtin::Boolean | Builtin::Date | Builtin::DateTime));
            let name = field.name.local.to_lowercase();
            !field.document
                && !is_plain(field.member.map_or(field.ty, |member| member.value))
                && self.sensitive.iter().any(|pattern| matches(pattern, &name))
        })
    }

    /// The type of one value.
    pub(super) fn value(&self, place: CurrentModule<'_>, ty: Type) -> RustType {
        match ty {
            Type::Builtin(builtin) => RustType::Known(self::builtin(builtin)),
            Type::Named(id) => match self.placement.path(place.scope, id) {
                Some(home) => {
                    let name = home.names.any.as_ref().unwrap_or(&home.names.own);
                    RustType::Generated(Path::between(place.module, &home.module, name))
                }
                None => RustType::Unit,
            },
        }
    }

    /// The type of the member that holds a field; `owner` is the type it lies in, for what must be boxed.
    pub(super) fn member(&self, place: CurrentModule<'_>, owner: Option<TypeId>, field: &Field<'_>) -> RustType {
        let Some(member) = field.member else { return RustType::Unit };
        if field.kind == Kind::AnyAttribute {
            // One value holds all of them, or none.
            return RustType::Known("v1::AnyAttributes");
        }
        if field.kind == Kind::Mixed {
            return RustType::Known("v1::Mixed");
        }
        let mut value = match field.kind {
            Kind::Attachment => RustType::Known("v1::Attachment"),
            _ if field.document => RustType::Known("v1::Document"),
            _ => self.value(place, member.value),
        };
        if let (Some(owner), Some(id), false) = (owner, member.named(), member.around.is_list())
            && self.recursion.is_boxed(&self.layouts, owner, id)
        {
            value = value.within(Wrap::Box);
        }
        match member.around {
            Around::Nothing => value,
            Around::Option => value.within(Wrap::Option),
            Around::Nillable => value.within(Wrap::Nillable),
            Around::Vec => value.within(Wrap::Vec),
            Around::VecOption => value.within(Wrap::Option).within(Wrap::Vec),
        }
    }
}

/// All elements in which a fault of each type may come, each once, in the order of the contract.
fn fault_elements<'a>(modules: &[ServiceModule<'a>]) -> BTreeMap<TypeId, Vec<Name<'a>>> {
    let mut elements: BTreeMap<TypeId, Vec<Name<'a>>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let operations = modules.iter().flat_map(|module| &module.ports).flat_map(|port| &port.port.operations);
    for fault in operations.flat_map(|operation| &operation.faults) {
        if let Type::Named(id) = fault.detail.ty
            && seen.insert((id, &fault.detail.name))
        {
            elements.entry(id).or_default().push(Name::from(&fault.detail.name));
        }
    }
    elements
}

/// The elements that documents may begin with, by their types, in the order of the schemas.
fn root_elements<'a>(modules: &[ServiceModule<'a>]) -> BTreeMap<TypeId, Vec<Name<'a>>> {
    let mut elements: BTreeMap<TypeId, Vec<Name<'a>>> = BTreeMap::new();
    for element in modules.iter().flat_map(ServiceModule::roots) {
        if let Type::Named(id) = element.ty {
            let known = elements.entry(id).or_default();
            if !known.contains(&Name::from(&element.name)) {
                known.push(Name::from(&element.name));
            }
        }
    }
    elements
}

fn builtin(builtin: Builtin) -> &'static str {
    match builtin {
        Builtin::String => "String",
        Builtin::Boolean => "bool",
        Builtin::Byte => "i8",
        Builtin::Short => "i16",
        Builtin::Int => "i32",
        Builtin::Long => "i64",
        Builtin::UnsignedByte => "u8",
        Builtin::UnsignedShort => "u16",
        Builtin::UnsignedInt => "u32",
        Builtin::UnsignedLong => "u64",
        Builtin::Integer => "v1::Integer",
        Builtin::Decimal => "v1::Decimal",
        Builtin::Float => "f32",
        Builtin::Double => "f64",
        Builtin::DateTime => "v1::DateTime",
        Builtin::Date => "v1::Date",
        Builtin::Time => "v1::Time",
        Builtin::Duration => "v1::Duration",
        Builtin::Base64Binary => "v1::Binary",
        Builtin::HexBinary => "v1::HexBinary",
        Builtin::QName => "v1::QName",
        Builtin::Nmtokens => "v1::List<String>",
        Builtin::Guid => "v1::Guid",
        Builtin::Any => "v1::Fragment",
    }
}
