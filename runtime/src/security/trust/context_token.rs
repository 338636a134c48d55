//! A security context token as XML: the service writes it, and the client repeats it in every message.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;

use crate::error::Error;
use crate::mtom::parts::Attachments;
use crate::name::Name;
use crate::schema::encode::Attach;
use crate::security::names::{MICROSOFT, UTILITY};
use crate::security::trust::version::Version;
use crate::value::base64_bytes;
use crate::xml::escape::{self, Within};
use crate::xml::{Node, Reader};

/// A token with the whole of its element.
#[derive(Clone)]
pub(crate) struct SecurityContextToken {
    /// Its `u:Id`: to be repeated in every message, as the server keeps it inside the cookie.
    pub(crate) id: String,
    pub(crate) identifier: String,
    pub(crate) instance: Option<String>,
    /// It may use the prefix `u`.
    element: String,
    /// The position of the cookie in it, and its octets.
    cookie: Option<(Range<usize>, Bytes)>,
}

/// What a token holds.
#[derive(Default)]
pub(crate) struct TokenParts {
    pub(crate) id: String,
    pub(crate) identifier: String,
    pub(crate) instance: Option<String>,
    /// The server's state in base64, which only the server can read.
    pub(crate) cookie: Option<String>,
    /// Its other elements, each a document of its own.
    pub(crate) others: Vec<String>,
}

impl SecurityContextToken {
    pub(crate) fn new(version: &Version, parts: TokenParts) -> Self {
        let (element, cookie) = parts.write(version);
        let TokenParts { id, identifier, instance, .. } = parts;
        Self { id, identifier, instance, element, cookie }
    }

    /// The whole element, as its server wrote it. It may use the prefix `u`.
    ///
    /// In a package, a long cookie goes as a part of its own: no signature covers it.
    pub(crate) fn element(&self, attachments: Option<&mut Attachments>) -> Cow<'_, str> {
        match (attachments, &self.cookie) {
            (Some(attachments), Some((place, octets))) if attachments.takes(octets.len()) => {
                let include = attachments.push(octets.clone());
                Cow::Owned([&self.element[..place.start], &include, &self.element[place.end..]].concat())
            }
            _ => Cow::Borrowed(&self.element),
        }
    }

    /// The attributes by which a message outside of the session refers to it.
    pub(crate) fn external_reference(&self, version: &Version) -> String {
        let mut reference = String::from("URI=\"");
        push(&mut reference, &self.identifier, Within::Attribute);
        reference.push('"');
        if let Some(instance) = &self.instance {
            reference.push_str(" c:Instance=\"");
            push(&mut reference, instance, Within::Attribute);
            reference.push_str("\" xmlns:c=\"");
            reference.push_str(version.conversation);
            reference.push('"');
        }
        reference
    }
}

impl TokenParts {
    /// Reads the current `SecurityContextToken`.
    pub(crate) fn read(version: &Version, reader: &mut Reader<'_>) -> Result<Self, Error> {
        let mut parts = Self::default();
        for (namespace, local, value) in reader.attributes()? {
            if namespace == UTILITY && local == "Id" {
                parts.id = value.into_owned();
            }
        }
        while reader.next()? == Node::Start {
            if reader.is(Name::new(version.conversation, "Identifier")) {
                parts.identifier = reader.text()?.trim().to_owned();
            } else if reader.is(Name::new(version.conversation, "Instance")) {
                parts.instance = Some(reader.text()?.trim().to_owned());
            } else if reader.is(Name::new(MICROSOFT, "Cookie")) {
                parts.cookie = Some(reader.text()?.trim().to_owned());
            } else {
                parts.others.push(reader.fragment()?);
            }
        }
        Ok(parts)
    }

    /// The element, with the position of its cookie, and its octets if it is base64.
    fn write(&self, version: &Version) -> (String, Option<(Range<usize>, Bytes)>) {
        let mut place = None;
        let mut element = String::from("<c:SecurityContextToken u:Id=\"");
        push(&mut element, &self.id, Within::Attribute);
        element.push_str("\" xmlns:c=\"");
        element.push_str(version.conversation);
        element.push_str("\"><c:Identifier>");
        push(&mut element, &self.identifier, Within::Element);
        element.push_str("</c:Identifier>");
        if let Some(instance) = &self.instance {
            element.push_str("<c:Instance>");
            push(&mut element, instance, Within::Element);
            element.push_str("</c:Instance>");
        }
        if let Some(cookie) = &self.cookie {
            element.push_str("<Cookie xmlns=\"");
            element.push_str(MICROSOFT);
            element.push_str("\">");
            let start = element.len();
            push(&mut element, cookie, Within::Element);
            place = base64_bytes(cookie).map(|octets| (start..element.len(), octets.into()));
            element.push_str("</Cookie>");
        }
        for other in &self.others {
            element.push_str(other);
        }
        element.push_str("</c:SecurityContextToken>");
        (element, place)
    }
}

/// Escapes text that came out of a document, so that no character of it is forbidden.
fn push(out: &mut String, text: &str, place: Within) {
    let mut escaped = Vec::with_capacity(text.len());
    let _ = escape::push(&mut escaped, text, place);
    out.push_str(&String::from_utf8_lossy(&escaped));
}
