//! Collects the diagnostics of a run, and converts byte offsets to lines and columns.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, Position, Severity};

/// A place: a document of this run, by index, and a byte in it.
///
/// Two places always compare as equal: declarations are compared by their content, wherever they are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct At {
    pub(crate) document: usize,
    pub(crate) offset: usize,
}

impl PartialEq for At {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A document of the run.
#[derive(Debug)]
struct Text<'t> {
    name: &'t str,
    text: &'t str,
    /// The name as positions share it.
    shared: Arc<str>,
    /// Byte, line and column every [`STEP`] bytes, computed at the first use.
    marks: OnceCell<Vec<(usize, u32, u32)>>,
}

/// Bytes between two marks: a search for a position reads at most this many, however long the document or line is.
const STEP: usize = 1024;

/// Collects diagnostics.
#[derive(Debug)]
pub(crate) struct Report<'t> {
    /// [`At::document`] indexes it.
    texts: Vec<Text<'t>>,
    found: Vec<Diagnostic>,
    /// Why names are missing, by the place and the message of the error.
    causes: BTreeMap<(Position, String), Cause>,
}

/// How much of a report there was at some moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

/// Why a name is missing.
#[derive(Clone, Debug)]
pub(crate) enum Cause {
    /// No file at hand defines it.
    Namespace {
        namespace: String,
        /// What is missing: its kind and its name.
        label: String,
    },
    /// A file of its namespace is not well-formed or no contract, which is said of that file.
    UnreadFile,
}

/// How many more missing names of one namespace a message names.
const NAMED: usize = 3;

impl<'t> Report<'t> {
    /// `texts` are names and texts.
    pub(crate) fn new(texts: Vec<(&'t str, &'t str)>) -> Self {
        let texts =
            texts.into_iter().map(|(name, text)| Text { name, text, shared: name.into(), marks: OnceCell::new() });
        Self { texts: texts.collect(), found: Vec::new(), causes: BTreeMap::new() }
    }

    pub(crate) fn error(&mut self, at: At, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Error, at, message.into(), help.into());
    }

    pub(crate) fn warning(&mut self, at: At, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Warning, at, message.into(), help.into());
    }

    /// An error about a name that is missing. In the end there is one for each cause.
    pub(crate) fn missing(&mut self, at: At, cause: Cause, message: String, help: String) {
        self.causes.insert((self.position(at), message.clone()), cause);
        self.error(at, message, help);
    }

    /// A diagnostic at a known position.
    pub(crate) fn at_position(&mut self, severity: Severity, position: &Position, message: String, help: &str) {
        self.found.push(Diagnostic::at(severity, position, message, help));
    }

    /// A diagnostic about the configuration, which is passed parsed and so has no positions.
    pub(crate) fn config(&mut self, message: impl Into<String>, help: impl Into<String>) {
        self.whole("codegen.toml", message.into(), help.into());
    }

    /// A diagnostic about all documents together.
    pub(crate) fn general(&mut self, message: impl Into<String>, help: impl Into<String>) {
        self.whole("", message.into(), help.into());
    }

    fn whole(&mut self, file: &str, message: String, help: String) {
        let position = Position { file: file.into(), ..Position::default() };
        self.found.push(Diagnostic::at(Severity::Error, &position, message, help));
    }

    /// The line and column of a place.
    pub(crate) fn position(&self, at: At) -> Position {
        let Some(text) = self.texts.get(at.document) else { return Position::default() };
        let (line, column) = text.locate(at.offset);
        Position { file: text.shared.clone(), line, column }
    }

    /// Text of a document.
    pub(crate) fn text(&self, document: usize) -> &'t str {
        self.texts.get(document).map_or("", |text| text.text)
    }

    /// Name of a document.
    pub(crate) fn file(&self, document: usize) -> &'t str {
        self.texts.get(document).map_or("", |text| text.name)
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.found.iter().any(|one| one.severity == Severity::Error)
    }

    /// Where the report ends now.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.found.len())
    }

    /// Takes the errors since a mark out of the report, each once, because they concern a part of the contract only.
    /// Warnings stay.
    pub(crate) fn take_errors(&mut self, since: Mark) -> Vec<Diagnostic> {
        let errors = self.found.extract_if(since.0.., |one| one.severity == Severity::Error);
        let mut seen = BTreeSet::new();
        errors.filter(|one| seen.insert((one.file.clone(), one.line, one.column, one.message.clone()))).collect()
    }

    /// Adds diagnostics that were found before.
    pub(crate) fn add_all(&mut self, found: impl IntoIterator<Item = Diagnostic>) {
        self.found.extend(found);
    }

    /// Everything found, in the order of files and lines. The same place is often reached twice, from two ports; it is
    /// reported once.
    pub(crate) fn finish(mut self) -> Diagnostics {
        self.found.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        let mut seen = BTreeSet::new();
        self.found.retain(|one| seen.insert((one.file.clone(), one.line, one.column, one.message.clone())));
        self.join_causes();
        Diagnostics { list: self.found }
    }

    /// Leaves one error for each cause, at the first place where it shows.
    fn join_causes(&mut self) {
        let causes = std::mem::take(&mut self.causes);
        let cause = |one: &Diagnostic| {
            let position = Position { file: one.file.as_str().into(), line: one.line, column: one.column };
            causes.get(&(position, one.message.clone())).filter(|_| one.severity == Severity::Error)
        };
        let is_unread = |one: &Diagnostic| matches!(cause(one), Some(Cause::UnreadFile));
        let has_other = self.found.iter().any(|one| one.severity == Severity::Error && !is_unread(one));
        // Namespace → the first error, the names after it, and how many there are.
        let mut joined: BTreeMap<&str, (usize, Vec<String>, BTreeSet<&str>)> = BTreeMap::new();
        let mut kept: Vec<Diagnostic> = Vec::new();
        for one in std::mem::take(&mut self.found) {
            match cause(&one) {
                Some(Cause::UnreadFile) if has_other => {}
                Some(Cause::Namespace { namespace, label }) => match joined.get_mut(namespace.as_str()) {
                    None => {
                        joined.insert(namespace, (kept.len(), Vec::new(), BTreeSet::from([label.as_str()])));
                        kept.push(one);
                    }
                    Some((_, named, all)) => {
                        if all.insert(label) && named.len() < NAMED {
                            named.push(format!("{label} ({}:{}:{})", one.file, one.line, one.column));
                        }
                    }
                },
                _ => kept.push(one),
            }
        }
        for (first, named, all) in joined.into_values().filter(|(_, named, _)| !named.is_empty()) {
            let count = all.len() - 1;
            let (are, more) = (if count == 1 { "is" } else { "are" }, if count > named.len() { ", …" } else { "" });
            if let Some(one) = kept.get_mut(first) {
                one.message.push_str(&format!(", and neither {are} {count} more: {}{more}", named.join(", ")));
            }
        }
        self.found = kept;
    }

    fn add(&mut self, severity: Severity, at: At, message: String, help: String) {
        self.found.push(Diagnostic::at(severity, &self.position(at), message, help));
    }
}

impl Text<'_> {
    fn locate(&self, offset: usize) -> (u32, u32) {
        let marks = self.marks.get_or_init(|| {
            let mut marks = vec![(0, 1, 1)];
            let (mut start, mut line, mut column) = (0, 1, 1);
            while self.text.len() - start > STEP {
                let end = (start + STEP..).find(|at| self.text.is_char_boundary(*at)).unwrap_or(self.text.len());
                (line, column) = advance(line, column, &self.text[start..end]);
                marks.push((end, line, column));
                start = end;
            }
            marks
        });
        let nearest = marks.partition_point(|(at, _, _)| *at <= offset).saturating_sub(1);
        let (start, line, column) = marks.get(nearest).copied().unwrap_or((0, 1, 1));
        let end = (offset..self.text.len()).find(|at| self.text.is_char_boundary(*at)).unwrap_or(self.text.len());
        advance(line, column, self.text.get(start..end).unwrap_or(""))
    }
}

fn advance(line: u32, column: u32, text: &str) -> (u32, u32) {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    match text.rsplit_once('\n') {
        Some((lines, last)) => {
            (line.saturating_add(count(lines.matches('\n').count() + 1)), count(last.chars().count() + 1))
        }
        None => (line, column.saturating_add(count(text.chars().count()))),
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

    #[test]
    fn a_place_is_counted_in_characters_however_far_on_it_is() {
        let text = format!("{}\n{}å<b/>", "å".repeat(3000), "x".repeat(5000));
        let report = Report::new(vec![("a.wsdl", &text)]);
        let place = |offset| report.position(At { document: 0, offset }).to_string();
        assert_eq!(place(0), "a.wsdl:1:1");
        assert_eq!(place(5998), "a.wsdl:1:3000");
        assert_eq!(place(text.find("<b/>").unwrap_or(0)), "a.wsdl:2:5002");
        assert_eq!(place(usize::MAX), "a.wsdl:2:5006");
    }
}
