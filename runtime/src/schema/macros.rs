//! What generated types share: implementations that only repeat their members or values.

/// Inside `impl Record`: the accessors, as `index in SHAPE.fields => member`.
#[doc(hidden)]
#[macro_export]
macro_rules! members {
    ($($index:literal => $member:ident),* $(,)?) => {
        fn blank_record() -> Self {
            Self { $($member: $crate::generated::v1::blank()),* }
        }

        fn member(&self, field: usize) -> Option<&dyn $crate::generated::v1::Slot> {
            match field {
                $($index => Some(&self.$member),)*
                _ => None,
            }
        }

        fn member_mut(&mut self, field: usize) -> Option<&mut dyn $crate::generated::v1::Slot> {
            match field {
                $($index => Some(&mut self.$member),)*
                _ => None,
            }
        }

        fn write_members(&self, writer: &mut $crate::generated::v1::Writer<'_>) -> Result<(), $crate::Error> {
            $($crate::generated::v1::write_member(&Self::SHAPE.fields[$index], &self.$member, writer)?;)*
            Ok(())
        }

        fn member_name(field: usize) -> Option<&'static str> {
            match field {
                $($index => Some(stringify!($member)),)*
                _ => None,
            }
        }
    };
}

/// For a struct that implements `Record`: reading, writing and `Debug`.
#[doc(hidden)]
#[macro_export]
macro_rules! record {
    ($type:ident) => {
        impl $crate::generated::v1::Members for $type {
            fn fields(&self) -> &'static [$crate::generated::v1::Field] {
                <Self as $crate::generated::v1::Record>::SHAPE.fields
            }

            fn member(&self, field: usize) -> Option<&dyn $crate::generated::v1::Slot> {
                $crate::generated::v1::Record::member(self, field)
            }

            fn member_mut(&mut self, field: usize) -> Option<&mut dyn $crate::generated::v1::Slot> {
                $crate::generated::v1::Record::member_mut(self, field)
            }
        }

        impl $crate::generated::v1::Value for $type {
            fn blank() -> Self {
                $crate::generated::v1::Record::blank_record()
            }

            fn read_value(reader: &mut $crate::generated::v1::Reader<'_>) -> Result<Self, $crate::Error> {
                $crate::generated::v1::read_record(reader)
            }

            fn read_into(&mut self, reader: &mut $crate::generated::v1::Reader<'_>) -> Result<(), $crate::Error> {
                $crate::generated::v1::read_record_into(self, reader)
            }

            fn write_value(&self, writer: &mut $crate::generated::v1::Writer<'_>) -> Result<(), $crate::Error> {
                $crate::generated::v1::write_record(self, writer)
            }

            fn members(&self) -> Option<&dyn $crate::generated::v1::Members> {
                Some(self)
            }

            fn members_mut(&mut self) -> Option<&mut dyn $crate::generated::v1::Members> {
                Some(self)
            }

            $crate::sample!($crate::generated::v1::sample_record);
        }

        impl ::core::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::generated::v1::debug(self, f)
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
            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unrecognized(text) => text,
                }
            }
        }

        impl From<&str> for $type {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    _ => Self::Unrecognized(text.to_owned()),
                }
            }
        }

        impl ::core::fmt::Display for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::generated::v1::Value for $type {
            fn blank() -> Self {
                Self::Unrecognized(String::new())
            }

            fn read_value(reader: &mut $crate::generated::v1::Reader<'_>) -> Result<Self, $crate::Error> {
                Ok($crate::generated::v1::read_enumeration(reader)?.as_ref().into())
            }

            fn write_value(&self, writer: &mut $crate::generated::v1::Writer<'_>) -> Result<(), $crate::Error> {
                writer.text(self.as_str())
            }

            fn write_element(
                &self,
                name: &$crate::generated::v1::Name,
                writer: &mut $crate::generated::v1::Writer<'_>,
            ) -> Result<(), $crate::Error> {
                writer.text_element(name, self.as_str())
            }

            $crate::sample!(|sampler| $crate::generated::v1::sample_enumeration(sampler, &[$($text),*]).as_str().into());
        }
    };
}

/// For an enum over a base type and the types derived from it, each variant named as its type.
#[doc(hidden)]
#[macro_export]
macro_rules! polymorphic {
    ($type:ident: $declared:expr, { $first:ident $(, $variant:ident)* $(,)? }) => {
        impl From<$first> for $type {
            fn from(value: $first) -> Self {
                Self::$first(value)
            }
        }
        $(impl From<$variant> for $type {
            fn from(value: $variant) -> Self {
                Self::$variant(value)
            }
        })*

        impl $crate::generated::v1::Value for $type {
            fn blank() -> Self {
                Self::$first($crate::generated::v1::blank())
            }

            fn read_value(reader: &mut $crate::generated::v1::Reader<'_>) -> Result<Self, $crate::Error> {
                let name = $crate::generated::v1::type_at_hand(reader, $declared)?;
                let is = |shape: &$crate::generated::v1::Shape| shape.name.namespace == name.0 && shape.name.local == name.1;
                if is(<$first as $crate::generated::v1::Record>::SHAPE) {
                    return <$first as $crate::generated::v1::Value>::read_value(reader).map(Self::$first);
                }
                $(if is(<$variant as $crate::generated::v1::Record>::SHAPE) {
                    return <$variant as $crate::generated::v1::Value>::read_value(reader).map(Self::$variant);
                })*
                Err($crate::generated::v1::unknown_type(reader))
            }

            fn write_value(&self, writer: &mut $crate::generated::v1::Writer<'_>) -> Result<(), $crate::Error> {
                match self {
                    Self::$first(value) => value.write_value(writer),
                    $(Self::$variant(value) => value.write_value(writer),)*
                }
            }

            fn xsi_type(&self) -> Option<$crate::generated::v1::Name> {
                let name = match self {
                    Self::$first(_) => <$first as $crate::generated::v1::Record>::SHAPE.name,
                    $(Self::$variant(_) => <$variant as $crate::generated::v1::Record>::SHAPE.name,)*
                };
                (name != $declared).then_some(name)
            }

            $crate::sample!(|sampler| {
                const SAMPLES: &[fn(&mut $crate::generated::v1::Sampler) -> $type] = &[
                    |sampler| $type::$first($crate::generated::v1::Value::sample(sampler)),
                    $(|sampler| $type::$variant($crate::generated::v1::Value::sample(sampler)),)*
                ];
                SAMPLES[(sampler.number() % SAMPLES.len() as u64) as usize](sampler)
            });
        }
    };
}

/// For a request with one member: made from the value of that member.
#[doc(hidden)]
#[macro_export]
macro_rules! single_member {
    ($type:ident, $member:ident: Option<$of:ty>) => {
        $crate::single_member!(@from $type, $member: Option<$of>);

        impl From<$of> for $type {
            fn from($member: $of) -> Self {
                Self { $member: Some($member) }
            }
        }
    };
    ($type:ident, $member:ident: $of:ty) => {
        $crate::single_member!(@from $type, $member: $of);
    };
    (@from $type:ident, $member:ident: $of:ty) => {
        impl From<$of> for $type {
            fn from($member: $of) -> Self {
                Self { $member }
            }
        }
    };
}

/// For the type of a fault's detail: the element it stands in.
#[doc(hidden)]
#[macro_export]
macro_rules! fault_detail {
    ($type:ident, $namespace:expr, $local:literal) => {
        impl $crate::FaultDetail for $type {
            const ELEMENT: $crate::generated::v1::Name = $crate::generated::v1::Name::new($namespace, $local);
        }
    };
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
