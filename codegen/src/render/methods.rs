//! Methods of types beside those that all have, and the enums that they give.

use crate::render::text::{Code, Ident, Literal, Text};
use crate::rust::model::{Kinds, MemberText, TypeMethod};

/// An enum of kinds, and how each is known.
pub(super) fn kinds(kinds: &Kinds<'_>) -> Vec<Text> {
    let mut item = Text::default();
    item.docs(0, &kinds.docs);
    item.line(0, "#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]", &[]);
    item.line(0, "#[non_exhaustive]", &[]);
    item.line(0, "pub enum $ {", &[&Ident(kinds.name)]);
    for (variant, docs) in &kinds.variants {
        item.docs(4, docs);
        item.line(4, "$,", &[&Ident(variant)]);
    }
    item.line(4, "/// Anything else.", &[]);
    item.line(4, "Other,", &[]);
    item.line(0, "}", &[]);
    let mut table = Text::default();
    table.line(0, "v1::kinds!($ {", &[&Ident(kinds.name)]);
    for rule in &kinds.rules {
        let list = |texts: &[&str]| Code::join(texts.iter().map(|text| Literal(text)), ", ");
        table.line(4, "$ [$] [$],", &[&Ident(rule.variant), &list(&rule.codes), &list(&rule.texts)]);
    }
    table.line(0, "});", &[]);
    vec![item, table]
}

/// A method of the struct of this name.
pub(super) fn method(of: Ident<'_>, method: &TypeMethod<'_>) -> Text {
    let mut text = Text::default();
    match method {
        TypeMethod::Kind { name, kinds, code, texts } => {
            let texts = Code::join(texts.iter().map(member), ", ");
            let pieces = (Ident(name), member(code));
            text.line(0, "v1::classification!($, $ -> $, $, [$]);", &[&of, &pieces.0, kinds, &pieces.1, &texts]);
        }
        TypeMethod::Accessor { name, docs, gives, decides, is } => {
            text.line(0, "v1::accessor!(", &[]);
            text.docs(4, docs);
            let pieces = (Ident(name), member(gives), member(decides), Literal(is));
            text.line(4, "$, $ -> $, $ = $", &[&of, &pieces.0, &pieces.1, &pieces.2, &pieces.3]);
            text.line(0, ");", &[]);
        }
    }
    text
}

/// `[name]`, or `[name ?]` for an `Option`.
fn member(member: &MemberText) -> Code {
    let skeleton = if member.is_optional { "[$ ?]" } else { "[$]" };
    Code::new(skeleton, &[&Ident(&member.name)])
}
