//! Credentials by role: they fill the credential fields of a request.

#[cfg(feature = "server")]
use crate::credentials::Credentials;
use crate::secret::Secret;

/// The credential that a field of a message holds.
///
/// Roles with the same name are the same role, whatever fills them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    name: &'static str,
    from: Origin,
}

/// Where the credential of a role comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// The user name of the client's credentials.
    UserName,
    /// The password of the client's credentials.
    Password,
    /// The [`Principal`] that a call is given.
    Principal,
}

impl Role {
    /// A role that the client's user name fills.
    pub const fn user_name(name: &'static str) -> Self {
        Self { name, from: Origin::UserName }
    }

    /// A role that the client's password fills.
    pub const fn password(name: &'static str) -> Self {
        Self { name, from: Origin::Password }
    }

    /// A role that the [`Principal`] of a call fills.
    pub const fn principal(name: &'static str) -> Self {
        Self { name, from: Origin::Principal }
    }

    /// The name of the role, as the generator's configuration declares it.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

/// The credentials of one message by role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slots {
    user_name: Option<Secret>,
    password: Option<Secret>,
    /// Credentials by role. They take precedence over the two above.
    named: Vec<(Role, Secret)>,
}

impl Slots {
    /// No credentials.
    #[cfg(feature = "server")]
    pub(crate) const fn none() -> Self {
        Self { user_name: None, password: None, named: Vec::new() }
    }

    /// The slots of a client: its user name and password fill all roles that are made of them.
    pub fn of_client(user_name: Secret, password: Secret) -> Self {
        Self { user_name: Some(user_name), password: Some(password), named: Vec::new() }
    }

    /// The credential in a role.
    pub fn get(&self, role: Role) -> Option<&Secret> {
        let named = self.named.iter().find(|(named, _)| named.name == role.name);
        named.map(|(_, secret)| secret).or(match role.from {
            Origin::UserName => self.user_name.as_ref(),
            Origin::Password => self.password.as_ref(),
            Origin::Principal => None,
        })
    }

    /// Sets or removes the credential of a role.
    pub fn set(&mut self, role: Role, value: Option<Secret>) {
        self.named.retain(|(named, _)| named.name != role.name);
        self.named.extend(value.map(|secret| (role, secret)));
    }

    /// What a request holds in a role, by its name.
    #[cfg(feature = "server")]
    pub(crate) fn named(&self, role: &str) -> Option<&Secret> {
        self.named.iter().find(|(named, _)| named.name == role).map(|(_, secret)| secret)
    }

    /// The first user name that a request holds, and the first password, if it holds both.
    #[cfg(feature = "server")]
    pub(crate) fn credentials(&self) -> Option<Credentials> {
        let first = |from| self.named.iter().find(|(named, _)| named.from == from).map(|(_, secret)| secret.clone());
        Some(Credentials { user_name: first(Origin::UserName)?, password: first(Origin::Password)? })
    }
}

/// Credentials of the person or party on whose behalf a call is made, given with each call.
///
/// The generator writes such types from its configuration; they implement this by
/// [`principal!`](crate::principal).
pub trait Principal {
    /// Puts each credential in its role.
    fn fill(&self, slots: &mut Slots);

    /// The principal that a request names, as its service reads it. `None` if it names none, or not whole.
    fn take(slots: &Slots) -> Option<Self>
    where
        Self: Sized,
    {
        let _ = slots;
        None
    }
}

/// A member of a principal, as it is read from its role.
pub trait Credential: Sized {
    /// `None` if there has to be one, and is not.
    fn take(found: Option<&Secret>) -> Option<Self>;
}

impl Credential for Secret {
    fn take(found: Option<&Secret>) -> Option<Self> {
        found.cloned()
    }
}

impl Credential for Option<Secret> {
    fn take(found: Option<&Secret>) -> Option<Self> {
        Some(found.cloned())
    }
}

impl<P: Principal + ?Sized> Principal for &P {
    fn fill(&self, slots: &mut Slots) {
        (**self).fill(slots);
    }
}

/// Without a principal its roles stay empty, and a field that needs one of them cannot be written.
impl<P: Principal> Principal for Option<P> {
    fn fill(&self, slots: &mut Slots) {
        if let Some(principal) = self {
            principal.fill(slots);
        }
    }
}

/// Implements [`Principal`](crate::generated::v1::Principal) for a struct of [`Secret`](crate::Secret)s; `?` marks an
/// `Option<Secret>`.
#[doc(hidden)]
#[macro_export]
macro_rules! principal {
    ($type:ident { $($member:ident $(?)?: $role:literal),* $(,)? }) => {
        impl $crate::generated::v1::Principal for $type {
            fn fill(&self, slots: &mut $crate::generated::v1::Slots) {
                $(slots.set(
                    $crate::generated::v1::Role::principal($role),
                    // An optional member is an `Option` already.
                    ::core::convert::Into::into(::core::clone::Clone::clone(&self.$member)),
                );)*
            }

            fn take(slots: &$crate::generated::v1::Slots) -> ::core::option::Option<Self> {
                use $crate::generated::v1::{Credential, Role};
                if [$($role),*].into_iter().all(|role| slots.get(Role::principal(role)).is_none()) {
                    return ::core::option::Option::None;
                }
                ::core::option::Option::Some(Self {
                    $($member: Credential::take(slots.get(Role::principal($role)))?,)*
                })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYSTEM: Role = Role::user_name("system-user-name");
    const ENTERPRISE: Role = Role::user_name("enterprise-user-name");
    const SYSTEM_PASSWORD: Role = Role::password("system-password");
    const SSN: Role = Role::principal("ssn");
    const PIN: Role = Role::principal("pin");

    struct Person {
        ssn: Secret,
        pin: Option<Secret>,
    }
    crate::principal!(Person { ssn: "ssn", pin?: "pin" });

    #[test]
    fn roles_are_filled_by_the_client_and_by_the_principal() {
        let mut slots = Slots::of_client("user".into(), "password".into());
        assert!(Person::take(&slots).is_none());
        Some(&Person { ssn: "01017012345".into(), pin: None }).fill(&mut slots);
        None::<&Person>.fill(&mut slots);
        let text = |role| slots.get(role).map(Secret::expose);
        assert_eq!(text(SYSTEM), Some("user"));
        assert_eq!(text(ENTERPRISE), Some("user"));
        assert_eq!(text(SYSTEM_PASSWORD), Some("password"));
        assert_eq!(text(SSN), Some("01017012345"));
        assert_eq!(text(PIN), None);
        let person = Person::take(&slots).unwrap();
        assert_eq!((person.ssn.expose(), person.pin), ("01017012345", None));
        slots.set(SSN, None);
        slots.set(PIN, Some("1".into()));
        assert!(Person::take(&slots).is_none());
        assert_eq!(Slots::default().get(SYSTEM), None);
    }

    #[test]
    fn a_role_holds_what_was_put_there_last() {
        let mut slots = Slots::of_client("user".into(), "password".into());
        slots.set(SYSTEM, Some("one".into()));
        slots.set(SYSTEM, Some("two".into()));
        assert_eq!(slots.get(SYSTEM).map(Secret::expose), Some("two"));
        assert_eq!(slots.get(ENTERPRISE).map(Secret::expose), Some("user"));
        slots.set(SYSTEM, None);
        assert_eq!(slots.get(SYSTEM).map(Secret::expose), Some("user"));
    }
}
