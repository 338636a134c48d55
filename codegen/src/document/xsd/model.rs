//! A schema document as written, component by component.

use std::collections::BTreeMap;

use crate::diagnostic::At;
use crate::document::xsd::redefine::Changes;
use crate::name::QName;

/// One `xs:schema`.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Schema {
    pub(crate) target_namespace: String,
    /// References that may have forgotten their prefix.
    pub(crate) unprefixed: BTreeMap<QName, At>,
    pub(crate) links: Vec<Link>,
    pub(crate) elements: Vec<Element>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) complex_types: Vec<ComplexType>,
    pub(crate) simple_types: Vec<SimpleType>,
    pub(crate) groups: Vec<Group>,
    pub(crate) attribute_groups: Vec<AttributeGroup>,
}

impl Schema {
    /// Adds the components of another one.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.elements.append(&mut other.elements);
        self.attributes.append(&mut other.attributes);
        self.complex_types.append(&mut other.complex_types);
        self.simple_types.append(&mut other.simple_types);
        self.groups.append(&mut other.groups);
        self.attribute_groups.append(&mut other.attribute_groups);
    }
}

/// A reference to another schema document.
#[derive(Debug, PartialEq)]
pub(crate) struct Link {
    pub(crate) at: At,
    /// The imported namespace; `None` for an include, which stays in its own.
    pub(crate) namespace: Option<String>,
    pub(crate) location: Option<String>,
    /// What becomes of the components of the other document.
    pub(crate) changes: Changes,
}

/// Documentation of a component, not yet cleaned. Components are compared without it: two always compare as equal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Annotation {
    pub(crate) texts: Vec<String>,
    /// WCF writes the texts on an enumeration's values beside the type: value → text.
    pub(crate) members: Vec<(String, String)>,
}

impl PartialEq for Annotation {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// An element declaration, global or local.
#[derive(Debug, PartialEq)]
pub(crate) struct Element {
    pub(crate) at: At,
    /// With a namespace only if qualified.
    pub(crate) name: QName,
    pub(crate) content: ElementType,
    pub(crate) nillable: bool,
    pub(crate) is_abstract: bool,
    pub(crate) substitutes: Option<QName>,
    pub(crate) preset: Preset,
    pub(crate) annotation: Annotation,
}

/// The type of an element or attribute.
#[derive(Debug, PartialEq)]
pub(crate) enum ElementType {
    /// None stated: anything.
    Any,
    Named(QName),
    Complex(Box<ComplexType>),
    Simple(Box<SimpleType>),
}

/// `default` and `fixed`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Preset {
    pub(crate) default: Option<String>,
    pub(crate) fixed: Option<String>,
}

/// How often something may occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Occurs {
    pub(crate) min: u32,
    /// `None` is unbounded.
    pub(crate) max: Option<u32>,
}

/// A part of a content model.
#[derive(Debug, PartialEq)]
pub(crate) struct Particle {
    pub(crate) at: At,
    pub(crate) occurs: Occurs,
    pub(crate) term: Term,
}

/// What a particle is.
#[derive(Debug, PartialEq)]
pub(crate) enum Term {
    Element(Box<Element>),
    Reference(QName),
    Group(QName),
    Sequence(Vec<Particle>),
    /// Any order on the wire; written in this one.
    All(Vec<Particle>),
    Choice(Vec<Particle>),
    Wildcard,
}

/// A complex type, named or not.
#[derive(Debug, PartialEq)]
pub(crate) struct ComplexType {
    pub(crate) at: At,
    pub(crate) name: Option<QName>,
    pub(crate) is_abstract: bool,
    pub(crate) mixed: bool,
    pub(crate) derivation: Derivation,
    pub(crate) particle: Option<Particle>,
    pub(crate) attributes: Vec<AttributeUse>,
    pub(crate) annotation: Annotation,
}

/// How a complex type comes from another.
#[derive(Debug, PartialEq)]
pub(crate) enum Derivation {
    None,
    Extension(QName),
    Restriction(QName),
    /// Text of that type, or of the text of that complex type.
    SimpleExtension(QName),
    SimpleRestriction {
        base: QName,
        inline: Option<Box<SimpleType>>,
        facets: Vec<Facet>,
    },
}

/// An entry among the attributes of a type or group.
#[derive(Debug, PartialEq)]
pub(crate) enum AttributeUse {
    Local(Attribute, Use),
    Reference {
        at: At,
        name: QName,
        usage: Use,
        preset: Preset,
        /// `wsdl:arrayType`: the type of an item, and the brackets after it.
        array_type: Option<(QName, String)>,
    },
    Group(QName, At),
    Wildcard,
}

/// `use` of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Optional,
    Required,
    Prohibited,
}

/// An attribute declaration.
#[derive(Debug, PartialEq)]
pub(crate) struct Attribute {
    pub(crate) at: At,
    /// With a namespace only if qualified.
    pub(crate) name: QName,
    pub(crate) content: ElementType,
    pub(crate) preset: Preset,
    pub(crate) annotation: Annotation,
}

/// A simple type, named or not.
#[derive(Debug, PartialEq)]
pub(crate) struct SimpleType {
    pub(crate) at: At,
    pub(crate) name: Option<QName>,
    pub(crate) annotation: Annotation,
    pub(crate) variety: Variety,
}

/// How a simple type is made.
#[derive(Debug, PartialEq)]
pub(crate) enum Variety {
    Restriction {
        base: SimpleBase,
        facets: Vec<Facet>,
        values: Vec<Value>,
    },
    /// Of the items.
    List(SimpleBase),
    Union {
        named: Vec<QName>,
        inline: Vec<SimpleType>,
    },
}

/// What a simple type restricts, or lists.
#[derive(Debug, PartialEq)]
pub(crate) enum SimpleBase {
    Named(QName),
    Inline(Box<SimpleType>),
}

/// `xs:enumeration`.
#[derive(Debug, PartialEq)]
pub(crate) struct Value {
    pub(crate) value: String,
    pub(crate) annotation: Annotation,
}

/// Any other facet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Facet {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// A named group of elements.
#[derive(Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) at: At,
    pub(crate) name: QName,
    pub(crate) particle: Option<Particle>,
}

/// A named group of attributes.
#[derive(Debug, PartialEq)]
pub(crate) struct AttributeGroup {
    pub(crate) at: At,
    pub(crate) name: QName,
    pub(crate) attributes: Vec<AttributeUse>,
}
