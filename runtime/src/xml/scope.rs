//! Namespace scopes while reading.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::xml::{XML, XMLNS, steps};

/// The declarations in scope, innermost last.
///
/// A prefix is found in one step, however many declarations there are and however long prefixes are: a document chooses
/// both, and looks one up with every name.
#[derive(Debug, Default)]
pub(crate) struct Scopes<'x> {
    /// The declarations of elements around the document.
    around: Option<&'x Scopes<'static>>,
    bindings: Vec<Binding<'x>>,
    /// The innermost declaration of each prefix. Empty as long as there are only a few.
    innermost: HashMap<Cow<'x, [u8]>, usize>,
    bytes: usize,
}

#[derive(Debug)]
struct Binding<'x> {
    prefix: Cow<'x, [u8]>,
    namespace: Cow<'x, str>,
    depth: u32,
    /// The declaration of the same prefix that this one hides, where `innermost` is kept.
    hides: Option<usize>,
    /// The namespace of a descriptor that was found equal: comparing pointers is enough from then on.
    known: Option<&'static str>,
}

/// What is wrong with a declaration that [`may_mean`] refuses.
pub(crate) const RESERVED: &str = "a declaration that gives xml or xmlns another meaning";

/// Whether a document may give a prefix this meaning: `xml` and `xmlns` have one by themselves.
pub(crate) fn may_mean(prefix: &[u8], namespace: &str) -> bool {
    match prefix {
        b"xml" => namespace == XML,
        b"xmlns" => false,
        _ => namespace != XML && namespace != XMLNS,
    }
}

/// A resolved prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// No namespace.
    None,
    /// The prefix `xml`, which is never declared.
    Xml,
    /// A declaration of the document, by its index.
    Here(usize),
    /// A declaration around the document.
    Around(usize),
}

/// Up to so many declarations are looked through one by one, which is faster than to hash a prefix.
const FEW: usize = 12;

impl<'x> Scopes<'x> {
    /// For a document that stands inside of these declarations.
    pub(crate) fn within(around: &'x Scopes<'static>) -> Self {
        Self { around: Some(around), ..Self::default() }
    }

    pub(crate) fn declare(&mut self, prefix: Cow<'x, [u8]>, namespace: Cow<'x, str>, depth: u32) {
        let last = self.bindings.len();
        self.bytes += prefix.len() + namespace.len();
        self.bindings.push(Binding { prefix, namespace, depth, hides: None, known: None });
        let from = if self.innermost.is_empty() { 0 } else { last };
        if from == 0 && last < FEW {
            return;
        }
        for at in from..=last {
            self.bindings[at].hides = self.innermost.insert(self.bindings[at].prefix.clone(), at);
        }
    }

    /// Number of declarations in force, hidden ones included.
    pub(crate) fn len(&self) -> usize {
        self.bindings.len() + self.around.map_or(0, Scopes::len)
    }

    /// Bytes of their prefixes and namespaces.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes + self.around.map_or(0, Scopes::bytes)
    }

    /// Forgets what was declared at this depth or deeper.
    pub(crate) fn leave(&mut self, depth: u32) {
        while let Some(binding) = self.bindings.pop_if(|binding| binding.depth >= depth) {
            self.bytes -= binding.prefix.len() + binding.namespace.len();
            if !self.innermost.is_empty() {
                match binding.hides {
                    Some(hidden) => self.innermost.insert(binding.prefix, hidden),
                    None => self.innermost.remove(&binding.prefix),
                };
            }
        }
    }

    /// `None` for a prefix that nothing declares.
    pub(crate) fn resolve(&self, prefix: &[u8]) -> Option<Resolved> {
        let found = self.find(prefix).map(|at| (Resolved::Here(at), &self.bindings[at].namespace));
        let found = found.or_else(|| {
            let around = self.around?;
            around.find(prefix).map(|at| (Resolved::Around(at), &around.bindings[at].namespace))
        });
        match found {
            Some((_, namespace)) if namespace.is_empty() => Some(Resolved::None),
            Some((found, _)) => Some(found),
            None if prefix.is_empty() => Some(Resolved::None),
            None if prefix == b"xml" => Some(Resolved::Xml),
            None => None,
        }
    }

    #[inline]
    fn find(&self, prefix: &[u8]) -> Option<usize> {
        if !self.innermost.is_empty() {
            steps::count(prefix.len() + 1);
            return self.innermost.get(prefix).copied();
        }
        let found = self.bindings.iter().rposition(|binding| same(&binding.prefix, prefix));
        steps::count(self.bindings.len() - found.unwrap_or(0));
        found
    }

    pub(crate) fn namespace(&self, resolved: Resolved) -> &str {
        match resolved {
            Resolved::None => "",
            Resolved::Xml => XML,
            Resolved::Here(at) => &self.bindings[at].namespace,
            Resolved::Around(at) => self.around.map_or("", |around| &around.bindings[at].namespace),
        }
    }

    pub(crate) fn is(&mut self, resolved: Resolved, namespace: &'static str) -> bool {
        let Resolved::Here(at) = resolved else { return self.namespace(resolved) == namespace };
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

    /// The declarations in force outside of this depth, each prefix once, but for those that are declared anew in it.
    pub(crate) fn in_force_outside(&self, depth: u32) -> Vec<(&[u8], &str)> {
        let mut seen = HashSet::new();
        let around = self.around.into_iter().flat_map(|around| around.bindings.iter().rev());
        // One after the other, as `chain` would need both to live as long.
        let mut found = Vec::new();
        for binding in self.bindings.iter().rev() {
            if seen.insert(&*binding.prefix) && binding.depth < depth {
                found.push((&*binding.prefix, &*binding.namespace));
            }
        }
        for binding in around {
            if seen.insert(&*binding.prefix) {
                found.push((&*binding.prefix, &*binding.namespace));
            }
        }
        found.reverse();
        found
    }

    /// Takes over what a document has declared, for documents that stand inside of it.
    pub(crate) fn take_in(&mut self, inner: &Scopes<'_>) {
        for Binding { prefix, namespace, depth, .. } in &inner.bindings {
            self.declare(prefix.to_vec().into(), namespace.to_string().into(), *depth);
        }
    }
}

/// Short prefixes byte by byte: most have one letter or none, and a call to compare memory costs more than that.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && if a.len() > 8 { a == b } else { a.iter().zip(b).all(|(a, b)| a == b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declare(scopes: &mut Scopes<'static>, prefix: String, namespace: String, depth: u32) {
        scopes.declare(prefix.into_bytes().into(), namespace.into(), depth);
    }

    /// Few or many, a prefix means what it was declared to mean last, until that element ends.
    #[test]
    fn the_innermost_declaration_counts() {
        for count in [1, FEW - 1, FEW, FEW + 1, 3 * FEW] {
            let mut scopes = Scopes::default();
            for number in 0..count {
                declare(&mut scopes, format!("p{number}"), format!("urn:outer:{number}"), 1);
            }
            for number in (0..count).step_by(2) {
                declare(&mut scopes, format!("p{number}"), format!("urn:inner:{number}"), 2);
            }
            let meaning = |scopes: &Scopes<'_>, number: usize| {
                let resolved = scopes.resolve(format!("p{number}").as_bytes()).unwrap();
                scopes.namespace(resolved).to_owned()
            };
            for number in 0..count {
                let place = if number % 2 == 0 { "inner" } else { "outer" };
                assert_eq!(meaning(&scopes, number), format!("urn:{place}:{number}"), "{count}");
            }
            let inside = Scopes::within(&scopes);
            assert_eq!(meaning(&inside, 0), "urn:inner:0");
            assert_eq!((inside.len(), inside.bytes()), (scopes.len(), scopes.bytes()));
            scopes.leave(2);
            for number in 0..count {
                assert_eq!(meaning(&scopes, number), format!("urn:outer:{number}"), "{count}");
            }
            assert_eq!(scopes.resolve(b"other"), None);
            scopes.leave(1);
            assert_eq!((scopes.resolve(b"p0"), scopes.len(), scopes.bytes()), (None, 0, 0));
        }
    }

    /// For both readers: what one verifies, the other reads.
    #[test]
    fn xml_means_xml() {
        use crate::limits::XmlLimits;
        use crate::xml::Reader;
        use crate::xml::tree::Element;

        for (declared, is_right) in [
            (format!("xmlns:xml='{XML}'"), true),
            ("xmlns:xml='urn:x'".to_owned(), false),
            ("xmlns:xmlns='urn:x'".to_owned(), false),
            (format!("xmlns:x='{XML}'"), false),
            (format!("xmlns='{XMLNS}'"), false),
        ] {
            let document = format!("<a {declared} xml:lang='nb'/>");
            let limits = XmlLimits::default();
            assert_eq!(Element::parse(document.as_bytes(), &limits).is_ok(), is_right, "{declared}");
            assert_eq!(Reader::new(document.as_bytes(), &limits).next().is_ok(), is_right, "{declared}");
        }
    }

    #[test]
    fn a_fragment_carries_each_prefix_once() {
        let mut outer = Scopes::default();
        declare(&mut outer, "a".into(), "urn:1".into(), 1);
        declare(&mut outer, "b".into(), "urn:2".into(), 1);
        let mut scopes = Scopes::within(&outer);
        scopes.declare(b"a".into(), "urn:3".into(), 2);
        scopes.declare(b"c".into(), "urn:4".into(), 2);
        scopes.declare(b"c".into(), "urn:5".into(), 3);
        assert_eq!(scopes.in_force_outside(3), [(&b"b"[..], "urn:2"), (b"a", "urn:3")]);
        assert_eq!(scopes.in_force_outside(4), [(&b"b"[..], "urn:2"), (b"a", "urn:3"), (b"c", "urn:5")]);
    }
}
