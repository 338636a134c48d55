//! Puts a header block into an envelope that is finished.

use zeroize::Zeroizing;

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::name::Name;
use crate::security::names::UTILITY;
use crate::soap::SoapVersion;
use crate::xml::{Node, Reader};

/// The envelope with a Security header as its last block. The header brings the declarations that it needs, as the envelope may
/// be one that the program has written.
///
/// # Errors
/// No envelope of this version of SOAP.
pub(crate) fn with_security(soap: SoapVersion, envelope: &str, security: &str) -> Result<Zeroizing<String>, Error> {
    let envelope = envelope.trim_start_matches('\u{FEFF}');
    let place = Place::find(soap, envelope)?;
    let declarations = format!(" xmlns:s=\"{}\" xmlns:u=\"{UTILITY}\"", soap.namespace());
    let (tag, content) = security.split_once(' ').unwrap_or((security, ""));
    let [before, after] = match &place {
        Place::Inside(_) => [String::new(), String::new()],
        Place::Empty { name, .. } => [">".to_owned(), format!("</{name}>")],
        Place::NoHeader(_) => [format!("<s:Header xmlns:s=\"{}\">", soap.namespace()), "</s:Header>".to_owned()],
    };
    let (end, rest) = match place {
        Place::Inside(at) | Place::NoHeader(at) => (at, at),
        Place::Empty { end, rest, .. } => (end, rest),
    };
    let parts = [&envelope[..end], &before, tag, &declarations, " ", content, &after, &envelope[rest..]];
    // In one piece: a text that grows leaves a copy behind.
    let mut whole = Zeroizing::new(String::with_capacity(parts.iter().map(|part| part.len()).sum()));
    parts.iter().for_each(|part| whole.push_str(part));
    Ok(whole)
}

/// Where a block goes.
enum Place<'x> {
    /// Behind the last block.
    Inside(usize),
    /// Into a Header that is one tag: up to its `/>`, and from behind it.
    Empty { end: usize, rest: usize, name: &'x str },
    /// There is no Header: it would begin here.
    NoHeader(usize),
}

impl<'x> Place<'x> {
    fn find(soap: SoapVersion, envelope: &'x str) -> Result<Self, Error> {
        let name = |local| Name::new(soap.namespace(), local);
        let mut reader = Reader::new(envelope.as_bytes(), &XmlLimits::default());
        reader.next()?;
        if !reader.is(name("Envelope")) {
            return Err(reader.error("not a SOAP envelope of this version"));
        }
        let start = reader.offset();
        if reader.next()? == Node::End {
            return Err(reader.error("an envelope without a Body"));
        }
        if !reader.is(name("Header")) {
            return Ok(Self::NoHeader(start));
        }
        let tag = reader.offset();
        let mut end = tag;
        while reader.next()? == Node::Start {
            reader.skip()?;
            end = reader.offset();
        }
        let written = &envelope[..tag];
        if end > tag || !written.ends_with("/>") {
            return Ok(Self::Inside(end));
        }
        let name = &written[written.rfind('<').map_or(0, |at| at + 1)..];
        let name = name.split(|c: char| c.is_ascii_whitespace() || c == '/').next().unwrap_or_default();
        Ok(Self::Empty { end: tag - 2, rest: tag, name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_found_in_whatever_way_it_is_written() {
        let soap = SoapVersion::Soap11;
        let namespace = soap.namespace();
        let with = |header: &str| {
            let envelope = format!(
                "\u{FEFF}<?xml version='1.0'?><e:Envelope xmlns:e='{namespace}'>{header}<e:Body/></e:Envelope>"
            );
            let whole =
                with_security(soap, &envelope, "<o:Security s:mustUnderstand=\"1\" xmlns:o=\"urn:o\"/>").unwrap();
            let document = roxmltree::Document::parse(&whole).unwrap();
            let children = |node: roxmltree::Node<'_, '_>| -> Vec<String> {
                node.children()
                    .filter(|child| child.is_element())
                    .map(|child| child.tag_name().name().to_owned())
                    .collect()
            };
            let root = document.root_element();
            assert_eq!(children(root), ["Header", "Body"]);
            children(root.first_element_child().unwrap())
        };
        assert_eq!(with(""), ["Security"]);
        for empty in ["<e:Header/>", "<e:Header  a='/>' />", "<e:Header></e:Header>", "<e:Header> </e:Header>"] {
            assert_eq!(with(empty), ["Security"], "{empty}");
        }
        assert_eq!(with("<e:Header><a/> <b>x</b><!-- --></e:Header>"), ["a", "b", "Security"]);
        for wrong in [
            "",
            "x",
            "<a/>",
            &format!("<e:Envelope xmlns:e='{namespace}'/>"),
            "<e:Envelope xmlns:e='urn:e'><e:Body/></e:Envelope>",
        ] {
            assert!(with_security(soap, wrong, "<o:Security />").is_err(), "{wrong}");
        }
    }
}
