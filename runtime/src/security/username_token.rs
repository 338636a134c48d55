//! A user name and password in the Security header (UsernameToken Profile 1.0).

use std::io;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use crate::credentials::Credentials;
use crate::error::Error;
use crate::random::Random;
use crate::security::instant;
use crate::security::names::{BASE64, PASSWORD_DIGEST, PASSWORD_TEXT};
use crate::xml::escape::{self, LONGEST_REFERENCE, Within};

/// Octets of the nonce in a digest.
const NONCE: usize = 16;

/// Octets that the token has at most.
pub(crate) fn most_octets(credentials: &Credentials) -> usize {
    const MARKUP: usize = 1024;
    MARKUP + LONGEST_REFERENCE * (credentials.user_name.expose().len() + credentials.password.expose().len())
}

/// Writes the token.
///
/// With the password as text it holds no Nonce and no Created, as WCF writes it. As a digest it must have both: the
/// digest covers them.
pub(crate) fn push(
    out: &mut Vec<u8>,
    credentials: &Credentials,
    digest: bool,
    created: SystemTime,
    random: &dyn Random,
) -> Result<(), Error> {
    let id = random.guid().map_err(no_random)?;
    out.extend_from_slice(format!("<o:UsernameToken u:Id=\"uuid-{id}-1\"><o:Username>").as_bytes());
    text(out, credentials.user_name.expose(), "the user name")?;
    out.extend_from_slice(b"</o:Username><o:Password Type=\"");
    if digest {
        let mut nonce = [0; NONCE];
        random.fill(&mut nonce).map_err(no_random)?;
        let created = instant::text(created);
        let digest = password_digest(&nonce, &created, credentials.password.expose());
        for part in [
            PASSWORD_DIGEST,
            "\">",
            &digest,
            "</o:Password><o:Nonce EncodingType=\"",
            BASE64,
            "\">",
            &STANDARD.encode(nonce),
            "</o:Nonce><u:Created>",
            &created,
            "</u:Created></o:UsernameToken>",
        ] {
            out.extend_from_slice(part.as_bytes());
        }
    } else {
        out.extend_from_slice(PASSWORD_TEXT.as_bytes());
        out.extend_from_slice(b"\">");
        text(out, credentials.password.expose(), "the password")?;
        out.extend_from_slice(b"</o:Password></o:UsernameToken>");
    }
    Ok(())
}

fn text(out: &mut Vec<u8>, value: &str, what: &'static str) -> Result<(), Error> {
    escape::push(out, value, Within::Element)
        .map_err(|error| Error::configuration(format!("{what} cannot be written in XML")).with_source(error))
}

/// `base64(SHA-1(nonce + created + password))`.
pub(crate) fn password_digest(nonce: &[u8], created: &str, password: &str) -> String {
    let hash = Sha1::new().chain_update(nonce).chain_update(created).chain_update(password).finalize();
    STANDARD.encode(hash)
}

/// For a failing random source.
pub(crate) fn no_random(error: io::Error) -> Error {
    Error::configuration("the system gives no random octets, which identifiers and keys are made of").with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_known_parts() {
        // Computed with OpenSSL: printf 'abc2003-07-16T01:24:32Zsecret' | openssl dgst -sha1 -binary | base64
        assert_eq!(password_digest(b"abc", "2003-07-16T01:24:32Z", "secret"), DIGEST);
    }

    const DIGEST: &str = "hxymXPVfX6NZwe+dvqcsoTAbOXM=";
}
