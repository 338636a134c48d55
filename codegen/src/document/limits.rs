//! Limits of a document as text, looked at before it becomes a tree.
//!
//! What reads the tree recurses, and the library that makes it compares each attribute of an element with the others, and
//! each declaration of a namespace with those in force. Within the limits that is a constant for each octet.

use crate::document::dtd;

/// Elements inside one another; real contracts stay below 30.
pub(crate) const MAX_DEPTH: usize = 200;
/// Attributes of one element, declarations of namespaces among them.
pub(crate) const MAX_ATTRIBUTES: usize = 256;
/// Declarations of namespaces in force at one place; real contracts stay below 100.
pub(crate) const MAX_DECLARATIONS: usize = 256;

/// The first place where a document goes beyond a limit, and what is said of it.
///
/// Where a text is not well-formed, this ends: the parser says so.
pub(crate) fn exceeded(text: &str) -> Option<(usize, String)> {
    // Declarations on each of the elements that are open.
    let mut open: Vec<usize> = Vec::new();
    let mut in_force = 0;
    let mut may_have_type = true;
    let mut at = 0;
    while let Some(found) = text.get(at..)?.find('<') {
        let start = at + found;
        let tag = &text[start..];
        at = start
            + match tag.as_bytes() {
                [b'<', b'!', b'-', b'-', ..] => after(tag, "-->")?,
                [b'<', b'!', b'[', ..] => after(tag, "]]>")?,
                [b'<', b'?', ..] => after(tag, "?>")?,
                // Once, before the first element; the parser takes no other.
                [b'<', b'!', b'D', b'O', b'C', b'T', b'Y', b'P', b'E', ..] if may_have_type => {
                    may_have_type = false;
                    match dtd::checked(text, start) {
                        Ok(end) => end? - start,
                        Err(refused) => return Some(refused),
                    }
                }
                [b'<', b'!', ..] => return None,
                [b'<', b'/', ..] => {
                    in_force -= open.pop()?;
                    after(tag, ">")?
                }
                _ => {
                    may_have_type = false;
                    let Element { length, attributes, declarations, is_empty } = element(tag)?;
                    if open.len() >= MAX_DEPTH {
                        return Some((start, format!("elements are nested more than {MAX_DEPTH} deep")));
                    }
                    if attributes > MAX_ATTRIBUTES {
                        return Some((start, format!("the element has more than {MAX_ATTRIBUTES} attributes")));
                    }
                    if in_force + declarations > MAX_DECLARATIONS {
                        let what = format!("more than {MAX_DECLARATIONS} declarations of namespaces are in force");
                        return Some((start, what));
                    }
                    if !is_empty {
                        open.push(declarations);
                        in_force += declarations;
                    }
                    length
                }
            };
    }
    None
}

/// Where a text is over that begins here.
fn after(text: &str, end: &str) -> Option<usize> {
    Some(text.find(end)? + end.len())
}

/// A start tag.
struct Element {
    length: usize,
    attributes: usize,
    declarations: usize,
    is_empty: bool,
}

fn element(tag: &str) -> Option<Element> {
    let (mut attributes, mut declarations) = (0, 0);
    let mut rest = tag;
    loop {
        let stop = rest.find(['=', '>'])?;
        let before = &rest[..stop];
        if rest.as_bytes()[stop] == b'>' {
            let length = tag.len() - rest.len() + stop + 1;
            return Some(Element { length, attributes, declarations, is_empty: before.ends_with('/') });
        }
        let name = before.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
        attributes += 1;
        declarations += usize::from(name == "xmlns" || name.starts_with("xmlns:"));
        let value = rest[stop + 1..].trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        rest = value[1..].split_once(quote)?.1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        exceeded(text).map_or(String::new(), |(at, what)| format!("{at}: {what}"))
    }

    #[test]
    fn depth_counts_what_is_open() {
        let nested = |depth: usize| format!("{}x{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert_eq!(said(&nested(MAX_DEPTH)), "");
        assert_eq!(said(&nested(MAX_DEPTH + 1)), "600: elements are nested more than 200 deep");
        let beside = "<a/><b></b><!-- <a> --><![CDATA[<a>]]><?a <a>?><c d='<>' e=\"/>\"/>".repeat(MAX_DEPTH + 1);
        assert_eq!(said(&format!("<a>{beside}</a>")), "");
    }

    #[test]
    fn attributes_and_declarations_are_counted() {
        let many = |count: usize, name: &str| (0..count).map(|at| format!(" {name}{at} = '>='")).collect::<String>();
        assert_eq!(said(&format!("<a{}/>", many(MAX_ATTRIBUTES, "b"))), "");
        assert_eq!(said(&format!("<a{}/>", many(257, "b"))), "0: the element has more than 256 attributes");
        let half = many(MAX_DECLARATIONS / 2, "xmlns:a");
        assert_eq!(said(&format!("<a{half}><b{half}/><b{half}/></a>")), "");
        let deep = format!("<a{half}><b{half}><c xmlns=''/></b></a>");
        let at = deep.find("<c").unwrap_or_default();
        assert_eq!(said(&deep), format!("{at}: more than 256 declarations of namespaces are in force"));
    }

    #[test]
    fn what_is_not_well_formed_is_left_to_the_parser() {
        for text in [
            "",
            "<",
            "<a",
            "<a b",
            "<a b=",
            "<a b='",
            "</a>",
            "<!--",
            "<![CDATA[",
            "<?",
            "<!DOCTYPE a>",
            "<a b=c>",
            "å<å é='ü'",
        ] {
            assert_eq!(said(text), "", "{text}");
        }
    }
}
