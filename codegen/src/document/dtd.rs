//! The document type of a document: its entities, within limits.
//!
//! W3C's own schemas have one: its entities are namespaces, referred to in attributes. Entities of plain text are all that
//! is read, so that what they stand for is as long as it looks, and no element comes out of one. Nothing outside of the
//! document is ever read: what is declared there is an unknown entity.

use std::collections::BTreeMap;

/// Entities of one document; each reference looks through them.
pub(crate) const MAX_ENTITIES: usize = 64;
/// Octets that all references of a document together stand for.
pub(crate) const MAX_EXPANDED: usize = 1 << 20;

/// What is wrong, and its place in the text.
pub(crate) type Refused = (usize, String);

/// Looks at the document type that begins at an octet, and at the references after it.
///
/// Returns where it ends; `None` if it is not well-formed, which the parser says.
///
/// # Errors
/// A limit that it goes beyond.
pub(crate) fn checked(text: &str, start: usize) -> Result<Option<usize>, Refused> {
    let Some(Type { end, entities }) = document_type(text, start) else { return Ok(None) };
    if entities.len() > MAX_ENTITIES {
        return Err((start, format!("the document type (DTD) declares more than {MAX_ENTITIES} entities")));
    }
    if let Some(entity) = entities.iter().find(|entity| entity.value.contains(['<', '&'])) {
        let what = format!(
            "entity `{}` of the document type (DTD) holds more than plain text: write it out in a copy of the file",
            entity.name
        );
        return Err((entity.at, what));
    }
    // Of several of one name the first counts; the longest is a bound for it.
    let mut lengths: BTreeMap<&str, usize> = BTreeMap::new();
    for entity in &entities {
        let length = lengths.entry(entity.name).or_default();
        *length = entity.value.len().max(*length);
    }
    let mut expanded = 0;
    let mut at = end;
    while let Some(found) = text.get(at..).filter(|_| !lengths.is_empty()).and_then(|rest| rest.find('&')) {
        let reference = at + found;
        at = reference + 1;
        let name = text[at..].split([';', '&', '<']).next().unwrap_or("");
        expanded += lengths.get(name).unwrap_or(&0);
        if expanded > MAX_EXPANDED {
            return Err((reference, format!("references to entities stand for more than {MAX_EXPANDED} octets")));
        }
        at += name.len();
    }
    Ok(Some(end))
}

struct Type<'t> {
    /// The octet after it.
    end: usize,
    entities: Vec<Entity<'t>>,
}

struct Entity<'t> {
    at: usize,
    name: &'t str,
    value: &'t str,
}

/// Reads a document type in the way of the parser, so that both see the same end.
fn document_type(text: &str, start: usize) -> Option<Type<'_>> {
    let mut cursor = Cursor { text, at: start };
    let mut entities = Vec::new();
    if cursor.until(&['[', '>'])? == '>' {
        return Some(Type { end: cursor.at, entities });
    }
    loop {
        let rest = cursor.skip_space();
        let at = cursor.at;
        match rest.as_bytes() {
            [b'<', b'!', b'E', b'N', b'T', b'I', b'T', b'Y', ..] => {
                cursor.at += "<!ENTITY".len();
                entities.extend(cursor.entity(at)?);
            }
            [b'<', b'!', b'-', b'-', ..] => cursor.after("-->")?,
            [b'<', b'?', ..] => cursor.after("?>")?,
            [b'<', b'!', ..] => cursor.after(">")?,
            [b']', ..] => {
                cursor.at += 1;
                cursor.skip_space().strip_prefix('>')?;
                return Some(Type { end: cursor.at + 1, entities });
            }
            _ => return None,
        }
    }
}

struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn skip_space(&mut self) -> &'t str {
        let trimmed = self.rest().trim_start_matches([' ', '\t', '\n', '\r']);
        self.at = self.text.len() - trimmed.len();
        trimmed
    }

    fn after(&mut self, end: &str) -> Option<()> {
        self.at += self.rest().find(end)? + end.len();
        Some(())
    }

    /// Goes behind the next of these characters that is not in quotes, and returns it.
    fn until(&mut self, ends: &[char]) -> Option<char> {
        loop {
            let rest = self.rest();
            let found = rest.find(|c| ends.contains(&c) || matches!(c, '"' | '\''))?;
            let character = rest[found..].chars().next()?;
            self.at += found + 1;
            if ends.contains(&character) {
                return Some(character);
            }
            self.at += self.rest().find(character)? + 1;
        }
    }

    /// What stands behind `<!ENTITY`; nothing for one that is elsewhere.
    fn entity(&mut self, at: usize) -> Option<Option<Entity<'t>>> {
        let rest = self.skip_space();
        // Those for use inside of the document type have the same names to the parser.
        let rest = rest.strip_prefix('%').unwrap_or(rest).trim_start();
        let name = rest.split([' ', '\t', '\n', '\r', '>', '"', '\'']).next()?;
        let value = rest[name.len()..].trim_start();
        let value = value.chars().next().filter(|c| matches!(c, '"' | '\'')).and_then(|quote| {
            let value = &value[1..];
            value.find(quote).map(|end| &value[..end])
        });
        self.until(&['>'])?;
        Some(value.map(|value| Entity { at, name, value }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "in a test it is the assertion")]
mod tests {
    use super::*;

    const OPEN: &str = "<!DOCTYPE a PUBLIC '-//[>' \"]>\" [ <!-- ]> <!ENTITY --> <?p ]> ?> <!ELEMENT a ANY>";

    #[test]
    fn the_end_is_found() {
        for (text, end) in [
            ("<!DOCTYPE a><a/>", Some(12)),
            ("<!DOCTYPE a SYSTEM '[>'><a/>", Some(24)),
            ("<!DOCTYPE a [] ><a/>", Some(16)),
            ("<!DOCTYPE a", None),
            ("<!DOCTYPE a [ %p; ]>", None),
            ("<!DOCTYPE a [ <!ENTITY", None),
            ("<!DOCTYPE a [ <!ENTITY x 'å", None),
        ] {
            assert_eq!(checked(text, 0), Ok(end), "{text}");
        }
        let text = format!("{OPEN}<!ENTITY x ']>'><!ENTITY % y \">\"><!ENTITY z SYSTEM '>' NDATA q>]\n>");
        assert_eq!(checked(&text, 0), Ok(Some(text.len())));
        assert!(
            roxmltree::Document::parse_with_options(
                &format!("{text}<a b='&x;'/>"),
                roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() }
            )
            .is_ok()
        );
    }

    #[test]
    fn entities_are_plain_text_few_and_short() {
        let said = |declared: &str, used: &str| {
            let refused = checked(&format!("{OPEN}{declared}]>{used}"), 0).unwrap_err();
            (refused.0 >= OPEN.len(), refused.1)
        };
        let (inside, what) = said("<!ENTITY a 'lol'><!ENTITY b '&a;&a;'>", "");
        assert!(inside && what.contains("entity `b`"), "{what}");
        assert!(said("<!ENTITY % a '<b/>'>", "").1.contains("entity `a`"));
        let many: String = (0..=MAX_ENTITIES).map(|at| format!("<!ENTITY e{at} ''>")).collect();
        assert!(said(&many, "").1.contains("more than 64 entities"));
        let long = format!("<!ENTITY a '{}'>", "x".repeat(MAX_EXPANDED / 4));
        assert!(said(&long, &"&a;".repeat(5)).1.contains("stand for more than"));
        assert!(checked(&format!("<!DOCTYPE a [{long}]>{}", "&a;".repeat(4)), 0).unwrap().is_some());
    }
}
