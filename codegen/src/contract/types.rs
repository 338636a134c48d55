//! Types of one root: each is built when something reachable refers to it.
//!
//! Complex types wait in a queue, so that neither recursive types nor long chains of types recurse
//! here. Only what is nested in one document recurses, and documents have a depth limit.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::contract::{
    derivation::{self, MAX_DERIVATIONS},
    docs, groups,
    model::{
        Builtin, Choice, ChoicePlace, Complex, Documentation, Element, Enumeration, Facet, Particle, Term, Type,
        TypeDef, TypeId, TypeKind, WhiteSpace,
    },
    simple,
};
use crate::diagnostic::{At, Diagnostic, Report};
use crate::document::scope::Scope;
use crate::document::xml;
use crate::document::xsd::{
    builtin,
    model::{self as xsd, ComplexType, Derivation, ElementType},
};
use crate::name::QName;

/// Elements and attributes that uses of groups write out, and members of unions, in one root; the largest public schemas
/// stay below a tenth of it.
const MAX_EXPANSIONS: usize = 200_000;

/// Where an anonymous type is declared.
#[derive(Clone, Debug)]
pub(super) struct DeclarationPath {
    /// Of the global component.
    pub(super) namespace: String,
    /// Local names from the global component to the element.
    pub(super) path: Vec<String>,
}

impl DeclarationPath {
    pub(super) fn global(name: &QName) -> Self {
        Self { namespace: name.namespace.clone(), path: vec![name.local.clone()] }
    }

    pub(super) fn inside(&self, local: &str) -> Self {
        let mut inner = self.clone();
        inner.path.push(local.to_owned());
        inner
    }
}

/// The type of one use.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) ty: Type,
    pub(super) stream: bool,
    /// `Preserve` if it is no text.
    pub(super) white_space: WhiteSpace,
    pub(super) facets: Vec<Facet>,
    /// Facets in words.
    pub(super) notes: Vec<String>,
    /// Of a simple type that becomes no Rust type of its own.
    pub(super) documentation: Documentation,
}

impl Value {
    pub(super) fn of(builtin: Builtin) -> Self {
        Self {
            ty: Type::Builtin(builtin),
            stream: false,
            white_space: WhiteSpace::Preserve,
            facets: Vec::new(),
            notes: Vec::new(),
            documentation: Documentation::default(),
        }
    }

    /// Whether a simple value is a string or an enumeration.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.ty, Type::Builtin(Builtin::String) | Type::Named(_))
    }

    fn named(id: TypeId) -> Self {
        Self { ty: Type::Named(id), ..Self::of(Builtin::Any) }
    }
}

/// What identifies a type within a scope.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Named(QName),
    /// The members of a substitution group, by its head.
    Substitution(QName),
    /// Address of the declaration; it is only ever compared for equality, so it can't show in the output.
    Anonymous(usize),
}

struct Job<'s> {
    id: TypeId,
    ty: &'s ComplexType,
    place: DeclarationPath,
}

/// Builder of the types of one root.
pub(super) struct Types<'r, 's, 't> {
    pub(super) scope: &'s Scope<'s>,
    pub(super) report: &'r mut Report<'t>,
    pub(super) defs: Vec<TypeDef>,
    /// Lists and unions around the simple type that is read.
    pub(super) simple_depth: usize,
    /// What groups and unions have written out so far.
    expansions: usize,
    /// Where that became too much. Types built after it lack something.
    overflow: Option<At>,
    /// Groups around the particle that is being read.
    pub(super) groups_around: usize,
    /// Values of global simple types, and what is wrong with them.
    simple_values: BTreeMap<QName, (Value, Vec<Diagnostic>)>,
    known: BTreeMap<Key, TypeId>,
    queue: VecDeque<Job<'s>>,
    /// Complex types that something is declared as, with their declarations' names.
    as_value: BTreeMap<TypeId, QName>,
}

impl<'r, 's, 't> Types<'r, 's, 't> {
    pub(super) fn new(scope: &'s Scope<'s>, report: &'r mut Report<'t>) -> Self {
        Self {
            scope,
            report,
            defs: Vec::new(),
            simple_depth: 0,
            expansions: 0,
            overflow: None,
            groups_around: 0,
            simple_values: BTreeMap::new(),
            known: BTreeMap::new(),
            queue: VecDeque::new(),
            as_value: BTreeMap::new(),
        }
    }

    /// The global element that a part of a message or a wrapper refers to.
    pub(super) fn reference(&mut self, name: &QName, at: At) -> Option<Element> {
        let Some(element) = self.scope.elements.get(name) else {
            self.scope.unknown("element", name, at, self.report);
            return None;
        };
        if element.is_abstract {
            let message = format!("element `{}` is abstract: what stands in its place is not known", name.local);
            self.report.error(at, message, "leave the operation out");
        }
        Some(self.element(element, &DeclarationPath::global(&element.name)))
    }

    /// What may stand where a content model refers to a global element: that element, or for the head of a substitution
    /// group one of its members.
    pub(super) fn referenced(&mut self, name: &QName, at: At) -> Option<Term> {
        let Some(head) = self.scope.elements.get(name) else {
            self.scope.unknown("element", name, at, self.report);
            return None;
        };
        let key = Key::Substitution(head.name.clone());
        if let Some(id) = self.known.get(&key) {
            return Some(Term::Group(*id));
        }
        let members = self.scope.substitutes(&head.name);
        if members.is_empty() && head.is_abstract {
            return Some(Term::Wildcard);
        }
        let mut alternatives = Vec::new();
        for element in std::iter::once(head).chain(members).filter(|element| !element.is_abstract) {
            if !self.may_expand(1, at) {
                break;
            }
            alternatives.push(Term::Element(self.element(element, &DeclarationPath::global(&element.name))));
        }
        match alternatives.len() {
            0 => Some(Term::Wildcard),
            1 => alternatives.pop(),
            _ => {
                alternatives.push(Term::Wildcard);
                let position = self.report.position(at);
                let once = |term| Particle { min: 1, max: Some(1), position: position.clone(), name: None, term };
                let alternatives = alternatives.into_iter().map(once).collect();
                let id = TypeId(self.defs.len());
                self.defs.push(TypeDef {
                    name: head.name.clone(),
                    anonymous_in: vec![head.name.local.clone(), "Substitution".to_owned()],
                    position: self.report.position(head.at),
                    documentation: docs::clean(head.annotation.texts.iter().map(String::as_str)),
                    finite: true,
                    problems: Vec::new(),
                    kind: TypeKind::Choice(Choice { alternatives, place: ChoicePlace::Substitution }),
                });
                self.known.insert(key, id);
                Some(Term::Group(id))
            }
        }
    }

    /// An element declaration. `place` ends with the element itself.
    pub(super) fn element(&mut self, element: &'s xsd::Element, place: &DeclarationPath) -> Element {
        let typed = self.stating_type(element);
        let content = &typed.content;
        let value = match std::ptr::eq(typed, element) {
            true => self.value(content, element.at, place),
            false => self.value(content, typed.at, &DeclarationPath::global(&typed.name)),
        };
        let preset = simple::preset(&element.preset, &value).filter(|_| self.holds_text(content));
        Element {
            name: element.name.clone(),
            ty: value.ty,
            white_space: value.white_space,
            nillable: element.nillable,
            documentation: simple::documented(&element.annotation.texts, &value, preset.as_ref()),
            facets: value.facets,
            preset,
            slot: None,
            stream: value.stream,
            xsi_type: match content {
                ElementType::Named(name) => Some(name.clone()),
                _ => None,
            },
        }
    }

    /// The declaration that states the type of an element: its own, or else the nearest head of substitution groups that
    /// states one. A chain of too many heads is taken for a circle.
    fn stating_type(&self, element: &'s xsd::Element) -> &'s xsd::Element {
        let mut typed = element;
        for _ in 0..MAX_DERIVATIONS {
            match typed.substitutes.as_ref().and_then(|head| self.scope.elements.get(head)) {
                Some(head) if typed.content == ElementType::Any => typed = head,
                _ => break,
            }
        }
        typed
    }

    /// Whether a type has a simple value or simple content.
    fn holds_text(&self, content: &ElementType) -> bool {
        let simple_content = |ty: &ComplexType| {
            matches!(ty.derivation, Derivation::SimpleExtension(_) | Derivation::SimpleRestriction { .. })
        };
        match content {
            ElementType::Any => false,
            ElementType::Simple(_) => true,
            ElementType::Complex(ty) => simple_content(ty),
            ElementType::Named(name) => match self.scope.complex_types.get(name) {
                Some(ty) => simple_content(ty),
                None => !(name.namespace == xml::XS && name.local == "anyType"),
            },
        }
    }

    pub(super) fn value(&mut self, content: &'s ElementType, at: At, place: &DeclarationPath) -> Value {
        match content {
            ElementType::Any => Value::of(Builtin::Any),
            ElementType::Named(name) => self.named_value(name, at),
            ElementType::Simple(ty) => self.simple(ty, place),
            ElementType::Complex(ty) => Value::named(self.complex(ty, place)),
        }
    }

    /// The value of a type referred to by name.
    pub(super) fn named_value(&mut self, name: &QName, at: At) -> Value {
        if let Some(known) = builtin::known(name) {
            return self.known(known);
        }
        if let Some(value) = self.named_simple(name) {
            return value;
        }
        let Some(id) = self.named_complex(name) else {
            self.unknown_type(name, at);
            return Value::of(Builtin::Any);
        };
        self.declare_value(id, name);
        Value::named(id)
    }

    /// The value of a global simple type, if there is one of this name. It is found out once, however many use it.
    pub(super) fn named_simple(&mut self, name: &QName) -> Option<Value> {
        let ty = self.scope.simple_types.get(name)?;
        if let Some((known, problems)) = self.simple_values.get(name) {
            self.report.add_all(problems.iter().cloned());
            return Some(known.clone());
        }
        let mark = self.report.mark();
        let value = self.simple(ty, &DeclarationPath::global(ty.name.as_ref().unwrap_or(name)));
        let problems = self.report.take_errors(mark);
        self.report.add_all(problems.iter().cloned());
        self.simple_values.insert(name.clone(), (value.clone(), problems));
        Some(value)
    }

    /// The id of a named complex type.
    pub(super) fn named_complex(&mut self, name: &QName) -> Option<TypeId> {
        let ty = self.scope.complex_types.get(name)?;
        Some(self.complex(ty, &DeclarationPath::global(ty.name.as_ref().unwrap_or(name))))
    }

    pub(super) fn unknown_type(&mut self, name: &QName, at: At) {
        if name.namespace == xml::XS {
            let elsewhere = self.scope.elsewhere("type", &name.local);
            let help = match elsewhere.is_empty() {
                true => "correct the name".to_owned(),
                false => format!(
                    "there is one in namespace {}: if it is meant, write it with a prefix of that namespace, in a copy of the file",
                    elsewhere.into_iter().collect::<Vec<_>>().join(" and in ")
                ),
            };
            self.report.error(at, format!("XML Schema has no type `{}`", name.local), help);
        } else {
            self.scope.unknown("type", name, at, self.report);
        }
    }

    fn complex(&mut self, ty: &'s ComplexType, place: &DeclarationPath) -> TypeId {
        let (id, new) = self.identify(ty.name.as_ref(), std::ptr::from_ref(ty).addr(), ty.at, place);
        if new {
            self.queue.push_back(Job { id, ty, place: place.clone() });
        }
        id
    }

    /// The id of a declaration, and whether it is new.
    pub(super) fn identify(
        &mut self,
        name: Option<&QName>,
        address: usize,
        at: At,
        place: &DeclarationPath,
    ) -> (TypeId, bool) {
        let key = name.map_or(Key::Anonymous(address), |name| Key::Named(name.clone()));
        if let Some(id) = self.known.get(&key) {
            return (*id, false);
        }
        let id = TypeId(self.defs.len());
        let (name, anonymous_in) = match name {
            Some(name) => (name.clone(), Vec::new()),
            None => {
                let local = place.path.last().cloned().unwrap_or_default();
                (QName { namespace: place.namespace.clone(), local }, place.path.clone())
            }
        };
        let kind = TypeKind::Enumeration(Enumeration { values: Vec::new() });
        let position = self.report.position(at);
        self.defs.push(TypeDef {
            name,
            anonymous_in,
            position,
            documentation: Documentation::default(),
            finite: true,
            kind,
            problems: Vec::new(),
        });
        self.known.insert(key, id);
        (id, true)
    }

    /// Whether so much more of groups and unions may be written out. Each may hold several others, so a short
    /// schema can need more memory than any machine has.
    pub(super) fn may_expand(&mut self, size: usize, at: At) -> bool {
        let before = self.expansions;
        self.expansions = before.saturating_add(size);
        if before < MAX_EXPANSIONS && self.expansions >= MAX_EXPANSIONS {
            self.overflow = Some(at);
        }
        self.expansions < MAX_EXPANSIONS
    }

    /// A type that no schema declares: that of an element around the parts of a message.
    pub(super) fn synthesize(&mut self, element: &QName, of: String, at: At, complex: Complex) -> TypeId {
        let id = TypeId(self.defs.len());
        self.defs.push(TypeDef {
            name: element.clone(),
            anonymous_in: vec![of],
            position: self.report.position(at),
            documentation: Documentation::default(),
            finite: true,
            kind: TypeKind::Complex(complex),
            problems: Vec::new(),
        });
        id
    }

    pub(super) fn define(&mut self, id: TypeId, documentation: Documentation, kind: TypeKind) {
        if let Some(def) = self.defs.get_mut(id.0) {
            def.documentation = documentation;
            def.kind = kind;
        }
    }

    /// Builds everything that has been referred to. To be called after the last reference.
    pub(super) fn finish(&mut self) {
        while let Some(job) = self.queue.pop_front() {
            let mark = self.report.mark();
            let kind = match self.array(job.ty, &job.place) {
                Some(array) => TypeKind::Array(array),
                None => TypeKind::Complex(self.complex_type(job.ty, &job.place)),
            };
            let documentation = docs::clean(job.ty.annotation.texts.iter().map(String::as_str));
            self.define(job.id, documentation, kind);
            let problems = self.report.take_errors(mark);
            if let Some(def) = self.defs.get_mut(job.id.0) {
                def.problems.extend(problems);
            }
        }
        if let Some(at) = self.overflow {
            let message = "groups and unions, written out, become too many";
            self.report.error(at, message, "check whether they refer to one another more often than meant");
        }
        derivation::check(&mut self.defs);
        self.fill_derived();
        groups::take_out(&mut self.defs, self.report);
        self.scope.report_names(self.report);
    }

    /// Remembers that something is declared to be of this type: its value may then be of any derived type.
    fn declare_value(&mut self, id: TypeId, name: &QName) {
        if self.as_value.insert(id, name.clone()).is_some() {
            return;
        }
        for derived in self.derived(name) {
            self.named_complex(&derived);
        }
    }

    /// Names of the types derived from a type, directly or not, in schema order.
    fn derived(&mut self, name: &QName) -> Vec<QName> {
        let mut found: Vec<QName> = Vec::new();
        let mut seen = BTreeSet::from([name.clone()]);
        let mut open = vec![(name.clone(), 0)];
        while let Some((base, depth)) = open.pop() {
            let direct = self.scope.derived.get(&base).map(Vec::as_slice).unwrap_or_default();
            for one in direct {
                if seen.insert((*one).clone()) {
                    if depth == MAX_DERIVATIONS {
                        let (message, help) = derivation::too_deep(&one.local);
                        let at = self.scope.complex_types.get(one).map(|ty| ty.at).unwrap_or_default();
                        self.report.error(at, message, help);
                        return found;
                    }
                    found.push((*one).clone());
                    open.push(((*one).clone(), depth + 1));
                }
            }
        }
        found
    }

    fn fill_derived(&mut self) {
        for (id, name) in std::mem::take(&mut self.as_value) {
            let mark = self.report.mark();
            let derived: Vec<TypeId> = self
                .derived(&name)
                .into_iter()
                .filter_map(|name| self.known.get(&Key::Named(name)).copied())
                .filter(|derived| *derived != id)
                .collect();
            let found = self.report.take_errors(mark);
            if let Some(TypeDef { kind: TypeKind::Complex(complex), problems, .. }) = self.defs.get_mut(id.0) {
                complex.derived = derived;
                problems.extend(found);
            }
        }
    }
}

/// The complex type behind an id, if it is one.
pub(super) fn complex(defs: &[TypeDef], id: TypeId) -> Option<&Complex> {
    match &defs.get(id.0)?.kind {
        TypeKind::Complex(complex) => Some(complex),
        _ => None,
    }
}
