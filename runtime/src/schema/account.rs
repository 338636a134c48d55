//! The accounts of a service: which fields of a message hold their passwords, and how a fault says that one was refused.

use crate::name::Name;
use crate::schema::slots::Role;

/// The accounts of a service. Made by [`new`](Self::new) and the setters after it; the fields are for reading.
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub struct Accounts {
    /// All of them.
    pub all: &'static [Account],
    /// The account that HTTP Basic or a UsernameToken names, if it is one of these.
    pub header: Option<&'static str>,
    /// Where the detail of a fault says what was refused.
    pub detail: Option<RefusalDetail>,
    /// What it says there.
    pub refusals: &'static [Refusal],
}

/// A user whose failed log-ins a service counts, in one role. The same user name in two roles is two accounts.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name of the role, as the generator's configuration declares it.
    pub name: &'static str,
    /// The role of the field that holds the user name.
    pub user_name: Role,
    /// The role of the field that holds the password.
    pub password: Role,
}

/// Where the detail of a fault holds a code and texts.
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub struct RefusalDetail {
    /// A child of the detail.
    pub element: Name,
    /// Its child with the code.
    pub code: Name,
    /// Its children with texts.
    pub texts: &'static [Name],
}

/// A fault by which a service refuses one of these accounts, or says something about a credential that counts for none.
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    /// The codes, one of which the fault has.
    pub codes: &'static [&'static str],
    /// Patterns, one of which one of the texts has: `*` for any text, case ignored. None: whatever the texts are, if they
    /// are those of no other refusal.
    pub texts: &'static [&'static str],
    /// The accounts that the text may mean. A message that names exactly one of them has had that one refused.
    pub accounts: &'static [&'static str],
}

impl Accounts {
    /// These accounts, of which no fault says anything.
    pub const fn new(all: &'static [Account]) -> Self {
        Self { all, header: None, detail: None, refusals: &[] }
    }

    /// The account that HTTP Basic or a UsernameToken names.
    #[must_use]
    pub const fn header(mut self, account: &'static str) -> Self {
        self.header = Some(account);
        self
    }

    /// Where the detail of a fault holds a code and texts, and what they mean.
    #[must_use]
    pub const fn refusals(mut self, detail: RefusalDetail, refusals: &'static [Refusal]) -> Self {
        self.detail = Some(detail);
        self.refusals = refusals;
        self
    }
}

impl Account {
    /// An account by its name and the roles of its two fields.
    pub const fn new(name: &'static str, user_name: Role, password: Role) -> Self {
        Self { name, user_name, password }
    }
}

impl RefusalDetail {
    /// An element of the detail, its child with the code, and its children with texts.
    pub const fn new(element: Name, code: Name, texts: &'static [Name]) -> Self {
        Self { element, code, texts }
    }
}

impl Refusal {
    /// A fault with one of these codes and one of these texts, and the accounts that it may mean; none of them if it
    /// says nothing about a password.
    pub const fn new(
        codes: &'static [&'static str],
        texts: &'static [&'static str],
        accounts: &'static [&'static str],
    ) -> Self {
        Self { codes, texts, accounts }
    }
}
