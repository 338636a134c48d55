//! Methods of generated types that only the knowledge of a service can give.

use serde::Deserialize;

/// A method that gives a member of a type where another member has a certain value.
///
/// ```toml
/// [[accessor]]
/// types = ["{urn:shop}Reference"]
/// name = "order_number"
/// documentation = "The number of the order, if this refers to one."
/// gives = "value"
/// where = "kind"
/// is = "OrderNumber"
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Accessor {
    /// Patterns over `{namespace}Type` (`*` is a wildcard).
    pub types: Vec<String>,
    /// The method.
    pub name: String,
    /// Its documentation.
    pub documentation: String,
    /// The field that it gives: a text.
    pub gives: String,
    /// The field that decides: a text, a number or one of a list of values.
    pub r#where: String,
    /// The text that it has then.
    pub is: String,
}

/// A method that says what a value of a type is about, by a code and by texts in it.
///
/// ```toml
/// [[classification]]
/// type = "{urn:shop}Fault"
/// name = "FaultKind"
/// method = "kind"
/// code = "number"
/// texts = ["message"]
///
/// [[classification.kinds]]
/// name = "SoldOut"
/// documentation = "There is none left."
/// codes = ["17", "20-29"]
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Classification {
    /// The type, as `{namespace}LocalName`.
    pub r#type: String,
    /// The enum of its kinds.
    pub name: String,
    /// Documentation of the enum.
    pub documentation: String,
    /// The method that gives one of them.
    pub method: String,
    /// The field with the code: a number or a text.
    pub code: String,
    /// Fields with texts.
    pub texts: Vec<String>,
    /// The first that fits is the kind; where none does, it is `Other`.
    pub kinds: Vec<ClassificationKind>,
}

/// One of the kinds of a [`Classification`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ClassificationKind {
    /// The variant. Several entries may have one name: each of them means it.
    pub name: String,
    /// Its documentation; of the first entry of this name.
    pub documentation: String,
    /// Codes, and ranges of numbers as `20-29`; empty for any code.
    pub codes: Vec<String>,
    /// Patterns over texts (`*` is a wildcard, case does not count), one of which one of the texts has; empty for any texts.
    pub texts: Vec<String>,
}

impl Classification {
    /// What is wrong with it in itself.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut found = Vec::new();
        for kind in &self.kinds {
            if kind.codes.is_empty() && kind.texts.is_empty() {
                found.push(format!("kind `{}` has neither codes nor texts, so all would be of it", kind.name));
            }
            for code in &kind.codes {
                let bounds = code.split_once('-').map(|(from, to)| (from.parse::<u32>(), to.parse::<u32>()));
                if bounds.is_some_and(|bounds| !matches!(bounds, (Ok(from), Ok(to)) if from < to)) {
                    found.push(format!("`{code}` is no range of numbers"));
                }
            }
        }
        found
    }
}
