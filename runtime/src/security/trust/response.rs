//! `RequestSecurityTokenResponse`: the response of a token service. The service writes it, the client reads it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};
#[cfg(feature = "server")]
use crate::mtom::parts::Attachments;
use crate::name::Name;
use crate::security::derived_key;
use crate::security::instant;
#[cfg(feature = "server")]
use crate::security::names::SECEXT;
use crate::security::names::UTILITY;
use crate::security::trust::context_token::{SecurityContextToken, TokenParts};
use crate::security::trust::request::KEY_OCTETS;
use crate::security::trust::version::Version;
#[cfg(feature = "server")]
use crate::xml::escape;
use crate::xml::{Node, Reader};

/// Life of a token whose server does not state one.
const UNSTATED_LIFE: Duration = Duration::from_secs(5 * 60);
/// The longest life that is accepted: one without end would overflow a clock.
const LONGEST_LIFE: Duration = Duration::from_secs(366 * 24 * 3600);
/// The least octets of entropy that a server may give.
const LEAST_ENTROPY: usize = 16;

/// A token that a service has issued, as its client sees it.
pub(crate) struct IssuedToken {
    pub(crate) token: SecurityContextToken,
    pub(crate) key: Zeroizing<Vec<u8>>,
    /// How long it lives.
    pub(crate) life: Duration,
}

/// Reads the response to a request for a token. Its parts may come in any order.
pub(crate) struct ResponseReader {
    version: &'static Version,
    seen: bool,
    token: Option<TokenParts>,
    computed: Option<String>,
    server_key: bool,
    entropy: Option<Zeroizing<Vec<u8>>>,
    life: Option<Duration>,
    key_bits: Option<String>,
}

impl ResponseReader {
    pub(crate) fn new(version: &'static Version) -> Self {
        Self {
            version,
            seen: false,
            token: None,
            computed: None,
            server_key: false,
            entropy: None,
            life: None,
            key_bits: None,
        }
    }

    /// The token, with the key that is computed from the entropy of client and server.
    ///
    /// # Errors
    /// A response that lacks a part, or that gives another kind of key.
    pub(crate) fn token(self, entropy: &[u8]) -> Result<IssuedToken, Error> {
        let refused = |what: &'static str| Err(Error::new(ErrorKind::Session, what));
        let Some(parts) = self.token else {
            return refused("the service's response holds no security context token");
        };
        if parts.id.is_empty() || parts.identifier.is_empty() {
            return refused("the service's security context token has no u:Id or no Identifier");
        }
        if self.key_bits.is_some_and(|bits| bits.trim().parse() != Ok(KEY_OCTETS * 8)) {
            return refused("the service gives a key of another length than the 256 bits asked for");
        }
        let psha1 =
            self.computed.is_some_and(|computed| computed.strip_prefix(self.version.trust) == Some("/CK/PSHA1"));
        if self.server_key || !psha1 {
            return refused("the service does not compute the key from both entropies (ComputedKey is not P_SHA1)");
        }
        match self.entropy {
            Some(server) if server.len() >= LEAST_ENTROPY => {
                let key = derived_key::session_key(entropy, &server, KEY_OCTETS);
                let life = self.life.unwrap_or(UNSTATED_LIFE);
                Ok(IssuedToken { token: SecurityContextToken::new(self.version, parts), key, life })
            }
            Some(_) => refused("the service gives fewer than 16 octets of entropy"),
            None => refused("the service gives no entropy"),
        }
    }

    fn trust(&self, local: &'static str) -> Name {
        Name::new(self.version.trust, local)
    }

    fn response(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        if self.seen {
            return Err(reader.error("two responses to one request for a token"));
        }
        self.seen = true;
        while reader.next()? == Node::Start {
            if reader.is(self.trust("RequestedSecurityToken")) {
                while reader.next()? == Node::Start {
                    if reader.is(Name::new(self.version.conversation, "SecurityContextToken")) && self.token.is_none() {
                        self.token = Some(TokenParts::read(self.version, reader)?);
                    } else {
                        reader.skip()?;
                    }
                }
            } else if reader.is(self.trust("RequestedProofToken")) {
                while reader.next()? == Node::Start {
                    if reader.is(self.trust("ComputedKey")) {
                        self.computed = Some(reader.text()?.trim().to_owned());
                    } else {
                        self.server_key = true;
                        reader.skip()?;
                    }
                }
            } else if reader.is(self.trust("Entropy")) {
                while reader.next()? == Node::Start {
                    if reader.is(self.trust("BinarySecret")) {
                        self.entropy = Some(Zeroizing::new(octets(reader)?));
                    } else {
                        reader.skip()?;
                    }
                }
            } else if reader.is(self.trust("Lifetime")) {
                self.life = lifetime(reader)?;
            } else if reader.is(self.trust("KeySize")) {
                self.key_bits = Some(reader.text()?.into_owned());
            } else {
                reader.skip()?;
            }
        }
        Ok(())
    }

    /// Reads the current child of the body.
    ///
    /// # Errors
    /// Another element, or two responses.
    pub(crate) fn read_child(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        if self.version.collection && reader.is(self.trust("RequestSecurityTokenResponseCollection")) {
            while reader.next()? == Node::Start {
                if reader.is(self.trust("RequestSecurityTokenResponse")) {
                    self.response(reader)?;
                } else {
                    reader.skip()?;
                }
            }
            return Ok(());
        }
        if reader.is(self.trust("RequestSecurityTokenResponse")) {
            return self.response(reader);
        }
        Err(reader.error("a response of the token service with something else than RequestSecurityTokenResponse"))
    }

    /// Checks, after the last child of the body, that there was a response.
    pub(crate) fn end(&self, reader: &Reader<'_>) -> Result<(), Error> {
        if self.seen {
            Ok(())
        } else {
            Err(reader.error("a response of the token service without RequestSecurityTokenResponse"))
        }
    }
}

/// What a service issues.
#[cfg(feature = "server")]
pub(crate) struct Issue<'a> {
    pub(crate) token: &'a SecurityContextToken,
    /// The server's half of the key.
    pub(crate) entropy: &'a [u8],
    pub(crate) entropy_id: &'a str,
    pub(crate) created: std::time::SystemTime,
    pub(crate) expires: std::time::SystemTime,
    /// What is repeated of the request: `AppliesTo`, and the attribute `Context`.
    pub(crate) applies_to: Option<&'a str>,
    pub(crate) context: Option<&'a str>,
}

#[cfg(feature = "server")]
impl Issue<'_> {
    /// The body of the response, in the order in which WCF writes it. It may use the prefix `u`.
    ///
    /// In a package, a long cookie goes as a part of its own.
    pub(crate) fn body(&self, version: &Version, attachments: Option<&mut Attachments>) -> String {
        let Self { token, entropy, entropy_id, created, expires, applies_to, context } = self;
        let (trust, kind) = (version.trust, version.context_token);
        let (id, element, reference) = (&token.id, token.element(attachments), token.external_reference(version));
        let applies_to = applies_to.unwrap_or_default();
        let entropy = STANDARD.encode(entropy);
        let (created, expires) = (instant::text(*created), instant::text(*expires));
        let bits = KEY_OCTETS * 8;
        response(
            version,
            &format!(
                "<t:TokenType>{kind}</t:TokenType><t:RequestedSecurityToken>{element}</t:RequestedSecurityToken>\
                 {applies_to}\
                 <t:RequestedAttachedReference><o:SecurityTokenReference xmlns:o=\"{SECEXT}\">\
                 <o:Reference ValueType=\"{kind}\" URI=\"#{id}\"/></o:SecurityTokenReference>\
                 </t:RequestedAttachedReference><t:RequestedUnattachedReference>\
                 <o:SecurityTokenReference xmlns:o=\"{SECEXT}\"><o:Reference {reference} ValueType=\"{kind}\"/>\
                 </o:SecurityTokenReference></t:RequestedUnattachedReference>\
                 <t:RequestedProofToken><t:ComputedKey>{trust}/CK/PSHA1</t:ComputedKey></t:RequestedProofToken>\
                 <t:Entropy><t:BinarySecret u:Id=\"{entropy_id}\" Type=\"{trust}/Nonce\">{entropy}</t:BinarySecret>\
                 </t:Entropy><t:Lifetime><u:Created>{created}</u:Created><u:Expires>{expires}</u:Expires></t:Lifetime>\
                 <t:KeySize>{bits}</t:KeySize>"
            ),
            *context,
        )
    }
}

/// The body of the response to a Cancel.
#[cfg(feature = "server")]
pub(crate) fn cancelled(version: &Version) -> String {
    response(version, "<t:RequestedTokenCancelled></t:RequestedTokenCancelled>", None)
}

#[cfg(feature = "server")]
fn response(version: &Version, content: &str, context: Option<&str>) -> String {
    let trust = version.trust;
    let context = context.map(|context| format!(" Context=\"{}\"", escape::lossy(context))).unwrap_or_default();
    let (before, after) = match version.collection {
        true => (
            format!(
                "<t:RequestSecurityTokenResponseCollection xmlns:t=\"{trust}\"><t:RequestSecurityTokenResponse{context}>"
            ),
            "</t:RequestSecurityTokenResponse></t:RequestSecurityTokenResponseCollection>",
        ),
        false => (
            format!("<t:RequestSecurityTokenResponse{context} xmlns:t=\"{trust}\">"),
            "</t:RequestSecurityTokenResponse>",
        ),
    };
    [&before, content, after].concat()
}

fn octets(reader: &mut Reader<'_>) -> Result<Vec<u8>, Error> {
    let text = reader.text()?;
    let text: Zeroizing<String> =
        Zeroizing::new(text.chars().filter(|character| !character.is_ascii_whitespace()).collect());
    STANDARD.decode(text.as_bytes()).map_err(|_| reader.error("a BinarySecret that is no base64"))
}

/// The span from Created to Expires.
fn lifetime(reader: &mut Reader<'_>) -> Result<Option<Duration>, Error> {
    let (mut created, mut expires) = (None, None);
    while reader.next()? == Node::Start {
        let slot = match () {
            () if reader.is(Name::new(UTILITY, "Created")) => &mut created,
            () if reader.is(Name::new(UTILITY, "Expires")) => &mut expires,
            () => {
                reader.skip()?;
                continue;
            }
        };
        let text = reader.text()?;
        *slot = Some(instant::parse(&text).ok_or_else(|| reader.error("a Lifetime that is no time in UTC"))?);
    }
    let (Some(created), Some(expires)) = (created, expires) else { return Ok(None) };
    match expires.duration_since(created) {
        Ok(span) => Ok(Some(span.min(LONGEST_LIFE))),
        Err(_) => Err(reader.error("a Lifetime that ends before it begins")),
    }
}
