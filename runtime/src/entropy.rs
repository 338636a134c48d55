//! Random octets from the operating system.

use crate::error::Error;

/// Octets that nobody can foresee.
///
/// # Errors
/// The operating system gives none, which hardly any caller will see.
pub(crate) fn octets<const N: usize>() -> Result<[u8; N], Error> {
    let mut octets = [0; N];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut octets)
        .map_err(|_| Error::configuration("the operating system gives no random numbers"))?;
    Ok(octets)
}
