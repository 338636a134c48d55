//! Exchanges as they were recorded: HTTP in files, one request and one response each.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use altinn_soap::DateTime;
use altinn_soap::testing::RecordedRequest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use soap_runtime::verify;

use crate::support::package::Package;

/// One request and its answer.
pub(super) struct Exchange {
    /// Folder and number, or the name.
    pub(super) name: String,
    pub(super) request: Arc<Message>,
    pub(super) response: Message,
}

impl Exchange {
    pub(super) fn is_mtom(&self) -> bool {
        self.request.package.is_some() || self.response.package.is_some()
    }

    /// Basic, WS, EC or EC2, in the letters of the folder's or the exchange's name.
    pub(super) fn variant(&self) -> &str {
        let (folder, name) = self.name.rsplit_once('/').unwrap();
        let name = if folder == "server" { name } else { folder };
        name.split('-').next().unwrap()
    }
}

/// One HTTP message.
pub(super) struct Message {
    /// Path and query of a request.
    pub(super) target: String,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// The same, if it is MTOM.
    pub(super) package: Option<Package>,
}

impl Message {
    fn read(path: &Path) -> Self {
        let octets = fs::read(path).unwrap();
        let mut octets = octets.as_slice();
        // .NET Framework waits to be told to go on, so that its answer has one more head.
        if octets.starts_with(b"HTTP/1.1 100 ") {
            octets = &octets[end_of_head(octets, path) + 4..];
        }
        let end = end_of_head(octets, path);
        let head = String::from_utf8_lossy(&octets[..end]).into_owned();
        let mut lines = head.split("\r\n");
        // A request says where it goes in the place in which an answer has its status.
        let target = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let body = &octets[end + 4..];
        let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        // From some recordings the chunks were taken, and the header was left.
        let body = if chunked { unchunked(body) } else { None }.unwrap_or_else(|| body.to_vec());
        Self::new(target, headers, body)
    }

    fn new(target: String, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        let content_type = headers.iter().find(|(name, _)| name == "content-type");
        let package = content_type.and_then(|(_, content_type)| Package::of(content_type, &body));
        Self { status: target.parse().unwrap_or_default(), target, headers, body, package }
    }

    /// A request of ours.
    pub(super) fn sent(request: &RecordedRequest) -> Self {
        let mut headers = vec![("host".to_owned(), request.url.authority().unwrap().to_string())];
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        headers.extend(request.headers.iter().map(|(name, value)| (name.to_string(), text(value))));
        let target = request.url.path_and_query().unwrap().to_string();
        Self::new(target, headers, request.body.to_vec())
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The envelope with all content in it.
    pub(super) fn envelope(&self) -> String {
        match &self.package {
            Some(package) => package.inlined(),
            None => String::from_utf8(self.body.clone()).unwrap(),
        }
    }

    /// The envelope with the number of a part where it refers to one.
    pub(super) fn outline(&self) -> String {
        self.package.as_ref().map_or_else(|| self.envelope(), Package::outline)
    }

    /// Where it was sent.
    pub(super) fn url(&self) -> String {
        format!("https://{}{}", self.header("host").unwrap(), self.target)
    }

    /// For the token service.
    pub(super) fn is_trust(&self) -> bool {
        element(&self.envelope(), "Action").is_some_and(|action| action.contains("/trust/RST/SCT"))
    }

    pub(super) fn is_fault(&self) -> bool {
        self.envelope().contains("Fault>")
    }
}

fn end_of_head(octets: &[u8], path: &Path) -> usize {
    octets.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or_else(|| panic!("{}", path.display()))
}

/// `None` if there are no chunks.
fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        if length == 0 {
            return Some(body);
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

impl Folder {
    /// One of its messages travels as MTOM.
    pub(super) fn is_mtom(&self) -> bool {
        self.exchanges.iter().any(Exchange::is_mtom)
    }
}

/// The folders of `both/` or `client/`.
pub(super) fn folders(part: &Path) -> Vec<Folder> {
    if !part.exists() {
        return Vec::new();
    }
    let mut paths: Vec<_> = fs::read_dir(part).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.is_dir());
    paths.sort();
    paths.into_iter().map(|path| Folder { name: name_of(&path), exchanges: exchanges(&path), path }).collect()
}

/// The exchanges of one folder.
pub(super) fn exchanges(folder: &Path) -> Vec<Exchange> {
    if !folder.exists() {
        return Vec::new();
    }
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| name_of(&entry.unwrap().path()).strip_suffix("-request.http").map(str::to_owned))
        .collect();
    names.sort();
    let read = |name: &str, side| Message::read(&folder.join(format!("{name}-{side}.http")));
    let exchange = |name: &String| Exchange {
        name: format!("{}/{name}", name_of(folder)),
        request: read(name, "request").into(),
        response: read(name, "response"),
    };
    names.iter().map(exchange).collect()
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
            let (request, response) = (exchange.request.envelope(), exchange.response.envelope());
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
