//! What a token service answers.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::client::auth::token::{ContextToken, Life, Parts};
use crate::error::{Error, ErrorKind};
use crate::message::Visitor;
use crate::name::Name;
use crate::schema::decode::Decoder;
use crate::security::derived_key;
use crate::security::instant;
use crate::security::names::{MICROSOFT, UTILITY};
use crate::security::trust::request::KEY_OCTETS;
use crate::security::trust::version::Version;
use crate::xml::{Node, Reader};

/// Life of a token whose server does not say how long it lives.
const UNSTATED_LIFE: Duration = Duration::from_secs(5 * 60);
/// The longest life that is believed; one without end would not fit into a clock.
const LONGEST_LIFE: Duration = Duration::from_secs(366 * 24 * 3600);
/// The least octets of entropy that a server may give.
const LEAST_ENTROPY: usize = 16;

/// A response to a request for a token, in whatever order its parts stand.
pub(crate) struct Issued {
    version: &'static Version,
    seen: bool,
    token: Option<Parts>,
    computed: Option<String>,
    server_key: bool,
    entropy: Option<Zeroizing<Vec<u8>>>,
    life: Option<Duration>,
    key_bits: Option<String>,
}

impl Issued {
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

    /// The token, with the key that the two entropies make.
    ///
    /// # Errors
    /// A response that lacks a part, or that gives another kind of key. Both name what is missing.
    pub(crate) fn token(self, entropy: &[u8], held_in_memory: bool, now: SystemTime) -> Result<ContextToken, Error> {
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
                let life = Life::new(now, self.life.unwrap_or(UNSTATED_LIFE), held_in_memory);
                Ok(ContextToken::new(self.version, parts, key, life, now))
            }
            Some(_) => refused("the service gives fewer than 16 octets of entropy"),
            None => refused("the service gives no entropy"),
        }
    }

    fn trust(&self, local: &'static str) -> Name {
        Name::new(self.version.trust, local)
    }

    fn response(&mut self, reader: &mut Decoder<'_>) -> Result<(), Error> {
        if self.seen {
            return Err(reader.error("two responses to one request for a token"));
        }
        self.seen = true;
        while reader.next()? == Node::Start {
            if reader.is(self.trust("RequestedSecurityToken")) {
                while reader.next()? == Node::Start {
                    if reader.is(Name::new(self.version.conversation, "SecurityContextToken")) && self.token.is_none() {
                        self.token = Some(self.context_token(reader)?);
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

    fn context_token(&self, reader: &mut Reader<'_>) -> Result<Parts, Error> {
        let mut parts = Parts::default();
        for (namespace, local, value) in reader.attributes()? {
            if namespace == UTILITY && local == "Id" {
                parts.id = value.into_owned();
            }
        }
        while reader.next()? == Node::Start {
            if reader.is(Name::new(self.version.conversation, "Identifier")) {
                parts.identifier = reader.text()?.trim().to_owned();
            } else if reader.is(Name::new(self.version.conversation, "Instance")) {
                parts.instance = Some(reader.text()?.trim().to_owned());
            } else if reader.is(Name::new(MICROSOFT, "Cookie")) {
                parts.cookie = Some(reader.text()?.trim().to_owned());
            } else {
                parts.others.push(reader.fragment()?);
            }
        }
        Ok(parts)
    }
}

impl Visitor for Issued {
    fn child(&mut self, reader: &mut Decoder<'_>) -> Result<(), Error> {
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

    fn end(&mut self, reader: &Decoder<'_>) -> Result<(), Error> {
        if self.seen {
            Ok(())
        } else {
            Err(reader.error("a response of the token service without RequestSecurityTokenResponse"))
        }
    }
}

/// The answer to a Cancel. It says nothing; what counts is that it is no fault.
pub(crate) struct Cancelled;

impl Visitor for Cancelled {
    fn child(&mut self, reader: &mut Decoder<'_>) -> Result<(), Error> {
        reader.skip()
    }

    fn end(&mut self, _: &Decoder<'_>) -> Result<(), Error> {
        Ok(())
    }
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
