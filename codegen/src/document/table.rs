//! The components of one kind that a root sees, by name.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;

use crate::diagnostic::{At, Report};
use crate::name::QName;

/// Components of one kind, by namespace and local name.
#[derive(Debug)]
pub(crate) struct Table<'l, T> {
    kind: &'static str,
    entries: BTreeMap<(&'l str, &'l str), Entry<'l, T>>,
    /// Local name → namespaces, once it is asked for.
    by_local: OnceCell<BTreeMap<&'l str, Vec<&'l str>>>,
}

#[derive(Debug)]
struct Entry<'l, T> {
    component: &'l T,
    at: At,
    /// Where it is defined again, and differently.
    twins: Vec<(At, &'l T)>,
    /// Whether it was used.
    used: Cell<bool>,
    /// Whether a document that defines it refers to it.
    used_beside: Cell<bool>,
    /// If the entry is only there for a reference that does not say the namespace: its place, and the namespace.
    meant: Option<(At, &'l str)>,
}

impl<'l, T: PartialEq> Table<'l, T> {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self { kind, entries: BTreeMap::new(), by_local: OnceCell::new() }
    }

    /// The component of a name.
    pub(crate) fn get(&self, name: &QName) -> Option<&'l T> {
        let entry = self.entries.get(&(name.namespace.as_str(), name.local.as_str()))?;
        entry.used.set(true);
        Some(entry.component)
    }

    /// The component that a reference at this place means: of several that have the name, the one in its own document.
    pub(crate) fn get_at(&self, name: &QName, at: At) -> Option<&'l T> {
        let entry = self.entries.get(&(name.namespace.as_str(), name.local.as_str()))?;
        let mut all = std::iter::once((entry.at, entry.component)).chain(entry.twins.iter().copied());
        match all.find(|(place, _)| place.document == at.document) {
            Some((_, beside)) if !entry.twins.is_empty() => {
                entry.used_beside.set(true);
                Some(beside)
            }
            _ => self.get(name),
        }
    }

    /// The component of a name, without using it.
    pub(crate) fn peek(&self, name: &QName) -> Option<&'l T> {
        self.entries.get(&(name.namespace.as_str(), name.local.as_str())).map(|entry| entry.component)
    }

    pub(crate) fn contains(&self, name: &QName) -> bool {
        self.entries.contains_key(&(name.namespace.as_str(), name.local.as_str()))
    }

    /// Adds a component, unless its name is taken: documents nearer to the root come first. Whether it was new.
    pub(crate) fn add(
        &mut self,
        namespace: &'l str,
        local: &'l str,
        component: &'l T,
        at: At,
        by_namespace: bool,
    ) -> bool {
        match self.entries.get_mut(&(namespace, local)) {
            Some(entry) => {
                if !by_namespace && *entry.component != *component {
                    entry.twins.push((at, component));
                }
                false
            }
            None => {
                let entry = Entry {
                    component,
                    at,
                    twins: Vec::new(),
                    used: Cell::new(false),
                    used_beside: Cell::new(false),
                    meant: None,
                };
                self.entries.insert((namespace, local), entry);
                true
            }
        }
    }

    /// What its components are called.
    pub(crate) fn kind(&self) -> &'static str {
        self.kind
    }

    /// The name that the component of a reference has, which the reference may not say in full.
    pub(crate) fn declared(&self, name: &QName) -> QName {
        let entry = self.entries.get(&(name.namespace.as_str(), name.local.as_str()));
        match entry.and_then(|entry| entry.meant) {
            Some((_, namespace)) => QName { namespace: namespace.to_owned(), local: unprefixed(name).to_owned() },
            None => name.clone(),
        }
    }

    /// Namespaces with a component of a local name.
    pub(crate) fn namespaces<'a>(&'a self, wanted: &'a str) -> impl Iterator<Item = &'l str> + 'a {
        let all = self.by_local.get_or_init(|| {
            let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for ((namespace, local), _) in self.entries.iter().filter(|(_, entry)| entry.meant.is_none()) {
                all.entry(local).or_default().push(namespace);
            }
            all
        });
        all.get(wanted).into_iter().flatten().copied()
    }

    /// Lets a reference that does not say its namespace lead to the component in this one.
    pub(crate) fn let_mean(&mut self, name: &'l QName, at: At, namespace: &'l str) {
        let Some(found) = self.entries.get(&(namespace, unprefixed(name))) else { return };
        let Entry { component, at: place, twins, .. } = found;
        let (component, place, twins) = (*component, *place, twins.clone());
        let entry = Entry {
            component,
            at: place,
            twins,
            used: Cell::new(false),
            used_beside: Cell::new(false),
            meant: Some((at, namespace)),
        };
        self.entries.entry((&name.namespace, &name.local)).or_insert(entry);
    }

    /// Reports references that led to a component without saying its namespace.
    pub(crate) fn report_meant(&self, report: &mut Report<'_>) {
        for ((_, written), entry) in self.entries.iter().filter(|(_, entry)| entry.used.get()) {
            let Some((at, namespace)) = entry.meant else { continue };
            let message = format!("{} `{written}` is taken for the one in namespace {namespace}", self.kind);
            report.warning(at, message, "the reference does not say its namespace, and no other has the name");
        }
    }

    /// Components that are defined twice and differently, so that their name is ambiguous.
    pub(crate) fn report(&self, report: &mut Report<'_>) {
        for ((_, local), entry) in &self.entries {
            let Some((twin, _)) = entry.twins.first() else { continue };
            let message =
                format!("{} `{local}` is defined again, and differently, at {}", self.kind, report.position(*twin));
            if entry.used.get() {
                report.error(entry.at, message, "leave out one of the two files, or make the definitions equal");
            } else if entry.used_beside.get() {
                report.warning(entry.at, format!("{message}; each document means its own"), "");
            } else {
                report.warning(entry.at, format!("{message}; no operation needs it"), "");
            }
        }
    }

    /// Names that another table has too, with whether either is used and the places of both.
    pub(crate) fn shared<'a, U: PartialEq>(
        &'a self,
        other: &'a Table<'l, U>,
    ) -> impl Iterator<Item = (&'l str, bool, At, At)> + 'a {
        self.entries.iter().filter(|(_, entry)| entry.meant.is_none()).filter_map(|((namespace, local), entry)| {
            let twin = other.entries.get(&(*namespace, *local))?;
            Some((*local, entry.used.get() || twin.used.get(), entry.at, twin.at))
        })
    }
}

/// The local name of a reference; one with a prefix that is not declared holds the prefix too.
pub(crate) fn unprefixed(name: &QName) -> &str {
    name.local.split_once(':').map_or(&name.local, |(_, local)| local)
}
