//! Reads `xs:schema` into the model, as written.

use roxmltree::Node;

use crate::diagnostic::{At, Report};
use crate::document::xml::{self, Document, XS};
use crate::document::xsd::model::*;
use crate::name::QName;

/// Reads a schema. `adopted` is the namespace of the including schema, which a schema without
/// target namespace takes over.
pub(crate) fn schema(
    document: &Document<'_>,
    node: Node<'_, '_>,
    adopted: Option<&str>,
    report: &mut Report<'_>,
) -> Schema {
    let stated = xml::attribute(node, "targetNamespace");
    let target = stated.or(adopted).unwrap_or("").to_owned();
    let mut reader = SchemaReader {
        document,
        elements_qualified: xml::attribute(node, "elementFormDefault") == Some("qualified"),
        attributes_qualified: xml::attribute(node, "attributeFormDefault") == Some("qualified"),
        // Its unqualified references then mean the adopted namespace too.
        adopts: stated.is_none() && adopted.is_some(),
        target,
        report,
    };
    let mut schema = Schema { target_namespace: reader.target.clone(), ..Schema::default() };
    for (name, child) in xml::children_in(node, XS) {
        let at = document.at(child);
        match name {
            "import" | "include" => schema.links.push(Link {
                at,
                namespace: (name == "import").then(|| xml::attribute(child, "namespace").unwrap_or("").to_owned()),
                location: xml::attribute(child, "schemaLocation").map(str::to_owned),
            }),
            "redefine" | "override" => reader.report.error(
                at,
                format!("`xs:{name}` is not supported"),
                "write the changed components into a schema of their own",
            ),
            "element" => schema.elements.push(reader.element(child, true)),
            "attribute" => schema.attributes.push(reader.attribute(child, true)),
            "complexType" => {
                let name = reader.global_name(child);
                schema.complex_types.push(reader.complex_type(child, Some(name)));
            }
            "simpleType" => {
                let name = reader.global_name(child);
                schema.simple_types.push(reader.simple_type(child, Some(name)));
            }
            "group" => {
                let name = reader.global_name(child);
                let particle = reader.content(child);
                schema.groups.push(Group { at, name, particle });
            }
            "attributeGroup" => {
                let name = reader.global_name(child);
                let attributes = reader.attribute_uses(child);
                schema.attribute_groups.push(AttributeGroup { at, name, attributes });
            }
            _ => {}
        }
    }
    schema
}

struct SchemaReader<'r, 'd, 't> {
    document: &'r Document<'d>,
    target: String,
    elements_qualified: bool,
    attributes_qualified: bool,
    adopts: bool,
    report: &'r mut Report<'t>,
}

impl SchemaReader<'_, '_, '_> {
    fn at(&self, node: Node<'_, '_>) -> At {
        self.document.at(node)
    }

    fn name_of(&mut self, node: Node<'_, '_>, qualified: bool) -> QName {
        let local = xml::required(self.document, node, "name", self.report).to_owned();
        QName { namespace: if qualified { self.target.clone() } else { String::new() }, local }
    }

    fn global_name(&mut self, node: Node<'_, '_>) -> QName {
        self.name_of(node, true)
    }

    fn reference(&self, node: Node<'_, '_>, value: &str) -> QName {
        let mut name = xml::qname(node, value);
        if self.adopts && name.namespace.is_empty() {
            name.namespace.clone_from(&self.target);
        }
        name
    }

    fn reference_attribute(&self, node: Node<'_, '_>, attribute: &str) -> Option<QName> {
        xml::attribute(node, attribute).map(|value| self.reference(node, value))
    }

    fn required_reference(&mut self, node: Node<'_, '_>, attribute: &str) -> QName {
        let value = xml::required(self.document, node, attribute, self.report).to_owned();
        self.reference(node, &value)
    }

    fn is_qualified(&self, node: Node<'_, '_>, default: bool) -> bool {
        xml::attribute(node, "form").map_or(default, |form| form == "qualified")
    }

    fn element(&mut self, node: Node<'_, '_>, global: bool) -> Element {
        let qualified = global || self.is_qualified(node, self.elements_qualified);
        Element {
            at: self.at(node),
            name: self.name_of(node, qualified),
            content: self.type_of(node),
            nillable: xml::flag(node, "nillable"),
            is_abstract: xml::flag(node, "abstract"),
            substitutes: self.reference_attribute(node, "substitutionGroup"),
            preset: preset(node),
            annotation: annotation(node),
        }
    }

    fn attribute(&mut self, node: Node<'_, '_>, global: bool) -> Attribute {
        let qualified = global || self.is_qualified(node, self.attributes_qualified);
        Attribute {
            at: self.at(node),
            name: self.name_of(node, qualified),
            content: self.type_of(node),
            preset: preset(node),
            annotation: annotation(node),
        }
    }

    fn type_of(&mut self, node: Node<'_, '_>) -> ElementType {
        if let Some(name) = self.reference_attribute(node, "type") {
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
            is_abstract: xml::flag(node, "abstract"),
            mixed: xml::flag(node, "mixed"),
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
        ty.mixed |= xml::flag(content, "mixed");
        let step = xml::children_in(content, XS).find(|(name, _)| matches!(*name, "extension" | "restriction"));
        let Some((step, node)) = step else {
            let at = self.at(content);
            self.report.error(at, format!("`xs:{kind}` holds neither extension nor restriction"), "");
            return ty;
        };
        let base = self.required_reference(node, "base");
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
            "element" => match self.reference_attribute(node, "ref") {
                Some(name) => Term::Reference(name),
                None => Term::Element(Box::new(self.element(node, false))),
            },
            "group" => Term::Group(self.required_reference(node, "ref")),
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
        let min = xml::attribute(node, "minOccurs").map_or(Ok(1), str::parse);
        let max = match xml::attribute(node, "maxOccurs") {
            Some("unbounded") => Ok(None),
            Some(number) => number.parse().map(Some),
            None => Ok(Some(1)),
        };
        match (min, max) {
            (Ok(min), Ok(max)) if max.is_none_or(|max| min <= max) => Occurs { min, max },
            // Invalid, but found in published contracts: minOccurs="2" alone, or minOccurs="1" maxOccurs="0".
            (Ok(min), Ok(max)) => Occurs { min: min.min(max.unwrap_or(min)), max },
            _ => {
                let at = self.at(node);
                self.report.error(at, "minOccurs or maxOccurs is not a number", "write a number, or \"unbounded\"");
                Occurs::ONCE
            }
        }
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
                "attribute" => match self.reference_attribute(child, "ref") {
                    Some(name) => AttributeUse::Reference { at: self.at(child), name, usage, preset: preset(child) },
                    None => AttributeUse::Local(self.attribute(child, false), usage),
                },
                "attributeGroup" => AttributeUse::Group(self.required_reference(child, "ref"), self.at(child)),
                "anyAttribute" => AttributeUse::Wildcard,
                _ => continue,
            });
        }
        uses
    }

    fn simple_type(&mut self, node: Node<'_, '_>, name: Option<QName>) -> SimpleType {
        let at = self.at(node);
        let variety = xml::children_in(node, XS).find_map(|(name, child)| match name {
            "restriction" => Some(self.simple_restriction(child)),
            "list" => Some(Variety::List),
            "union" => {
                let members = xml::attribute(child, "memberTypes").unwrap_or("");
                Some(Variety::Union {
                    named: members.split_whitespace().map(|member| self.reference(child, member)).collect(),
                    inline: xml::children_in(child, XS)
                        .filter(|(name, _)| *name == "simpleType")
                        .map(|(_, member)| self.simple_type(member, None))
                        .collect(),
                })
            }
            _ => None,
        });
        let variety = variety.unwrap_or_else(|| {
            self.report.error(at, "`xs:simpleType` holds no restriction, list or union", "");
            Variety::List
        });
        SimpleType { at, name, annotation: annotation(node), variety }
    }

    fn simple_restriction(&mut self, node: Node<'_, '_>) -> Variety {
        let base = match self.reference_attribute(node, "base") {
            Some(name) => SimpleBase::Named(name),
            None => match xml::children_in(node, XS).find(|(name, _)| *name == "simpleType") {
                Some((_, child)) => SimpleBase::Inline(Box::new(self.simple_type(child, None))),
                None => SimpleBase::Named(self.required_reference(node, "base")),
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
