//! The fields of records, as constants: their order, names and occurrence.

use crate::name::Name;
use crate::schema::facet::Facet;
use crate::schema::rule::TextRule;
use crate::schema::slots::Role;
use crate::value::WhiteSpace;

/// The fields of a record, in wire order.
#[derive(Debug)]
pub struct Shape {
    pub(crate) name: Name,
    /// Those of a base type first.
    pub(crate) fields: &'static [Field],
    /// Elements are read in this order only: which field one belongs to depends on its position.
    pub(crate) in_order: bool,
    /// The members of a substitution group, and last any element, which may be a member that the contract does not know.
    pub(crate) is_substitution: bool,
}

impl Shape {
    /// The fields of a type, or of an anonymous type by the name of the element around it.
    pub const fn new(namespace: &'static str, local: &'static str, fields: &'static [Field]) -> Self {
        Self { name: Name::new(namespace, local), fields, in_order: false, is_substitution: false }
    }

    /// The same, read in order only: names occur at two places, or the whole repeats.
    #[must_use]
    pub const fn in_order(mut self) -> Self {
        self.in_order = true;
        self
    }

    /// The same, for a substitution group: the last field is for a member that the contract does not know.
    #[must_use]
    pub const fn substitution(mut self) -> Self {
        self.is_substitution = true;
        self
    }

    /// The name of the type.
    pub const fn name(&self) -> Name {
        self.name
    }

    /// The fields.
    pub const fn fields(&self) -> &'static [Field] {
        self.fields
    }
}

/// An element, attribute or text of a record.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub(crate) name: Name,
    pub(crate) kind: Kind,
    /// At least one occurrence.
    pub(crate) required: bool,
    /// Any number of occurrences.
    pub(crate) many: bool,
    /// May be `xsi:nil`.
    pub(crate) nillable: bool,
    /// Prints as `[redacted]`.
    pub(crate) sensitive: bool,
    /// The items of a list that has an element of its own around them.
    pub(crate) items: Option<Items>,
    pub(crate) filled_by: FilledBy,
    /// Rules that the documentation states for its text.
    pub(crate) rule: Option<TextRule>,
    /// The value of an empty text and of an absent attribute; the media type of an attachment for which none is said.
    pub(crate) default: Option<&'static str>,
    pub(crate) white_space: WhiteSpace,
    /// Limits to its values, checked before a request is sent.
    pub(crate) facets: &'static [Facet],
    /// The content of a group.
    pub(crate) group: Option<Group>,
    /// The type that each element states as `xsi:type`, for SOAP encoding.
    pub(crate) xsi_type: Option<Name>,
}

/// Content that stands among the children of an element, without an element of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) shape: &'static Shape,
    /// One of the fields; otherwise all of them.
    pub(crate) is_choice: bool,
}

/// The items of a list that has an element of its own around them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Items {
    pub(crate) name: Name,
    /// There is at least one.
    pub(crate) required: bool,
    /// Each may be `xsi:nil`.
    pub(crate) nillable: bool,
}

/// Where the value of a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A child element.
    Element,
    /// A SOAP header block.
    Header,
    /// An attribute.
    Attribute,
    /// The character content.
    Text,
    /// Any elements the other fields don't name.
    AnyElement,
    /// Any attributes the other fields don't name.
    AnyAttribute,
    /// Several child elements, as the field's group says.
    Group,
    /// All text and elements, in their order.
    Mixed,
    /// A part of the package, beside the envelope.
    Attachment,
}

/// What fills a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FilledBy {
    /// A member of the record.
    Member,
    /// The caller's credentials.
    Slot(Role),
    /// A stream beside the record.
    Stream,
}

impl Field {
    const fn new(namespace: &'static str, local: &'static str, required: bool, many: bool) -> Self {
        Self {
            name: Name::new(namespace, local),
            kind: Kind::Element,
            required,
            many,
            nillable: false,
            sensitive: false,
            items: None,
            filled_by: FilledBy::Member,
            rule: None,
            default: None,
            white_space: WhiteSpace::Preserve,
            facets: &[],
            group: None,
            xsi_type: None,
        }
    }

    /// Its wire name.
    pub const fn name(&self) -> Name {
        self.name
    }

    /// Whether it prints as `[redacted]`.
    pub const fn is_sensitive(&self) -> bool {
        self.sensitive
    }

    /// Whether it is a SOAP header block.
    pub(crate) fn is_header(&self) -> bool {
        self.kind == Kind::Header
    }

    /// Whether it travels as a stream beside the record.
    pub const fn is_stream(&self) -> bool {
        matches!(self.filled_by, FilledBy::Stream)
    }

    /// An element that occurs once.
    pub const fn required(namespace: &'static str, local: &'static str) -> Self {
        Self::new(namespace, local, true, false)
    }

    /// An element that may be absent.
    pub const fn optional(namespace: &'static str, local: &'static str) -> Self {
        Self::new(namespace, local, false, false)
    }

    /// An element that occurs any number of times.
    pub const fn many(namespace: &'static str, local: &'static str) -> Self {
        Self::new(namespace, local, false, true)
    }

    /// An element that occurs at least once.
    pub const fn many1(namespace: &'static str, local: &'static str) -> Self {
        Self::new(namespace, local, true, true)
    }

    /// May be `xsi:nil`.
    #[must_use]
    pub const fn nillable(mut self) -> Self {
        self.nillable = true;
        self
    }

    /// The element holds a list of elements of this name.
    #[must_use]
    pub const fn items(mut self, namespace: &'static str, local: &'static str) -> Self {
        self.items = Some(Items { name: Name::new(namespace, local), required: false, nillable: false });
        self
    }

    /// The list has at least one item.
    #[must_use]
    pub const fn items_required(mut self) -> Self {
        if let Some(items) = &mut self.items {
            items.required = true;
        }
        self
    }

    /// Each item may be `xsi:nil`.
    #[must_use]
    pub const fn items_nillable(mut self) -> Self {
        if let Some(items) = &mut self.items {
            items.nillable = true;
        }
        self
    }

    /// Must not be printed.
    #[must_use]
    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Stands in the SOAP header.
    #[must_use]
    pub const fn header(mut self) -> Self {
        self.kind = Kind::Header;
        self
    }

    /// Is an attribute.
    #[must_use]
    pub const fn attribute(mut self) -> Self {
        self.kind = Kind::Attribute;
        self
    }

    /// Is the character content.
    #[must_use]
    pub const fn text(mut self) -> Self {
        self.kind = Kind::Text;
        self
    }

    /// Is a part of the package, beside the envelope. Its media type is this one where the caller names none; empty if the
    /// contract names none either.
    #[must_use]
    pub const fn attachment(mut self, media_type: &'static str) -> Self {
        self.kind = Kind::Attachment;
        self.default = Some(media_type);
        self
    }

    /// Is the element wildcard.
    #[must_use]
    pub const fn any(mut self) -> Self {
        self.kind = Kind::AnyElement;
        self
    }

    /// Is the attribute wildcard.
    #[must_use]
    pub const fn any_attribute(mut self) -> Self {
        self.kind = Kind::AnyAttribute;
        self
    }

    /// Is one of the fields of this shape.
    #[must_use]
    pub const fn choice(mut self, shape: &'static Shape) -> Self {
        self.kind = Kind::Group;
        self.group = Some(Group { shape, is_choice: true });
        self
    }

    /// Is all fields of this shape.
    #[must_use]
    pub const fn sequence(mut self, shape: &'static Shape) -> Self {
        self.kind = Kind::Group;
        self.group = Some(Group { shape, is_choice: false });
        self
    }

    /// Is all text and elements, in their order.
    #[must_use]
    pub const fn mixed(mut self) -> Self {
        self.kind = Kind::Mixed;
        self
    }

    /// States its type as `xsi:type`, as SOAP encoding wants it.
    #[must_use]
    pub const fn xsi_type(mut self, namespace: &'static str, local: &'static str) -> Self {
        self.xsi_type = Some(Name::new(namespace, local));
        self
    }

    /// Is filled with a credential of the caller.
    #[must_use]
    pub const fn slot(mut self, role: Role) -> Self {
        self.filled_by = FilledBy::Slot(role);
        self.sensitive = true;
        self
    }

    /// Holds a text for which the documentation states rules that the schema does not.
    #[must_use]
    pub const fn text_rule(mut self, rule: TextRule) -> Self {
        self.rule = Some(rule);
        self
    }

    /// The schema's value for an empty element and for an absent attribute.
    #[must_use]
    pub const fn default(mut self, text: &'static str) -> Self {
        self.default = Some(text);
        self
    }

    /// The only value that the schema allows. It is also the value of an empty element and of an absent attribute.
    #[must_use]
    pub const fn fixed(self, text: &'static str) -> Self {
        self.default(text)
    }

    /// Tabs and line breaks of the text are read as spaces.
    #[must_use]
    pub const fn replace(mut self) -> Self {
        self.white_space = WhiteSpace::Replace;
        self
    }

    /// The words of the text are read with single spaces between them.
    #[must_use]
    pub const fn collapse(mut self) -> Self {
        self.white_space = WhiteSpace::Collapse;
        self
    }

    /// Its values keep to these limits. They are checked before a request is sent, and never on reading.
    #[must_use]
    pub const fn facets(mut self, facets: &'static [Facet]) -> Self {
        self.facets = facets;
        self
    }

    /// Travels as a stream beside the record.
    #[must_use]
    pub const fn stream(mut self) -> Self {
        self.filled_by = FilledBy::Stream;
        self
    }
}
