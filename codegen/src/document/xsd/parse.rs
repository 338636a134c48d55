//! Reads `xs:schema` into the model, as written.

use roxmltree::Node;

use crate::diagnostic::{At, Report};
use crate::document::attributes::Attributes;
use crate::document::xml::{self, Document, WSDL, XS};
use crate::document::xsd::model::*;
use crate::document::xsd::redefine::{self, Changes, Kind, MAX_REDEFINITIONS};
use crate::name::QName;

/// Reads a schema. `adopted` is the namespace of the including schema, which a schema without
/// target namespace takes over; `changes`, what schemas that redefine or override this one do to it.
pub(crate) fn schema(
    document: &Document<'_>,
    node: Node<'_, '_>,
    adopted: Option<&str>,
    changes: &Changes,
    report: &mut Report<'_>,
) -> Schema {
    let stated = xml::attribute(node, "targetNamespace");
    let target = stated.or(adopted).unwrap_or("").to_owned();
    let mut reader = SchemaReader {
        read: Attributes::new(document, target.as_str(), report),
        elements_qualified: xml::attribute(node, "elementFormDefault") == Some("qualified"),
        attributes_qualified: xml::attribute(node, "attributeFormDefault") == Some("qualified"),
        // Its unqualified references then mean the adopted namespace too.
        adopts: stated.is_none() && adopted.is_some(),
        target,
        changes,
    };
    let mut schema = Schema { target_namespace: reader.target.clone(), ..Schema::default() };
    for (name, child) in xml::children_in(node, XS) {
        let link = |namespace, changes| Link {
            at: document.at(child),
            namespace,
            location: xml::attribute(child, "schemaLocation").map(str::to_owned),
            changes,
        };
        match name {
            "import" => {
                let namespace = xml::attribute(child, "namespace").unwrap_or("").to_owned();
                schema.links.push(link(Some(namespace), Changes::default()));
            }
            "include" => schema.links.push(link(None, changes.clone())),
            "redefine" | "override" => {
                let changes = reader.changed(child, name == "redefine", &mut schema);
                schema.links.push(link(None, changes));
            }
            _ => reader.component(name, child, &mut schema),
        }
    }
    schema.unprefixed = reader.read.unprefixed();
    schema
}

struct SchemaReader<'r, 'd, 't> {
    read: Attributes<'r, 'd, 't>,
    target: String,
    elements_qualified: bool,
    attributes_qualified: bool,
    adopts: bool,
    changes: &'r Changes,
}

impl SchemaReader<'_, '_, '_> {
    fn at(&self, node: Node<'_, '_>) -> At {
        self.read.at(node)
    }

    /// Reads a global component, unless it is overridden.
    fn component(&mut self, name: &str, node: Node<'_, '_>, schema: &mut Schema) {
        let Some(kind) = Kind::of(name) else { return };
        let local = self.read.name(node, "name");
        let changes = self.changes;
        let Some(local) = changes.name(kind, &local) else { return };
        let at = self.at(node);
        let own = QName { namespace: self.target.clone(), local: local.to_owned() };
        match name {
            "element" => schema.elements.push(self.element(node, own)),
            "attribute" => schema.attributes.push(self.attribute(node, own)),
            "complexType" => schema.complex_types.push(self.complex_type(node, Some(own))),
            "simpleType" => schema.simple_types.push(self.simple_type(node, Some(own))),
            "group" => {
                let particle = self.content(node);
                schema.groups.push(Group { at, name: own, particle });
            }
            _ => {
                let attributes = self.attribute_uses(node);
                schema.attribute_groups.push(AttributeGroup { at, name: own, attributes });
            }
        }
    }

    /// The components inside of a redefinition or override, and what becomes of those in the document it leads to.
    fn changed(&mut self, node: Node<'_, '_>, is_redefinition: bool, schema: &mut Schema) -> Changes {
        let mut changes = self.changes.clone();
        for (name, child) in xml::children_in(node, XS) {
            let Some(kind) = Kind::of(name) else { continue };
            let mut found = Schema::default();
            self.component(name, child, &mut found);
            let local = xml::attribute(child, "name").unwrap_or("");
            if !is_redefinition {
                changes.overrides(kind, local);
            } else if let Some(before) = changes.redefines(kind, local) {
                let own = QName { namespace: self.target.clone(), local: local.to_owned() };
                redefine::refer(&mut found, kind, &own, &before);
            } else {
                let message = format!("`{local}` is redefined more than {MAX_REDEFINITIONS} times in a row");
                self.read.error(self.at(child), message, "");
                schema.append(found);
                return Changes::default();
            }
            schema.append(found);
        }
        changes
    }

    fn local_name(&mut self, node: Node<'_, '_>, qualified: bool) -> QName {
        let local = self.read.name(node, "name");
        QName { namespace: if qualified { self.target.clone() } else { String::new() }, local }
    }

    fn adopted(&self, mut name: QName) -> QName {
        if self.adopts && name.namespace.is_empty() {
            name.namespace.clone_from(&self.target);
        }
        name
    }

    fn optional_reference(&mut self, node: Node<'_, '_>, attribute: &str) -> Option<QName> {
        self.read.optional_reference(node, attribute).map(|name| self.adopted(name))
    }

    fn reference(&mut self, node: Node<'_, '_>, attribute: &str) -> QName {
        let name = self.read.reference(node, attribute);
        self.adopted(name)
    }

    fn is_qualified(&self, node: Node<'_, '_>, default: bool) -> bool {
        xml::attribute(node, "form").map_or(default, |form| form == "qualified")
    }

    fn local_element(&mut self, node: Node<'_, '_>) -> Element {
        let qualified = self.is_qualified(node, self.elements_qualified);
        let name = self.local_name(node, qualified);
        self.element(node, name)
    }

    fn element(&mut self, node: Node<'_, '_>, name: QName) -> Element {
        Element {
            at: self.at(node),
            name,
            content: self.type_of(node),
            nillable: self.read.flag(node, "nillable"),
            is_abstract: self.read.flag(node, "abstract"),
            substitutes: self.optional_reference(node, "substitutionGroup"),
            preset: preset(node),
            annotation: annotation(node),
        }
    }

    fn local_attribute(&mut self, node: Node<'_, '_>) -> Attribute {
        let qualified = self.is_qualified(node, self.attributes_qualified);
        let name = self.local_name(node, qualified);
        self.attribute(node, name)
    }

    fn attribute(&mut self, node: Node<'_, '_>, name: QName) -> Attribute {
        Attribute {
            at: self.at(node),
            name,
            content: self.type_of(node),
            preset: preset(node),
            annotation: annotation(node),
        }
    }

    fn type_of(&mut self, node: Node<'_, '_>) -> ElementType {
        if let Some(name) = self.optional_reference(node, "type") {
            return ElementType::Named(name);
        }
        for (name, child) in xml::children_in(node, XS) {
            match name {
                "complexType" => return ElementType::Complex(Box::new(self.complex_type(child, None))),
                "simpleType" => return ElementType::Simple(Box::new(self.simple_type(child, None))),
                _ => {}
            }
        }
        ElementType::Any
    }

    fn complex_type(&mut self, node: Node<'_, '_>, name: Option<QName>) -> ComplexType {
        let mut ty = ComplexType {
            at: self.at(node),
            name,
            is_abstract: self.read.flag(node, "abstract"),
            mixed: self.read.flag(node, "mixed"),
            derivation: Derivation::None,
            particle: None,
            attributes: Vec::new(),
            annotation: annotation(node),
        };
        let content = xml::children_in(node, XS).find(|(name, _)| matches!(*name, "complexContent" | "simpleContent"));
        let Some((kind, content)) = content else {
            ty.particle = self.content(node);
            ty.attributes = self.attribute_uses(node);
            return ty;
        };
        ty.mixed |= self.read.flag(content, "mixed");
        let step = xml::children_in(content, XS).find(|(name, _)| matches!(*name, "extension" | "restriction"));
        let Some((step, node)) = step else {
            let at = self.at(content);
            self.read.error(at, format!("`xs:{kind}` holds neither extension nor restriction"), "");
            return ty;
        };
        let base = self.reference(node, "base");
        ty.derivation = match (kind, step) {
            ("complexContent", "extension") => Derivation::Extension(base),
            ("complexContent", _) => Derivation::Restriction(base),
            (_, "extension") => Derivation::SimpleExtension(base),
            _ => {
                let inline = xml::children_in(node, XS).find(|(name, _)| *name == "simpleType");
                let inline = inline.map(|(_, child)| Box::new(self.simple_type(child, None)));
                Derivation::SimpleRestriction { base, inline, facets: facets(node) }
            }
        };
        if kind == "complexContent" {
            ty.particle = self.content(node);
        }
        ty.attributes = self.attribute_uses(node);
        ty
    }

    /// The one particle directly inside a type or group.
    fn content(&mut self, node: Node<'_, '_>) -> Option<Particle> {
        xml::children_in(node, XS).find_map(|(name, child)| match name {
            "sequence" | "all" | "choice" | "group" => self.particle(name, child),
            _ => None,
        })
    }

    fn particle(&mut self, name: &str, node: Node<'_, '_>) -> Option<Particle> {
        let term = match name {
            "element" => match self.optional_reference(node, "ref") {
                Some(name) => Term::Reference(name),
                None => Term::Element(Box::new(self.local_element(node))),
            },
            "group" => Term::Group(self.reference(node, "ref")),
            "sequence" => Term::Sequence(self.particles(node)),
            "all" => Term::All(self.particles(node)),
            "choice" => Term::Choice(self.particles(node)),
            "any" => Term::Wildcard,
            _ => return None,
        };
        Some(Particle { at: self.at(node), occurs: self.occurs(node), term })
    }

    fn particles(&mut self, node: Node<'_, '_>) -> Vec<Particle> {
        xml::children_in(node, XS).filter_map(|(name, child)| self.particle(name, child)).collect()
    }

    fn occurs(&mut self, node: Node<'_, '_>) -> Occurs {
        let min = self.read.count(node, "minOccurs", false).unwrap_or(1);
        let max = self.read.count(node, "maxOccurs", true);
        // Invalid, but found in published contracts: minOccurs="2" alone, or minOccurs="1" maxOccurs="0".
        Occurs { min: min.min(max.unwrap_or(min)), max }
    }

    fn attribute_uses(&mut self, node: Node<'_, '_>) -> Vec<AttributeUse> {
        let mut uses = Vec::new();
        for (name, child) in xml::children_in(node, XS) {
            let usage = match xml::attribute(child, "use") {
                Some("required") => Use::Required,
                Some("prohibited") => Use::Prohibited,
                _ => Use::Optional,
            };
            uses.push(match name {
                "attribute" => match self.optional_reference(child, "ref") {
                    Some(name) => AttributeUse::Reference {
                        at: self.at(child),
                        name,
                        usage,
                        preset: preset(child),
                        array_type: self.array_type(child),
                    },
                    None => AttributeUse::Local(self.local_attribute(child), usage),
                },
                "attributeGroup" => AttributeUse::Group(self.reference(child, "ref"), self.at(child)),
                "anyAttribute" => AttributeUse::Wildcard,
                _ => continue,
            });
        }
        uses
    }

    /// `tns:Order[]`, of SOAP encoding.
    fn array_type(&mut self, node: Node<'_, '_>) -> Option<(QName, String)> {
        let value = xml::attribute(node, (WSDL, "arrayType"))?;
        let (item, brackets) = value.split_at(value.find('[')?);
        let item = self.read.qname(node, "wsdl:arrayType", item);
        Some((self.adopted(item), brackets.to_owned()))
    }

    fn simple_type(&mut self, node: Node<'_, '_>, name: Option<QName>) -> SimpleType {
        let at = self.at(node);
        let variety = xml::children_in(node, XS).find_map(|(name, child)| match name {
            "restriction" => Some(self.simple_restriction(child)),
            "list" => {
                let inline = xml::children_in(child, XS).find(|(name, _)| *name == "simpleType");
                Some(Variety::List(match (self.optional_reference(child, "itemType"), inline) {
                    (Some(name), _) => SimpleBase::Named(name),
                    (None, Some((_, item))) => SimpleBase::Inline(Box::new(self.simple_type(item, None))),
                    (None, None) => SimpleBase::Named(self.reference(child, "itemType")),
                }))
            }
            "union" => {
                let named = self.read.references(child, "memberTypes");
                Some(Variety::Union {
                    named: named.into_iter().map(|name| self.adopted(name)).collect(),
                    inline: xml::children_in(child, XS)
                        .filter(|(name, _)| *name == "simpleType")
                        .map(|(_, member)| self.simple_type(member, None))
                        .collect(),
                })
            }
            _ => None,
        });
        let variety = variety.unwrap_or_else(|| {
            self.read.error(at, "`xs:simpleType` holds no restriction, list or union", "");
            Variety::Union { named: Vec::new(), inline: Vec::new() }
        });
        SimpleType { at, name, annotation: annotation(node), variety }
    }

    fn simple_restriction(&mut self, node: Node<'_, '_>) -> Variety {
        let base = match self.optional_reference(node, "base") {
            Some(name) => SimpleBase::Named(name),
            None => match xml::children_in(node, XS).find(|(name, _)| *name == "simpleType") {
                Some((_, child)) => SimpleBase::Inline(Box::new(self.simple_type(child, None))),
                None => SimpleBase::Named(self.reference(node, "base")),
            },
        };
        let values = xml::children_in(node, XS)
            .filter(|(name, _)| *name == "enumeration")
            .map(|(_, child)| Value {
                value: child.attribute("value").unwrap_or("").to_owned(),
                annotation: annotation(child),
            })
            .collect();
        Variety::Restriction { base, facets: facets(node), values }
    }
}

fn preset(node: Node<'_, '_>) -> Preset {
    let text = |name| node.attribute(name).map(str::to_owned);
    Preset { default: text("default"), fixed: text("fixed") }
}

fn facets(node: Node<'_, '_>) -> Vec<Facet> {
    xml::children_in(node, XS)
        .filter(|(name, child)| *name != "enumeration" && child.has_attribute("value"))
        .map(|(name, child)| Facet {
            name: name.to_owned(),
            value: xml::attribute(child, "value").unwrap_or("").to_owned(),
        })
        .collect()
}

/// `xs:documentation`, and what WCF's XML comments exporter writes into `xs:appinfo`.
fn annotation(node: Node<'_, '_>) -> Annotation {
    let mut found = Annotation::default();
    for (_, annotation) in xml::children_in(node, XS).filter(|(name, _)| *name == "annotation") {
        for (name, child) in xml::children_in(annotation, XS) {
            match name {
                "documentation" => found.texts.push(markup(child)),
                "appinfo" => surrogates(child, &mut found),
                _ => {}
            }
        }
    }
    found
}

/// `Surrogate/Text`, `Surrogate/EnumText` and `Surrogate/Members`; other appinfo (numeric values of
/// enumerations, default values, dictionary marks) matters to .NET only.
fn surrogates(appinfo: Node<'_, '_>, found: &mut Annotation) {
    for surrogate in xml::children(appinfo).filter(|child| child.tag_name().name() == "Surrogate") {
        for part in xml::children(surrogate) {
            match part.tag_name().name() {
                "Text" | "EnumText" => found.texts.push(markup(part)),
                "Members" => {
                    for pair in xml::children(part) {
                        let text = |name| xml::children(pair).find(|child| child.tag_name().name() == name).map(markup);
                        if let (Some(key), Some(value)) = (text("Key"), text("Value")) {
                            found.members.push((key.trim().to_owned(), value));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    // Hand-written contracts put `<summary>` there without any wrapping.
    for child in xml::children(appinfo).filter(|child| child.tag_name().name() == "summary") {
        found.texts.push(markup(child));
    }
}

/// The text of a node, with its child elements as tags again.
pub(crate) fn markup(node: Node<'_, '_>) -> String {
    let mut text = String::new();
    append_markup(node, &mut text);
    text
}

fn append_markup(node: Node<'_, '_>, text: &mut String) {
    for child in node.children() {
        if child.is_text() {
            text.push_str(child.text().unwrap_or(""));
        } else if child.is_element() {
            let name = child.tag_name().name();
            text.push('<');
            text.push_str(name);
            for attribute in child.attributes() {
                text.push_str(&format!(" {}=\"{}\"", attribute.name(), attribute.value().replace('"', "'")));
            }
            text.push('>');
            append_markup(child, text);
            text.push_str(&format!("</{name}>"));
        }
    }
}
