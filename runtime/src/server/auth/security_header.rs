//! The Security header of a request, as strict as WCF reads it (layout Strict).

use zeroize::Zeroizing;

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

/// What a Security header holds. At most one of each.
#[derive(Default)]
pub(super) struct SecurityHeader {
    pub(super) timestamp: Option<Timestamp>,
    user_name: Option<UserToken>,
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
        self.user_name
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
