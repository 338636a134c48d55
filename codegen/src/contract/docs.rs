//! Converts the content of documentation elements to plain paragraphs.
//!
//! The input may be plain text, .NET XML comments (as text, as elements, or escaped twice), or HTML. Tags are removed,
//! never interpreted as markup of the output; the renderer escapes the text for rustdoc.

use std::collections::{BTreeMap, BTreeSet};

use crate::contract::model::Documentation;
use crate::plain::one_line;

/// Where a paragraph comes from decides where it goes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Summary,
    Plain,
    Remarks,
    Returns,
    Parameter(String),
    /// Exceptions and such: about the server's code.
    Dropped,
}

/// Cleans the texts on one item; repeated texts are used once.
pub(crate) fn clean<'a>(texts: impl IntoIterator<Item = &'a str>) -> Documentation {
    let mut found: Vec<(Section, String)> = Vec::new();
    let mut seen = BTreeSet::new();
    for piece in texts.into_iter().flat_map(pieces) {
        if seen.insert(piece.clone()) {
            found.push(piece);
        }
    }
    let mut documentation = Documentation::default();
    for wanted in [Section::Summary, Section::Plain, Section::Remarks, Section::Returns] {
        for (section, text) in &found {
            if *section == wanted {
                documentation.paragraphs.push(match wanted {
                    Section::Returns => format!("Returns: {text}"),
                    _ => text.clone(),
                });
            }
        }
    }
    let mut indices: BTreeMap<String, usize> = BTreeMap::new();
    for (section, text) in found {
        let Section::Parameter(name) = section else { continue };
        match indices.get(&name) {
            Some(at) => {
                let (_, known) = &mut documentation.parameters[*at];
                known.push(' ');
                known.push_str(&text);
            }
            None => {
                indices.insert(name.clone(), documentation.parameters.len());
                documentation.parameters.push((name, text));
            }
        }
    }
    documentation
}

/// Paragraphs with their sections, in order.
fn pieces(text: &str) -> Vec<(Section, String)> {
    let mut found = Vec::new();
    let mut section = Section::Plain;
    let mut paragraph = String::new();
    let mut rest = text;
    let mut flush = |section: &Section, paragraph: &mut String| {
        let cleaned = collapse(&unescape(paragraph));
        paragraph.clear();
        if !cleaned.is_empty() && *section != Section::Dropped {
            found.push((section.clone(), cleaned));
        }
    };
    while let Some(open) = rest.find('<') {
        let (before, tag_on) = rest.split_at(open);
        append(before, &section, &mut paragraph, &mut flush);
        let Some(tag) = Tag::read(tag_on) else {
            paragraph.push('<');
            rest = &tag_on[1..];
            continue;
        };
        rest = &tag_on[tag.length..];
        match (tag.name.to_ascii_lowercase().as_str(), tag.closing) {
            (
                "summary" | "remarks" | "returns" | "value" | "param" | "typeparam" | "exception" | "permission",
                closing,
            ) => {
                flush(&section, &mut paragraph);
                section = if closing { Section::Plain } else { tag.section() };
            }
            (
                "para" | "p" | "br" | "li" | "item" | "ul" | "ol" | "list" | "example" | "div" | "tr" | "h1" | "h2"
                | "h3",
                _,
            ) => {
                flush(&section, &mut paragraph);
            }
            ("see" | "seealso" | "paramref" | "typeparamref", false) => {
                let target =
                    tag.attribute("cref").or(tag.attribute("name")).or(tag.attribute("langword")).unwrap_or("");
                // The compiler writes a reference as `T:Full.Name`.
                paragraph.push_str(target.rsplit(['.', ':']).next().unwrap_or(target));
            }
            _ => {}
        }
    }
    append(rest, &section, &mut paragraph, &mut flush);
    flush(&section, &mut paragraph);
    found
}

/// Adds text; an empty line in it ends a paragraph.
fn append(text: &str, section: &Section, paragraph: &mut String, flush: &mut impl FnMut(&Section, &mut String)) {
    let mut lines = text.split('\n').peekable();
    paragraph.push_str(lines.next().unwrap_or(""));
    while let Some(line) = lines.next() {
        // The last line ends at a tag, so it is not known to be empty.
        if line.trim().is_empty() && lines.peek().is_some() {
            flush(section, paragraph);
        } else {
            paragraph.push('\n');
            paragraph.push_str(line);
        }
    }
}

/// Something in angle brackets that looks like a tag.
struct Tag<'t> {
    name: &'t str,
    attributes: &'t str,
    closing: bool,
    length: usize,
}

impl<'t> Tag<'t> {
    /// `text` starts with `<`. A bracket that begins no tag (`a < b`) gives `None`.
    fn read(text: &'t str) -> Option<Self> {
        // Looking no further than to the next bracket keeps many that open nothing from being read again and again.
        let inner = text.get(1..)?;
        let inner = inner.get(..inner.find(['<', '>'])?)?;
        let end = inner.len() + 1;
        if !text[end..].starts_with('>') {
            return None;
        }
        if inner.starts_with(['!', '?']) {
            return Some(Self { name: "", attributes: "", closing: false, length: end + 1 });
        }
        let closing = inner.starts_with('/');
        let inner = inner.trim_start_matches('/').trim_end_matches('/');
        let name_end =
            inner.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, ':' | '-' | '_')).unwrap_or(inner.len());
        let (name, attributes) = inner.split_at(name_end);
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
        let is_rest =
            attributes.trim().is_empty() || attributes.contains('=') && attributes.starts_with(char::is_whitespace);
        (is_name && is_rest).then_some(Self { name, attributes, closing, length: end + 1 })
    }

    fn attribute(&self, name: &str) -> Option<&'t str> {
        let mut rest = self.attributes;
        loop {
            let (left, right) = rest.split_once('=')?;
            let right = right.trim_start();
            let quote = right.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, after) = right[1..].split_once(quote)?;
            if left.trim() == name {
                return Some(value.trim());
            }
            rest = after;
        }
    }

    fn section(&self) -> Section {
        match self.name.to_ascii_lowercase().as_str() {
            "summary" => Section::Summary,
            "remarks" | "value" => Section::Remarks,
            "returns" => Section::Returns,
            "param" => self.attribute("name").map_or(Section::Dropped, |name| Section::Parameter(name.to_owned())),
            _ => Section::Dropped,
        }
    }
}

/// Undoes the escaping of text that was escaped twice.
fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&nbsp;", " "),
        ("&#xD;", " "),
        ("&amp;", "&"),
    ];
    named.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

/// One line, single spaces, no character that acts on what stands around it.
fn collapse(text: &str) -> String {
    one_line(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraphs(text: &str) -> Vec<String> {
        clean([text]).paragraphs
    }

    #[test]
    fn dotnet_comments() {
        let found = clean([
            "<summary>\n  Gets the\n  <see cref=\"T:A.B.Thing\"/>.\n</summary><param name=\"id\">\nThe id.</param><returns>It.</returns>",
        ]);
        assert_eq!(found.paragraphs, ["Gets the Thing.", "Returns: It."]);
        assert_eq!(found.parameters, [("id".to_owned(), "The id.".to_owned())]);
    }

    #[test]
    fn plain_and_hostile_text() {
        assert_eq!(paragraphs("One.\n\n  Two\n lines."), ["One.", "Two lines."]);
        assert_eq!(paragraphs("a < b and c > d"), ["a < b and c > d"]);
        assert_eq!(paragraphs("1 <p>2<br/>3 <a href='x'>4</a>"), ["1", "2", "3 4"]);
        assert_eq!(paragraphs("&lt;T&gt; &amp;amp; <"), ["<T> &amp; <"]);
        assert_eq!(paragraphs("<summary"), ["<summary"]);
        assert_eq!(paragraphs("x<exception cref=\"E\">never</exception>y"), ["x", "y"]);
        assert_eq!(paragraphs("\u{0}\u{1f}"), Vec::<String>::new());
        assert_eq!(paragraphs("<é>å</é>"), ["<é>å</é>"]);
    }

    #[test]
    fn the_same_text_twice() {
        assert_eq!(clean(["A.", "<summary>B.</summary>", "A."]).paragraphs, ["B.", "A."]);
    }
}
