//! The Rust form of complex types: fields in wire order, and their members.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::config::{Config, FieldForm};
use crate::contract::content::Leaf;
use crate::contract::model::{
    Attachment, Builtin, Contract, Documentation, Element, Facet, GroupUse, Header, Preset, Term, Type, TypeId,
    TypeKind, WhiteSpace,
};
use crate::name::QName;
use crate::rust::model::Name;

/// A field of a struct, where it stands on the wire.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Field<'a> {
    /// The type that declares it.
    pub(super) owner: Name<'a>,
    /// Where its value stands.
    pub(super) kind: Kind,
    /// Its name; one that is made up where the wire has none.
    pub(super) name: Name<'a>,
    /// The type of one occurrence.
    pub(super) ty: Type,
    /// Least number of occurrences.
    pub(super) min: u32,
    /// It may occur more than once.
    pub(super) is_many: bool,
    /// May be `xsi:nil`.
    pub(super) nillable: bool,
    /// How white space is read.
    pub(super) white_space: WhiteSpace,
    /// The limits to its text.
    pub(super) facets: &'a [Facet],
    /// The value that the schema gives.
    pub(super) preset: Option<&'a Preset>,
    /// What the author says of it.
    pub(super) documentation: Option<&'a Documentation>,
    /// The role of the credential that fills it.
    pub(super) slot: Option<&'a str>,
    /// The content travels as a stream.
    pub(super) stream: bool,
    /// The name of its type, if messages state it.
    pub(super) xsi_type: Option<&'a QName>,
    /// What travels beside the envelope.
    pub(super) attachment: Option<&'a Attachment>,
    /// Its text is a document.
    pub(super) document: bool,
    /// How its member holds it; `None` if credentials or a stream take its place.
    pub(super) member: Option<Holding<'a>>,
}

/// Where the value of a field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// In a header part.
    Header,
    /// In a child element.
    Element,
    /// In an attribute.
    Attribute,
    /// In the text of a type with simple content.
    Text,
    /// In elements that the contract does not name.
    AnyElement,
    /// In attributes that the contract does not name.
    AnyAttribute,
    /// In several child elements.
    Group,
    /// In all text and elements.
    Mixed,
    /// Beside the envelope.
    Attachment,
}

/// The type of a member.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Holding<'a> {
    /// The container of the value.
    pub(super) around: Around,
    /// One value.
    pub(super) value: Type,
    /// For a list with an element of its own around it: the items.
    pub(super) item: Option<ListItem<'a>>,
}

/// The container of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Around {
    /// Nothing.
    Nothing,
    /// `Option`.
    Option,
    /// `Nillable`: absent and nil are two things.
    Nillable,
    /// `Vec`.
    Vec,
    /// `Vec<Option<_>>`: nil items are kept.
    VecOption,
}

impl Around {
    /// Whether values are on the heap anyway.
    pub(super) fn is_list(self) -> bool {
        matches!(self, Self::Vec | Self::VecOption)
    }
}

/// The items of a type that is nothing but a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ListItem<'a> {
    /// The element of an item.
    pub(super) element: &'a Element,
    /// The type of its value.
    pub(super) ty: Type,
    /// How white space in it is read.
    pub(super) white_space: WhiteSpace,
    /// The limits to its text.
    pub(super) facets: &'a [Facet],
    /// Least number of items.
    pub(super) min: u32,
}

/// The fields of all complex types.
#[derive(Debug)]
pub(super) struct Layouts<'a> {
    contract: &'a Contract,
    config: &'a Config,
    items: Vec<Option<ListItem<'a>>>,
    has_value: Vec<bool>,
    fields: Vec<Rc<[Field<'a>]>>,
    has_stream: Vec<bool>,
}

impl<'a> Layouts<'a> {
    /// Visits every type once.
    pub(super) fn new(contract: &'a Contract, config: &'a Config) -> Self {
        let ids = || (0..contract.types.len()).map(TypeId);
        let mut layouts = Self {
            contract,
            config,
            items: Vec::new(),
            has_value: ids().map(|id| contract.has_value(Type::Named(id))).collect(),
            fields: Vec::new(),
            has_stream: Vec::new(),
        };
        let fields: Vec<Vec<Field<'a>>> = ids()
            .map(|id| declared(contract, id).into_iter().map(|field| configured(contract, config, field)).collect())
            .collect();
        layouts.items = ids().map(|id| list_item(contract, id, &fields[id.0])).collect();
        layouts.fields = fields.into_iter().map(|fields| layouts.held(fields).into()).collect();
        layouts.has_stream = layouts.fields.iter().map(|fields| fields.iter().any(|field| field.stream)).collect();
        layouts
    }

    /// The fields of a type, those of its bases first; none for an enumeration.
    ///
    /// One whose type has no complete value is not among them: it can neither be written nor received.
    pub(super) fn fields(&self, id: TypeId) -> &[Field<'a>] {
        &self.fields[id.0]
    }

    /// The same, to be kept.
    pub(super) fn shared_fields(&self, id: TypeId) -> Rc<[Field<'a>]> {
        Rc::clone(&self.fields[id.0])
    }

    /// Whether one of the fields of a type is a stream.
    pub(super) fn has_stream(&self, id: TypeId) -> bool {
        self.has_stream[id.0]
    }

    /// Header parts as fields of a struct; `owner` is what they count as a part of.
    pub(super) fn headers(&self, owner: Name<'a>, headers: &'a [Header]) -> Vec<Field<'a>> {
        self.held(headers.iter().map(|header| {
            let min = u32::from(header.required);
            let field = Field { min, ..element(owner, Kind::Header, &header.element) };
            configured(self.contract, self.config, field)
        }))
    }

    /// Attachments as fields of a struct, likewise.
    pub(super) fn attachments(&self, owner: Name<'a>, attachments: &'a [Attachment]) -> Vec<Field<'a>> {
        self.held(attachments.iter().map(|attachment| Field {
            ty: Type::Builtin(Builtin::Base64Binary),
            min: u32::from(attachment.required),
            attachment: Some(attachment),
            ..made_up(owner, Kind::Attachment, &attachment.part)
        }))
    }

    /// The content of an element with nothing but text, as the field of a struct.
    pub(super) fn text(&self, body: &'a Element) -> Field<'a> {
        let name = Name { namespace: "", local: "Value" };
        let field = Field { name, ..element(Name::from(&body.name), Kind::Text, body) };
        let field = configured(self.contract, self.config, field);
        Field { member: self.hold(&field), ..field }
    }

    /// Whether something of this type can have a value.
    pub(super) fn has_value(&self, ty: Type) -> bool {
        match ty {
            Type::Builtin(_) => true,
            Type::Named(id) => self.has_value[id.0],
        }
    }

    /// Whether values of a type may be of a derived type.
    pub(super) fn is_polymorphic(&self, id: TypeId) -> bool {
        self.contract.complex(id).is_some_and(|complex| !complex.derived.is_empty())
    }

    /// Whether a type is defined under its own name: an abstract base is only ever one of the types derived from it.
    pub(super) fn has_struct(&self, id: TypeId) -> bool {
        self.contract.complex(id).is_none_or(|complex| complex.derived.is_empty() || !complex.is_abstract)
    }

    /// The types that a value of a polymorphic type may have, in the order of the contract; none for another type.
    pub(super) fn alternatives(&self, id: TypeId) -> Vec<TypeId> {
        let Some(complex) = self.contract.complex(id).filter(|complex| !complex.derived.is_empty()) else {
            return Vec::new();
        };
        let is_concrete = |id: &TypeId| {
            self.contract.complex(*id).is_none_or(|complex| !complex.is_abstract) && self.contract.type_def(*id).finite
        };
        std::iter::once(id).chain(complex.derived.iter().copied()).filter(is_concrete).collect()
    }

    /// Whether a type is a choice, which holds one of its fields.
    pub(super) fn is_choice(&self, id: TypeId) -> bool {
        matches!(self.contract.type_def(id).kind, TypeKind::Choice(_))
    }

    /// Whether the position of an element among these fields of a record decides which it belongs to: a name is at two places,
    /// or any element is.
    pub(super) fn are_in_order(&self, fields: &[Field<'a>]) -> bool {
        let mut taken: BTreeMap<Option<Name<'a>>, usize> = BTreeMap::new();
        fields.iter().enumerate().any(|(at, field)| {
            let mut names = Vec::new();
            self.takes(field, &mut names);
            names.into_iter().any(|name| *taken.entry(name).or_insert(at) != at)
        })
    }

    /// The same for a type; the members of a sequence that repeats are always in order.
    pub(super) fn is_in_order(&self, id: TypeId) -> bool {
        let repeats = self.contract.complex(id).is_some_and(|complex| complex.group == Some(GroupUse::Repeated));
        repeats || self.are_in_order(self.fields(id))
    }

    /// The elements that a field takes; `None` is any.
    fn takes(&self, field: &Field<'a>, names: &mut Vec<Option<Name<'a>>>) {
        match (field.kind, field.ty) {
            (Kind::Element, _) => names.push(Some(field.name)),
            (Kind::AnyElement, _) => names.push(None),
            (Kind::Group, Type::Named(id)) => {
                let members = match &self.contract.type_def(id).kind {
                    TypeKind::Choice(choice) => choice.members().len(),
                    _ => usize::MAX,
                };
                self.fields(id).iter().take(members).for_each(|field| self.takes(field, names));
            }
            _ => {}
        }
    }

    /// The types that a definition writes.
    pub(super) fn needs(&self, id: TypeId) -> Vec<TypeId> {
        let values = self.fields(id).iter().filter_map(|field| field.member?.named());
        let inner = self.contract.type_def(id).inner().into_iter().filter_map(Type::named);
        values.chain(inner).chain(self.alternatives(id)).filter(|needed| *needed != id).collect()
    }

    fn held(&self, fields: impl IntoIterator<Item = Field<'a>>) -> Vec<Field<'a>> {
        let mut held = Vec::new();
        for field in fields {
            let member = self.hold(&field);
            if member.is_none_or(|member| self.has_value(member.value)) {
                held.push(Field { member, ..field });
            }
        }
        held
    }

    /// How a member holds a field.
    fn hold(&self, field: &Field<'a>) -> Option<Holding<'a>> {
        // Credentials and streams stand beside the message.
        if field.slot.is_some() || field.stream {
            return None;
        }
        let listed = |paths: &[String]| !paths.is_empty() && paths.contains(&field.path());
        let list = || if listed(&self.config.nillable_items) { Around::VecOption } else { Around::Vec };
        if field.is_many {
            return Some(Holding { around: list(), value: field.ty, item: None });
        }
        let tri_state = listed(&self.config.nillable);
        let is_element = matches!(field.kind, Kind::Element | Kind::Header);
        if let (Type::Named(id), true, false) = (field.ty, is_element, tri_state)
            && let Some(item) = self.items[id.0]
        {
            return Some(Holding { around: list(), value: item.ty, item: Some(item) });
        }
        // A header part is there or it is not: one that is nil says nothing.
        let may_lack = field.min == 0 || (field.nillable && field.kind != Kind::Header);
        // These are empty where nothing is there.
        let is_collection = matches!(field.kind, Kind::AnyAttribute | Kind::Mixed);
        let around = match (tri_state, may_lack && !is_collection) {
            (true, _) => Around::Nillable,
            (false, true) => Around::Option,
            (false, false) => Around::Nothing,
        };
        Some(Holding { around, value: field.ty, item: None })
    }
}

impl Holding<'_> {
    /// The type of the value, if it has a definition.
    pub(super) fn named(&self) -> Option<TypeId> {
        self.value.named()
    }
}

impl Field<'_> {
    /// How the configuration names it: `{namespace}Type/field`.
    pub(super) fn path(&self) -> String {
        format!("{}/{}", self.owner, self.name.local)
    }
}

/// A field with the form that the configuration states.
fn configured<'a>(contract: &Contract, config: &Config, field: Field<'a>) -> Field<'a> {
    if config.field.is_empty() || !is_simple(contract, field.ty) {
        return field;
    }
    let document = match config.form(&field.path()) {
        None => return field,
        Some(FieldForm::Text) => false,
        Some(FieldForm::Document) => true,
    };
    Field { ty: Type::Builtin(Builtin::String), white_space: WhiteSpace::Preserve, facets: &[], document, ..field }
}

/// Whether the values of a type are texts.
pub(super) fn is_simple(contract: &Contract, ty: Type) -> bool {
    match ty {
        Type::Builtin(builtin) => builtin != Builtin::Any,
        Type::Named(id) => {
            matches!(contract.type_def(id).kind, TypeKind::Enumeration(_) | TypeKind::List(_) | TypeKind::Union(_))
        }
    }
}

/// The fields that a complex type declares and inherits, or the alternatives of a choice, before their members are decided.
fn declared(contract: &Contract, id: TypeId) -> Vec<Field<'_>> {
    let owner = |id: TypeId| Name::from(&contract.type_def(id).name);
    let whole = contract.content(id);
    let mut fields = Vec::new();
    fields.extend(whole.text.map(|(by, text)| Field {
        ty: text.ty,
        white_space: text.white_space,
        facets: &text.facets,
        documentation: Some(&text.documentation),
        stream: text.stream,
        ..made_up(owner(by), Kind::Text, "Value")
    }));
    match contract.complex(id).is_some_and(|complex| complex.mixed) {
        true => fields.push(Field { min: 0, ..made_up(owner(id), Kind::Mixed, "Content") }),
        false => fields.extend(contract.leaves(id).iter().map(|leaf| particle(contract, owner(leaf.owner), leaf))),
    }
    fields.extend(whole.attributes.iter().map(|(by, attribute)| Field {
        owner: owner(*by),
        kind: Kind::Attribute,
        name: Name::from(&attribute.name),
        ty: attribute.ty,
        min: u32::from(attribute.required),
        is_many: false,
        nillable: false,
        white_space: attribute.white_space,
        facets: &attribute.facets,
        preset: attribute.preset.as_ref(),
        documentation: Some(&attribute.documentation),
        slot: None,
        stream: false,
        xsi_type: None,
        attachment: None,
        document: false,
        member: None,
    }));
    if whole.any_attribute {
        fields.push(Field { min: 0, ..made_up(owner(id), Kind::AnyAttribute, "AnyAttribute") });
    }
    fields
}

fn particle<'a>(contract: &'a Contract, owner: Name<'a>, leaf: &Leaf<'a>) -> Field<'a> {
    let field = match &leaf.particle.term {
        Term::Element(declared) => element(owner, Kind::Element, declared),
        Term::Group(id) => {
            let name = Name { namespace: first_namespace(contract, *id), local: &contract.type_def(*id).name.local };
            Field { name, ty: Type::Named(*id), ..made_up(owner, Kind::Group, "") }
        }
        _ => made_up(owner, Kind::AnyElement, "Any"),
    };
    Field { min: leaf.particle.min, is_many: leaf.particle.max != Some(1), ..field }
}

/// The namespace of the first element of a group, which is written with a declaration of it.
fn first_namespace(contract: &Contract, id: TypeId) -> &str {
    match contract.leaves(id).first().map(|leaf| &leaf.particle.term) {
        Some(Term::Element(element)) => &element.name.namespace,
        Some(Term::Group(inner)) => first_namespace(contract, *inner),
        _ => "",
    }
}

/// An element that occurs once.
fn element<'a>(owner: Name<'a>, kind: Kind, element: &'a Element) -> Field<'a> {
    Field {
        owner,
        kind,
        name: Name::from(&element.name),
        ty: element.ty,
        min: 1,
        is_many: false,
        nillable: element.nillable,
        white_space: element.white_space,
        facets: &element.facets,
        preset: element.preset.as_ref(),
        documentation: Some(&element.documentation),
        slot: element.slot.as_deref(),
        stream: element.stream,
        xsi_type: element.xsi_type.as_ref(),
        attachment: None,
        document: false,
        member: None,
    }
}

/// A field that has no name on the wire.
fn made_up<'a>(owner: Name<'a>, kind: Kind, local: &'a str) -> Field<'a> {
    Field {
        owner,
        kind,
        name: Name { namespace: "", local },
        ty: Type::Builtin(Builtin::Any),
        min: 1,
        is_many: false,
        nillable: false,
        white_space: WhiteSpace::Preserve,
        facets: &[],
        preset: None,
        documentation: None,
        slot: None,
        stream: false,
        xsi_type: None,
        attachment: None,
        document: false,
        member: None,
    }
}

/// The items of a type that does nothing but hold a list.
fn list_item<'a>(contract: &'a Contract, id: TypeId, fields: &[Field<'a>]) -> Option<ListItem<'a>> {
    let complex = contract.complex(id)?;
    let is_plain =
        complex.derivation.is_none() && complex.derived.is_empty() && !complex.is_abstract && complex.group.is_none();
    let [field] = fields else { return None };
    let is_list = field.kind == Kind::Element && field.is_many && field.slot.is_none() && !field.stream;
    if !is_plain || !is_list {
        return None;
    }
    let [leaf] = contract.leaves(id)[..] else { return None };
    let Field { ty, white_space, facets, .. } = *field;
    Some(ListItem { element: leaf.element()?, ty, white_space, facets, min: leaf.particle.min })
}
