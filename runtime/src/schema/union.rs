//! Unions: enums over values of several simple types, and for the text that none of them takes.

use std::borrow::Cow;

use crate::error::Error;
use crate::schema::decode::Decoder;
use crate::schema::encode::{Encoder, Style};
use crate::schema::slots::Slots;
use crate::schema::value::Value;

/// An enum over the members of a union. Implemented by generated code with [`union!`](crate::union).
pub trait Union: Value {
    /// In the order in which a text is tried.
    const MEMBERS: &'static [UnionMember<Self>];
    /// Any text is a value. Then a member takes only what it would write in the same way: `007` is no number where it may
    /// be a text.
    const IS_OPEN: bool;

    /// The value for a text that no member takes.
    fn rest(text: String) -> Self;

    /// What is written for the value.
    fn written(&self) -> &dyn Written;
}

/// A member of a union.
#[derive(Debug)]
pub enum UnionMember<T> {
    /// One text, and the value for it.
    Text(&'static str, fn() -> T),
    /// Reads the values of a type.
    Value(fn(&mut Decoder<'_>) -> Result<T, Error>),
}

/// What can stand in a text: a [`Value`] of any type, or a text.
pub trait Written {
    /// Writes it.
    ///
    /// # Errors
    /// As [`Value::write_value`].
    fn write(&self, encoder: &mut Encoder<'_>) -> Result<(), Error>;

    /// As [`Value::is_empty_text`].
    fn is_empty(&self) -> bool;

    /// As [`Value::is_token`].
    fn is_token(&self) -> bool;
}

impl<T: Value> Written for T {
    fn write(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        self.write_value(encoder)
    }

    fn is_empty(&self) -> bool {
        self.is_empty_text()
    }

    fn is_token(&self) -> bool {
        Value::is_token(self)
    }
}

impl Written for &'static str {
    fn write(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.text(self)
    }

    fn is_empty(&self) -> bool {
        str::is_empty(self)
    }

    fn is_token(&self) -> bool {
        !str::is_empty(self) && !self.contains([' ', '\t', '\r', '\n'])
    }
}

/// Reads the value of the first member that takes the text.
///
/// # Errors
/// Content that is not text.
pub fn read_union<T: Union>(decoder: &mut Decoder<'_>) -> Result<T, Error> {
    let text = decoder.normalized_text()?;
    for member in T::MEMBERS {
        match member {
            UnionMember::Text(known, value) if text.trim_ascii() == *known => return Ok(value()),
            UnionMember::Text(..) => {}
            UnionMember::Value(read) => {
                decoder.at_attribute(Cow::clone(&text));
                match read(decoder) {
                    Ok(value) if !T::IS_OPEN || is_written_as(value.written(), &text) => return Ok(value),
                    _ => {}
                }
            }
        }
    }
    decoder.charge(text.len())?;
    Ok(T::rest(text.into_owned()))
}

fn is_written_as(value: &dyn Written, text: &str) -> bool {
    let slots = Slots::default();
    let mut encoder = Encoder::new(Style::Client, &slots);
    value.write(&mut encoder).is_ok() && encoder.finish() == text.as_bytes()
}

/// A random value of one of the members, or any text; as it would be read, for an earlier member may take its text too.
#[cfg(feature = "test-util")]
pub fn sample_union<T: Union>(
    sampler: &mut crate::schema::sample::Sampler,
    members: &[fn(&mut crate::schema::sample::Sampler) -> T],
) -> T {
    const ELEMENT: crate::name::Name = crate::name::Name::new("urn:union", "union");
    let value = match members.get(sampler.union(members.len(), T::IS_OPEN)) {
        Some(sample) => sample(sampler),
        None => T::rest(sampler.text()),
    };
    let slots = Slots::default();
    let mut encoder = Encoder::new(Style::Client, &slots);
    if value.write_element(&ELEMENT, &mut encoder).is_err() {
        return value;
    }
    let document = encoder.finish();
    let mut decoder = Decoder::new(&document, &crate::limits::XmlLimits::default());
    let again = decoder.next().and_then(|_| read_union(&mut decoder));
    again.unwrap_or(value)
}

/// For an enum over the members of a union, each a variant with its type or its text, and with a variant for any other
/// text: `Text` if the contract allows it (`open`), else `Unrecognized`.
#[doc(hidden)]
#[macro_export]
macro_rules! union {
    (@member $variant:ident $text:literal) => {
        $crate::generated::v1::UnionMember::Text($text, || Self::$variant)
    };
    (@member $variant:ident $of:ty) => {
        $crate::generated::v1::UnionMember::Value(|decoder| {
            ::core::result::Result::map(<$of as $crate::generated::v1::Value>::read_value(decoder), Self::$variant)
        })
    };
    (@pattern $value:ident $variant:ident $text:literal) => {
        Self::$variant
    };
    (@pattern $value:ident $variant:ident $of:ty) => {
        Self::$variant($value)
    };
    (@written $value:ident $text:literal) => {
        &$text
    };
    (@written $value:ident $of:ty) => {
        $value
    };
    (@sample $variant:ident $text:literal) => {
        |_| Self::$variant
    };
    (@sample $variant:ident $of:ty) => {
        |sampler| Self::$variant($crate::generated::v1::Value::sample(sampler))
    };
    (@impl $open:literal $rest:ident $type:ident { $($variant:ident($($member:tt)+)),+ $(,)? }) => {
        impl $crate::generated::v1::Union for $type {
            const MEMBERS: &'static [$crate::generated::v1::UnionMember<Self>] =
                &[$($crate::union!(@member $variant $($member)+)),+];
            const IS_OPEN: bool = $open;

            fn rest(text: ::std::string::String) -> Self {
                Self::$rest(text)
            }

            fn written(&self) -> &dyn $crate::generated::v1::Written {
                match self {
                    $($crate::union!(@pattern value $variant $($member)+) => {
                        $crate::union!(@written value $($member)+)
                    })+
                    Self::$rest(text) => text,
                }
            }
        }

        impl $crate::generated::v1::Value for $type {
            fn read_value(
                decoder: &mut $crate::generated::v1::Decoder<'_>,
            ) -> ::core::result::Result<Self, $crate::Error> {
                $crate::generated::v1::read_union(decoder)
            }

            fn write_value(
                &self,
                encoder: &mut $crate::generated::v1::Encoder<'_>,
            ) -> ::core::result::Result<(), $crate::Error> {
                $crate::generated::v1::Union::written(self).write(encoder)
            }

            fn is_empty_text(&self) -> bool {
                $crate::generated::v1::Union::written(self).is_empty()
            }

            fn is_token(&self) -> bool {
                $crate::generated::v1::Union::written(self).is_token()
            }

            $crate::sample!(|sampler| {
                $crate::generated::v1::sample_union(sampler, &[$($crate::union!(@sample $variant $($member)+)),+])
            });
        }
    };
    (open $type:ident { $($members:tt)+ }) => {
        $crate::union!(@impl true Text $type { $($members)+ });
    };
    ($type:ident { $($members:tt)+ }) => {
        $crate::union!(@impl false Unrecognized $type { $($members)+ });
    };
}
