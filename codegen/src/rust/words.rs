//! Splits XML names into words and joins them to Rust names.
//!
//! Digits stay with the letters before them, and a version (`V2`) is a word of its own:
//! `GetReceiptECV2` is `get_receipt_ec_v2`, `MD5Hash` is `md5_hash`.

use std::borrow::Cow;

use heck::{ToShoutySnakeCase, ToUpperCamelCase};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::rust::keywords;

/// The words of an XML name, in lower case.
///
/// Whatever no identifier may hold separates words. `_x003C_`, as .NET writes such a character in an XML
/// name, is that character.
pub(super) fn split(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let decoded = composed(&decode(name));
    // what the C# compiler calls the field behind a property
    let property = decoded.strip_prefix('<').and_then(|rest| rest.strip_suffix(">k__BackingField"));
    for part in property.unwrap_or(&decoded).split(|c: char| !c.is_alphabetic() && !c.is_ascii_digit()) {
        let chars: Vec<char> = part.chars().collect();
        let mut start = 0;
        for at in 1..chars.len() {
            if starts_word(&chars, at) {
                words.push(chars[start..at].iter().flat_map(|c| c.to_lowercase()).collect());
                start = at;
            }
        }
        if start < chars.len() {
            words.push(chars[start..].iter().flat_map(|c| c.to_lowercase()).collect());
        }
    }
    words
}

/// Whether a new word begins at `at`, which is not the first place.
fn starts_word(chars: &[char], at: usize) -> bool {
    let (before, here) = (chars[at - 1], chars[at]);
    if !here.is_uppercase() {
        return false;
    }
    if !before.is_uppercase() {
        return true;
    }
    let is = |offset: usize, test: fn(char) -> bool| chars.get(at + offset).is_some_and(|c| test(*c));
    // `IDs`: the plural of an acronym is one word.
    let plural = is(1, |c| c == 's') && !is(2, char::is_lowercase);
    (is(1, char::is_lowercase) && !plural) || (here == 'V' && is(1, |c| c.is_ascii_digit()))
}

/// `snake_case`; a leading digit gets an underscore, a name without any letter or digit is spelt in hex.
pub(super) fn snake(name: &str) -> String {
    let snake = split(name).join("_");
    legal(&snake)
        .unwrap_or_else(|| if name.is_empty() { "empty".to_owned() } else { format!("x_{}", hex(name).join("_")) })
}

/// `SHOUTY_SNAKE_CASE`.
pub(super) fn shouty(name: &str) -> String {
    let snake = snake(name);
    let shouty = snake.to_shouty_snake_case();
    // heck drops the underscore in front of a digit
    composed(&if snake.starts_with('_') { format!("_{shouty}") } else { shouty })
}

/// `UpperCamelCase`, or the name itself where it already is one.
pub(super) fn upper_camel(name: &str) -> String {
    let name = &composed(name);
    if is_upper_camel(name) {
        return name.to_owned();
    }
    let camel = split(name).join("_").to_upper_camel_case();
    legal(&camel)
        .unwrap_or_else(|| if name.is_empty() { "Empty".to_owned() } else { format!("X{}", hex(name).concat()) })
}

/// Whether a name is an identifier in the style that lints expect.
fn is_upper_camel(name: &str) -> bool {
    name.chars().next().is_some_and(char::is_uppercase)
        && name.chars().all(|c| c.is_alphabetic() || c.is_ascii_digit())
        && is_identifier(name)
}

/// `candidate`, with an underscore before a leading digit, if that makes an identifier or a keyword.
fn legal(candidate: &str) -> Option<String> {
    let digit = candidate.starts_with(|c: char| c.is_ascii_digit());
    let candidate = format!("{}{candidate}", if digit { "_" } else { "" });
    let candidate = composed(&candidate);
    // with the underscore behind, keywords pass
    (!candidate.is_empty() && is_identifier(&format!("{candidate}_"))).then_some(candidate)
}

/// As the compiler takes a name, to which two that differ only in how their letters are composed are one; and without
/// letters that are only another form of some, such as ligatures, of which it warns.
fn composed(name: &str) -> String {
    if name.is_ascii() { name.to_owned() } else { name.nfkc().collect() }
}

/// Whether a text is an identifier as the compiler takes it, and no keyword.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    let starts = chars.next().is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c));
    starts && chars.all(unicode_ident::is_xid_continue) && is_nfc(text) && !keywords::is_keyword(text)
}

/// The text, if it is an identifier, raw or not; else an identifier that spells it. Whatever stands in generated code as
/// a name went through here.
pub(crate) fn identifier(text: &str) -> Cow<'_, str> {
    let is_name = match text.strip_prefix("r#") {
        Some(raw) => keywords::member(raw) == text,
        None => is_identifier(text),
    };
    if is_name { Cow::Borrowed(text) } else { Cow::Owned(format!("x_{}", hex(text).concat())) }
}

fn hex(name: &str) -> Vec<String> {
    name.chars().map(|c| format!("{:02x}", u32::from(c))).collect()
}

/// Replaces every `_xHHHH_` by its character.
fn decode(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find("_x") {
        let code = rest.get(at + 2..at + 6).filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'));
        match code.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32) {
            Some(c) => {
                text.push_str(&rest[..at]);
                text.push(c);
                rest = &rest[at + 7..];
            }
            None => {
                text.push_str(&rest[..at + 2]);
                rest = &rest[at + 2..];
            }
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snake_case() {
        for (name, expected) in [
            ("GetReceiptBasicV2", "get_receipt_basic_v2"),
            ("GetReceiptECV2", "get_receipt_ec_v2"),
            ("GetArchivedFormTaskEC2", "get_archived_form_task_ec2"),
            ("FormSetElementBEV2", "form_set_element_be_v2"),
            ("ReporteeElementBEV2Lis", "reportee_element_be_v2_lis"),
            ("userSSN", "user_ssn"),
            ("UserSSN", "user_ssn"),
            ("PIN", "pin"),
            ("reporteeElementID", "reportee_element_id"),
            ("AttachmentIDs", "attachment_ids"),
            ("IDsOfUsers", "ids_of_users"),
            ("GetAttachmentDataECStreamed", "get_attachment_data_ec_streamed"),
            ("ABook", "a_book"),
            ("MD5Hash", "md5_hash"),
            ("base64Binary", "base64_binary"),
            ("_x003C_EndUserSystemReference_x003E_k__BackingField", "end_user_system_reference"),
            ("_x003C_Of_x003E_", "of"),
            ("has-dash.and_dot", "has_dash_and_dot"),
            ("_leading", "leading"),
            ("2fast", "_2fast"),
            ("Straßenübergang", "straßenübergang"),
            ("+", "x_2b"),
            ("<=", "x_3c_3d"),
            ("", "empty"),
            ("_x", "x"),
            ("V2", "v2"),
        ] {
            assert_eq!(snake(name), expected, "{name}");
        }
    }

    #[test]
    fn upper_camel_case() {
        for (name, expected) in [
            ("ReceiptExternalStreamedBE", "ReceiptExternalStreamedBE"),
            ("OK", "OK"),
            ("getData", "GetData"),
            ("read_only", "ReadOnly"),
            ("READ_ONLY", "ReadOnly"),
            ("V1_2", "V12"),
            ("2014", "_2014"),
            ("A4 paper", "A4Paper"),
            ("Å", "Å"),
            // the signs for Kelvin and Ångström, and Hangul in its parts
            ("\u{212A}", "K"),
            ("\u{212B}ngstr\u{212A}", "ÅngstrK"),
            ("A\u{30A}", "Å"),
            ("X\u{1100}\u{1161}", "X\u{AC00}"),
            ("\u{FB01}sh", "Fish"),
            ("+", "X2b"),
            ("", "Empty"),
            ("self", "Self"),
        ] {
            assert_eq!(upper_camel(name), expected, "{name}");
        }
    }

    #[test]
    fn shouty_snake_case() {
        assert_eq!(shouty("GetReceiptBasicV2"), "GET_RECEIPT_BASIC_V2");
        assert_eq!(shouty("2fast"), "_2FAST");
    }
}
