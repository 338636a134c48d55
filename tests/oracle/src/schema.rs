//! The oracle's reading: the schemas of one WSDL as `xsd-parser` interprets them.
//!
//! Of the WSDL itself only the imports of its schemas and the elements of its messages are read.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error,
    path::{Path, PathBuf},
};

use xsd_parser::{
    IdentType, Interpreter, MetaTypes, Name, Parser, TypeIdent,
    models::{
        meta::{
            BuildInMeta, ComplexMeta, ElementMeta, ElementMetaVariant, ElementMode, MetaTypeVariant, ReferenceMeta,
        },
        schema::{MaxOccurs, NamespaceId, xs::FormChoiceType},
    },
};

use crate::facts::Facts;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
const XS: &str = "http://www.w3.org/2001/XMLSchema";

/// The simple types of XML Schema that the contracts use.
const VALUES: &[&str] = &[
    "anyURI",
    "base64Binary",
    "boolean",
    "byte",
    "dateTime",
    "decimal",
    "double",
    "duration",
    "float",
    "int",
    "long",
    "QName",
    "short",
    "string",
    "unsignedByte",
    "unsignedInt",
    "unsignedLong",
    "unsignedShort",
];

/// Reads a WSDL and its schemas; describes everything its messages reach.
pub(crate) fn facts(wsdl: &Path) -> Result<Facts> {
    let (imports, parts) = read_wsdl(wsdl)?;
    // `Config` would do the same steps, and then merge types that look alike.
    let mut parser = Parser::new().with_default_resolver().with_default_namespaces();
    for import in &imports {
        parser = parser.add_schema_from_file(import)?;
    }
    let schemas = parser.finish();
    let namespaces: BTreeMap<NamespaceId, String> = schemas
        .namespaces()
        .map(|(id, info)| (*id, info.namespace.as_ref().map(ToString::to_string).unwrap_or_default()))
        .collect();
    let xs = namespaces.iter().find(|(_, name)| *name == XS).map(|(id, _)| *id).ok_or("no namespace for XML Schema")?;
    let mut interpreter = Interpreter::new(&schemas).with_buildin_types()?.with_xs_any_type()?;
    // Its own definitions say only which Rust type a value has: base64Binary would be one with string.
    for name in VALUES {
        let value = TypeIdent::build_in(name).with_ns(xs);
        interpreter = interpreter.with_type(value.clone(), BuildInMeta::String)?;
        interpreter = interpreter.with_type(TypeIdent::type_(name).with_ns(xs), ReferenceMeta::new(value))?;
    }
    let schema = Schema { types: interpreter.finish()?.0, namespaces };
    let mut facts = Facts::default();
    for part in &parts {
        schema.element(part, &mut facts)?;
    }
    Ok(facts)
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

struct Schema {
    types: MetaTypes,
    namespaces: BTreeMap<NamespaceId, String>,
}

impl Schema {
    fn element(&self, name: &str, facts: &mut Facts) -> Result<()> {
        let is_it =
            |ident: &TypeIdent| ident.type_ == IdentType::Element && self.qualified(ident.ns, &ident.name) == name;
        let found = self.types.items.iter().find(|(ident, _)| ident.name.is_named() && is_it(ident));
        let Some(MetaTypeVariant::Reference(reference)) = found.map(|(_, found)| &found.variant) else {
            return Err(format!("no element {name}").into());
        };
        let place = format!("element {name}");
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
        facts.say(place, "type", self.name(ident) + &through);
        match ident.type_ {
            _ if self.is_xs(ident) => Ok(()),
            IdentType::Type => self.named(ident, facts),
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
        let (complex, elements) = match self.types.get_variant(ident) {
            Some(MetaTypeVariant::Enumeration(enumeration)) => {
                facts.say_list(place, "values", enumeration.variants.iter().map(|one| one.ident.name.to_string()));
                return Ok(());
            }
            Some(MetaTypeVariant::ComplexType(complex)) => (complex, self.elements(complex)),
            _ => return Err(format!("{place}: neither enumeration nor complex type").into()),
        };
        let elements = elements.ok_or_else(|| format!("{place}: more than a sequence of elements"))?;
        facts.say(place, "base", complex.base.as_ident().map_or("none".to_owned(), |base| self.name(base)));
        let derived: BTreeMap<String, &TypeIdent> =
            self.types.items.keys().filter(|one| self.extends(one, ident)).map(|one| (self.name(one), one)).collect();
        facts.say_list(place, "derived", derived.keys().cloned());
        derived.into_values().try_for_each(|one| self.named(one, facts))?;

        let name = |element: &ElementMeta| match element.form {
            FormChoiceType::Qualified => self.qualified(element.ident.ns, &element.ident.name),
            FormChoiceType::Unqualified => element.ident.name.to_string(),
        };
        facts.say_list(place, "fields", elements.iter().map(|(element, _)| format!("element {}", name(element))));
        for (element, ty) in elements {
            let place = format!("{place}/{}", name(element));
            let max = match element.max_occurs {
                MaxOccurs::Bounded(max) => Some(max),
                MaxOccurs::Unbounded => None,
            };
            facts.say_field(&place, element.min_occurs, max, element.nillable);
            self.value(&place, ty, facts)?;
        }
        Ok(())
    }

    /// The elements of a type with their types, if that is all it has; `xsd-parser` puts those of the base first.
    fn elements<'s>(&'s self, complex: &'s ComplexMeta) -> Option<Vec<(&'s ElementMeta, &'s TypeIdent)>> {
        let once = complex.min_occurs == 1 && complex.max_occurs == MaxOccurs::Bounded(1);
        if !once || complex.is_mixed || complex.is_dynamic || !complex.attributes.is_empty() {
            return None;
        }
        let Some(content) = &complex.content else { return Some(Vec::new()) };
        let Some(MetaTypeVariant::Sequence(group)) = self.types.get_variant(content) else { return None };
        let typed = group.elements.iter().map(|element| match &element.variant {
            ElementMetaVariant::Type { type_, mode: ElementMode::Element } => Some((element, type_)),
            _ => None,
        });
        typed.collect()
    }

    /// Directly or not.
    fn extends(&self, ident: &TypeIdent, base: &TypeIdent) -> bool {
        let parent = |ident: &TypeIdent| match self.types.get_variant(ident) {
            Some(MetaTypeVariant::ComplexType(complex)) => complex.base.as_ident(),
            _ => None,
        };
        std::iter::successors(parent(ident), |one| parent(one)).any(|one| one == base)
    }

    fn is_xs(&self, ident: &TypeIdent) -> bool {
        self.namespaces.get(&ident.ns).is_some_and(|namespace| namespace == XS)
    }

    /// As the generator writes it.
    fn name(&self, ident: &TypeIdent) -> String {
        match ident.type_ {
            _ if self.is_xs(ident) => format!("xs:{}", ident.name),
            IdentType::Type => self.qualified(ident.ns, &ident.name),
            _ => "anonymous".to_owned(),
        }
    }

    fn qualified(&self, namespace: NamespaceId, local: &Name) -> String {
        format!("{{{}}}{local}", self.namespaces.get(&namespace).map_or("", String::as_str))
    }
}
