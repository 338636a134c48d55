//! The Security header of a request, as strict as WCF reads it (layout Strict).

use zeroize::Zeroizing;

#[cfg(feature = "secure-conversation")]
use crate::security::{
    names::SIGNATURE,
    trust::context_token::TokenParts,
    trust::version::{FEBRUARY_2005, VERSION_1_3, Version},
};

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::name::Name;
use crate::secret::Secret;
use crate::security::names::{PASSWORD_DIGEST, PASSWORD_TEXT, SECEXT, UTILITY};
use crate::security::timestamp::Timestamp;
use crate::server::auth::users::{PasswordProof, UserToken};
use crate::server::fault::ServiceFault;
use crate::value::base64_bytes;
use crate::xml::{Node, Reader};

/// What a Security header holds. At most one of each, but for signatures and derived keys.
#[derive(Default)]
pub(super) struct SecurityHeader {
    pub(super) timestamp: Option<Timestamp>,
    user_name: Option<UserToken>,
    has_certificate: bool,
    #[cfg(feature = "secure-conversation")]
    context: Option<(&'static Version, TokenParts)>,
    derived_keys: usize,
    signatures: usize,
}

impl SecurityHeader {
    /// Reads the header, which is a document of its own.
    ///
    /// # Errors
    /// An element that is unknown or occurs twice, and a token that is not as it should be.
    pub(super) fn read(header: &str, limits: &XmlLimits) -> Result<Self, ServiceFault> {
        let mut reader = Reader::new(header.as_bytes(), limits);
        let mut found = Self::default();
        found.read_all(&mut reader).map_err(|_| ServiceFault::invalid_security())?.map(|()| found)
    }

    fn read_all(&mut self, reader: &mut Reader<'_>) -> Result<Result<(), ServiceFault>, Error> {
        reader.next()?;
        while reader.next()? == Node::Start {
            #[cfg(feature = "secure-conversation")]
            if self.signed_with(reader)? {
                continue;
            }
            if self.signatures > 0 {
                // What is signed, and what signs it, come before the signature.
                return Ok(Err(ServiceFault::invalid_security()));
            }
            if reader.is(Name::new(UTILITY, "Timestamp")) && self.timestamp.is_none() {
                self.timestamp = Some(Timestamp::read(reader)?);
            } else if reader.is(Name::new(SECEXT, "UsernameToken")) && self.user_name.is_none() {
                match user_token(reader)? {
                    Some(token) => self.user_name = Some(token),
                    None => return Ok(Err(ServiceFault::invalid_token())),
                }
            } else {
                return Ok(Err(ServiceFault::invalid_security()));
            }
        }
        Ok(Ok(()))
    }

    /// The user, if there is no other token.
    pub(super) fn only_user_name(self) -> Option<UserToken> {
        #[cfg(feature = "secure-conversation")]
        let has_context = self.context.is_some();
        #[cfg(not(feature = "secure-conversation"))]
        let has_context = false;
        let is_alone = !has_context && !self.has_certificate && self.derived_keys == 0 && self.signatures == 0;
        self.user_name.filter(|_| is_alone)
    }
}

#[cfg(feature = "secure-conversation")]
impl SecurityHeader {
    /// Reads the current element, if it is a token that signs, or a signature that comes behind all that it needs.
    fn signed_with(&mut self, reader: &mut Reader<'_>) -> Result<bool, Error> {
        if reader.is(Name::new(SIGNATURE, "Signature")) {
            let has_token = self.has_certificate || self.context.is_some();
            if self.timestamp.is_none() || !has_token {
                return Ok(false);
            }
            self.signatures += 1;
            return reader.skip().map(|()| true);
        }
        if self.signatures > 0 {
            return Ok(false);
        }
        if reader.is(Name::new(SECEXT, "BinarySecurityToken")) && !self.has_certificate {
            self.has_certificate = true;
            return reader.skip().map(|()| true);
        }
        for version in [&FEBRUARY_2005, &VERSION_1_3] {
            if reader.is(Name::new(version.conversation, "SecurityContextToken")) && self.context.is_none() {
                self.context = Some((version, TokenParts::read(version, reader)?));
                return Ok(true);
            }
            if reader.is(Name::new(version.conversation, "DerivedKeyToken")) && self.context.is_some() {
                self.derived_keys += 1;
                return reader.skip().map(|()| true);
            }
        }
        Ok(false)
    }

    /// The token of the session that signs, if nothing but it and a Timestamp and as many signatures as given are there.
    pub(super) fn context(&self, with_certificate: bool, signatures: usize) -> Option<&(&'static Version, TokenParts)> {
        let fits = self.timestamp.is_some()
            && self.user_name.is_none()
            && self.has_certificate == with_certificate
            && self.signatures == signatures;
        self.context.as_ref().filter(|_| fits)
    }

    /// Whether there are a Timestamp, a certificate and its signature, and nothing else.
    pub(super) fn is_certificate_only(&self) -> bool {
        self.timestamp.is_some()
            && self.user_name.is_none()
            && self.has_certificate
            && self.context.is_none()
            && self.signatures == 1
    }

    /// Whether a key is derived from the one of the session.
    pub(super) fn has_derived_keys(&self) -> bool {
        self.derived_keys > 0
    }
}

/// Reads the current UsernameToken. `None` if it has another child, or a password of another kind than text and digest.
fn user_token(reader: &mut Reader<'_>) -> Result<Option<UserToken>, Error> {
    let (mut user_name, mut password, mut nonce, mut created) = (None, None, None, None);
    while reader.next()? == Node::Start {
        if reader.is(Name::new(SECEXT, "Username")) && user_name.is_none() {
            user_name = Some(Secret::from(reader.text()?));
        } else if reader.is(Name::new(SECEXT, "Password")) && password.is_none() {
            let kind = reader.attribute("Type")?;
            password = Some((kind, Zeroizing::new(reader.text()?.into_owned())));
        } else if reader.is(Name::new(SECEXT, "Nonce")) && nonce.is_none() {
            nonce = Some(base64_bytes(reader.text()?.trim()));
        } else if reader.is(Name::new(UTILITY, "Created")) && created.is_none() {
            created = Some(reader.text()?.trim().to_owned());
        } else {
            return Ok(None);
        }
    }
    let (Some(user_name), Some((kind, password))) = (user_name, password) else { return Ok(None) };
    let proof = match (kind.as_deref(), nonce, created) {
        (None | Some(PASSWORD_TEXT), _, _) => PasswordProof::text(Secret::from(password.as_str())),
        (Some(PASSWORD_DIGEST), Some(Some(nonce)), Some(created)) => {
            PasswordProof::digest(nonce, created, password.trim().to_owned())
        }
        _ => return Ok(None),
    };
    Ok(Some(UserToken { user_name, proof }))
}
