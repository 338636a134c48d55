//! How elements are arranged in a type, in a form in which two readings of the same schema are the same text.

use std::fmt;

#[derive(Clone, Debug)]
pub(crate) struct Particle {
    pub(crate) min: usize,
    /// `None` for unbounded.
    pub(crate) max: Option<usize>,
    pub(crate) term: Term,
}

#[derive(Clone, Debug)]
pub(crate) enum Term {
    Element(String),
    Any,
    Group(Kind, Vec<Particle>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sequence,
    All,
    Choice,
}

impl Particle {
    pub(crate) fn once(term: Term) -> Self {
        Self { min: 1, max: Some(1), term }
    }

    pub(crate) fn group(kind: Kind, members: Vec<Self>) -> Self {
        Self::once(Term::Group(kind, members))
    }

    fn is_once(&self) -> bool {
        (self.min, self.max) == (1, Some(1))
    }

    /// Without groups that make no difference: those that hold nothing, one thing, or stand in a group of their kind.
    /// An alternative that may be absent is an optional choice.
    pub(crate) fn simple(self) -> Self {
        let Term::Group(kind, members) = self.term else { return self };
        let mut flat: Vec<Self> = Vec::new();
        for member in members.into_iter().map(Self::simple) {
            match member.term {
                Term::Group(_, inner) if inner.is_empty() => {}
                Term::Group(inner, members) if inner == kind && (member.min, member.max) == (1, Some(1)) => {
                    flat.extend(members);
                }
                term => flat.push(Self { term, ..member }),
            }
        }
        let mut min = self.min;
        if kind == Kind::Choice && flat.iter().any(|member| member.min == 0) {
            // That an alternative may be empty says that the choice may.
            min = 0;
            flat.iter_mut().for_each(|member| member.min = member.min.max(1));
        }
        if let [only] = flat.as_slice()
            && (only.is_once() || (self.min, self.max) == (1, Some(1)))
        {
            let (min, max) = if only.is_once() { (self.min, self.max) } else { (only.min, only.max) };
            return Self { min, max, term: only.term.clone() };
        }
        Self { min, max: self.max, term: Term::Group(kind, flat) }
    }

    /// Its elements and wildcards, with how often each occurs where it stands.
    pub(crate) fn leaves(&self) -> Vec<&Self> {
        match &self.term {
            Term::Group(_, members) => members.iter().flat_map(Self::leaves).collect(),
            _ => vec![self],
        }
    }

    pub(crate) fn occurrence(&self) -> String {
        let max = self.max.map_or("unbounded".to_owned(), |max| max.to_string());
        format!("{}..{max}", self.min)
    }
}

/// Elements by name alone, as their occurrence is a fact of its own.
impl fmt::Display for Particle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, members) = match &self.term {
            Term::Element(name) => return write!(f, "element {name}"),
            Term::Any => return write!(f, "any {}", self.occurrence()),
            Term::Group(kind, members) => (kind, members),
        };
        let name = match kind {
            Kind::Sequence => "sequence",
            Kind::All => "all",
            Kind::Choice => "choice",
        };
        let members: Vec<String> = members.iter().map(ToString::to_string).collect();
        if self.is_once() && *kind != Kind::Choice {
            return write!(f, "{name}({})", members.join(", "));
        }
        write!(f, "{name} {}({})", self.occurrence(), members.join(", "))
    }
}
