//! Exchanges as they were recorded: HTTP in files, one request and one response each.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use altinn_soap::DateTime;
use altinn_soap_runtime::verify;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One request and its answer.
pub(super) struct Exchange {
    /// Folder and number, or the name.
    pub(super) name: String,
    pub(super) request: Message,
    pub(super) response: Message,
}

/// One HTTP message.
pub(super) struct Message {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Message {
    fn parse(path: &Path) -> Self {
        let octets = fs::read(path).unwrap();
        let end =
            octets.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or_else(|| panic!("{}", path.display()));
        let head = String::from_utf8_lossy(&octets[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap_or_default();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let body = octets[end + 4..].to_vec();
        let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        Self { status, headers, body: if chunked { unchunked(&body) } else { body } }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Not MTOM.
    pub(super) fn is_text(&self) -> bool {
        self.header("content-type").is_some_and(|kind| !kind.starts_with("multipart/"))
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(super) fn is_fault(&self) -> bool {
        self.text().contains("Fault>")
    }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n").unwrap();
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + length]);
        rest = &rest[end + 4 + length..];
    }
}

/// A folder of `both/` or `client/`: what one client did, in order.
pub(super) struct Folder {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) exchanges: Vec<Exchange>,
}

/// The folders without MTOM, which is another test's.
pub(super) fn folders(part: &Path) -> Vec<Folder> {
    if !part.exists() {
        return Vec::new();
    }
    let mut paths: Vec<_> = fs::read_dir(part).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.is_dir() && !path.to_string_lossy().contains("mtom"));
    paths.sort();
    paths.into_iter().map(|path| Folder { name: name_of(&path), exchanges: exchanges(&path), path }).collect()
}

/// The exchanges of one folder. Those that travel as MTOM are another test's.
pub(super) fn exchanges(folder: &Path) -> Vec<Exchange> {
    if !folder.exists() {
        return Vec::new();
    }
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| name_of(&entry.unwrap().path()).strip_suffix("-request.http").map(str::to_owned))
        .filter(|name| !name.contains("mtom"))
        .collect();
    names.sort();
    let read = |name: &str, side| Message::parse(&folder.join(format!("{name}-{side}.http")));
    let exchange = |name: &String| Exchange {
        name: format!("{}/{name}", name_of(folder)),
        request: read(name, "request"),
        response: read(name, "response"),
    };
    names.iter().map(exchange).filter(|exchange| exchange.request.is_text() && exchange.response.is_text()).collect()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The text between two others.
pub(super) fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found)
}

/// What an element holds, by its local name.
pub(super) fn element<'t>(text: &'t str, local: &str) -> Option<&'t str> {
    let mut rest = text;
    while let Some((_, tail)) = rest.split_once('<') {
        let name = tail.split([' ', '>', '/']).next().unwrap_or_default();
        if name.rsplit(':').next() == Some(local) && !tail.starts_with('/') {
            let content = tail.split_once('>')?.1;
            return content.split_once(&format!("</{name}>")).map(|(found, _)| found);
        }
        rest = tail;
    }
    None
}

/// A time of these messages, in milliseconds.
pub(super) fn time(text: &str) -> SystemTime {
    let parsed: DateTime = text.parse().unwrap();
    let (date, time) = (parsed.date(), parsed.time());
    // All of them are of one month.
    assert_eq!((date.year(), date.month()), (2026, 11), "{text}");
    let seconds = u64::from(date.day()) * 86_400
        + u64::from(time.hour()) * 3600
        + u64::from(time.minute()) * 60
        + u64::from(time.second());
    const LAST_OF_OCTOBER: u64 = 1_793_404_800;
    let milliseconds = time.fraction() / 1_000_000_000_000_000;
    SystemTime::UNIX_EPOCH + Duration::from_secs(LAST_OF_OCTOBER + seconds) + Duration::from_millis(milliseconds)
}

/// The keys of sessions, as they follow from the entropies of both sides.
#[derive(Default)]
pub(super) struct Keys(BTreeMap<(String, Option<String>), Vec<u8>>);

impl Keys {
    /// Those that these exchanges begin or renew.
    pub(super) fn of(exchanges: &[Exchange]) -> Self {
        let mut keys = Self::default();
        for exchange in exchanges {
            let (request, response) = (exchange.request.text(), exchange.response.text());
            let entropy = |text: &str| -> Option<Vec<u8>> {
                element(element(text, "Entropy")?, "BinarySecret").map(|text| STANDARD.decode(text).unwrap())
            };
            let (Some(client), Some(server)) = (entropy(&request), entropy(&response)) else { continue };
            let token = element(&response, "SecurityContextToken").unwrap();
            let identifier = element(token, "Identifier").unwrap().to_owned();
            keys.0.insert((identifier, element(token, "Instance").map(str::to_owned)), p_sha1(&client, &server));
        }
        keys
    }
}

impl verify::ContextKeys for Keys {
    fn key(&self, identifier: &str, instance: Option<&str>) -> Option<Vec<u8>> {
        self.0.get(&(identifier.to_owned(), instance.map(str::to_owned))).cloned()
    }
}

/// The first 32 octets of P_SHA1, written out once more: the runtime's own is under test.
fn p_sha1(secret: &[u8], seed: &[u8]) -> Vec<u8> {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let hmac = |data: &[u8]| ring::hmac::sign(&key, data).as_ref().to_vec();
    let first = hmac(seed);
    let second = hmac(&first);
    let mut out = [hmac(&[&first, seed].concat()), hmac(&[&second, seed].concat())].concat();
    out.truncate(32);
    out
}
