//! Generated Rust while it is written. Everything is written through here.
//!
//! Code is made of skeletons, which are literals of this room, and of pieces: identifiers, literals, numbers, and other
//! code. There is no other way in, so text of a contract, of a file's name or of the configuration is one of these, or a
//! comment that holds on its line.

use std::borrow::Cow;
use std::fmt;

use crate::plain::{fill, one_line};
use crate::rust::identifier;
use crate::rust::model::{Docs, Equality, Features, Path, RustType, Wrap};

/// Width that lists are wrapped to.
const WIDTH: usize = 110;

/// Hashes around a raw literal, of which the compiler takes 255.
const MOST_HASHES: usize = 16;

/// Something that may stand in a skeleton.
pub(super) trait Piece {
    /// It as code.
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// Code within a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Code(String);

/// An identifier.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ident<'a>(pub(super) &'a str);

/// A string literal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Literal<'a>(pub(super) &'a str);

/// A string literal of several lines, which are lines of the source too.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines<'a>(pub(super) &'a str);

/// Text in a comment that ends with its line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remark<'a>(pub(super) &'a str);

impl Piece for Code {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text of this program.
impl Piece for &'static str {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl Piece for u64 {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Piece for Ident<'_> {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&identifier(self.0))
    }
}

/// With an escape for whatever is no printable character, those that turn the direction of writing among them.
impl Piece for Literal<'_> {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// Raw, where every character may stand for itself; else with the escapes of [`Literal`] in each line. A carriage return
/// is one of these: the compiler would drop it.
impl Piece for Lines<'_> {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stands = |c: char| matches!(c, '"' | '\'' | '\\' | '\n' | '\t') || c.escape_debug().eq([c]);
        let after_quotes = self.0.split('"').skip(1);
        let hashes = after_quotes.map(|rest| rest.len() - rest.trim_start_matches('#').len() + 1).max().unwrap_or(0);
        if hashes < MOST_HASHES && self.0.chars().all(stands) {
            let hashes = "#".repeat(hashes);
            return write!(f, "r{hashes}\"{}\"{hashes}", self.0);
        }
        f.write_str("\"")?;
        for (at, line) in self.0.split('\n').enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            let escaped = format!("{line:?}");
            f.write_str(escaped.get(1..escaped.len() - 1).unwrap_or_default())?;
        }
        f.write_str("\"")
    }
}

impl Piece for Remark<'_> {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&one_line(self.0))
    }
}

impl Piece for Path {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, segment) in self.segments().iter().enumerate() {
            let segment = match segment.as_str() {
                // `crate`, or nothing before a leading `::`
                start @ ("" | "crate" | "self") if at == 0 => Cow::Borrowed(start),
                "super" => Cow::Borrowed("super"),
                name => identifier(name),
            };
            write!(f, "{}{segment}", if at > 0 { "::" } else { "" })?;
        }
        Ok(())
    }
}

/// As `derive` has it.
impl Piece for Equality {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Partial => "PartialEq",
            Self::Total => "PartialEq, Eq",
            Self::Hash => "PartialEq, Eq, Hash",
        })
    }
}

impl Piece for RustType {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wrap, inner) = match self {
            Self::Unit => return f.write_str("()"),
            Self::Known(name) => return f.write_str(name),
            Self::Generated(path) => return path.write(f),
            Self::Wrapped(wrap, inner) => (wrap, inner),
        };
        f.write_str(match wrap {
            Wrap::Option => "Option<",
            Wrap::Vec => "Vec<",
            Wrap::Box => "Box<",
            Wrap::Nillable => "v1::Nillable<",
        })?;
        inner.write(f)?;
        f.write_str(">")
    }
}

/// For [`fill`].
struct Shown<'p>(&'p dyn Piece);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f)
    }
}

impl Code {
    /// A skeleton with a piece in the place of each `$`.
    pub(super) fn new(skeleton: &'static str, pieces: &[&dyn Piece]) -> Self {
        let pieces: Vec<Shown<'_>> = pieces.iter().map(|piece| Shown(*piece)).collect();
        Self(fill(skeleton, pieces.iter().map(|piece| piece as &dyn fmt::Display)))
    }

    /// Code without pieces.
    pub(super) fn of(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// Adds a skeleton with its pieces.
    pub(super) fn push(&mut self, skeleton: &'static str, pieces: &[&dyn Piece]) {
        self.0.push_str(&Self::new(skeleton, pieces).0);
    }

    /// The pieces with `separator` between them.
    pub(super) fn join<P: Piece>(pieces: impl IntoIterator<Item = P>, separator: &'static str) -> Self {
        let mut code = Self::default();
        for piece in pieces {
            if !code.0.is_empty() {
                code.0.push_str(separator);
            }
            code.push("$", &[&piece]);
        }
        code
    }

    fn width(&self) -> usize {
        self.0.chars().count()
    }
}

/// Generated text that grows.
#[derive(Debug, Default)]
pub(super) struct Text(String);

impl Text {
    /// The text as it is.
    pub(super) fn into_string(self) -> String {
        self.0
    }

    /// Whether nothing was written yet.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An empty line before what comes, unless nothing was written yet.
    pub(super) fn gap(&mut self) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
    }

    /// Lines that were written apart.
    pub(super) fn append(&mut self, lines: Self) {
        self.0.push_str(&lines.0);
    }

    /// One line of code: a skeleton with a piece in the place of each `$`.
    pub(super) fn line(&mut self, indent: usize, skeleton: &'static str, pieces: &[&dyn Piece]) {
        self.indent(indent);
        self.0.push_str(&Code::new(skeleton, pieces).0);
        self.0.push('\n');
    }

    /// Documentation of what comes.
    pub(super) fn docs(&mut self, indent: usize, docs: &Docs) {
        self.comments(indent, "///", docs);
    }

    /// Documentation of the module.
    pub(super) fn module_docs(&mut self, docs: &Docs) {
        self.comments(0, "//!", docs);
    }

    fn comments(&mut self, indent: usize, mark: &'static str, docs: &Docs) {
        for line in docs.lines() {
            match line.is_empty() {
                true => self.line(indent, mark, &[]),
                false => self.line(indent, "$ $", &[&mark, &Remark(line)]),
            }
        }
    }

    /// Another name that documentation is searched by.
    pub(super) fn alias(&mut self, indent: usize, name: &str) {
        self.line(indent, "#[doc(alias = $)]", &[&Literal(name)]);
    }

    /// The condition under which what comes is compiled.
    pub(super) fn cfg(&mut self, features: &Features) {
        let feature = |name: &String| Code::new("feature = $", &[&Literal(name)]);
        match features.as_slice() {
            [] => {}
            [one] => self.line(0, "#[cfg($)]", &[&feature(one)]),
            several => self.line(0, "#[cfg(any($))]", &[&Code::join(several.iter().map(feature), ", ")]),
        }
    }

    /// A list between `start` and `end`: on one line if it fits there, else on as many as are needed.
    pub(super) fn list(&mut self, indent: usize, start: &Code, entries: &[Code], end: &Code) {
        let space = if start.0.ends_with(" {") && !entries.is_empty() { " " } else { "" };
        let length = entries.iter().map(|entry| entry.width() + 2).sum::<usize>();
        if indent + start.width() + length + end.width() <= WIDTH {
            let entries = Code::join(entries.iter().cloned(), ", ");
            self.line(indent, "$$$$$", &[start, &space, &entries, &space, end]);
            return;
        }
        self.line(indent, "$", &[start]);
        let mut line = Code::default();
        for entry in entries {
            if !line.0.is_empty() && indent + 6 + line.width() + entry.width() > WIDTH {
                self.line(indent + 4, "$", &[&std::mem::take(&mut line)]);
            }
            let space = if line.0.is_empty() { "" } else { " " };
            line.push("$$,", &[&space, entry]);
        }
        self.line(indent + 4, "$", &[&line]);
        self.line(indent, "$", &[end]);
    }

    fn indent(&mut self, indent: usize) {
        self.0.extend(std::iter::repeat_n(' ', indent));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(piece: &dyn Piece) -> String {
        Code::new("$", &[piece]).0
    }

    #[test]
    fn literals_escape_what_the_compiler_refuses() {
        let literal = code(&Literal("\"\\\r\n\u{202E}\u{200F}\u{61C}å"));
        assert_eq!(literal, r#""\"\\\r\n\u{202e}\u{200f}\u{61c}å""#);
        assert_eq!(syn::parse_str::<syn::LitStr>(&literal).unwrap().value(), "\"\\\r\n\u{202E}\u{200F}\u{61C}å");
    }

    #[test]
    fn a_literal_of_lines_is_its_text() {
        let many = "\"".to_owned() + &"#".repeat(300);
        for (text, start) in [
            ("", "r\""),
            ("\n", "r\"\n"),
            ("<a b='c'>\u{e5}\t\\</a>", "r\""),
            ("<a b=\"c\"/>\n\\", "r#\""),
            ("\"##'\"#", "r###\""),
            ("<a b=\"c\">\r\n\td\re \\\n\n</a>", "\"<a"),
            ("\u{feff}", "\""),
            ("\u{202E}", "\""),
            ("e\u{301}", "\""),
            ("a\\\n  b\r", "\""),
            (&many, "\""),
        ] {
            let literal = code(&Lines(text));
            assert!(literal.starts_with(start), "{literal}");
            assert_eq!(syn::parse_str::<syn::LitStr>(&literal).unwrap().value(), text);
            assert_eq!(literal.matches('\n').count(), text.matches('\n').count());
            assert!(!literal.contains('\r'), "{literal:?}");
        }
    }

    #[test]
    fn a_name_is_one_identifier_whatever_it_says() {
        for (name, expected) in
            [("Order", "Order"), ("r#type", "r#type"), ("a; fn b() {}", "x_613b20666e2062282920"), ("", "x_")]
        {
            let written = code(&Ident(name));
            assert!(written.starts_with(expected), "{written}");
            assert!(syn::parse_str::<syn::Ident>(&written).is_ok(), "{written}");
        }
        assert_eq!(code(&Path::between(&["a".to_owned()], &["b".to_owned()], "C d")), "super::b::x_432064");
    }

    #[test]
    fn a_remark_holds_on_its_line() {
        let mut text = Text::default();
        text.line(4, "// $", &[&Remark("a.wsdl\r\nmod b;\u{2028}\u{202E}c")]);
        assert_eq!(text.into_string(), "    // a.wsdl  mod b;  c\n");
    }

    #[test]
    fn lists_are_wrapped() {
        let entries: Vec<Code> = (0..40_u64).map(|at| Code::new("entry$", &[&at])).collect();
        let mut text = Text::default();
        text.list(0, &Code::of("list!("), &entries[..2], &Code::of(");"));
        text.list(4, &Code::of("list!(T {"), &entries, &Code::of("});"));
        let text = text.into_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..2], ["list!(entry0, entry1);", "    list!(T {"]);
        assert!(lines.iter().all(|line| line.len() <= WIDTH) && lines.len() == 7, "{text}");
        assert_eq!(lines.last(), Some(&"    });"));
    }
}
