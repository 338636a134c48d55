//! What the configuration says of single fields.

use serde::Deserialize;

/// How a field is generated.
///
/// ```toml
/// [field."{urn:shop}Order/amount"]
/// as = "text"
///
/// [field."*/customerNo"]
/// name = "customer"
/// sensitive = true
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct FieldConfig {
    /// What its member is, in the place of the Rust type that its simple type has.
    pub r#as: Option<FieldForm>,
    /// The name of its member, in the place of one made from its name on the wire, which stays a search alias.
    pub name: Option<String>,
    /// Whether it must not be printed, whatever its name and its type are.
    pub sensitive: Option<bool>,
}

/// What a member can be in the place of the Rust type of its simple type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldForm {
    /// A `String` with exactly the text of the message: for values beyond what the Rust type holds.
    Text,
    /// A document: XML that travels as a text. A value of a type that was generated for its schema goes in and comes out.
    Document,
}

/// A rule for texts that a service enforces and its schema does not state. Checked before a request is sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct TextRule {
    /// Patterns over `{namespace}Type/field` (`*` is a wildcard). A header part counts as a field of the element in the
    /// body.
    pub fields: Vec<String>,
    /// Characters that must not occur.
    pub without: String,
    /// The text is a file name with an extension.
    pub extension: bool,
    /// The text is written as a CDATA section. Only of fields that hold a document.
    pub cdata: bool,
}
