//! Changes of a document's structure: each gives a document that is nearly right.

use crate::PLANTED;
use crate::choices::Choices;
use crate::tree::{Content, Element, Form, Name, Path};

/// Beyond the limits that every target sets (see [`limits`](crate::network::limits)).
const TOO_DEEP: usize = 100;
const TOO_MANY: usize = 200;
const TOO_LONG: usize = 300 << 10;
/// What is larger is not repeated often.
const LARGE: usize = 4 << 10;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const XOP: &str = "http://www.w3.org/2004/08/xop/include";
const WSA: &str = "http://www.w3.org/2005/08/addressing";
const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
const SECEXT: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const UTILITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
const NAMESPACES: [&str; 12] = [
    "",
    SOAP_11,
    SOAP_12,
    WSA,
    "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    SECEXT,
    UTILITY,
    "http://schemas.xmlsoap.org/ws/2005/02/trust",
    "http://docs.oasis-open.org/ws-sx/ws-trust/200512",
    XSI,
    XOP,
    PLANTED,
];
const LOCALS: [&str; 16] = [
    "Envelope",
    "Header",
    "Body",
    "Fault",
    "faultcode",
    "Code",
    "Value",
    "Subcode",
    "RelatesTo",
    "Timestamp",
    "Expires",
    "Security",
    "Include",
    "any",
    "undeclared:name",
    "Quoted01017012345",
];
const TEXTS: [&str; 30] = [
    "",
    " ",
    "0",
    "-1",
    "1e400",
    "NaN",
    "-INF",
    "true",
    "99999999999999999999999999999999999999999",
    "0001-01-01T00:00:00",
    "2024-02-30T25:61:61",
    "9999-12-31T23:59:59.99999999999999999999+14:00",
    "-0001-01-01",
    "2024-01-15T10:00:00Z",
    "P1Y2M3DT4H5M6.7S",
    "-P99999999999Y",
    "AAAA",
    "A=A=",
    "QUJD\n RA==",
    "s:Server",
    "undeclared:Code",
    "s:",
    ":",
    "00000000-0000-0000-0000-000000000000",
    "http://www.w3.org/2005/08/addressing/anonymous",
    "\u{0}",
    "\r\n\t",
    "\u{FFFE}",
    "\u{1D11E}\u{202E}",
    PLANTED,
];
const RAW: [&str; 18] = [
    "<!-- a comment -->",
    "<!-- a -- comment -->",
    "<?instruction?>",
    "<?xml version=\"1.0\"?>",
    "<![CDATA[]]>",
    "<![CDATA[ ]]>",
    "<![CDATA[QUOTED-01017012345]]>",
    "<!DOCTYPE x [<!ENTITY e \"QUOTED-01017012345\">]>",
    "&undefined01017012345;",
    "&#0;",
    "&#x110000;",
    "&#x20;",
    "&",
    "<",
    "]]>",
    "</x>",
    "<x a='1' a='2'/>",
    "QUOTED-01017012345",
];
const ATTRIBUTES: [(&str, &str, &[&str]); 9] = [
    (XSI, "nil", &["true", "1", "false", "0", " true ", PLANTED]),
    (XSI, "type", &["q:Derived", "int", ":", "xs:string", PLANTED]),
    (SOAP_11, "mustUnderstand", &["1", "true", "0", PLANTED]),
    (SOAP_12, "mustUnderstand", &["1", "true", "false", PLANTED]),
    (SOAP_11, "actor", &["", "http://schemas.xmlsoap.org/soap/actor/next", PLANTED]),
    (SOAP_12, "role", &["http://www.w3.org/2003/05/soap-envelope/role/next", PLANTED]),
    (WSA, "RelationshipType", &["http://www.w3.org/2005/08/addressing/reply", "", PLANTED]),
    (UTILITY, "Id", &["_0", "", PLANTED]),
    ("", "href", &["cid:1", "cid:0", "cid:", "cid:%", PLANTED]),
];

/// Changes a document in none to three places.
fn mutate(root: &mut Element, choices: &mut Choices<'_>) {
    // Most documents are nearly right, not entirely wrong.
    for _ in 0..choices.of(&[0, 1, 1, 1, 2, 3]) {
        change(root, choices);
    }
}

fn change(root: &mut Element, choices: &mut Choices<'_>) {
    let paths = root.paths();
    let path = paths[choices.below(paths.len())].clone();
    match choices.below(17) {
        0 => text(root.at(&path), choices),
        1 => attribute(root.at(&path), choices),
        2 => drop(take(root, &path)),
        3 => double(root, &path, choices),
        4 => swap(root, &path, choices),
        5 => relocate(root, &paths, path, choices),
        6 => rename(root, &paths, &path, choices),
        7 => move_namespace(root, &paths, &path, choices),
        8 => wrap(root.at(&path), choices),
        9 => unwrap(root, &path),
        10 => insert(root.at(&path), choices),
        11 => repeat(root.at(&path), choices),
        12 => header(root, choices),
        13 => unbind(root.at(&path), choices),
        14 => fault_in_body(root, choices),
        15 => lengthen(root.at(&path), choices),
        _ => insert_raw(root.at(&path), choices),
    }
}

/// Takes an element out. The root stays.
fn take(root: &mut Element, path: &[usize]) -> Option<Content> {
    let (place, around) = path.split_last()?;
    Some(root.at(around).content.remove(*place))
}

fn double(root: &mut Element, path: &[usize], choices: &mut Choices<'_>) {
    let Some((place, around)) = path.split_last() else { return };
    let content = &mut root.at(around).content;
    let at = if choices.one_in(2) { content.len() } else { *place };
    content.insert(at, content[*place].clone());
}

fn swap(root: &mut Element, path: &[usize], choices: &mut Choices<'_>) {
    let Some((place, around)) = path.split_last() else { return };
    let content = &mut root.at(around).content;
    let other = choices.below(content.len());
    content.swap(*place, other);
}

/// To the front or the end of another element.
fn relocate(root: &mut Element, paths: &[Path], path: Path, choices: &mut Choices<'_>) {
    let mut to = paths[choices.below(paths.len())].clone();
    let at_end = choices.one_in(2);
    if to.starts_with(&path) {
        return;
    }
    let Some(taken) = take(root, &path) else { return };
    // What stood behind it in the same element has moved up.
    let last = path.len() - 1;
    if to.len() > last && to[..last] == path[..last] && to[last] > path[last] {
        to[last] -= 1;
    }
    let content = &mut root.at(&to).content;
    content.insert(if at_end { content.len() } else { 0 }, taken);
}

fn rename(root: &mut Element, paths: &[Path], path: &[usize], choices: &mut Choices<'_>) {
    let local = match choices.one_in(2) {
        true => choices.of(&LOCALS).to_owned(),
        false => root.at(&paths[choices.below(paths.len())]).name.local.clone(),
    };
    root.at(path).name.local = local;
}

/// Into a namespace of the document or of another protocol: the element, or all that is in it.
fn move_namespace(root: &mut Element, paths: &[Path], path: &[usize], choices: &mut Choices<'_>) {
    let to = match choices.one_in(2) {
        true => choices.of(&NAMESPACES).to_owned(),
        false => root.at(&paths[choices.below(paths.len())]).name.namespace.clone(),
    };
    let element = root.at(path);
    if choices.one_in(2) {
        let from = element.name.namespace.clone();
        element.walk(&mut |inner| {
            if inner.name.namespace == from {
                inner.name.namespace.clone_from(&to);
            }
        });
    } else {
        element.name.namespace = to;
    }
}

fn wrap(element: &mut Element, choices: &mut Choices<'_>) {
    let name = match choices.one_in(2) {
        true => element.name.clone(),
        false => Name::new("q", choices.of(&NAMESPACES), choices.of(&LOCALS)),
    };
    for _ in 0..if choices.one_in(8) { TOO_DEEP } else { 1 } {
        let inner = std::mem::replace(element, Element::new(name.clone()));
        element.content.push(Content::Element(inner));
    }
}

fn unwrap(root: &mut Element, path: &[usize]) {
    let Some((place, around)) = path.split_last() else { return };
    let inner = std::mem::take(&mut root.at(path).content);
    root.at(around).content.splice(*place..=*place, inner);
}

fn text(element: &mut Element, choices: &mut Choices<'_>) {
    let text = Content::Text(choices.of(&TEXTS).to_owned());
    let is_leaf = element.elements().next().is_none();
    match choices.below(3) {
        0 if is_leaf => element.content = vec![text],
        1 => element.content.insert(0, text),
        _ => element.content.push(text),
    }
}

fn attribute(element: &mut Element, choices: &mut Choices<'_>) {
    if !element.attributes.is_empty() && choices.one_in(2) {
        let at = choices.below(element.attributes.len());
        match choices.below(3) {
            0 => element.attributes[at].1 = choices.of(&TEXTS).to_owned(),
            1 => drop(element.attributes.remove(at)),
            _ => element.attributes.push(element.attributes[at].clone()),
        }
        return;
    }
    let (namespace, local, values) = choices.of(&ATTRIBUTES);
    element.attributes.push((Name::new("q", namespace, local), choices.of(values).to_owned()));
}

/// An element that means something elsewhere.
fn insert(element: &mut Element, choices: &mut Choices<'_>) {
    let mut new = match choices.below(4) {
        0 => Element::new(Name { local: choices.of(&LOCALS).to_owned(), ..element.name.clone() }),
        1 => Element::new(Name::new("q", choices.of(&NAMESPACES), choices.of(&LOCALS))),
        2 => include(choices.of(&["cid:1", "cid:0", "cid:nothing", "http://x/1", "cid:%31", ""])),
        _ => fault(choices.of(&[SOAP_11, SOAP_12])),
    };
    if choices.one_in(3) {
        new.content.push(Content::Text(choices.of(&TEXTS).to_owned()));
    }
    let at = choices.below(element.content.len() + 1);
    element.content.insert(at, Content::Element(new));
}

/// A reference to a part of the package.
pub(crate) fn include(href: &str) -> Element {
    let mut include = Element::new(Name::new("xop", XOP, "Include"));
    include.declarations.push(("xop".into(), XOP.into()));
    include.attributes.push((Name::new("", "", "href"), href.to_owned()));
    include
}

fn fault(soap: &str) -> Element {
    let text = if soap == SOAP_11 {
        "<faultcode>s:Server</faultcode><faultstring>QUOTED-01017012345</faultstring>".to_owned()
    } else {
        "<s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text>QUOTED-01017012345</s:Text></s:Reason>"
            .to_owned()
    };
    Element::parse(&format!("<s:Fault xmlns:s=\"{soap}\">{text}</s:Fault>"))
}

/// A fault of either version beside what the body holds, or in its place.
fn fault_in_body(root: &mut Element, choices: &mut Choices<'_>) {
    let other = if root.name.namespace == SOAP_11 { SOAP_12 } else { SOAP_11 };
    let soap = if choices.one_in(4) { other.to_owned() } else { root.name.namespace.clone() };
    let Some(body) = root.child_mut("Body") else { return };
    let fault = Content::Element(fault(&soap));
    match choices.of(&[0, 0, 1, 2]) {
        0 => body.content = vec![fault],
        1 => body.content.insert(0, fault),
        _ => body.content.push(fault),
    }
}

/// The same child, attribute or declaration too often.
fn repeat(element: &mut Element, choices: &mut Choices<'_>) {
    let count = if choices.one_in(2) { TOO_MANY } else { 3 };
    match choices.below(3) {
        0 => {
            let Some(child) = element.content.first().cloned() else { return };
            // Not twice too long: what shows nothing more only takes time.
            let count = if Form::of(0).length(&child) > LARGE { 1 } else { count };
            element.content.extend(std::iter::repeat_n(child, count));
        }
        1 => element.attributes.extend((0..count).map(|at| (Name::new("", "", &format!("a{at}")), String::new()))),
        _ => element.declarations.extend((0..count).map(|at| (format!("d{at}"), format!("urn:{at}")))),
    }
}

/// A header block that must perhaps be understood, or a second one of its name.
fn header(root: &mut Element, choices: &mut Choices<'_>) {
    let soap = root.name.clone();
    let mut block = Element::new(Name::new("q", choices.of(&NAMESPACES), choices.of(&LOCALS)));
    if choices.one_in(2) {
        block.attributes.push((Name { local: "mustUnderstand".into(), ..soap.clone() }, "1".into()));
    }
    block.content.push(Content::Text(choices.of(&TEXTS).to_owned()));
    if root.child_mut("Header").is_none() {
        root.content.insert(0, Content::Element(Element::new(Name { local: "Header".into(), ..soap })));
    }
    let Some(header) = root.child_mut("Header") else { return };
    header.content.push(Content::Element(block));
}

/// Takes a declaration away, or binds its prefix to something else. Only texts and types can lose by it: a name that
/// needs a declaration gets one.
fn unbind(element: &mut Element, choices: &mut Choices<'_>) {
    if element.declarations.is_empty() {
        let prefix = choices.of(&["s", "a", "xsi", "i", "", "q", "xml", "xmlns"]);
        element.declarations.push((prefix.to_owned(), choices.of(&NAMESPACES).to_owned()));
        return;
    }
    let at = choices.below(element.declarations.len());
    if choices.one_in(2) {
        element.declarations[at].1 = choices.of(&NAMESPACES).to_owned();
    } else {
        element.declarations.remove(at);
    }
}

fn lengthen(element: &mut Element, choices: &mut Choices<'_>) {
    let length = if choices.one_in(4) { TOO_LONG } else { 2000 };
    let piece = choices.of(&["A", "A ", "1", "\u{20AC}"]);
    let text = Content::Text(piece.repeat(length / piece.len()));
    let is_leaf = element.elements().next().is_none();
    match is_leaf {
        true => element.content = vec![text],
        false => element.content.push(text),
    }
}

fn insert_raw(element: &mut Element, choices: &mut Choices<'_>) {
    let at = choices.below(element.content.len() + 1);
    element.content.insert(at, Content::Raw(choices.of(&RAW).to_owned()));
}

/// Changes of one document, drawn from octets. It can be made again, for the document in another form.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    damage: Option<Damage>,
    octets: Vec<u8>,
}

/// A change of one octet. Where it is depends on the length of the document.
#[derive(Clone, Copy, Debug)]
struct Damage {
    kind: usize,
    at: usize,
    octet: u8,
}

impl Change {
    pub(crate) fn of(mut choices: Choices<'_>) -> Self {
        let damage = choices.one_in(8).then(|| Damage {
            kind: choices.below(4),
            at: choices.below(1 << 16),
            octet: choices.below(256) as u8,
        });
        Self { damage, octets: choices.rest().to_vec() }
    }

    /// The document after the change has many forms: there is no damage to one of them.
    pub(crate) fn has_forms(&self) -> bool {
        self.damage.is_none()
    }

    pub(crate) fn apply(&self, document: &mut Element) {
        mutate(document, &mut Choices::new(&self.octets));
    }

    /// The document after the change, in its plain form for the seed 0.
    pub(crate) fn written(&self, mut document: Element, form: u64) -> Vec<u8> {
        self.apply(&mut document);
        let mut octets = Form::of(form).write(&document).into_bytes();
        if let Some(damage) = self.damage {
            damage.apply(&mut octets);
        }
        octets
    }
}

impl Damage {
    fn apply(self, octets: &mut Vec<u8>) {
        if octets.is_empty() {
            return;
        }
        let at = self.at % octets.len();
        match self.kind {
            0 => octets[at] = self.octet,
            1 => octets.truncate(at),
            2 => drop(octets.remove(at)),
            _ => octets.insert(at, self.octet),
        }
    }
}
