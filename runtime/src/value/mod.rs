//! Values as data: what an element, an attribute or a text can hold, and how it is written as text.

use std::cmp::Ordering;

mod attachment;
mod binary;
mod date_time;
mod decimal;
mod document;
mod duration;
mod fragment;
mod guid;
mod list;
mod mixed;
mod nillable;
mod primitive;
mod qname;
#[cfg(feature = "serde")]
pub(crate) mod serde;
pub(crate) mod spill;
mod white_space;

pub use crate::guid::Guid;
pub use attachment::Attachment;
pub(crate) use binary::{Base64, Storage, base64_bytes, base64_text, push_base64};
pub use binary::{Binary, HexBinary};
pub use date_time::{Date, DateTime, InvalidValue, Offset, Time};
pub use decimal::{Decimal, Integer};
pub use document::Document;
pub use duration::Duration;
pub use fragment::{AnyAttributes, Fragment};
pub use list::List;
pub use mixed::{Mixed, MixedNode};
pub use nillable::Nillable;
pub use qname::QName;
pub(crate) use white_space::WhiteSpace;

/// A value that is one text with nothing to escape in it.
pub(crate) trait Lexical: Sized {
    /// The error for another text: `not an xs:int`.
    const MISMATCH: &'static str;

    /// There are values of the type in XML Schema that it does not hold.
    const IS_LIMITED: bool = false;

    /// Reads the text, without white space around it.
    fn parse_text(text: &str) -> Option<Self>;

    /// Passes the text on.
    fn with_text<R>(&self, use_text: impl FnOnce(&[u8]) -> R) -> R;

    /// Whether it stands to a bound as wanted. Where the two have no order, nothing can be said against it.
    fn is_ordered(&self, _: &Self, _: fn(Ordering) -> bool) -> bool {
        true
    }

    /// How many octets it stands for, if it is binary.
    fn octets(&self) -> Option<u64> {
        None
    }
}

/// Implements [`Lexical`].
macro_rules! text_value {
    ($type:ty, parse $parse:expr, what $what:literal, text |$value:ident| $text:expr $(, $($more:tt)+)?) => {
        impl $crate::value::Lexical for $type {
            const MISMATCH: &'static str = $what;

            fn parse_text(text: &str) -> Option<Self> {
                let parse: fn(&str) -> Option<Self> = $parse;
                parse(text)
            }

            fn with_text<R>(&self, use_text: impl FnOnce(&[u8]) -> R) -> R {
                let $value = self;
                use_text($text.as_ref())
            }

            $($crate::value::text_value!(@more $($more)+);)?
        }
    };
    (@more order |$value:ident, $bound:ident| $order:expr) => {
        fn is_ordered(&self, $bound: &Self, wanted: fn(std::cmp::Ordering) -> bool) -> bool {
            let $value = self;
            let order: Option<std::cmp::Ordering> = $order;
            order.is_none_or(wanted)
        }
    };
    (@more limited $($more:tt)+) => {
        const IS_LIMITED: bool = true;

        $crate::value::text_value!(@more $($more)+);
    };
    (@more octets |$value:ident| $octets:expr) => {
        fn octets(&self) -> Option<u64> {
            let $value = self;
            Some($octets as u64)
        }
    };
}
pub(crate) use text_value;

#[cfg(test)]
mod tests {
    use super::Lexical;

    /// The value of a text, white space around it left out.
    pub(crate) fn read<T: Lexical>(text: &str) -> Option<T> {
        T::parse_text(text.trim_ascii())
    }

    /// The text of a value.
    pub(crate) fn written<T: Lexical>(value: &T) -> String {
        value.with_text(|text| String::from_utf8(text.to_vec()).unwrap())
    }
}
