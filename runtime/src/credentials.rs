//! The user name and password of a caller.

use crate::secret::Secret;

/// A user name and a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub(crate) user_name: Secret,
    pub(crate) password: Secret,
}

impl Credentials {
    /// Both are sent as given. Neither is ever printed.
    pub fn new(user_name: impl Into<Secret>, password: impl Into<Secret>) -> Self {
        Self { user_name: user_name.into(), password: password.into() }
    }

    /// The user name, as a service that is served reads it from a request.
    pub fn user_name(&self) -> &Secret {
        &self.user_name
    }

    /// The password, likewise.
    pub fn password(&self) -> &Secret {
        &self.password
    }
}
