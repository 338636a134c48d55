//! The layout of generated text: documentation, literals, attributes and lists. Everything is written through it.

use crate::rust::model::Features;

/// Width that lists are wrapped to.
const WIDTH: usize = 110;

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

    /// Lines of code, each with its end.
    pub(super) fn code(&mut self, lines: &str) {
        self.0.push_str(lines);
    }

    /// One line of code.
    pub(super) fn line(&mut self, indent: usize, line: &str) {
        self.indent(indent);
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// Documentation of what comes.
    pub(super) fn docs(&mut self, indent: usize, lines: &[String]) {
        self.comment(indent, "///", lines);
    }

    /// Documentation of the module.
    pub(super) fn module_docs(&mut self, lines: &[String]) {
        self.comment(0, "//!", lines);
    }

    fn comment(&mut self, indent: usize, mark: &str, lines: &[String]) {
        for line in lines {
            self.indent(indent);
            self.0.push_str(mark);
            if !line.is_empty() {
                self.0.push(' ');
                self.0.extend(line.chars().map(harmless));
            }
            self.0.push('\n');
        }
    }

    /// Another name that documentation is searched by.
    pub(super) fn alias(&mut self, indent: usize, name: &str) {
        self.line(indent, &format!("#[doc(alias = {})]", literal(name)));
    }

    /// The condition under which what comes is compiled.
    pub(super) fn cfg(&mut self, features: &Features) {
        match features.as_slice() {
            [] => {}
            [one] => self.line(0, &format!("#[cfg(feature = {})]", literal(one))),
            several => {
                let each: Vec<String> = several.iter().map(|one| format!("feature = {}", literal(one))).collect();
                self.line(0, &format!("#[cfg(any({}))]", each.join(", ")));
            }
        }
    }

    /// A list between `start` and `end`: on one line if it fits there, else on as many as are needed.
    pub(super) fn list(&mut self, indent: usize, start: &str, entries: &[String], end: &str) {
        let space = if start.ends_with(" {") && !entries.is_empty() { " " } else { "" };
        let length = entries.iter().map(|entry| entry.chars().count() + 2).sum::<usize>();
        if indent + start.chars().count() + length + end.chars().count() <= WIDTH {
            self.line(indent, &format!("{start}{space}{}{space}{end}", entries.join(", ")));
            return;
        }
        self.line(indent, start);
        let mut line = String::new();
        for entry in entries {
            if !line.is_empty() && indent + 6 + line.chars().count() + entry.chars().count() > WIDTH {
                self.line(indent + 4, &std::mem::take(&mut line));
            }
            let space = if line.is_empty() { "" } else { " " };
            line.push_str(&format!("{space}{entry},"));
        }
        self.line(indent + 4, &line);
        self.line(indent, end);
    }

    fn indent(&mut self, indent: usize) {
        self.0.extend(std::iter::repeat_n(' ', indent));
    }
}

/// A string literal.
pub(super) fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// A comment ends with its line, and the compiler refuses characters in it that turn the direction of writing.
fn harmless(c: char) -> char {
    match c {
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => ' ',
        c if c.is_control() => ' ',
        c => c,
    }
}

/// The name of a document, for a comment: letters, digits and what paths are made of.
pub(super) fn document(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || "/._- ".contains(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_hold_on_one_line_whatever_the_contract_says() {
        let mut text = Text::default();
        text.docs(4, &["a\r\nmod b;\u{2028}\u{202E}c".to_owned(), String::new()]);
        assert_eq!(text.into_string(), "    /// a  mod b;\u{2028} c\n    ///\n");
        assert_eq!(document("a\nb: `c`\u{202E}/å.wsdl"), "a_b_ _c__/å.wsdl");
    }

    #[test]
    fn literals_escape_what_the_compiler_refuses() {
        let literal = literal("\"\\\r\n\u{202E}å");
        assert_eq!(literal, r#""\"\\\r\n\u{202e}å""#);
        assert_eq!(syn::parse_str::<syn::LitStr>(&literal).unwrap().value(), "\"\\\r\n\u{202E}å");
    }

    #[test]
    fn lists_are_wrapped() {
        let entries: Vec<String> = (0..40).map(|at| format!("entry{at}")).collect();
        let mut text = Text::default();
        text.list(0, "list!(", &entries[..2], ");");
        text.list(4, "list!(T {", &entries, "});");
        let text = text.into_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..2], ["list!(entry0, entry1);", "    list!(T {"]);
        assert!(lines.iter().all(|line| line.len() <= WIDTH) && lines.len() == 7, "{text}");
        assert_eq!(lines.last(), Some(&"    });"));
    }
}
