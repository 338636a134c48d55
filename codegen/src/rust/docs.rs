//! Author's text as rustdoc, escaped so that nothing in it is markup, a link or a doctest.

use std::borrow::Cow;
use std::fmt::Display;

use crate::plain::{fill, one_line};
use crate::rust::words::{identifier, snake};

/// Characters per line of documentation. Authors write long paragraphs; wider lines would hide the code.
const WIDTH: usize = 110;

/// Lines of documentation, as Markdown. Only this module makes them, so that what an author wrote is in them escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Docs(Vec<String>);

/// A piece of a sentence of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Markdown(String);

impl Docs {
    /// The lines.
    pub fn lines(&self) -> &[String] {
        &self.0
    }

    /// A sentence of ours, with a piece in the place of each `$`.
    pub(super) fn sentence(skeleton: &'static str, pieces: &[Markdown]) -> Self {
        Self(vec![fill(skeleton, pieces.iter().map(|piece| &piece.0 as &dyn Display))])
    }

    /// What an author wrote: a paragraph for each text.
    pub(super) fn written<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        let mut lines = Vec::new();
        for text in texts {
            let wrapped = wrap(text.as_ref());
            if !lines.is_empty() && !wrapped.is_empty() {
                lines.push(String::new());
            }
            lines.extend(wrapped);
        }
        Self(lines)
    }

    /// What an author wrote of something, unless it says nothing beyond its name.
    pub(super) fn of<T: AsRef<str>>(name: &str, texts: impl IntoIterator<Item = T>) -> Self {
        let texts: Vec<T> = texts.into_iter().collect();
        match texts.as_slice() {
            [one] if repeats(one.as_ref(), name) => Self::default(),
            _ => Self::written(texts),
        }
    }

    /// A list of names, with what is said of each.
    pub(super) fn list<'t>(entries: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let mut lines = Vec::new();
        for (name, text) in entries {
            let mut said = wrap(text).into_iter();
            lines.push(format!("- {}: {}", Markdown::code(name).0, said.next().unwrap_or_default()));
            lines.extend(said.map(|line| format!("  {line}")));
        }
        Self(lines)
    }

    /// These, or a sentence of ours in their place.
    pub(super) fn or(self, skeleton: &'static str, pieces: &[Markdown]) -> Self {
        if self.0.is_empty() { Self::sentence(skeleton, pieces) } else { self }
    }

    /// Adds a paragraph of ours.
    pub(super) fn paragraph(&mut self, skeleton: &'static str, pieces: &[Markdown]) {
        self.0.push(String::new());
        self.0.extend(Self::sentence(skeleton, pieces).0);
    }

    /// Adds a section of others.
    pub(super) fn section(&mut self, heading: &'static str, content: Self) {
        self.0.extend([String::new(), heading.to_owned()]);
        self.0.extend(content.0);
    }
}

impl Markdown {
    /// Words of ours.
    pub(super) fn ours(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// A wire name as code.
    pub(super) fn code(name: &str) -> Self {
        // a backtick would end the code
        Self(format!("`{}`", one_line(name).replace('`', "'")))
    }

    /// A link to an item, by a path that leads to it from where the documentation stands.
    pub(super) fn link(path: &str) -> Self {
        Self(format!("[`{}`]", item(path).replace("r#", "")))
    }

    /// The same, with another text.
    pub(super) fn link_as(text: &str, path: &str) -> Self {
        Self(format!("[`{}`]({})", item(text).replace("r#", ""), item(path)))
    }

    /// The pieces with commas between them.
    pub(super) fn list(pieces: &[Self]) -> Self {
        Self(pieces.iter().map(|piece| piece.0.as_str()).collect::<Vec<_>>().join(", "))
    }
}

/// Whether a text has no words but those of a name, and those that mean nothing by themselves.
fn repeats(text: &str, name: &str) -> bool {
    const FILLERS: [&str; 19] = [
        "a", "an", "and", "by", "for", "from", "get", "gets", "in", "is", "of", "on", "or", "set", "sets", "the",
        "this", "to", "with",
    ];
    let split = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let words = words.map(snake).collect::<Vec<_>>().join("_");
        let words = words.split('_').filter(|word| !word.is_empty() && !FILLERS.contains(word));
        words.map(|word| word.strip_suffix('s').unwrap_or(word).to_owned()).collect()
    };
    let (said, known) = (split(text), split(name));
    !said.is_empty() && said.iter().all(|word| known.contains(word))
}

/// A path of identifiers.
fn item(path: &str) -> String {
    let segment = |name| if matches!(name, "super" | "Self") { Cow::Borrowed(name) } else { identifier(name) };
    path.split("::").map(segment).collect::<Vec<_>>().join("::")
}

/// One text as lines of Markdown, each of which stays one.
fn wrap(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in words(&one_line(text)) {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines.iter().map(|line| escape_start(line)).collect()
}

/// The words of a text, escaped. Code between backticks stays code, and one word.
fn words(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split('`').collect();
    // As many backticks open as close, each pair with something between.
    let code = parts.iter().skip(1).step_by(2).all(|code| !code.is_empty() && code.trim() == *code);
    // Two backticks in a row would begin another kind of code.
    let apart = parts.iter().skip(2).step_by(2).rev().skip(1).all(|between| !between.is_empty());
    if parts.len().is_multiple_of(2) || !code || !apart {
        return text.split_whitespace().map(escape_word).collect();
    }
    let mut words: Vec<String> = Vec::new();
    let mut glued = false;
    for (at, part) in parts.iter().enumerate() {
        let is_code = at % 2 == 1;
        let pieces: Vec<String> = match is_code {
            true => vec![format!("`{}`", part.split_whitespace().collect::<Vec<_>>().join(" "))],
            false => part.split_whitespace().map(escape_word).collect(),
        };
        let starts_apart = !is_code && part.starts_with(char::is_whitespace);
        for (nth, piece) in pieces.into_iter().enumerate() {
            match words.last_mut() {
                Some(last) if nth == 0 && glued && !starts_apart => last.push_str(&piece),
                _ => words.push(piece),
            }
        }
        glued = is_code || (!part.is_empty() && !part.ends_with(char::is_whitespace));
    }
    words
}

fn escape_word(word: &str) -> String {
    let mut escaped = String::with_capacity(word.len());
    let mut rest = word;
    let is_url = |text: &str| text.starts_with("http://") || text.starts_with("https://");
    while let Some((at, _)) = rest.match_indices("http").find(|(at, _)| is_url(&rest[*at..])) {
        let (before, found) = rest.split_at(at);
        let end = found.find(['<', '>', '"', '\'', '(', ')', '[', ']', '`']).unwrap_or(found.len());
        let url = found[..end].trim_end_matches(['.', ',', ';', ':', '!', '?']);
        escaped.push_str(&format!("{}<{url}>", escape(before)));
        rest = &found[url.len()..];
    }
    escaped + &escape(rest)
}

fn escape(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut escaped = String::with_capacity(text.len());
    for (at, c) in chars.iter().enumerate() {
        let inside = |offset: isize| {
            at.checked_add_signed(offset).and_then(|at| chars.get(at)).is_some_and(|c| c.is_alphanumeric())
        };
        let special = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '~' | '|' | '$' => true,
            '_' => !(inside(-1) && inside(1)),
            '&' => chars.get(at + 1).is_some_and(|next| next.is_alphanumeric() || *next == '#'),
            _ => false,
        };
        if special {
            escaped.push('\\');
        }
        escaped.push(*c);
    }
    escaped
}

/// Escapes what means something at the start of a line only.
fn escape_start(line: &str) -> String {
    if line.starts_with(['#', '-', '+', '=', ':']) {
        return format!("\\{line}");
    }
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    match line[digits..].chars().next() {
        Some('.' | ')') if digits > 0 => format!("{}\\{}", &line[..digits], &line[digits..]),
        _ => line.to_owned(),
    }
}

/// The name on the wire, where documentation is to be found by it too: the Rust name is another, and rustdoc takes it.
pub(super) fn alias<'a>(wire: &'a str, rust: &str) -> Option<&'a str> {
    let refused = |c: char| c == '"' || c == '\'' || (c.is_whitespace() && c != ' ');
    let plain = rust.strip_prefix("r#").unwrap_or(rust);
    (!wire.is_empty() && wire != plain && !wire.contains(refused) && wire.trim() == wire).then_some(wire)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        for (text, expected) in [
            ("Vec<T> and [link]", r"Vec\<T\> and \[link\]"),
            ("# Title", r"\# Title"),
            ("    indented\n```rust", r"indented \`\`\`rust"),
            ("*bold* _it_ snake_case", r"\*bold\* \_it\_ snake_case"),
            ("1. first", r"1\. first"),
            ("see http://example.org/a_b.", "see <http://example.org/a_b>."),
            ("(https://example.org)", "(<https://example.org>)"),
            ("a &lt; b & c", r"a \&lt; b & c"),
            ("- item", r"\- item"),
            ("C:\\path", r"C:\\path"),
            ("", ""),
            ("see `a <b> [c]`, then x`y`z", "see `a <b> [c]`, then x`y`z"),
            ("`a` `b` and *c*", r"`a` `b` and \*c\*"),
            ("one ` of them", r"one \` of them"),
            ("``` fence", r"\`\`\` fence"),
            ("`a``b`", r"\`a\`\`b\`"),
            ("http://a.example'https://b.example", "<http://a.example>'<https://b.example>"),
            ("\u{202E}\u{1}\u{2028}\u{FEFF} panic!()", "panic!()"),
            ("\u{1}# Title\r\u{200F}- item", r"\# Title - item"),
        ] {
            assert_eq!(wrap(text).join("|"), expected, "{text}");
        }
    }

    #[test]
    fn a_word_may_be_very_many_urls() {
        let many = 100_000;
        assert_eq!(wrap(&"(http://e)".repeat(many)), ["(<http://e>)".repeat(many)]);
    }

    #[test]
    fn entries_of_a_list_stay_one_each() {
        let long = format!("# no {}\n- more", "x".repeat(WIDTH));
        let docs = Docs::list([("a`b", "1. *c*"), ("d", long.as_str())]);
        let x = "x".repeat(WIDTH);
        assert_eq!(docs.lines(), ["- `a'b`: 1\\. \\*c\\*", "- `d`: \\# no", &format!("  {x}"), "  \\- more"]);
    }

    #[test]
    fn what_repeats_the_name_is_not_said() {
        for (text, name) in [
            ("The order number.", "orderNumber"),
            ("Gets or sets the FromDate", "FromDate"),
            ("List of orders", "OrderList"),
            ("OK", "OK"),
        ] {
            assert_eq!(Docs::of(name, [text]), Docs::default(), "{text}");
        }
        for (text, name) in [("Number of the invoice.", "number"), ("…", "x"), ("In cents.", "amount")] {
            assert_ne!(Docs::of(name, [text]), Docs::default(), "{text}");
        }
        assert_eq!(Docs::of("a", ["a", "b"]).lines().len(), 3);
    }

    #[test]
    fn lines_are_wrapped_and_each_start_is_escaped() {
        let text = format!("{} + more", "x".repeat(WIDTH));
        assert_eq!(wrap(&text), ["x".repeat(WIDTH), r"\+ more".to_owned()]);
    }
}
