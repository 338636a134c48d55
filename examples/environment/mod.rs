//! What the examples take from the environment: which server, whom it trusts, and who calls.
//!
//! - ALTINN_URL: the server, such as `https://localhost:8443`. Plain http is taken for this machine only.
//! - ALTINN_CA: a PEM file with the authority that signed its certificate, where the operating system does not know it.
//! - ALTINN_SYSTEM_ID and ALTINN_SYSTEM_PASSWORD: the system that calls.

use std::error::Error;
use std::{env, fs};

use altinn_soap::{Connection, ConnectionBuilder, Credentials};

/// A connection to the server of ALTINN_URL.
pub(crate) fn builder() -> Result<ConnectionBuilder, Box<dyn Error + Send + Sync>> {
    let builder = Connection::builder(&*variable("ALTINN_URL")?).allow_http_to_loopback(true);
    Ok(match env::var_os("ALTINN_CA") {
        Some(path) => builder.root_certificates_pem(fs::read(path)?),
        None => builder,
    })
}

/// The system that calls.
pub(crate) fn system() -> Result<Credentials, Box<dyn Error + Send + Sync>> {
    Ok(Credentials::new(variable("ALTINN_SYSTEM_ID")?, variable("ALTINN_SYSTEM_PASSWORD")?))
}

/// A variable of the environment, by name also if it is missing.
pub(crate) fn variable(name: &str) -> Result<String, Box<dyn Error + Send + Sync>> {
    env::var(name).map_err(|error| format!("{name}: {error}").into())
}
