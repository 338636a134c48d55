//! The simple types of XML Schema and of Microsoft's serializers that the runtime has values for.

use crate::document::xml::XS;
use crate::name::QName;

/// The simple values of the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is named after its XML Schema type")]
pub enum Builtin {
    String,
    Boolean,
    Byte,
    Short,
    Int,
    Long,
    UnsignedByte,
    UnsignedShort,
    UnsignedInt,
    UnsignedLong,
    /// `xs:integer` and its unbounded relatives, kept as text.
    Integer,
    Decimal,
    Float,
    Double,
    DateTime,
    Date,
    Time,
    Duration,
    Base64Binary,
    HexBinary,
    QName,
    /// `xs:NMTOKENS` and its relatives: several names in one text.
    Nmtokens,
    Guid,
    /// `xs:anyType`, kept as XML.
    Any,
}

/// The `whiteSpace` facet: how a reader changes the white space of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhiteSpace {
    /// Nothing.
    #[default]
    Preserve,
    /// Tabs and line breaks become spaces.
    Replace,
    /// Likewise, then runs of spaces become one, and those at both ends are removed.
    Collapse,
}

impl WhiteSpace {
    /// The value of a `whiteSpace` facet.
    pub(crate) fn from_facet(value: &str) -> Option<Self> {
        match value {
            "preserve" => Some(Self::Preserve),
            "replace" => Some(Self::Replace),
            "collapse" => Some(Self::Collapse),
            _ => None,
        }
    }

    /// A text with the facet applied.
    pub(crate) fn apply(self, text: &str) -> String {
        let white = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
        match self {
            Self::Preserve => text.to_owned(),
            Self::Replace => text.replace(white, " "),
            Self::Collapse => text.split(white).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "),
        }
    }
}

/// Microsoft's serialization schema.
pub(crate) const SERIALIZATION: &str = "http://schemas.microsoft.com/2003/10/Serialization/";
/// The namespace of `StreamBody`.
pub(crate) const MESSAGE: &str = "http://schemas.microsoft.com/Message";
/// The `guid` and `char` of ASP.NET services.
const ASMX_TYPES: &str = "http://microsoft.com/wsdl/types/";

/// SOAP's encoding rules: an array, and each simple type of XML Schema once more, as the type of an element that may be nil.
pub(crate) const ENCODING: &[&str] =
    &["http://schemas.xmlsoap.org/soap/encoding/", "http://www.w3.org/2003/05/soap-encoding"];
/// Maps, vectors and documents of Apache SOAP.
const APACHE_SOAP: &str = "http://xml.apache.org/xml-soap";

/// The meaning of a type name that needs no schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KnownType {
    Value(Builtin),
    /// A text in which white space is replaced or collapsed.
    Text(WhiteSpace),
    /// `xs:integer` with a bound: the facet, and its value.
    Bounded(&'static str, &'static str),
    /// Base64 that travels as a stream.
    Stream,
}

/// Looks a type name up.
pub(crate) fn known(name: &QName) -> Option<KnownType> {
    let value = match name.namespace.as_str() {
        XS => return xml_schema(&name.local),
        SERIALIZATION => match name.local.as_str() {
            "guid" => Builtin::Guid,
            "duration" => Builtin::Duration,
            // A UTF-16 unit as a number.
            "char" => Builtin::Int,
            _ => return None,
        },
        ASMX_TYPES => match name.local.as_str() {
            "guid" => Builtin::Guid,
            "char" => Builtin::UnsignedShort,
            _ => return None,
        },
        namespace if ENCODING.contains(&namespace) => match name.local.as_str() {
            "base64" => Builtin::Base64Binary,
            // Of an array whose items are not declared, only the document says what they are.
            "Array" | "Struct" => Builtin::Any,
            local => return xml_schema(local),
        },
        APACHE_SOAP => Builtin::Any,
        MESSAGE if name.local == "StreamBody" => return Some(KnownType::Stream),
        _ => return None,
    };
    Some(KnownType::Value(value))
}

fn xml_schema(local: &str) -> Option<KnownType> {
    Some(KnownType::Value(match local {
        "string" | "anySimpleType" | "anyAtomicType" => Builtin::String,
        "normalizedString" => return Some(KnownType::Text(WhiteSpace::Replace)),
        "token" | "language" | "Name" | "NCName" | "NMTOKEN" | "ID" | "IDREF" | "ENTITY" | "NOTATION" | "anyURI"
        | "gYear" | "gYearMonth" | "gMonth" | "gMonthDay" | "gDay" => {
            return Some(KnownType::Text(WhiteSpace::Collapse));
        }
        "boolean" => Builtin::Boolean,
        "byte" => Builtin::Byte,
        "short" => Builtin::Short,
        "int" => Builtin::Int,
        "long" => Builtin::Long,
        "unsignedByte" => Builtin::UnsignedByte,
        "unsignedShort" => Builtin::UnsignedShort,
        "unsignedInt" => Builtin::UnsignedInt,
        "unsignedLong" => Builtin::UnsignedLong,
        "integer" => Builtin::Integer,
        "positiveInteger" => return Some(KnownType::Bounded("minInclusive", "1")),
        "nonNegativeInteger" => return Some(KnownType::Bounded("minInclusive", "0")),
        "negativeInteger" => return Some(KnownType::Bounded("maxInclusive", "-1")),
        "nonPositiveInteger" => return Some(KnownType::Bounded("maxInclusive", "0")),
        "decimal" => Builtin::Decimal,
        "float" => Builtin::Float,
        "double" => Builtin::Double,
        "dateTime" | "dateTimeStamp" => Builtin::DateTime,
        "date" => Builtin::Date,
        "time" => Builtin::Time,
        "duration" | "dayTimeDuration" | "yearMonthDuration" => Builtin::Duration,
        "base64Binary" => Builtin::Base64Binary,
        "hexBinary" => Builtin::HexBinary,
        "QName" => Builtin::QName,
        "anyType" => Builtin::Any,
        "NMTOKENS" | "IDREFS" | "ENTITIES" => Builtin::Nmtokens,
        _ => return None,
    }))
}

impl Builtin {
    /// Its local name in XML Schema; `guid` for the one that is not of XML Schema.
    pub fn name(self) -> &'static str {
        match self {
            Builtin::String => "string",
            Builtin::Boolean => "boolean",
            Builtin::Byte => "byte",
            Builtin::Short => "short",
            Builtin::Int => "int",
            Builtin::Long => "long",
            Builtin::UnsignedByte => "unsignedByte",
            Builtin::UnsignedShort => "unsignedShort",
            Builtin::UnsignedInt => "unsignedInt",
            Builtin::UnsignedLong => "unsignedLong",
            Builtin::Integer => "integer",
            Builtin::Decimal => "decimal",
            Builtin::Float => "float",
            Builtin::Double => "double",
            Builtin::DateTime => "dateTime",
            Builtin::Date => "date",
            Builtin::Time => "time",
            Builtin::Duration => "duration",
            Builtin::Base64Binary => "base64Binary",
            Builtin::HexBinary => "hexBinary",
            Builtin::QName => "QName",
            Builtin::Nmtokens => "NMTOKENS",
            Builtin::Guid => "guid",
            Builtin::Any => "anyType",
        }
    }
}
