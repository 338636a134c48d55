//! XML that travels as the text of an element.

use std::fmt;

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::xml::{Node, Reader};

/// A document inside a message: the text of an element, which is XML by itself, with a schema that the contract does not
/// know.
///
/// A value of a type that was generated for that schema goes in with [`of`](Self::of) and comes out with
/// [`read`](Self::read); XML that is at hand as text goes in with `from`. The XML declaration is left out, as the encoding is
/// that of the message. A request with a document that is not well-formed is refused before it is sent.
///
/// `Debug` prints the length only.
///
/// ```
/// use soap_runtime::Document;
///
/// let form = Document::from("<?xml version='1.0' encoding='utf-16'?>\n<form>1</form>");
/// assert_eq!(form.as_xml(), "<form>1</form>");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Document(String);

impl Document {
    /// The XML, without a declaration.
    pub fn as_xml(&self) -> &str {
        &self.0
    }

    /// Checks that it is one element, well-formed, in which all prefixes are declared.
    ///
    /// # Errors
    /// What is wrong, with line and column.
    pub fn check(&self) -> Result<(), Error> {
        self.walk().map_err(|error| error.in_document(self.0.as_bytes()))
    }

    fn walk(&self) -> Result<(), Error> {
        let mut reader = Reader::new(self.0.as_bytes(), &XmlLimits::default());
        if reader.next()? != Node::Start {
            return Err(reader.error("no element"));
        }
        reader.attributes()?;
        let mut ends_section = false;
        loop {
            let is_end = reader.content_in_pieces(|piece| ends_section |= piece.contains("]]>"))?;
            if ends_section {
                return Err(reader.error("`]]>` in a text"));
            }
            match (is_end, reader.depth()) {
                (true, 0) => return reader.finish(),
                (true, _) => {}
                (false, _) => drop(reader.attributes()?),
            }
        }
    }
}

impl From<String> for Document {
    fn from(mut xml: String) -> Self {
        let kept = without_declaration(&xml).len();
        xml.drain(..xml.len() - kept);
        Self(xml)
    }
}

impl From<&str> for Document {
    fn from(xml: &str) -> Self {
        Self(without_declaration(xml).to_owned())
    }
}

/// Without one, a text stays as it is.
fn without_declaration(xml: &str) -> &str {
    let start = xml.trim_start_matches('\u{feff}');
    let declared = start.trim_ascii_start().strip_prefix("<?xml");
    let declared = declared.filter(|rest| rest.starts_with([' ', '\t', '\r', '\n']));
    declared.and_then(|rest| rest.split_once("?>")).map_or(start, |(_, rest)| rest.trim_ascii_start())
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} characters]", self.0.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declaration_is_no_part_of_it() {
        for (text, xml) in [
            ("<a/>", "<a/>"),
            ("\u{feff}<?xml version='1.0'?><a/>", "<a/>"),
            (" \r\n<?xml version=\"1.0\" encoding=\"iso-8859-1\" standalone='yes' ?>\r\n\t<a/> ", "<a/> "),
            ("<?xml-stylesheet href='x'?><a/>", "<?xml-stylesheet href='x'?><a/>"),
            ("<?xml version='1.0'", "<?xml version='1.0'"),
            (" <a/>", " <a/>"),
            ("", ""),
        ] {
            assert_eq!(Document::from(text).as_xml(), xml);
            assert_eq!(Document::from(text.to_owned()).as_xml(), xml);
        }
        assert_eq!(format!("{:?}", Document::from("<å/>")), "[4 characters]");
    }

    #[test]
    fn one_well_formed_element() {
        for right in [
            "<a/>",
            "<!-- x --><a b='1' xml:lang='nb'>x<c/>&#xE5;&lt;&gt;</a>\n<!-- y -->",
            "<p:a xmlns:p='urn:p' p:b=''><![CDATA[]]]]><![CDATA[>]]><c><d/></c>]]</p:a>",
        ] {
            Document::from(right).check().unwrap_or_else(|error| panic!("{right}: {error}"));
        }
        for wrong in [
            "",
            "x",
            "<a",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "<p:a/>",
            "<a p:b='1'/>",
            "<a><b p:c=''/></a>",
            "<a>&nbsp;</a>",
            "<a b='&x;'/>",
            "<a b='1' b='2'/>",
            "<a>]]></a>",
            "<a>1 < 2</a>",
            "<!DOCTYPE a><a/>",
            "<a><?xml version='1.0'?></a>",
        ] {
            assert!(Document::from(wrong).check().is_err(), "{wrong}");
        }
        let error = Document::from("<a>\n  <b p:c=''/>\n</a>").check().unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }
}
