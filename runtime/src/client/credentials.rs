//! Who calls, and the places in a message where that is said.

use crate::secret::Secret;

/// User name and password of the calling system, or of the enterprise whose certificate is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub(crate) user_name: Secret,
    pub(crate) password: Secret,
}

impl Credentials {
    /// Both are sent as they are given. Neither is ever printed.
    pub fn new(user_name: impl Into<Secret>, password: impl Into<Secret>) -> Self {
        Self { user_name: user_name.into(), password: password.into() }
    }
}

/// The person on whose behalf a call is made.
///
/// ```
/// use soap_runtime::EndUser;
///
/// let person = EndUser::new("01017012345", "password").pin_code("SMSPin", "1234");
/// assert!(!format!("{person:?}").contains("01017012345"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndUser {
    pub(crate) ssn: Secret,
    pub(crate) password: Secret,
    pub(crate) pin_code: Option<Secret>,
    pub(crate) auth_method: Option<Secret>,
}

impl EndUser {
    /// National identity number (11 digits) or user name, and that user's password.
    pub fn new(ssn: impl Into<Secret>, password: impl Into<Secret>) -> Self {
        Self { ssn: ssn.into(), password: password.into(), pin_code: None, auth_method: None }
    }

    /// Adds a one-time code and the name of its kind, such as `AltinnPin` (letter) or `SMSPin`.
    #[must_use]
    pub fn pin_code(mut self, auth_method: impl Into<Secret>, pin_code: impl Into<Secret>) -> Self {
        self.auth_method = Some(auth_method.into());
        self.pin_code = Some(pin_code.into());
        self
    }
}

/// Which credential an element of a message holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Role {
    SystemUserName,
    SystemPassword,
    EnterpriseUserName,
    EnterprisePassword,
    EndUserSsn,
    EndUserPassword,
    EndUserPinCode,
    EndUserAuthMethod,
}

/// The credentials of one message by role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots([Option<Secret>; 8]);

impl Slots {
    /// What a client fills in. System and enterprise are two names for the caller: a port has one of them.
    pub fn fill(credentials: Option<&Credentials>, end_user: Option<&EndUser>) -> Self {
        let mut slots = Self::default();
        if let Some(credentials) = credentials {
            for role in [Role::SystemUserName, Role::EnterpriseUserName] {
                slots.set(role, Some(credentials.user_name.clone()));
            }
            for role in [Role::SystemPassword, Role::EnterprisePassword] {
                slots.set(role, Some(credentials.password.clone()));
            }
        }
        if let Some(person) = end_user {
            slots.set(Role::EndUserSsn, Some(person.ssn.clone()));
            slots.set(Role::EndUserPassword, Some(person.password.clone()));
            slots.set(Role::EndUserPinCode, person.pin_code.clone());
            slots.set(Role::EndUserAuthMethod, person.auth_method.clone());
        }
        slots
    }

    /// The credential in a role.
    pub fn get(&self, role: Role) -> Option<&Secret> {
        self.0[role as usize].as_ref()
    }

    /// Puts a credential in a role.
    pub fn set(&mut self, role: Role, value: Option<Secret>) {
        self.0[role as usize] = value;
    }
}
