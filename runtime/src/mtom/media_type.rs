//! `Content-Type`: a media type and its parameters.

use crate::error::Error;
use crate::limits::MEDIA_TYPE_PARAMETERS;
use crate::xml::steps;

/// The `Content-Type` of a message or part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MediaType {
    /// In lower case.
    essence: String,
    /// Names in lower case, values without quotes and escapes.
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Parses a header value leniently: parameter values need no quotes unless they contain `;`.
    ///
    /// # Errors
    /// More than [`MEDIA_TYPE_PARAMETERS`].
    pub(crate) fn parse(value: &[u8]) -> Result<Self, Error> {
        steps::count(value.len());
        let text = String::from_utf8_lossy(value);
        let (essence, mut rest) = text.split_once(';').unwrap_or((&text, ""));
        let mut parameters = Vec::new();
        while !rest.trim_start_matches([';', ' ', '\t', '\r', '\n']).is_empty() {
            rest = rest.trim_start_matches([';', ' ', '\t', '\r', '\n']);
            let Some(equals) = rest.find(['=', ';']) else { break };
            let name = rest[..equals].trim().to_ascii_lowercase();
            let Some(value) = rest[equals..].strip_prefix('=') else {
                // A name without a value.
                rest = &rest[equals..];
                continue;
            };
            let (value, after) = self::value(value.trim_start());
            rest = after;
            steps::count(parameters.len());
            if parameters.len() == MEDIA_TYPE_PARAMETERS {
                return Err(Error::malformed("a media type with more parameters than allowed (MEDIA_TYPE_PARAMETERS)"));
            }
            // The first one counts.
            if !parameters.iter().any(|(known, _)| *known == name) {
                parameters.push((name, value));
            }
        }
        Ok(Self { essence: essence.trim().to_ascii_lowercase(), parameters })
    }

    /// Type and subtype, in lower case.
    pub(crate) fn essence(&self) -> &str {
        &self.essence
    }

    /// The value of a parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find_map(|(known, value)| (known == name).then_some(&**value))
    }

    /// All parameters, as they are written.
    #[cfg(test)]
    pub(crate) fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }
}

/// A quoted string or a token, and what follows.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return (text[..end].trim_end().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            _ => value.push(character),
        }
    }
    // The closing quote is missing.
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_parsed(text: &str, essence: &str, parameters: &[(&str, &str)]) {
        let parsed = MediaType::parse(text.as_bytes()).unwrap();
        let found: Vec<(&str, &str)> = parsed.parameters().iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!((parsed.essence(), &*found), (essence, parameters), "{text}");
    }

    #[test]
    fn as_it_is_written_in_the_field() {
        let wcf = r#"multipart/related; type="application/xop+xml";start="<http://tempuri.org/0>";boundary="uuid:1+id=6";start-info="text/xml""#;
        let expected = [
            ("type", "application/xop+xml"),
            ("start", "<http://tempuri.org/0>"),
            ("boundary", "uuid:1+id=6"),
            ("start-info", "text/xml"),
        ];
        assert_parsed(wcf, "multipart/related", &expected);
        let cxf = r#"Multipart/Related; TYPE=application/xop+xml; boundary=uuid:1+id=6; start-info="application/soap+xml; action=\"urn:x;y\"""#;
        let expected = [
            ("type", "application/xop+xml"),
            ("boundary", "uuid:1+id=6"),
            ("start-info", r#"application/soap+xml; action="urn:x;y""#),
        ];
        assert_parsed(cxf, "multipart/related", &expected);
    }

    #[test]
    fn what_is_not_quite_right() {
        assert_parsed("text/xml", "text/xml", &[]);
        assert_parsed("text/xml;", "text/xml", &[]);
        assert_parsed("text/xml;;a=1;; b ;c = 2 ;d=", "text/xml", &[("a", "1"), ("c", "2"), ("d", "")]);
        assert_parsed("", "", &[]);
        assert_parsed("a/b; x=\"open", "a/b", &[("x", "open")]);
        assert_parsed("a/b; x=\"open\\", "a/b", &[("x", "open")]);
        assert_parsed("a/b; x=1; X=2", "a/b", &[("x", "1")]);
        assert_parsed("a/b; x=\"1\" y; z=3", "a/b", &[("x", "1"), ("z", "3")]);
        assert_parsed("a/b; folded=\r\n\t1", "a/b", &[("folded", "1")]);
        let many = |count: usize| format!("a/b{}", (0..count).map(|at| format!("; p{at}=1")).collect::<String>());
        assert_eq!(MediaType::parse(many(MEDIA_TYPE_PARAMETERS).as_bytes()).unwrap().parameter("p99"), Some("1"));
        assert!(MediaType::parse(many(MEDIA_TYPE_PARAMETERS + 1).as_bytes()).is_err());
        assert_eq!(MediaType::parse(b"a/b; x=\xFF").unwrap().parameter("x"), Some("\u{FFFD}"));
    }
}
