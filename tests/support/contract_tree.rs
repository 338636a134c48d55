//! Documents as trees, and what can go wrong with one.

use super::Choices;

/// An element with its attributes, its text and its children.
#[derive(Clone)]
pub(crate) struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

/// An element: its name, and names and values of attributes in turn.
pub(crate) fn element(name: &str, attributes: &[(&str, &str)], children: Vec<Element>) -> Element {
    let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Element { name: name.to_owned(), attributes, text: String::new(), children }
}

impl Element {
    pub(crate) fn with_text(mut self, text: &str) -> Self {
        self.text = text.to_owned();
        self
    }

    pub(crate) fn with_children(mut self, children: Vec<Element>) -> Self {
        self.children.extend(children);
        self
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The text of the document.
    pub(crate) fn written(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        text.push('<');
        text.push_str(&self.name);
        for (name, value) in &self.attributes {
            text.push_str(&format!(" {name}=\""));
            escape(value, text);
            text.push('"');
        }
        text.push('>');
        escape(&self.text, text);
        self.children.iter().for_each(|child| child.write(text));
        text.push_str(&format!("</{}>", self.name));
    }

    /// This element and all below it.
    fn count(&self) -> usize {
        1 + self.children.iter().map(Self::count).sum::<usize>()
    }

    /// The parent of the element at a place, and which of its children that is; the first is at 1.
    fn parent_of(&mut self, mut place: usize) -> Option<(&mut Self, usize)> {
        place = place.checked_sub(1)?;
        for at in 0..self.children.len() {
            let count = self.children[at].count();
            if place == 0 {
                return Some((self, at));
            }
            if place < count {
                return self.children[at].parent_of(place);
            }
            place -= count;
        }
        None
    }

    /// All values of attributes.
    fn values(&self, found: &mut Vec<String>) {
        found.extend(self.attributes.iter().map(|(_, value)| value.clone()));
        self.children.iter().for_each(|child| child.values(found));
    }
}

/// Characters that XML would change, or that would end something, as references.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '"' | '\n' | '\r' | '\t' | '\u{7f}'..='\u{9f}' => {
                out.push_str(&format!("&#{};", u32::from(c)));
            }
            c => out.push(c),
        }
    }
}

/// Elements that take the place of others.
const OTHERS: &[&str] = &[
    "xs:sequence",
    "xs:choice",
    "xs:all",
    "xs:any",
    "xs:group",
    "xs:element",
    "xs:attribute",
    "xs:complexType",
    "xs:simpleType",
    "xs:union",
    "xs:list",
    "xs:restriction",
    "xs:extension",
    "xs:simpleContent",
    "p:All",
    "p:ExactlyOne",
    "p:Policy",
];

const NUMBERS: &[&str] =
    &["0", "1", " 2 ", "99", "4294967295", "4294967296", "99999999999999999999999", "-1", "unbounded", "1e3", "+7", ""];

/// Changes one thing.
pub(crate) fn mutate(root: &mut Element, choices: &mut Choices<'_>) {
    let mut values = Vec::new();
    root.values(&mut values);
    let place = 1 + choices.far_below(root.count() - 1);
    let from = choices.far_below(values.len());
    let what = choices.below(14);
    let Some((parent, at)) = root.parent_of(place) else { return };
    let count = parent.children.len();
    let attribute = choices.below(parent.children[at].attributes.len());
    let value = parent.children[at].attributes.get_mut(attribute).map(|(_, value)| value);
    match (what, value) {
        (0, Some(_)) => drop(parent.children[at].attributes.remove(attribute)),
        // A reference to the wrong thing, a cycle, or a name that is there already.
        (1..=3, Some(value)) => value.clone_from(&values[from]),
        (4, Some(value)) => *value = choices.of(NUMBERS).to_owned(),
        (5, Some(value)) => value.push_str(choices.of(&[" ", "\n", "\u{a0}", ":x", " x", "\u{202e}", "\r\n}", "."])),
        (6, _) => drop(parent.children.remove(at)),
        (7, _) => {
            let copy = parent.children[at].clone();
            parent.children.insert(choices.below(count), copy);
        }
        (8, _) => parent.children.swap(at, choices.below(count)),
        (9, _) => parent.children[at].name = choices.of(OTHERS).to_owned(),
        // What was beside it is in it.
        (10, _) if count > 1 => {
            let moved = parent.children.remove(at);
            let into = choices.below(count - 1);
            parent.children[into].children.push(moved);
        }
        // Deep nesting, on either side of what is allowed.
        (11, _) => {
            let name = (choices.of(&["xs:sequence", "p:All", "p:ExactlyOne", "p:Policy", "xs:choice"])).to_owned();
            for _ in 0..choices.of(&[3, 40, 150, 300]) {
                let inner = std::mem::replace(&mut parent.children[at], element(&name, &[], Vec::new()));
                parent.children[at].children.push(inner);
            }
        }
        (12, _) => {
            let number = choices.of(NUMBERS).to_owned();
            let name = choices.of(&["minOccurs", "maxOccurs", "nillable", "abstract", "mixed", "p:Optional", "use"]);
            let attributes = &mut parent.children[at].attributes;
            attributes.retain(|(known, _)| known != name);
            attributes.push((name.to_owned(), number));
        }
        (_, _) => {
            let many = parent.children[at].clone();
            parent.children.extend(std::iter::repeat_n(many, 30));
        }
    }
}
