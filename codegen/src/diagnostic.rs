//! What is wrong, where, and how to put it right.

use std::{collections::BTreeSet, fmt, sync::Arc};

/// A place in one of the given texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Name of the text in the source set.
    pub file: Arc<str>,
    /// From 1; 0 for the file as a whole.
    pub line: u32,
    /// In characters, from 1; 0 for the file as a whole.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Whether a finding stops the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is generated.
    Error,
    /// Something was left out, and the rest is fine.
    Warning,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it stops the run.
    pub severity: Severity,
    /// Name of the text in the source set, or of the configuration.
    pub file: String,
    /// From 1; 0 if the finding concerns the file as a whole.
    pub line: u32,
    /// In characters, from 1; 0 if the finding concerns the file as a whole.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        if !self.file.is_empty() {
            write!(f, "{}:", self.file)?;
            if self.line > 0 {
                write!(f, "{}:{}:", self.line, self.column)?;
            }
            write!(f, " ")?;
        }
        write!(f, "{severity}: {}", self.message)?;
        if !self.help.is_empty() {
            write!(f, "\n  help: {}", self.help)?;
        }
        Ok(())
    }
}

/// All findings of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Whether one of them stops the run.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|one| one.severity == Severity::Error)
    }

    /// In the order of files and lines.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, iter: T) {
        self.list.extend(iter);
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(one: Diagnostic) -> Self {
        Self { list: vec![one] }
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, one) in self.list.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{one}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

/// Where something stands: a document of this run, by index, and a byte in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    pub(crate) document: usize,
    pub(crate) offset: usize,
}

/// Collects findings and turns byte offsets into lines and columns.
#[derive(Debug)]
pub(crate) struct Report<'t> {
    /// Name and text per document; [`At::document`] indexes it.
    texts: Vec<(&'t str, &'t str)>,
    found: Vec<Diagnostic>,
    /// The same place is often reached twice, from two ports; it is reported once.
    seen: BTreeSet<(At, String)>,
}

impl<'t> Report<'t> {
    pub(crate) fn new(texts: Vec<(&'t str, &'t str)>) -> Self {
        Self { texts, found: Vec::new(), seen: BTreeSet::new() }
    }

    pub(crate) fn error(&mut self, at: At, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Error, at, message.into(), help.into());
    }

    pub(crate) fn warning(&mut self, at: At, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Warning, at, message.into(), help.into());
    }

    /// A finding about the configuration, which is handed over parsed and so has no positions.
    pub(crate) fn config(&mut self, message: impl Into<String>, help: impl Into<String>) {
        self.whole("codegen.toml", message.into(), help.into());
    }

    /// A finding about all documents together.
    pub(crate) fn general(&mut self, message: impl Into<String>, help: impl Into<String>) {
        self.whole("", message.into(), help.into());
    }

    fn whole(&mut self, file: &str, message: String, help: String) {
        let file = file.to_owned();
        self.found.push(Diagnostic { severity: Severity::Error, file, line: 0, column: 0, message, help });
    }

    /// `file:line:column`.
    pub(crate) fn place(&self, at: At) -> String {
        let (file, line, column) = self.locate(at);
        format!("{file}:{line}:{column}")
    }

    /// Name of a document.
    pub(crate) fn file(&self, document: usize) -> &'t str {
        self.texts.get(document).map_or("", |(name, _)| name)
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.found.iter().any(|one| one.severity == Severity::Error)
    }

    /// Everything found, in the order of files and lines.
    pub(crate) fn finish(mut self) -> Diagnostics {
        self.found.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        Diagnostics { list: self.found }
    }

    fn add(&mut self, severity: Severity, at: At, message: String, help: String) {
        if self.seen.insert((at, message.clone())) {
            let (file, line, column) = self.locate(at);
            self.found.push(Diagnostic { severity, file: file.to_owned(), line, column, message, help });
        }
    }

    fn locate(&self, at: At) -> (&'t str, u32, u32) {
        let Some((name, text)) = self.texts.get(at.document) else { return ("", 0, 0) };
        let before = text.get(..at.offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (name, u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_place_message_and_help() {
        let mut report = Report::new(vec![("a.wsdl", "<a>\n  å<b/>\n</a>")]);
        let at = At { document: 0, offset: "<a>\n  å".len() };
        report.error(at, "`b` is wrong", "remove it");
        report.error(at, "`b` is wrong", "remove it");
        report.config("entry without effect", "");
        let found = report.finish();
        assert!(found.has_errors());
        assert_eq!(
            found.to_string(),
            "a.wsdl:2:4: error: `b` is wrong\n  help: remove it\ncodegen.toml: error: entry without effect"
        );
    }
}
