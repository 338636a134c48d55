//! The macros that implement traits for generated types from their members or values.
//!
//! A type of a contract may have the name of an item in Rust's prelude, so every path here is absolute.

/// For a struct: reading, writing, `Debug` and equality by its shape. `index in the shape => member`; in brackets if all
/// fields of the shape have a member. Before the shape stands what the struct has of `PartialEq`, `Eq` and `Hash`: the last
/// of them. Without it, it derives them.
///
/// Compilers spend most of their time for a contract here, on what is written out for each member. So a member stands in
/// two functions only, one that reads and one that shows it; all else goes through these, and is written once.
#[doc(hidden)]
#[macro_export]
macro_rules! record {
    ($type:ident: $equality:ident, $shape:expr, $members:tt) => {
        $crate::equality!($equality for $type);
        $crate::record!(@partials record, $type: $shape, $members);
    };
    ($type:ident: $shape:expr, { $($index:literal => $member:ident),* $(,)? }) => {
        $crate::record!(@read record, $type: $shape, { $($index => $member),* });
    };
    (@partials $read:ident, $type:ident: $shape:expr, [$($index:literal => $member:ident),* $(,)?]) => {
        $crate::record!(@implement $read, $type: $shape, { $($index => $member),* }, [
            $($crate::generated::v1::partial(&mut $member)),*
        ]);
    };
    (@partials $read:ident, $type:ident: $shape:expr, {$($index:literal => $member:ident),* $(,)?}) => {
        $crate::record!(@implement $read, $type: $shape, { $($index => $member),* }, {
            const FIELDS: usize = <$type as $crate::generated::v1::Record>::SHAPE.fields().len();
            #[allow(unused_mut, reason = "a record may have no members")]
            let mut members = [const { ::core::option::Option::None }; FIELDS];
            $(members[$index] = $crate::generated::v1::partial(&mut $member);)*
            members
        });
    };
    (@read $read:ident, $type:ident: $shape:expr, { $($index:literal => $member:ident),* }) => {
        $crate::record!(@partials $read, $type: $shape, { $($index => $member),* });
    };
    (@implement $read:ident, $type:ident: $shape:expr, { $($index:literal => $member:ident),* }, $partials:expr) => {
        impl $crate::generated::v1::Record for $type {
            const SHAPE: &'static $crate::generated::v1::Shape = &$shape;

            fn assemble(
                read: &mut dyn ::core::ops::FnMut(
                    $crate::generated::v1::Partials<'_, '_>,
                ) -> ::core::result::Result<(), $crate::Error>,
            ) -> ::core::result::Result<Self, $crate::Error> {
                $(let mut $member = ::core::option::Option::None;)*
                $crate::generated::v1::read_members(read, &mut $partials)?;
                let ($(::core::option::Option::Some($member),)*) = ($($member,)*) else {
                    return $crate::generated::v1::incomplete();
                };
                ::core::result::Result::Ok(Self { $($member),* })
            }

            fn named_member(
                &self,
                field: usize,
            ) -> ::core::option::Option<(&'static str, &dyn $crate::generated::v1::Slot)> {
                match field {
                    $($index => $crate::generated::v1::named(::core::stringify!($member), &self.$member),)*
                    _ => ::core::option::Option::None,
                }
            }
        }

        impl $crate::generated::v1::Value for $type {
            const RECORD: ::core::option::Option<$crate::generated::v1::RecordType<Self>> =
                ::core::option::Option::Some($crate::generated::v1::RecordType::$read());
        }

        impl ::core::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::generated::v1::debug(self, f)
            }
        }
    };
}

/// For a struct whose members stand among the children of an element: as [`record!`](crate::record).
#[doc(hidden)]
#[macro_export]
macro_rules! sequence {
    ($type:ident: $equality:ident, $shape:expr, $members:tt) => {
        $crate::equality!($equality for $type);
        $crate::record!(@partials sequence, $type: $shape, $members);
    };
    ($type:ident: $shape:expr, { $($index:literal => $member:ident),* $(,)? }) => {
        $crate::record!(@read sequence, $type: $shape, { $($index => $member),* });
    };
}

/// For a record or a sequence: `PartialEq`, then `Eq`, then `Hash`, as far as its members allow.
#[doc(hidden)]
#[macro_export]
macro_rules! equality {
    (PartialEq for $type:ident) => {
        impl ::core::cmp::PartialEq for $type {
            fn eq(&self, other: &Self) -> bool {
                $crate::generated::v1::same_members(self, other)
            }
        }
    };
    (Eq for $type:ident) => {
        $crate::equality!(PartialEq for $type);

        impl ::core::cmp::Eq for $type {}
    };
    (Hash for $type:ident) => {
        $crate::equality!(Eq for $type);

        impl ::core::hash::Hash for $type {
            fn hash<H: ::core::hash::Hasher>(&self, state: &mut H) {
                $crate::generated::v1::hash_members(self, state)
            }
        }
    };
}

/// For a struct that requires something: `new`, with an argument for each member that has a type here. Those without one
/// are empty; so are all others where `..` stands for them, of which the struct must have a `Default`.
#[doc(hidden)]
#[macro_export]
macro_rules! constructor {
    ($type:ident { $($member:ident $(: $of:ty)?),+ $(,)? }) => {
        impl $type {
            /// With what the contract requires.
            #[must_use]
            #[allow(clippy::too_many_arguments, reason = "as many as the contract requires")]
            pub fn new($($($member: $of,)?)+) -> Self {
                Self { $($member: $crate::constructor!(@value $member $(: $of)?)),+ }
            }
        }
    };
    ($type:ident { $($member:ident: $of:ty),+, .. $(,)? }) => {
        impl $type {
            /// With what the contract requires.
            #[must_use]
            #[allow(clippy::too_many_arguments, reason = "as many as the contract requires")]
            pub fn new($($member: $of),+) -> Self {
                Self { $($member: $crate::constructor!(@value $member: $of),)+ ..::core::default::Default::default() }
            }
        }
    };
    (@value $member:ident) => {
        ::core::default::Default::default()
    };
    (@value $member:ident: $of:ty) => {
        ::core::convert::Into::into($member)
    };
}

/// For an enum over the fields of a shape: `index in the shape => variant(what it holds)`. With `content`, it is all that an
/// element holds; otherwise it stands among the children of one. `finite` is the index of an alternative whose value does
/// not lead back to the enum.
#[doc(hidden)]
#[macro_export]
macro_rules! choice {
    (content $type:ident: $shape:expr, $finite:literal, { $($alternatives:tt)* }) => {
        $crate::choice!(@read read_choice_content, $type: $shape, $finite, { $($alternatives)* });
    };
    ($type:ident: $shape:expr, $finite:literal, { $($alternatives:tt)* }) => {
        $crate::choice!(@read read_choice, $type: $shape, $finite, { $($alternatives)* });
    };
    (@read $read:ident, $type:ident: $shape:expr, $finite:literal, {
        $($index:literal => $variant:ident($of:ty)),+ $(,)?
    }) => {
        impl $crate::generated::v1::Choice for $type {
            const SHAPE: &'static $crate::generated::v1::Shape = &$shape;

            fn read_alternative(
                at: usize,
                read: &mut dyn ::core::ops::FnMut(
                    &mut (dyn $crate::generated::v1::Member + '_),
                ) -> ::core::result::Result<(), $crate::Error>,
            ) -> ::core::result::Result<Self, $crate::Error> {
                match at {
                    $($index => {
                        let mut value = $crate::generated::v1::Partial::<$of>::default();
                        read(&mut value)?;
                        ::core::result::Result::map(value.take(), Self::$variant)
                    })+
                    _ => ::core::unreachable!("there is no alternative with this index"),
                }
            }

            fn alternative(&self) -> (usize, &'static str, &dyn $crate::generated::v1::Slot) {
                match self {
                    $(Self::$variant(value) => ($index, ::core::stringify!($variant), value),)+
                }
            }
        }

        impl $crate::generated::v1::Value for $type {
            fn read_value(
                decoder: &mut $crate::generated::v1::Decoder<'_>,
            ) -> ::core::result::Result<Self, $crate::Error> {
                $crate::generated::v1::$read(decoder)
            }

            fn write_value(
                &self,
                encoder: &mut $crate::generated::v1::Encoder<'_>,
            ) -> ::core::result::Result<(), $crate::Error> {
                $crate::generated::v1::write_choice(self, encoder)
            }

            fn hash_value(&self, state: &mut dyn ::core::hash::Hasher) {
                let (at, _, value) = $crate::generated::v1::Choice::alternative(self);
                state.write_usize(at);
                value.hash_slot(state);
            }

            $crate::sample!(|sampler| {
                $crate::generated::v1::sample_choice(
                    sampler,
                    $finite,
                    &[$(|field, sampler| {
                        Self::$variant($crate::generated::v1::Slot::sample(field, sampler))
                    }),+],
                )
            });
        }

        impl ::core::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::generated::v1::debug_choice(self, f)
            }
        }
    };
}

/// For an enum with a unit variant for each known text and `Unrecognized(String)`.
#[doc(hidden)]
#[macro_export]
macro_rules! enumeration {
    ($type:ident { $($variant:ident = $text:literal),* $(,)? }) => {
        impl $type {
            /// All values that the contract lists, in its order.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),*];

            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unrecognized(text) => text,
                }
            }
        }

        impl ::core::convert::From<&str> for $type {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    _ => Self::Unrecognized(::core::convert::Into::into(text)),
                }
            }
        }

        /// Never fails: a text that the contract does not list is `Unrecognized`.
        impl ::core::str::FromStr for $type {
            type Err = ::core::convert::Infallible;

            // Not `Self::Err`, which a variant may be too.
            fn from_str(text: &str) -> ::core::result::Result<Self, ::core::convert::Infallible> {
                ::core::result::Result::Ok(::core::convert::From::from(text))
            }
        }

        impl ::core::fmt::Display for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::generated::v1::Value for $type {
            fn read_value(
                decoder: &mut $crate::generated::v1::Decoder<'_>,
            ) -> ::core::result::Result<Self, $crate::Error> {
                $crate::generated::v1::read_known(
                    decoder,
                    |text| ::core::convert::From::from(text),
                    |value| ::core::matches!(value, Self::Unrecognized(_)),
                )
            }

            fn write_value(
                &self,
                encoder: &mut $crate::generated::v1::Encoder<'_>,
            ) -> ::core::result::Result<(), $crate::Error> {
                encoder.text(self.as_str())
            }

            fn write_element(
                &self,
                name: &$crate::generated::v1::Name,
                encoder: &mut $crate::generated::v1::Encoder<'_>,
            ) -> ::core::result::Result<(), $crate::Error> {
                encoder.text_element(name, self.as_str())
            }

            fn is_empty_text(&self) -> bool {
                self.as_str().is_empty()
            }

            fn hash_value(&self, state: &mut dyn ::core::hash::Hasher) {
                ::core::hash::Hash::hash(self.as_str(), &mut { state })
            }

            $crate::sample!(|sampler| ::core::convert::From::from(
                &*$crate::generated::v1::sample_enumeration(sampler, &[$($text),*])
            ));
        }
    };
}

/// For a struct around the items of an array of SOAP encoding: the type of an item, and its name in the schema.
#[doc(hidden)]
#[macro_export]
macro_rules! array {
    ($type:ident($of:ty): $item:expr) => {
        impl ::core::ops::Deref for $type {
            type Target = ::std::vec::Vec<$of>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl ::core::ops::DerefMut for $type {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.0
            }
        }

        impl ::core::convert::From<::std::vec::Vec<$of>> for $type {
            fn from(items: ::std::vec::Vec<$of>) -> Self {
                Self(items)
            }
        }

        impl $crate::generated::v1::Value for $type {
            fn read_value(
                decoder: &mut $crate::generated::v1::Decoder<'_>,
            ) -> ::core::result::Result<Self, $crate::Error> {
                ::core::result::Result::map($crate::generated::v1::read_array(decoder), Self)
            }

            fn write_value(
                &self,
                encoder: &mut $crate::generated::v1::Encoder<'_>,
            ) -> ::core::result::Result<(), $crate::Error> {
                $crate::generated::v1::write_array(&self.0, $item, encoder)
            }

            fn check(
                &self,
                facet: &$crate::generated::v1::Facet,
                field: &$crate::generated::v1::Field,
            ) -> ::core::result::Result<(), $crate::generated::v1::Facet> {
                facet.check_items(&self.0, field)
            }

            fn xsi_type(&self) -> ::core::option::Option<$crate::generated::v1::Name> {
                ::core::option::Option::Some($crate::generated::v1::ARRAY)
            }

            fn hash_value(&self, state: &mut dyn ::core::hash::Hasher) {
                $crate::generated::v1::Slot::hash_slot(&self.0, state)
            }

            $crate::sample!(|sampler| Self($crate::generated::v1::sample_array(sampler)));
        }
    };
}

/// For an enum over a base type and the types derived from it: each variant with its type. The first listed has a
/// value that does not lead back to the enum.
#[doc(hidden)]
#[macro_export]
macro_rules! polymorphic {
    ($type:ident: $declared:expr, { $($variant:ident($of:ty)),+ $(,)? }) => {
        $(impl ::core::convert::From<$of> for $type {
            fn from(value: $of) -> Self {
                Self::$variant(value)
            }
        })+

        impl $crate::generated::v1::Value for $type {
            fn read_value(
                decoder: &mut $crate::generated::v1::Decoder<'_>,
            ) -> ::core::result::Result<Self, $crate::Error> {
                let name = $crate::generated::v1::type_at_hand(decoder, $declared)?;
                $(if $crate::generated::v1::is_named::<$of>(&name) {
                    return ::core::result::Result::map(
                        <$of as $crate::generated::v1::Value>::read_value(decoder),
                        Self::$variant,
                    );
                })+
                ::core::result::Result::Err($crate::generated::v1::unknown_type(decoder))
            }

            fn write_value(
                &self,
                encoder: &mut $crate::generated::v1::Encoder<'_>,
            ) -> ::core::result::Result<(), $crate::Error> {
                match self {
                    $(Self::$variant(value) => $crate::generated::v1::Value::write_value(value, encoder),)+
                }
            }

            fn xsi_type(&self) -> ::core::option::Option<$crate::generated::v1::Name> {
                let name = match self {
                    $(Self::$variant(_) => <$of as $crate::generated::v1::Record>::SHAPE.name(),)+
                };
                $crate::generated::v1::unless_declared(name, $declared)
            }

            fn hash_value(&self, state: &mut dyn ::core::hash::Hasher) {
                match self {
                    $(Self::$variant(value) => $crate::generated::v1::Value::hash_value(value, state),)+
                }
            }

            $crate::sample!(|sampler| {
                $crate::generated::v1::sample_one_of(
                    sampler,
                    &[$(|sampler| Self::$variant($crate::generated::v1::Value::sample(sampler))),+],
                )
            });
        }
    };
}

/// For a request with one member: made from the value of that member.
#[doc(hidden)]
#[macro_export]
macro_rules! single_member {
    ($type:ident, $member:ident: Option<$of:ty>) => {
        $crate::single_member!(@from $type, $member: ::core::option::Option<$of>);

        impl ::core::convert::From<$of> for $type {
            fn from($member: $of) -> Self {
                Self { $member: ::core::option::Option::Some($member) }
            }
        }
    };
    ($type:ident, $member:ident: $of:ty) => {
        $crate::single_member!(@from $type, $member: $of);
    };
    (@from $type:ident, $member:ident: $of:ty) => {
        impl ::core::convert::From<$of> for $type {
            fn from($member: $of) -> Self {
                Self { $member }
            }
        }
    };
}

/// For lists of everything in a contract, which tests walk through: without them, only what is called is compiled.
#[cfg(feature = "test-util")]
#[doc(hidden)]
#[macro_export]
macro_rules! registry {
    ($($item:item)*) => { $($item)* };
}

#[cfg(not(feature = "test-util"))]
#[doc(hidden)]
#[macro_export]
macro_rules! registry {
    ($($item:item)*) => {};
}

#[cfg(feature = "test-util")]
#[doc(hidden)]
#[macro_export]
macro_rules! sample {
    ($sample:expr) => {
        fn sample(sampler: &mut $crate::generated::v1::Sampler) -> Self {
            let sample: fn(&mut $crate::generated::v1::Sampler) -> Self = $sample;
            sample(sampler)
        }
    };
}

#[cfg(not(feature = "test-util"))]
#[doc(hidden)]
#[macro_export]
macro_rules! sample {
    ($sample:expr) => {};
}
