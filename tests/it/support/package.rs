//! Packages, taken apart strictly and all at once: the runtime's own reader is under test.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A `multipart/related` message.
pub(crate) struct Package {
    /// Parameters of the Content-Type, in order.
    pub(crate) parameters: Vec<(String, String)>,
    /// The envelope first.
    pub(crate) parts: Vec<Part>,
}

pub(crate) struct Part {
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) content: Vec<u8>,
}

impl Part {
    /// The Content-ID without its brackets.
    fn id(&self) -> &str {
        let id = self.headers.iter().find(|(name, _)| name == "content-id");
        id.map(|(_, id)| id.trim_start_matches('<').trim_end_matches('>')).expect("a part without Content-ID")
    }
}

impl Package {
    /// `None` for a message of another kind.
    ///
    /// # Panics
    /// On a package that WCF would not write.
    pub(crate) fn of(content_type: &str, body: &[u8]) -> Option<Self> {
        let mut values = content_type.split(';');
        if values.next()?.trim() != "multipart/related" {
            return None;
        }
        // No value of these messages holds a semicolon.
        let parameters: Vec<(String, String)> = values
            .map(|parameter| parameter.trim().split_once('=').expect("a parameter with a value"))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim_matches('"').to_owned()))
            .collect();
        let boundary = &parameters.iter().find(|(name, _)| name == "boundary").expect("a boundary").1;
        let delimiter = format!("\r\n--{boundary}");
        let mut pieces = split(body, delimiter.as_bytes());
        assert!(pieces.remove(0).is_empty(), "something before the first boundary");
        let last = pieces.pop().expect("a closing boundary");
        assert!(last == b"--" || last == b"--\r\n", "no closing boundary");
        let parts: Vec<Part> = pieces.into_iter().map(part).collect();
        let start = &parameters.iter().find(|(name, _)| name == "start").expect("a start").1;
        assert_eq!(format!("<{}>", parts[0].id()), *start, "the first part is not the one that `start` names");
        Some(Self { parameters, parts })
    }

    /// The envelope with something else in the place of each reference: what is made of the part's number and content.
    fn envelope(&self, replace: impl Fn(usize, &[u8]) -> String) -> String {
        let mut rest = std::str::from_utf8(&self.parts[0].content).unwrap();
        let (mut envelope, mut seen) = (String::new(), vec![false; self.parts.len()]);
        while let Some((before, tail)) = rest.split_once("<xop:Include href=\"cid:") {
            let (href, tail) = tail.split_once('"').unwrap();
            let (attributes, tail) = tail.split_once("/>").unwrap();
            assert_eq!(attributes, " xmlns:xop=\"http://www.w3.org/2004/08/xop/include\"");
            let id = decoded(href);
            let at = self.parts.iter().position(|part| part.id() == id).expect("a reference to a part that is there");
            assert!(at > 0 && !std::mem::replace(&mut seen[at], true), "each part is referred to once");
            envelope.push_str(before);
            envelope.push_str(&replace(at, &self.parts[at].content));
            rest = tail;
        }
        assert!(seen.iter().skip(1).all(|seen| *seen), "a part that nothing refers to");
        envelope.push_str(rest);
        envelope
    }

    /// The envelope as a signature covers it: with all content in it.
    pub(crate) fn inlined(&self) -> String {
        self.envelope(|_, content| STANDARD.encode(content))
    }

    /// The envelope with numbers for ids, which each side chooses for itself.
    pub(crate) fn outline(&self) -> String {
        self.envelope(|at, _| format!("part {at}"))
    }

    /// All but the envelope, the boundary and the ids.
    pub(crate) fn form(&self) -> String {
        let mut form = String::new();
        let without_id = |name: &str, value: &str| match name {
            "boundary" | "start" | "content-id" => String::new(),
            _ => value.to_owned(),
        };
        for (name, value) in &self.parameters {
            let _ = writeln!(form, "{name}={}", without_id(name, value));
        }
        for (at, part) in self.parts.iter().enumerate() {
            for (name, value) in &part.headers {
                let _ = writeln!(form, "{at} {name}: {}", without_id(name, value));
            }
        }
        form
    }
}

fn part(piece: &[u8]) -> Part {
    let end = piece.windows(4).position(|window| window == b"\r\n\r\n").expect("the end of a part's headers");
    let head = std::str::from_utf8(&piece[..end]).unwrap();
    let lines = head.strip_prefix("\r\n").expect("a line end after the boundary").split("\r\n");
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").expect("a header line");
        (name.to_ascii_lowercase(), value.to_owned())
    };
    Part { headers: lines.map(header).collect(), content: piece[end + 4..].to_vec() }
}

fn split<'b>(mut body: &'b [u8], delimiter: &[u8]) -> Vec<&'b [u8]> {
    let mut pieces = Vec::new();
    while let Some(at) = body.windows(delimiter.len()).position(|window| window == delimiter) {
        pieces.push(&body[..at]);
        body = &body[at + delimiter.len()..];
    }
    pieces.push(body);
    pieces
}

/// A URL's `%xx` taken off.
fn decoded(url: &str) -> String {
    let mut pieces = url.split('%');
    let mut decoded = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        decoded.push(char::from(u8::from_str_radix(&piece[..2], 16).unwrap()));
        decoded.push_str(&piece[2..]);
    }
    decoded
}
