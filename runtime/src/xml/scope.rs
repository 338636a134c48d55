//! Namespace scopes while reading.

use std::borrow::Cow;
use std::collections::HashSet;

/// The declarations in scope, innermost last.
#[derive(Default)]
pub(crate) struct Scopes<'x> {
    bindings: Vec<Binding<'x>>,
}

struct Binding<'x> {
    prefix: &'x [u8],
    namespace: Cow<'x, str>,
    depth: u32,
    /// The namespace of a descriptor that was found equal: comparing pointers is enough from then on.
    known: Option<&'static str>,
}

/// A resolved prefix: an index into the declarations in force, or no namespace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Resolved(Option<usize>);

impl Resolved {
    pub(crate) const NONE: Self = Self(None);
}

impl<'x> Scopes<'x> {
    pub(crate) fn declare(&mut self, prefix: &'x [u8], namespace: Cow<'x, str>, depth: u32) {
        self.bindings.push(Binding { prefix, namespace, depth, known: None });
    }

    /// Number of declarations in force, hidden ones included.
    pub(crate) fn len(&self) -> usize {
        self.bindings.len()
    }

    /// Forgets what was declared at this depth or deeper.
    pub(crate) fn leave(&mut self, depth: u32) {
        while self.bindings.last().is_some_and(|binding| binding.depth >= depth) {
            self.bindings.pop();
        }
    }

    /// `None` for a prefix that nothing declares.
    pub(crate) fn resolve(&self, prefix: &[u8]) -> Option<Resolved> {
        match self.bindings.iter().rposition(|binding| same(binding.prefix, prefix)) {
            Some(at) if self.bindings[at].namespace.is_empty() => Some(Resolved::NONE),
            Some(at) => Some(Resolved(Some(at))),
            None if prefix.is_empty() => Some(Resolved::NONE),
            None => None,
        }
    }

    pub(crate) fn namespace(&self, resolved: Resolved) -> &str {
        resolved.0.map_or("", |at| &self.bindings[at].namespace)
    }

    pub(crate) fn is(&mut self, resolved: Resolved, namespace: &'static str) -> bool {
        let Some(at) = resolved.0 else { return namespace.is_empty() };
        let binding = &mut self.bindings[at];
        if binding.known.is_some_and(|known| std::ptr::eq(known, namespace)) {
            return true;
        }
        let equal = binding.namespace == namespace;
        if equal {
            binding.known = Some(namespace);
        }
        equal
    }

    /// The declarations in scope, each prefix once.
    pub(crate) fn in_force(&self) -> Vec<(&'x [u8], &str)> {
        let mut seen = HashSet::new();
        let mut found: Vec<_> = self
            .bindings
            .iter()
            .rev()
            .filter(|binding| seen.insert(binding.prefix))
            .map(|binding| (binding.prefix, &*binding.namespace))
            .collect();
        found.reverse();
        found
    }
}

/// Byte by byte: prefixes are short, most have one letter or none, and a call to compare memory costs more than that.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b)
}
