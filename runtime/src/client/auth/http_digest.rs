//! HTTP Digest (RFC 7616) with SHA-256 or MD5: a proof of the password over a nonce of the service.
//!
//! The first request has no proof; its answer, HTTP 401, brings the nonce, and the request goes once more. Later requests
//! use the same nonce with a higher count, until the service says that it is stale.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderValue};
use http_auth::ChallengeRef;
use md5::Md5;
use sha2::{Digest, Sha256};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::client::auth::authorization::{self, UNAUTHORIZED};
use crate::client::auth::none::NoAuthentication;
use crate::client::auth::scheme::{Proof, Repeat, ReplySecurity, Scheme};
use crate::client::post::Endpoint;
use crate::client::settings::Settings;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind};
use crate::mtom::package::DRAIN_TIMEOUT;
use crate::mtom::parts::Attachments;
use crate::security::username_token::no_random;
use crate::transport::BoxFuture;

/// Octets of the client's own nonce.
const NONCE_OCTETS: usize = 16;

pub(crate) struct HttpDigest {
    credentials: Arc<Credentials>,
    /// What messages have beside it.
    message: NoAuthentication,
    /// The latest of the service.
    challenge: Mutex<Option<Arc<Challenge>>>,
}

/// What a service asks for.
struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    /// The name of the algorithm as the service wrote it, if it did.
    algorithm_name: Option<&'static str>,
    /// The hash of the password is itself hashed with the nonces.
    is_session: bool,
    /// Else as in RFC 2069, which counts nothing.
    qop_auth: bool,
    /// Requests with this nonce so far.
    count: AtomicU32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Md5,
    Sha256,
}

/// Names with what they mean, and whether it is per session.
const ALGORITHMS: [(&str, Algorithm, bool); 4] = [
    ("MD5", Algorithm::Md5, false),
    ("MD5-sess", Algorithm::Md5, true),
    ("SHA-256", Algorithm::Sha256, false),
    ("SHA-256-sess", Algorithm::Sha256, true),
];

impl Algorithm {
    /// The hash of texts, joined by colons, in hexadecimal digits.
    fn hash(self, texts: &[&str]) -> Zeroizing<String> {
        fn of<D: Digest>(text: &str) -> Zeroizing<String> {
            hex(&D::digest(text))
        }
        let text = Zeroizing::new(texts.join(":"));
        match self {
            Self::Md5 => of::<Md5>(&text),
            Self::Sha256 => of::<Sha256>(&text),
        }
    }
}

fn hex(octets: &[u8]) -> Zeroizing<String> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = octets.iter().flat_map(|octet| [octet >> 4, octet & 15]);
    let mut text = Zeroizing::new(String::with_capacity(2 * octets.len()));
    text.extend(digits.map(|digit| char::from(DIGITS[usize::from(digit)])));
    text
}

impl Challenge {
    /// The strongest in an answer that can be met, and whether it says that only the nonce was too old.
    fn of(headers: &HeaderMap) -> Option<(Self, bool)> {
        let mut best: Option<(Self, bool)> = None;
        authorization::challenges(headers, |challenge| {
            let found = Self::read(challenge);
            if let Some(found) = found
                && best.as_ref().is_none_or(|(best, _)| best.algorithm < found.0.algorithm)
            {
                best = Some(found);
            }
        });
        best
    }

    fn read(challenge: &ChallengeRef<'_>) -> Option<(Self, bool)> {
        if !challenge.scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let parameter = |wanted: &str| {
            let found = challenge.params.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| value.to_unescaped())
        };
        let (algorithm_name, algorithm, is_session) = match parameter("algorithm") {
            Some(name) => {
                let (known, algorithm, is_session) =
                    ALGORITHMS.into_iter().find(|(known, ..)| known.eq_ignore_ascii_case(&name))?;
                (Some(known), algorithm, is_session)
            }
            None => (None, Algorithm::Md5, false),
        };
        let qop = parameter("qop");
        let qop_auth =
            qop.as_ref().is_some_and(|all| all.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth")));
        if qop.is_some() && !qop_auth {
            return None;
        }
        let is_stale = parameter("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true"));
        let challenge = Self {
            realm: parameter("realm")?,
            nonce: parameter("nonce")?,
            opaque: parameter("opaque"),
            algorithm,
            algorithm_name,
            is_session,
            qop_auth,
            count: AtomicU32::new(0),
        };
        Some((challenge, is_stale))
    }

    /// The header that proves the password for one request.
    fn answer(&self, credentials: &Credentials, uri: &str, client_nonce: &str) -> Result<HeaderValue, Error> {
        let (user_name, password) = (credentials.user_name.expose(), credentials.password.expose());
        let Self { realm, nonce, algorithm, .. } = self;
        if user_name.chars().any(char::is_control) {
            return Err(Error::configuration("a user name for HTTP Digest must not hold control characters"));
        }
        let count = format!("{:08x}", self.count.fetch_add(1, Ordering::Relaxed).wrapping_add(1));
        let mut secret = algorithm.hash(&[user_name, realm, password]);
        if self.is_session {
            secret = algorithm.hash(&[&secret, nonce, client_nonce]);
        }
        let request = algorithm.hash(&["POST", uri]);
        let response = match self.qop_auth {
            true => algorithm.hash(&[&secret, nonce, &count, client_nonce, "auth", &request]),
            false => algorithm.hash(&[&secret, nonce, &request]),
        };
        let mut value = Zeroizing::new(String::from("Digest "));
        let strings =
            [("username", user_name), ("realm", realm), ("nonce", nonce), ("uri", uri), ("response", &response)];
        let opaque = self.opaque.as_ref().map(|opaque| ("opaque", opaque.as_str()));
        for (name, text) in strings.into_iter().chain(opaque) {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"");
            // Writing to a string does not fail.
            let _ = write!(value, "{name}=\"{text}\", ");
        }
        if let Some(name) = self.algorithm_name {
            let _ = write!(value, "algorithm={name}, ");
        }
        if self.qop_auth || self.is_session {
            let _ = write!(value, "cnonce=\"{client_nonce}\", ");
        }
        if self.qop_auth {
            let _ = write!(value, "qop=auth, nc={count}, ");
        }
        let length = value.trim_end_matches(", ").len();
        value.truncate(length);
        authorization::header(value)
    }
}

impl HttpDigest {
    pub(crate) fn new(credentials: Arc<Credentials>, message: NoAuthentication) -> Self {
        Self { credentials, message, challenge: Mutex::default() }
    }

    fn known(&self) -> Option<Arc<Challenge>> {
        self.challenge.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what an answer asks for. Returns whether it did, and whether only the nonce was too old.
    fn take_challenge(&self, headers: &HeaderMap) -> Option<bool> {
        let (challenge, is_stale) = Challenge::of(headers)?;
        *self.challenge.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(challenge));
        Some(is_stale)
    }
}

impl Scheme for HttpDigest {
    fn prepare<'a>(&'a self, endpoint: &'a Endpoint<'a>) -> BoxFuture<'a, Result<Box<dyn Proof + 'a>, Error>> {
        let [is_proven, repeats, unmet] = [const { AtomicBool::new(false) }; 3];
        let proof = DigestProof { scheme: self, endpoint, is_proven, repeats, unmet };
        Box::pin(std::future::ready(Ok(Box::new(proof) as Box<dyn Proof>)))
    }

    fn ask_first<'a>(&'a self, endpoint: &'a Endpoint<'a>, action: &'a str) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let mut headers = endpoint.headers(action)?;
            // Some servers want it, and the HTTP library leaves it out.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            let (response, _) =
                endpoint.post(headers, Bytes::new().into(), &mut endpoint.record("challenge of HTTP Digest")).await?;
            if response.status == StatusCode::UNAUTHORIZED {
                self.take_challenge(&response.headers);
            }
            // A small page is read to its end, so that the connection can be used again.
            let _ = timeout(DRAIN_TIMEOUT, response.body.collect(endpoint.settings.limits.error_page_bytes)).await;
            Ok(())
        })
    }
}

struct DigestProof<'a> {
    scheme: &'a HttpDigest,
    endpoint: &'a Endpoint<'a>,
    /// The request has a proof.
    is_proven: AtomicBool,
    /// The answer asks for another proof, and refuses none.
    repeats: AtomicBool,
    /// The answer asks for something that cannot be given.
    unmet: AtomicBool,
}

impl Proof for DigestProof<'_> {
    fn security_header(
        &self,
        settings: &Settings,
        attachments: Option<&mut Attachments>,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        self.scheme.message.security_header(settings, attachments)
    }

    fn reply_security(&self) -> ReplySecurity {
        self.scheme.message.reply_security()
    }

    fn add_http_headers(&self, headers: &mut HeaderMap) -> Result<(), Error> {
        // Another call may have been challenged while this one waited for it.
        let Some(challenge) = self.scheme.known() else { return Ok(()) };
        let mut octets = [0; NONCE_OCTETS];
        self.endpoint.settings.random().fill(&mut octets).map_err(no_random)?;
        let uri = self.endpoint.url.path_and_query().map_or("/", |uri| uri.as_str());
        headers.insert(AUTHORIZATION, challenge.answer(&self.scheme.credentials, uri, &hex(&octets))?);
        self.is_proven.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn learn_http_headers(&self, status: StatusCode, headers: &HeaderMap, _: SystemTime) {
        if status == StatusCode::UNAUTHORIZED {
            let is_stale = self.scheme.take_challenge(headers);
            self.unmet.store(is_stale.is_none(), Ordering::Relaxed);
            let repeats = is_stale.is_some_and(|is_stale| is_stale || !self.is_proven.load(Ordering::Relaxed));
            self.repeats.store(repeats, Ordering::Relaxed);
        }
    }

    fn interpret(&self, error: Error) -> Error {
        if self.repeats.load(Ordering::Relaxed) {
            return error;
        }
        if !self.is_proven.load(Ordering::Relaxed)
            && self.unmet.load(Ordering::Relaxed)
            && error.http_status() == Some(UNAUTHORIZED)
        {
            let what =
                "the service does not ask for HTTP Digest with SHA-256 or MD5, and of the message alone (qop=auth)";
            return error.reinterpreted(ErrorKind::Configuration, what);
        }
        authorization::refused(error, "the service refused the user name and password")
    }

    fn learn(&self, _: Option<&Error>, _: SystemTime) -> Repeat {
        if self.repeats.load(Ordering::Relaxed) { Repeat::Challenged } else { Repeat::No }
    }
}

/// What the service has sent is not printed.
impl fmt::Debug for HttpDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpDigest").field("is_challenged", &self.known().is_some()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 7616, section 3.9.1, but for the method, which is POST here: the hashes are from sha256sum and
    /// md5sum.
    #[test]
    fn a_proof_is_made_of_what_the_service_asks_for() {
        let mut headers = HeaderMap::new();
        let common = r#"realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#;
        for algorithm in ["MD5", "SHA-256"] {
            let value = format!("Digest {common}, algorithm={algorithm}");
            headers.append(http::header::WWW_AUTHENTICATE, value.parse().unwrap());
        }
        let (challenge, is_stale) = Challenge::of(&headers).unwrap();
        assert_eq!((challenge.algorithm, is_stale), (Algorithm::Sha256, false));
        let credentials = Credentials::new("Mufasa", "Circle of Life");
        let nonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let answer = challenge.answer(&credentials, "/dir/index.html", nonce).unwrap();
        assert!(answer.is_sensitive());
        let answer = answer.to_str().unwrap();
        assert!(
            answer.starts_with(r#"Digest username="Mufasa", realm="http-auth@example.org", nonce="7ypf"#),
            "{answer}"
        );
        assert!(answer.contains(RESPONSE), "{answer}");
        assert!(
            answer.ends_with(&format!(r#"algorithm=SHA-256, cnonce="{nonce}", qop=auth, nc=00000001"#)),
            "{answer}"
        );
        assert!(challenge.answer(&credentials, "/", nonce).unwrap().to_str().unwrap().ends_with("nc=00000002"));
    }

    const RESPONSE: &str = r#"response="b85bfcaae378db6f6d75b1706062ac3d66fec2dd3d0082d77885522866488dac""#;

    #[test]
    fn what_cannot_be_met_is_not_taken() {
        let of = |value: &str| {
            let headers = [(http::header::WWW_AUTHENTICATE, value.parse().unwrap())];
            Challenge::of(&HeaderMap::from_iter(headers)).map(|(challenge, is_stale)| (challenge.qop_auth, is_stale))
        };
        assert_eq!(of(r#"Digest realm="a", nonce="b", stale=TRUE"#), Some((false, true)));
        assert_eq!(of(r#"Basic realm="x", Digest realm="a", nonce="b", qop=auth"#), Some((true, false)));
        for other in [
            r#"Digest realm="a""#,
            r#"Digest realm="a", nonce="b", qop="auth-int""#,
            r#"Digest realm="a", nonce="b", algorithm=SHA-512-256"#,
            "NTLM",
            "Digest",
            "\"",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
