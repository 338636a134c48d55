//! XML documents as trees that can be changed, and written in any of the ways that mean the same.

use crate::choices::Random;

#[derive(Clone, Debug)]
pub(crate) struct Element {
    pub(crate) name: Name,
    /// Prefixes, empty for the default, and the namespaces that they are declared for here.
    pub(crate) declarations: Vec<(String, String)>,
    pub(crate) attributes: Vec<(Name, String)>,
    pub(crate) content: Vec<Content>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// Used if it is declared for the namespace where the name is written.
    pub(crate) prefix: String,
    pub(crate) namespace: String,
    pub(crate) local: String,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Element(Element),
    Text(String),
    /// Written as it is: comments, references, and what is no XML at all.
    Raw(String),
}

/// Where an element is: places in the contents of its ancestors, from the root inwards.
pub(crate) type Path = Vec<usize>;

impl Name {
    pub(crate) fn new(prefix: &str, namespace: &str, local: &str) -> Self {
        Self { prefix: prefix.into(), namespace: namespace.into(), local: local.into() }
    }
}

impl Element {
    pub(crate) fn new(name: Name) -> Self {
        Self { name, declarations: Vec::new(), attributes: Vec::new(), content: Vec::new() }
    }

    /// Reads a well-formed document.
    ///
    /// # Panics
    /// On any other.
    pub(crate) fn parse(document: &str) -> Self {
        let parsed = roxmltree::Document::parse(document).unwrap_or_else(|error| panic!("{error}: {document}"));
        Self::of(parsed.root_element(), document)
    }

    fn of(node: roxmltree::Node<'_, '_>, document: &str) -> Self {
        let around = node.parent_element();
        let is_new = |namespace: &&roxmltree::Namespace<'_>| {
            around.and_then(|around| around.lookup_namespace_uri(namespace.name())) != Some(namespace.uri())
        };
        let declarations = node.namespaces().filter(is_new);
        let declarations = declarations.map(|new| (new.name().unwrap_or_default().to_owned(), new.uri().to_owned()));
        let prefix = |at: usize| {
            let end = document[at..].find([' ', '\t', '\r', '\n', '/', '>', '=']).unwrap_or_default();
            document[at..at + end].split_once(':').map_or("", |(prefix, _)| prefix)
        };
        let tag = node.tag_name();
        let name = Name::new(prefix(node.range().start + 1), tag.namespace().unwrap_or_default(), tag.name());
        let attribute = |attribute: roxmltree::Attribute<'_, '_>| {
            let prefix = prefix(attribute.range_qname().start);
            let name = Name::new(prefix, attribute.namespace().unwrap_or_default(), attribute.name());
            (name, attribute.value().to_owned())
        };
        let content = node.children().filter_map(|child| match child.node_type() {
            roxmltree::NodeType::Element => Some(Content::Element(Self::of(child, document))),
            roxmltree::NodeType::Text => child.text().map(|text| Content::Text(text.to_owned())),
            _ => None,
        });
        Self {
            name,
            declarations: declarations.collect(),
            attributes: node.attributes().map(attribute).collect(),
            content: content.collect(),
        }
    }

    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.content.iter().filter_map(|content| match content {
            Content::Element(element) => Some(element),
            _ => None,
        })
    }

    /// The child of this name, in any namespace.
    pub(crate) fn child_mut(&mut self, local: &str) -> Option<&mut Element> {
        self.content.iter_mut().find_map(|content| match content {
            Content::Element(element) if element.name.local == local => Some(element),
            _ => None,
        })
    }

    /// The text, if there is nothing else.
    pub(crate) fn text(&self) -> Option<&str> {
        match &*self.content {
            [] => Some(""),
            [Content::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// All elements, the root first.
    pub(crate) fn paths(&self) -> Vec<Path> {
        fn collect(element: &Element, at: &mut Path, all: &mut Vec<Path>) {
            all.push(at.clone());
            for (place, content) in element.content.iter().enumerate() {
                if let Content::Element(child) = content {
                    at.push(place);
                    collect(child, at, all);
                    at.pop();
                }
            }
        }
        let mut all = Vec::new();
        collect(self, &mut Vec::new(), &mut all);
        all
    }

    pub(crate) fn at(&mut self, path: &[usize]) -> &mut Element {
        path.iter().fold(self, |element, place| match &mut element.content[*place] {
            Content::Element(child) => child,
            _ => unreachable!("a path leads along elements"),
        })
    }

    /// Does something to every element, from the root.
    pub(crate) fn walk(&mut self, visit: &mut impl FnMut(&mut Element)) {
        visit(self);
        for content in &mut self.content {
            if let Content::Element(child) = content {
                child.walk(visit);
            }
        }
    }
}

/// How a document is written.
#[derive(Debug)]
pub(crate) struct Form {
    /// Chooses among ways that mean the same.
    random: Option<Random>,
    fresh: usize,
}

impl Form {
    /// Prefixes, quotes, white space in tags, CDATA, references and comments are chosen by a seed. 0 is the plain form.
    pub(crate) fn of(seed: u64) -> Self {
        Self { random: (seed != 0).then(|| Random::new(seed)), fresh: 0 }
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.random.as_mut().is_some_and(|random| random.below(times) == 0)
    }

    pub(crate) fn write(&mut self, root: &Element) -> String {
        let mut out = String::new();
        if self.one_in(2) {
            out.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- a - comment -->");
        }
        self.element(root, &mut vec![("xml".into(), XML.into())], &mut out);
        if self.one_in(2) {
            out.push_str("\n<!---->\r\n ");
        }
        out
    }

    /// How long it is where it stands alone.
    pub(crate) fn length(&mut self, content: &Content) -> usize {
        match content {
            Content::Element(element) => self.write(element).len(),
            Content::Text(text) | Content::Raw(text) => text.len(),
        }
    }

    fn element(&mut self, element: &Element, scope: &mut Vec<(String, String)>, out: &mut String) {
        let outside = scope.len();
        scope.extend(element.declarations.iter().cloned());
        let mut declarations = element.declarations.clone();
        let name = self.name(&element.name, true, scope, &mut declarations);
        let mut attributes: Vec<(&Name, String, &str)> = Vec::new();
        for (name, value) in &element.attributes {
            // One that stands there twice does so in every form.
            let before = attributes.iter().find(|(before, ..)| *before == name).map(|(_, written, _)| written.clone());
            let written = before.unwrap_or_else(|| self.name(name, false, scope, &mut declarations));
            attributes.push((name, written, value));
        }
        out.push('<');
        out.push_str(&name);
        for (prefix, namespace) in &declarations {
            let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            self.attribute(&name, namespace, out);
        }
        for (_, name, value) in attributes {
            self.attribute(&name, value, out);
        }
        if self.one_in(6) {
            out.push_str(" \n");
        }
        if element.content.is_empty() && !self.one_in(3) {
            out.push_str("/>");
        } else {
            out.push('>');
            // A comment in an element with content of any kind is no content.
            let comments = element.elements().next().is_some() || element.text().is_some_and(|text| !text.is_empty());
            for content in &element.content {
                if comments && self.one_in(8) {
                    out.push_str("<!-- <not> & \"read\" -->");
                }
                match content {
                    Content::Element(child) => self.element(child, scope, out),
                    Content::Text(text) => self.text(text, out),
                    Content::Raw(raw) => out.push_str(raw),
                }
            }
            out.push_str("</");
            out.push_str(&name);
            out.push_str(if self.one_in(6) { "\t>" } else { ">" });
        }
        scope.truncate(outside);
    }

    /// The name with a prefix that stands for its namespace, which is declared if need be.
    fn name(
        &mut self,
        name: &Name,
        is_element: bool,
        scope: &mut Vec<(String, String)>,
        declarations: &mut Vec<(String, String)>,
    ) -> String {
        let Name { prefix, namespace, local } = name;
        let bound = |prefix: &str| scope.iter().rev().find(|(declared, _)| declared == prefix).map(|(_, uri)| &**uri);
        let stands = match (&**prefix, is_element) {
            ("", true) => bound("").unwrap_or_default() == namespace,
            ("", false) => namespace.is_empty(),
            (prefix, _) => bound(prefix) == Some(namespace),
        };
        if stands && (namespace.is_empty() || *namespace == XML || !self.one_in(6)) {
            return if prefix.is_empty() { local.clone() } else { format!("{prefix}:{local}") };
        }
        if namespace.is_empty() {
            // An attribute without prefix is in no namespace; an element may be in the default one.
            if is_element && bound("").is_some_and(|uri| !uri.is_empty()) {
                declare(String::new(), namespace, scope, declarations);
            }
            return local.clone();
        }
        self.fresh += 1;
        let prefix = format!("r{}", self.fresh);
        declare(prefix.clone(), namespace, scope, declarations);
        format!("{prefix}:{local}")
    }

    fn attribute(&mut self, name: &str, value: &str, out: &mut String) {
        out.push_str(if self.one_in(6) { "\r\n\t" } else { " " });
        out.push_str(name);
        let quote = if self.one_in(3) { '\'' } else { '"' };
        out.push_str(if self.one_in(6) { " = " } else { "=" });
        out.push(quote);
        for character in value.chars() {
            match character {
                '<' | '&' | '"' | '\'' | '\0'..='\x1f' => reference(character, out),
                _ if self.one_in(12) => reference(character, out),
                _ => out.push(character),
            }
        }
        out.push(quote);
    }

    fn text(&mut self, text: &str, out: &mut String) {
        let is_blank = text.chars().all(|character| character.is_ascii_whitespace());
        // White space between elements is none in CDATA, or by reference.
        if is_blank && !text.contains('\r') {
            out.push_str(text);
            return;
        }
        let mut rest = text;
        while !rest.is_empty() {
            let length = match &mut self.random {
                Some(random) => rest.chars().take(random.below(20) + 1).map(char::len_utf8).sum(),
                None => rest.len(),
            };
            let (piece, tail) = rest.split_at(length);
            rest = tail;
            let as_is =
                |character: char| !matches!(character, '\r' | '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f');
            if !piece.contains("]]>") && piece.chars().all(as_is) && self.one_in(6) {
                out.push_str("<![CDATA[");
                out.push_str(piece);
                out.push_str("]]>");
                continue;
            }
            for character in piece.chars() {
                match character {
                    '<' | '&' | '>' => reference(character, out),
                    _ if !as_is(character) || self.one_in(24) => reference(character, out),
                    _ => out.push(character),
                }
            }
            if !rest.is_empty() && self.one_in(8) {
                out.push_str("<!--in the text-->");
            }
        }
    }
}

const XML: &str = "http://www.w3.org/XML/1998/namespace";

fn declare(prefix: String, namespace: &str, scope: &mut Vec<(String, String)>, into: &mut Vec<(String, String)>) {
    into.retain(|(declared, _)| *declared != prefix);
    into.push((prefix.clone(), namespace.to_owned()));
    scope.push((prefix, namespace.to_owned()));
}

fn reference(character: char, out: &mut String) {
    out.push_str(&format!("&#x{:X};", u32::from(character)));
}

/// What a document says: names with namespaces, attributes and texts; no prefixes, declarations and comments. `None` for
/// one that is not well-formed.
pub(crate) fn infoset(document: &[u8]) -> Option<String> {
    fn push(element: &Element, out: &mut String) {
        out.push_str(&format!("<{{{}}}{}", element.name.namespace, element.name.local));
        let mut attributes: Vec<_> =
            element.attributes.iter().map(|(name, value)| (&name.namespace, &name.local, value)).collect();
        attributes.sort();
        out.push_str(&format!("{attributes:?}>"));
        for content in &element.content {
            match content {
                Content::Element(child) => push(child, out),
                Content::Text(text) | Content::Raw(text) => out.push_str(&format!("{text:?}")),
            }
        }
        out.push_str("</>");
    }
    let document = std::str::from_utf8(document).ok()?;
    let parsed = roxmltree::Document::parse(document).ok()?;
    let mut out = String::new();
    push(&Element::of(parsed.root_element(), document), &mut out);
    // Texts that a comment once divided.
    Some(out.replace("\"\"", ""))
}
