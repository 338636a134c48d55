//! `xs:redefine` and `xs:override`: what becomes of the components in the document that they lead to.
//!
//! That document is read once more, for them alone. What is overridden is passed by there. What is redefined gets a name
//! there that no document can write, under which only its redefinition refers to it.

use std::collections::BTreeMap;

use crate::document::xsd::model::{
    AttributeUse, ComplexType, Derivation, Particle, Schema, SimpleBase, SimpleType, Term, Variety,
};
use crate::name::QName;

/// A component may be redefined so often in a row. Real schemas do it once; documents that redefine one another have no
/// end.
pub(crate) const MAX_REDEFINITIONS: usize = 8;

/// What is appended to the name of a redefined component.
const BEFORE: &str = " (before it is redefined)";

/// The symbol spaces of the components that can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Element,
    Attribute,
    Type,
    Group,
    AttributeGroup,
}

impl Kind {
    /// Of the component that an element of a schema defines.
    pub(crate) fn of(element: &str) -> Option<Self> {
        Some(match element {
            "element" => Self::Element,
            "attribute" => Self::Attribute,
            "complexType" | "simpleType" => Self::Type,
            "group" => Self::Group,
            "attributeGroup" => Self::AttributeGroup,
            _ => return None,
        })
    }
}

/// What a document is to be read with: the components that another one changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Changes(BTreeMap<(Kind, String), Change>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Overridden,
    Renamed(String),
}

impl Changes {
    /// What a component of this name is called; `None` if it is passed by.
    pub(crate) fn name<'c>(&'c self, kind: Kind, local: &'c str) -> Option<&'c str> {
        match self.0.get(&(kind, local.to_owned())) {
            Some(Change::Overridden) => None,
            Some(Change::Renamed(name)) => Some(name),
            None => Some(local),
        }
    }

    /// Lets a component that is called this, as written, be passed by in the document that an override leads to.
    pub(crate) fn overrides(&mut self, kind: Kind, local: &str) {
        self.0.insert((kind, local.to_owned()), Change::Overridden);
    }

    /// Lets a component that is called this, as written, have another name in the document that a redefinition leads to.
    /// `None` if that was done too often.
    pub(crate) fn redefines(&mut self, kind: Kind, local: &str) -> Option<String> {
        let name = format!("{}{BEFORE}", self.name(kind, local).unwrap_or(local));
        if name.matches(BEFORE).count() > MAX_REDEFINITIONS {
            return None;
        }
        self.0.insert((kind, local.to_owned()), Change::Renamed(name.clone()));
        Some(name)
    }
}

/// Lets a redefinition refer to what it redefines: where it restricts, extends or contains the component `from`, which it
/// itself is, that of the name `before` is meant.
pub(crate) fn refer(schema: &mut Schema, kind: Kind, from: &QName, before: &str) {
    let change = |name: &mut QName| {
        if name == from {
            name.local = before.to_owned();
        }
    };
    match kind {
        Kind::Type => {
            schema.complex_types.iter_mut().for_each(|ty| complex_base(ty, &change));
            schema.simple_types.iter_mut().for_each(|ty| simple_base(ty, &change));
        }
        Kind::Group => {
            schema.groups.iter_mut().filter_map(|group| group.particle.as_mut()).for_each(|one| groups(one, &change));
        }
        Kind::AttributeGroup => {
            for one in schema.attribute_groups.iter_mut().flat_map(|group| &mut group.attributes) {
                if let AttributeUse::Group(name, _) = one {
                    change(name);
                }
            }
        }
        Kind::Element | Kind::Attribute => {}
    }
}

fn complex_base(ty: &mut ComplexType, change: &impl Fn(&mut QName)) {
    match &mut ty.derivation {
        Derivation::None => {}
        Derivation::Extension(base)
        | Derivation::Restriction(base)
        | Derivation::SimpleExtension(base)
        | Derivation::SimpleRestriction { base, .. } => change(base),
    }
}

fn simple_base(ty: &mut SimpleType, change: &impl Fn(&mut QName)) {
    if let Variety::Restriction { base: SimpleBase::Named(base), .. } = &mut ty.variety {
        change(base);
    }
}

fn groups(particle: &mut Particle, change: &impl Fn(&mut QName)) {
    match &mut particle.term {
        Term::Group(name) => change(name),
        Term::Sequence(members) | Term::All(members) | Term::Choice(members) => {
            members.iter_mut().for_each(|member| groups(member, change));
        }
        Term::Element(_) | Term::Reference(_) | Term::Wildcard => {}
    }
}
