//! Messages that other stacks wrote.

use bytes::Bytes;

use crate::limits::MtomLimits;
use crate::limits::XmlLimits;
use crate::mtom::includes::inclusions;
use crate::mtom::inline::inline;
use crate::mtom::media_type::MediaType;
use crate::mtom::multipart::{Event, Multipart};
use crate::mtom::part_head::PartHead;
use crate::mtom::parts::Parts;
use crate::mtom::tests::read;

/// An HTTP message as it stood on the wire, with its body put together.
pub(super) struct Message {
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

impl Message {
    pub(super) fn load(name: &str) -> Self {
        let path = format!("{}/../tests/fixtures/mtom/{name}", env!("CARGO_MANIFEST_DIR"));
        Self::parse(&std::fs::read(path).unwrap())
    }

    fn parse(bytes: &[u8]) -> Self {
        let end = memchr::memmem::find(bytes, b"\r\n\r\n").unwrap();
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let rest = &bytes[end + 4..];
        if head.starts_with("HTTP/1.1 100") {
            return Self::parse(rest);
        }
        let headers: Vec<(String, String)> = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        // Some of the recordings have the chunks taken off already.
        let body = if chunked && !rest.starts_with(b"\r\n--") { unchunked(rest) } else { rest.to_vec() };
        Self { headers, body: body.into() }
    }

    pub(super) fn content_type(&self) -> String {
        self.headers.iter().find(|(name, _)| name == "content-type").unwrap().1.clone()
    }

    pub(super) fn media_type(&self) -> MediaType {
        MediaType::parse(self.content_type().as_bytes()).unwrap()
    }

    /// The parts as they are written.
    pub(super) fn parts(&self) -> Vec<(PartHead, Vec<u8>)> {
        let mut multipart =
            Multipart::new(self.media_type().parameter("boundary").unwrap(), &MtomLimits::default()).unwrap();
        multipart.feed(self.body.clone());
        let mut parts: Vec<(PartHead, Vec<u8>)> = Vec::new();
        loop {
            match multipart.next().unwrap().unwrap() {
                Event::Part(head) => parts.push((head, Vec::new())),
                Event::Data(data) => parts.last_mut().unwrap().1.extend_from_slice(&data),
                Event::End => return parts,
            }
        }
    }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let line = memchr::memmem::find(rest, b"\r\n").unwrap();
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&rest[line + 2..line + 2 + length]);
        rest = &rest[line + 2 + length + 2..];
    }
}

/// All recorded messages, by path.
pub(super) fn recorded() -> Vec<(String, Message)> {
    let root = format!("{}/../tests/fixtures/mtom", env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![std::path::PathBuf::from(&root)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "http") {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
                found.push((name.clone(), Message::load(&name)));
            }
        }
    }
    found.sort_by(|(left, _), (right, _)| left.cmp(right));
    found
}

#[test]
fn every_package_is_read_and_every_reference_resolved() {
    let (mut packages, mut referenced) = (0, 0);
    for (name, message) in recorded() {
        if !message.content_type().starts_with("multipart/") {
            continue;
        }
        packages += 1;
        let (envelope, parts) =
            read(&message.content_type(), vec![message.body.clone()]).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = inclusions(&envelope, &XmlLimits::default()).unwrap();
        assert_eq!(found.len(), parts.len(), "{name}: each part is referred to once");
        referenced += found.len();
        let mut received = Parts::default();
        for (id, content) in &parts {
            let head = PartHead { content_id: Some(id.clone()), ..PartHead::default() };
            received.push(head, content.clone().into());
        }
        let inlined = inline(envelope.into(), &mut received, &XmlLimits::default(), 1 << 20).unwrap();
        assert!(inclusions(&inlined, &XmlLimits::default()).unwrap().is_empty(), "{name}");
        for (_, content) in &parts {
            let text = crate::value::base64_text(content);
            assert!(
                memchr::memmem::find(&inlined, text.as_bytes()).is_some(),
                "{name}: the content stands in the envelope"
            );
        }
    }
    println!("{packages} packages, {referenced} parts that are referred to");
    assert!(packages >= 80, "{packages}");
}

#[test]
fn gsoap_and_node() {
    // What they were made to send.
    let content: Vec<u8> = (0..300_u32).map(|at| (at * 31 + 7).to_le_bytes()[0]).collect();
    for name in
        ["gsoap_mtom_up.http", "gsoap_mtom_up_chunked.http", "gsoap_mtom_down_response.http", "node_mtom_up.http"]
    {
        let message = Message::load(name);
        let (_, parts) = read(&message.content_type(), vec![message.body.clone()]).unwrap();
        assert!(parts.len() == 1 && parts[0].1 == content, "{name}");
    }
}
