//! What a value is about, by a code and by texts in it: the tables are generated, the comparison is here.

use std::fmt::Display;

use crate::schema::pattern;

/// The kinds of values of a type. Implemented by generated code with [`kinds!`](crate::kinds).
pub trait Kinds: Copy + 'static {
    /// The first that fits is the kind of a value.
    const ALL: &'static [Kind<Self>];
    /// The kind of all other values.
    const OTHER: Self;
}

/// A kind, and how it is known.
#[derive(Clone, Copy, Debug)]
pub struct Kind<K> {
    kind: K,
    codes: &'static [&'static str],
    texts: &'static [&'static str],
}

impl<K> Kind<K> {
    /// A kind by its codes (`17`, `20-29`; none: any) and patterns over texts (`*` for any text, case ignored; none: any).
    pub const fn new(kind: K, codes: &'static [&'static str], texts: &'static [&'static str]) -> Self {
        Self { kind, codes, texts }
    }

    fn is(&self, code: Option<&str>, texts: &[String]) -> bool {
        let has_code = || code.is_some_and(|code| self.codes.iter().any(|one| is_code(one, code)));
        (self.codes.is_empty() || has_code()) && (self.texts.is_empty() || pattern::any(self.texts, texts))
    }
}

/// Whether a code is this one, or a number in this range.
fn is_code(wanted: &str, code: &str) -> bool {
    let Some((from, to)) = wanted.split_once('-') else { return wanted == code };
    let number = |text: &str| text.parse::<u32>();
    matches!((number(from), number(to), number(code)), (Ok(from), Ok(to), Ok(code)) if (from..=to).contains(&code))
}

/// The kind of a value with this code and these texts.
pub fn classified<K: Kinds>(code: Option<String>, texts: &[Option<String>]) -> K {
    let code = code.as_deref().map(str::trim);
    let texts: Vec<String> = texts.iter().flatten().map(|text| pattern::comparable(text)).collect();
    K::ALL.iter().find(|kind| kind.is(code, &texts)).map_or(K::OTHER, |kind| kind.kind)
}

/// A member as text.
pub fn shown<T: Display>(member: Option<&T>) -> Option<String> {
    member.map(T::to_string)
}

/// For an enum of kinds with a variant `Other`: how each is known. A kind may be there more than once.
#[doc(hidden)]
#[macro_export]
macro_rules! kinds {
    ($type:ident { $($kind:ident $codes:tt $texts:tt),* $(,)? }) => {
        impl $crate::generated::v1::Kinds for $type {
            const ALL: &'static [$crate::generated::v1::Kind<Self>] =
                &[$($crate::generated::v1::Kind::new(Self::$kind, &$codes, &$texts)),*];
            const OTHER: Self = Self::Other;
        }
    };
}

/// For a record: a method that gives its kind by a member with a code and members with texts; `?` marks an `Option`.
#[doc(hidden)]
#[macro_export]
macro_rules! classification {
    ($type:ident, $method:ident -> $kinds:ty, $code:tt, [$($text:tt),* $(,)?]) => {
        impl $type {
            /// What it is about, by its code and its texts.
            #[must_use]
            pub fn $method(&self) -> $kinds {
                $crate::generated::v1::classified(
                    $crate::classification!(@shown self $code),
                    &[$($crate::classification!(@shown self $text)),*],
                )
            }
        }
    };
    (@shown $record:ident [$member:ident ?]) => {
        $crate::generated::v1::shown(::core::option::Option::as_ref(&$record.$member))
    };
    (@shown $record:ident [$member:ident]) => {
        $crate::generated::v1::shown(::core::option::Option::Some(&$record.$member))
    };
}

/// For a record: a method that gives the text of a member where another has a certain value; `?` marks an `Option`.
#[doc(hidden)]
#[macro_export]
macro_rules! accessor {
    ($(#[$docs:meta])* $type:ident, $method:ident -> $gives:tt, $decides:tt = $text:literal) => {
        impl $type {
            $(#[$docs])*
            #[must_use]
            pub fn $method(&self) -> ::core::option::Option<&str> {
                let decides = $crate::classification!(@shown self $decides);
                let is_meant = ::core::option::Option::as_deref(&decides) == ::core::option::Option::Some($text);
                if is_meant { $crate::accessor!(@text self $gives) } else { ::core::option::Option::None }
            }
        }
    };
    (@text $record:ident [$member:ident ?]) => {
        ::core::option::Option::as_deref(&$record.$member)
    };
    (@text $record:ident [$member:ident]) => {
        ::core::option::Option::Some(&*$record.$member)
    };
}

#[cfg(test)]
#[allow(unreachable_pub, reason = "generated types are public")]
mod tests {
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum FaultKind {
        Locked,
        Broker,
        Rights,
        Other,
    }
    crate::kinds!(FaultKind {
        Locked ["0", "5"] ["*is locked*"],
        Broker ["40201-40216", "7"] [],
        Rights [] ["*no right*"],
    });

    struct Fault {
        code: Option<i32>,
        text: String,
        more: Option<String>,
    }
    crate::classification!(Fault, kind -> FaultKind, [code ?], [[text], [more ?]]);
    crate::accessor!(
        /// The text of a locked user.
        Fault, seven -> [more ?], [code ?] = "7"
    );
    crate::accessor!(Fault, text_of_x -> [text], [more ?] = "x");

    #[test]
    fn code_and_text_decide_and_the_first_kind_counts() {
        let fault = |code: Option<i32>, text: &str, more: Option<&str>| Fault {
            code,
            text: text.to_owned(),
            more: more.map(str::to_owned),
        };
        for (code, text, more, kind) in [
            (Some(5), "User IS Locked out", None, FaultKind::Locked),
            (Some(0), "", Some("is locked"), FaultKind::Locked),
            (Some(6), "is locked", None, FaultKind::Other),
            (None, "is locked", None, FaultKind::Other),
            (Some(40_201), "no right", None, FaultKind::Broker),
            (Some(40_216), "", None, FaultKind::Broker),
            (Some(7), "", None, FaultKind::Broker),
            (Some(40_217), "", None, FaultKind::Other),
            (Some(-40_210), "", None, FaultKind::Other),
            (None, "he has no right to", None, FaultKind::Rights),
        ] {
            assert_eq!(fault(code, text, more).kind(), kind, "{code:?} {text} {more:?}");
        }
        assert_eq!(fault(Some(7), "", Some("m")).seven(), Some("m"));
        assert_eq!(fault(Some(8), "", Some("m")).seven(), None);
        assert_eq!(fault(None, "t", Some("x")).text_of_x(), Some("t"));
    }
}
