//! The oracle's reading: the schemas of one WSDL as `xsd-parser` interprets them.
//!
//! Of the WSDL itself only the imports of its schemas and the elements of its messages are read.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    error::Error,
    path::{Path, PathBuf},
};

use xsd_parser::{
    IdentType, Interpreter, MetaTypes, Name, Parser, TypeIdent,
    models::{
        meta::{
            AttributeMetaVariant, BuildInMeta, ComplexMeta, ElementMeta, ElementMetaVariant, ElementMode,
            MetaTypeVariant, ReferenceMeta,
        },
        schema::{
            MaxOccurs, NamespaceId,
            xs::{FormChoiceType, Use},
        },
    },
};

use crate::content::{Kind, Particle, Term};
use crate::facts::Facts;
use crate::inspect::{Roots, SUBSTITUTION};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
const XS: &str = "http://www.w3.org/2001/XMLSchema";

/// The simple types of XML Schema.
const VALUES: &[&str] = &[
    "anySimpleType",
    "anyURI",
    "base64Binary",
    "boolean",
    "byte",
    "date",
    "dateTime",
    "decimal",
    "double",
    "duration",
    "ENTITIES",
    "ENTITY",
    "float",
    "gDay",
    "gMonth",
    "gMonthDay",
    "gYear",
    "gYearMonth",
    "hexBinary",
    "ID",
    "IDREF",
    "IDREFS",
    "int",
    "integer",
    "language",
    "long",
    "Name",
    "NCName",
    "negativeInteger",
    "NMTOKEN",
    "NMTOKENS",
    "nonNegativeInteger",
    "nonPositiveInteger",
    "normalizedString",
    "NOTATION",
    "positiveInteger",
    "QName",
    "short",
    "string",
    "time",
    "token",
    "unsignedByte",
    "unsignedInt",
    "unsignedLong",
    "unsignedShort",
];

/// Those that are a `String` in Rust.
const TEXTS: &[&str] = &[
    "anySimpleType",
    "anyURI",
    "ENTITY",
    "ID",
    "IDREF",
    "language",
    "Name",
    "NCName",
    "NMTOKEN",
    "normalizedString",
    "NOTATION",
    "token",
];

/// Reads a WSDL and its schemas; describes everything its messages reach.
pub(crate) fn facts(wsdl: &Path) -> Result<Facts> {
    let (imports, parts) = read_wsdl(wsdl)?;
    Schema::read(&imports)?.facts(&Roots { elements: parts, types: BTreeSet::new() })
}

/// Paths of the imported schemas, and the elements of the messages as `{namespace}local`.
fn read_wsdl(path: &Path) -> Result<(BTreeSet<PathBuf>, BTreeSet<String>)> {
    let text = std::fs::read_to_string(path)?;
    let document = roxmltree::Document::parse(&text)?;
    let (mut imports, mut parts) = (BTreeSet::new(), BTreeSet::new());
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        if node.parent_element().is_some_and(|parent| parent.has_tag_name((XS, "schema"))) {
            let location = node.attribute("schemaLocation").filter(|_| node.has_tag_name((XS, "import")));
            imports.insert(path.with_file_name(location.ok_or("a schema inside a WSDL may only import by location")?));
        } else if node.has_tag_name((WSDL, "part")) {
            let element = node.attribute("element").and_then(|name| name.split_once(':'));
            let (prefix, local) = element.ok_or("a message part must be an element with a prefix")?;
            let namespace = node.lookup_namespace_uri(Some(prefix)).ok_or("undeclared prefix")?;
            parts.insert(format!("{{{namespace}}}{local}"));
        }
    }
    Ok((imports, parts))
}

fn bound(max: MaxOccurs) -> Option<usize> {
    match max {
        MaxOccurs::Bounded(max) => Some(max),
        MaxOccurs::Unbounded => None,
    }
}

/// What `xsd-parser` makes of schemas.
pub(crate) struct Schema {
    types: MetaTypes,
    namespaces: BTreeMap<NamespaceId, String>,
    /// By their base.
    derived: HashMap<TypeIdent, Vec<TypeIdent>>,
}

impl Schema {
    pub(crate) fn read(files: &BTreeSet<PathBuf>) -> Result<Self> {
        // `Config` would do the same steps, and then merge types that look alike.
        let mut parser = Parser::new().with_default_resolver().with_default_namespaces();
        for file in files {
            parser = parser.add_schema_from_file(file)?;
        }
        let schemas = parser.finish();
        let namespaces: BTreeMap<NamespaceId, String> = schemas
            .namespaces()
            .map(|(id, info)| (*id, info.namespace.as_ref().map(ToString::to_string).unwrap_or_default()))
            .collect();
        let xs =
            namespaces.iter().find(|(_, name)| *name == XS).map(|(id, _)| *id).ok_or("no namespace for XML Schema")?;
        let mut interpreter = Interpreter::new(&schemas).with_buildin_types()?.with_xs_any_type()?;
        // Its own definitions say only which Rust type a value has: base64Binary would be one with string.
        for name in VALUES {
            let value = TypeIdent::build_in(name).with_ns(xs);
            interpreter = interpreter.with_type(value.clone(), BuildInMeta::String)?;
            interpreter = interpreter.with_type(TypeIdent::type_(name).with_ns(xs), ReferenceMeta::new(value))?;
        }
        let types = interpreter.finish()?.0;
        let mut derived: HashMap<TypeIdent, Vec<TypeIdent>> = HashMap::new();
        for (ident, found) in &types.items {
            if let MetaTypeVariant::ComplexType(complex) = &found.variant
                && let Some(base) = complex.base.as_ident()
            {
                derived.entry(base.clone()).or_default().push(ident.clone());
            }
        }
        Ok(Self { types, namespaces, derived })
    }

    /// Whether it declares this element for all.
    pub(crate) fn has_element(&self, name: &str) -> bool {
        self.named_one(IdentType::Element, name).is_some()
    }

    fn named_one(&self, kind: IdentType, name: &str) -> Option<&TypeIdent> {
        let is_it = |ident: &&TypeIdent| {
            ident.type_ == kind && ident.name.is_named() && self.qualified(ident.ns, &ident.name) == name
        };
        self.types.items.keys().find(is_it)
    }

    pub(crate) fn facts(&self, roots: &Roots) -> Result<Facts> {
        let mut facts = Facts::default();
        for name in &roots.elements {
            self.element(name, &mut facts)?;
        }
        for name in &roots.types {
            match self.named_one(IdentType::Type, name) {
                Some(ident) => {
                    facts.declare(&format!("type {name}"));
                    self.named(ident, &mut facts)?;
                }
                None => return Err(format!("no type {name}").into()),
            }
        }
        Ok(facts)
    }

    fn element(&self, name: &str, facts: &mut Facts) -> Result<()> {
        let found = self.named_one(IdentType::Element, name).and_then(|ident| self.types.get_variant(ident));
        let place = format!("element {name}");
        let reference = match found {
            Some(MetaTypeVariant::Reference(reference)) => reference,
            Some(_) => {
                facts.leave_out(&place, "an element that is no reference to its type");
                return Ok(());
            }
            None => return Err(format!("no element {name}").into()),
        };
        facts.say(&place, "nillable", reference.nillable);
        self.value(&place, &reference.type_, facts)
    }

    fn value<'s>(&'s self, place: &str, mut ident: &'s TypeIdent, facts: &mut Facts) -> Result<()> {
        // Down to the type that has the content, remembering the simple types on the way.
        let mut through = String::new();
        while let Some(next) = match self.types.get_variant(ident) {
            Some(MetaTypeVariant::Reference(reference)) if reference.is_single() => Some(&reference.type_),
            Some(MetaTypeVariant::SimpleType(simple)) if !simple.is_list => Some(&simple.base),
            _ => None,
        } {
            if ident.type_ == IdentType::Type && !self.is_xs(ident) {
                through += &format!(" as {}", self.name(ident));
            }
            ident = next;
        }
        match self.types.get_variant(ident) {
            Some(MetaTypeVariant::Dynamic(_)) => {
                facts.say(place, "type", SUBSTITUTION);
                return Ok(());
            }
            Some(MetaTypeVariant::Union(_)) => {
                facts.say(place, "type", "union");
                return Ok(());
            }
            Some(MetaTypeVariant::SimpleType(list)) if list.is_list => {
                facts.say(place, "type", format!("list of {}", self.name(&list.base)) + &through);
                return Ok(());
            }
            _ => {}
        }
        facts.say(place, "type", self.name(ident) + &through);
        match ident.type_ {
            _ if self.is_xs(ident) => Ok(()),
            IdentType::Type => {
                let place = format!("type {}", self.name(ident));
                // Only where a value is declared to be of a type may another stand for it.
                if facts.declare(&place) && facts.is_entered(&place, ident) {
                    self.substitutes(&place, ident, facts)?;
                }
                self.named(ident, facts)
            }
            _ => self.definition(place, ident, facts),
        }
    }

    fn named(&self, ident: &TypeIdent, facts: &mut Facts) -> Result<()> {
        self.definition(&format!("type {}", self.name(ident)), ident, facts)
    }

    fn definition(&self, place: &str, ident: &TypeIdent, facts: &mut Facts) -> Result<()> {
        if !facts.enter(place, ident) {
            return Ok(());
        }
        let complex = match self.types.get_variant(ident) {
            Some(MetaTypeVariant::Enumeration(enumeration)) => {
                facts.say_list(place, "values", enumeration.variants.iter().map(|one| one.ident.name.to_string()));
                return Ok(());
            }
            Some(MetaTypeVariant::ComplexType(complex)) => complex,
            Some(MetaTypeVariant::Union(_)) => {
                facts.leave_out(place, "a union");
                return Ok(());
            }
            _ => {
                facts.leave_out(place, "neither an enumeration nor a complex type");
                return Ok(());
            }
        };
        let mut elements = Vec::new();
        let content = match self.content(complex, &mut elements) {
            Ok(content) => content.simple(),
            Err(reason) => {
                facts.leave_out(place, reason);
                return Ok(());
            }
        };
        // What simple content extends is told by its text.
        let is_complex =
            |base: &&TypeIdent| matches!(self.types.get_variant(base), Some(MetaTypeVariant::ComplexType(_)));
        let base = complex.base.as_ident().filter(is_complex);
        facts.say(place, "base", base.map_or("none".to_owned(), |base| self.name(base)));
        if facts.is_declared(place) {
            self.substitutes(place, ident, facts)?;
        }
        let attributes = complex.attributes.iter().filter_map(|one| match &one.variant {
            AttributeMetaVariant::Type(ty) if one.use_ != Use::Prohibited => Some((one, ty)),
            _ => None,
        });
        let attributes: Vec<(String, bool, &TypeIdent)> = attributes
            .map(|(one, ty)| {
                let form = if ty.type_ == IdentType::Attribute && ty.name.is_named() {
                    &FormChoiceType::Qualified
                } else {
                    &one.form
                };
                (self.by_form(form, &one.ident.name, one.ident.ns), one.use_ == Use::Required, ty)
            })
            .collect();
        let named: BTreeSet<String> =
            attributes.iter().map(|(name, is_required, _)| format!("{name} {}", u8::from(*is_required))).collect();
        facts.say_list(place, "attributes", named.into_iter());
        facts.say_content(place, &content);
        for (element, ty) in elements {
            let place = format!("{place}/{}", self.element_name(element));
            facts.say(&place, "nillable", element.nillable);
            self.value(&place, ty, facts)?;
        }
        for (name, _, ty) in attributes {
            let place = format!("{place}/@{name}");
            facts.say(&place, "nillable", false);
            self.value(&place, ty, facts)?;
        }
        if let Some(text) = complex.content.as_ref().filter(|content| !self.is_group(content)) {
            let place = format!("{place}/text");
            facts.say(&place, "nillable", false);
            self.value(&place, text, facts)?;
        }
        Ok(())
    }

    /// What is referred to is qualified, whatever the form of local elements is.
    fn element_name(&self, element: &ElementMeta) -> String {
        let form = match &element.variant {
            ElementMetaVariant::Type { type_, .. } if type_.type_ == IdentType::Element && type_.name.is_named() => {
                &FormChoiceType::Qualified
            }
            _ => &element.form,
        };
        self.by_form(form, &element.ident.name, element.ident.ns)
    }

    fn by_form(&self, form: &FormChoiceType, name: &Name, namespace: NamespaceId) -> String {
        match form {
            FormChoiceType::Qualified => self.qualified(namespace, name),
            FormChoiceType::Unqualified => name.to_string(),
        }
    }

    fn is_group(&self, ident: &TypeIdent) -> bool {
        matches!(
            self.types.get_variant(ident),
            Some(MetaTypeVariant::Sequence(_) | MetaTypeVariant::All(_) | MetaTypeVariant::Choice(_))
        )
    }

    /// The arrangement of the elements of a type, and the elements with their types; `xsd-parser` puts those of the base first.
    fn content<'s>(
        &'s self,
        complex: &'s ComplexMeta,
        found: &mut Vec<(&'s ElementMeta, &'s TypeIdent)>,
    ) -> std::result::Result<Particle, &'static str> {
        if complex.is_mixed {
            return Err("mixed content");
        }
        match &complex.content {
            Some(content) if self.is_group(content) => {
                let term = self.group(content, found)?;
                Ok(Particle { min: complex.min_occurs, max: bound(complex.max_occurs), term })
            }
            _ => Ok(Particle::group(Kind::Sequence, Vec::new())),
        }
    }

    fn group<'s>(
        &'s self,
        ident: &TypeIdent,
        found: &mut Vec<(&'s ElementMeta, &'s TypeIdent)>,
    ) -> std::result::Result<Term, &'static str> {
        let (kind, group) = match self.types.get_variant(ident) {
            Some(MetaTypeVariant::Sequence(group)) => (Kind::Sequence, group),
            Some(MetaTypeVariant::All(group)) => (Kind::All, group),
            Some(MetaTypeVariant::Choice(group)) => (Kind::Choice, group),
            _ => return Err("a group that is none"),
        };
        let mut members = Vec::new();
        for element in group.elements.iter() {
            let term = match &element.variant {
                ElementMetaVariant::Type { type_, mode: ElementMode::Element } => {
                    found.push((element, type_));
                    Term::Element(self.element_name(element))
                }
                ElementMetaVariant::Type { type_, mode: ElementMode::Group } => self.group(type_, found)?,
                ElementMetaVariant::Any { .. } => Term::Any,
                ElementMetaVariant::Text => return Err("mixed content"),
            };
            members.push(Particle { min: element.min_occurs, max: bound(element.max_occurs), term });
        }
        Ok(Term::Group(kind, members))
    }

    /// Types whose values may stand where this one is declared.
    fn substitutes(&self, place: &str, ident: &TypeIdent, facts: &mut Facts) -> Result<()> {
        let mut derived = BTreeMap::new();
        self.derived(ident, &mut derived);
        if !derived.is_empty() {
            facts.say_list(place, "derived", derived.keys().cloned());
        }
        derived.into_values().try_for_each(|one| self.named(one, facts))
    }

    /// Types that extend or restrict it, directly or not.
    fn derived<'s>(&'s self, ident: &TypeIdent, found: &mut BTreeMap<String, &'s TypeIdent>) {
        for one in self.derived.get(ident).into_iter().flatten() {
            found.insert(self.name(one), one);
            self.derived(one, found);
        }
    }

    fn is_xs(&self, ident: &TypeIdent) -> bool {
        self.namespaces.get(&ident.ns).is_some_and(|namespace| namespace == XS)
    }

    /// As the generator writes it.
    fn name(&self, ident: &TypeIdent) -> String {
        match ident.type_ {
            _ if self.is_xs(ident) && TEXTS.contains(&&*ident.name.to_string()) => "xs:string".to_owned(),
            _ if self.is_xs(ident) => format!("xs:{}", ident.name),
            IdentType::Type => self.qualified(ident.ns, &ident.name),
            _ => "anonymous".to_owned(),
        }
    }

    fn qualified(&self, namespace: NamespaceId, local: &Name) -> String {
        format!("{{{}}}{local}", self.namespaces.get(&namespace).map_or("", String::as_str))
    }
}
