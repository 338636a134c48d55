//! Attributes of a document: the one place where their texts become names, references, numbers and truth values.
//!
//! White space around a value is dropped first, as XML Schema says of all of these types (`collapse`). What is then none
//! is reported where it stands; whoever reads on may use what is given in its place, as nothing comes of the run.

use std::collections::BTreeMap;

use roxmltree::{ExpandedName, Node};

use crate::diagnostic::{At, Report};
use crate::document::xml::{self, Document};
use crate::document::xsd::builtin;
use crate::name::{QName, is_ncname};

const NAME_HELP: &str =
    "a name (NCName) begins with a letter or `_`; letters, digits, `.`, `-` and `_` follow, and no space or colon";

/// Reads the attributes of one document.
#[derive(Debug)]
pub(crate) struct Attributes<'r, 'd, 't> {
    document: &'r Document<'d>,
    /// The target namespace.
    own: String,
    /// References without a prefix, or with one that is not declared, into other namespaces than its own: each with the
    /// first place. Some of them forget the prefix of a namespace that is there.
    unprefixed: BTreeMap<QName, At>,
    report: &'r mut Report<'t>,
}

impl<'r, 'd, 't> Attributes<'r, 'd, 't> {
    pub(crate) fn new(document: &'r Document<'d>, own: impl Into<String>, report: &'r mut Report<'t>) -> Self {
        Self { document, own: own.into(), unprefixed: BTreeMap::new(), report }
    }

    /// Ends reading: the references without a prefix.
    pub(crate) fn unprefixed(self) -> BTreeMap<QName, At> {
        self.unprefixed
    }

    /// The document they are of.
    pub(crate) fn document(&self) -> &'r Document<'d> {
        self.document
    }

    /// The place of a node.
    pub(crate) fn at(&self, node: Node<'_, '_>) -> At {
        self.document.at(node)
    }

    /// Reports an error.
    pub(crate) fn error(&mut self, at: At, message: impl Into<String>, help: &str) {
        self.report.error(at, message, help);
    }

    /// A required name.
    pub(crate) fn name(&mut self, node: Node<'_, '_>, attribute: &str) -> String {
        let name = self.optional_name(node, attribute);
        name.unwrap_or_else(|| self.missing(node, attribute))
    }

    /// A name.
    pub(crate) fn optional_name<'n, 'm>(
        &mut self,
        node: Node<'_, '_>,
        attribute: impl Into<ExpandedName<'n, 'm>>,
    ) -> Option<String> {
        let attribute = attribute.into();
        let name = xml::attribute(node, attribute)?;
        self.check(node, attribute.name(), "a name", NAME_HELP, is_ncname(name));
        Some(name.to_owned())
    }

    /// A list of names.
    pub(crate) fn names(&mut self, node: Node<'_, '_>, attribute: &str) -> Option<Vec<String>> {
        let names: Vec<&str> = xml::items(xml::attribute(node, attribute)?).collect();
        self.check(node, attribute, "a list of names", NAME_HELP, names.iter().all(|name| is_ncname(name)));
        Some(names.into_iter().map(str::to_owned).collect())
    }

    /// A required reference to a component.
    pub(crate) fn reference(&mut self, node: Node<'_, '_>, attribute: &str) -> QName {
        let name = self.optional_reference(node, attribute);
        name.unwrap_or_else(|| QName { local: self.missing(node, attribute), ..QName::default() })
    }

    /// A reference to a component.
    pub(crate) fn optional_reference(&mut self, node: Node<'_, '_>, attribute: &str) -> Option<QName> {
        let value = xml::attribute(node, attribute)?;
        Some(self.qname(node, attribute, value))
    }

    /// A list of references.
    pub(crate) fn references(&mut self, node: Node<'_, '_>, attribute: &str) -> Vec<QName> {
        let value = xml::attribute(node, attribute).unwrap_or("");
        xml::items(value).map(|item| self.qname(node, attribute, item)).collect()
    }

    /// A truth value; false if there is none.
    pub(crate) fn flag<'n, 'm>(&mut self, node: Node<'_, '_>, attribute: impl Into<ExpandedName<'n, 'm>>) -> bool {
        let attribute = attribute.into();
        let Some(value) = xml::attribute(node, attribute) else { return false };
        let is_value = matches!(value, "true" | "false" | "1" | "0");
        self.check(node, attribute.name(), "true or false", "write true, false, 1 or 0", is_value);
        xml::is_true(value)
    }

    /// A number of occurrences, or `unbounded`: `None`. One that is too large for this program is its largest.
    pub(crate) fn count(&mut self, node: Node<'_, '_>, attribute: &str, may_be_unbounded: bool) -> Option<u32> {
        let Some(value) = xml::attribute(node, attribute) else { return Some(1) };
        if may_be_unbounded && value == "unbounded" {
            return None;
        }
        let digits = value.strip_prefix('+').unwrap_or(value);
        let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        let help = if may_be_unbounded { "write a number, or \"unbounded\"" } else { "write a number" };
        self.check(node, attribute, "a number", help, is_number);
        Some(if is_number { digits.parse().unwrap_or(u32::MAX) } else { 1 })
    }

    /// A qualified name, as the value or a part of the value of an attribute.
    pub(crate) fn qname(&mut self, node: Node<'_, '_>, attribute: &str, value: &str) -> QName {
        let is_name = match value.split_once(':') {
            Some((prefix, local)) => is_ncname(prefix) && is_ncname(local),
            None => is_ncname(value),
        };
        self.check(node, attribute, "a qualified name", "write it as name or prefix:name", is_name);
        let name = xml::qname(node, value);
        let is_prefixed = value.contains(':') && !name.local.contains(':');
        if !is_prefixed && name.namespace != self.own && builtin::known(&name).is_none() {
            self.unprefixed.entry(name.clone()).or_insert_with(|| self.document.at(node));
        }
        name
    }

    fn missing(&mut self, node: Node<'_, '_>, attribute: &str) -> String {
        let message = format!("`{}` without `{attribute}`", xml::written(node));
        self.report.error(self.document.at(node), message, format!("add {attribute}=\"…\""));
        String::new()
    }

    fn check(&mut self, node: Node<'_, '_>, attribute: &str, what: &str, help: &str, holds: bool) {
        if !holds {
            let message = format!("`{attribute}` of `{}` is not {what}", xml::written(node));
            self.report.error(self.document.at(node), message, help);
        }
    }
}
