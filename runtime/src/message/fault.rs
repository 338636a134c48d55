//! Reading faults, including those that do not follow the specification.

use std::fmt;

use crate::error::{Delivery, Error, ErrorKind};
use crate::fault::Fault;
use crate::limits::XmlLimits;
use crate::message::blocks::Expected;
use crate::message::relation::Relation;
use crate::name::Name;
use crate::schema::decode::Decoder;
use crate::schema::value::Value;
use crate::soap::SoapVersion;
use crate::value::Fragment;
use crate::xml::{Node, Reader};

/// A type that the detail of a fault can be read as: the type of its element, or an enum over the faults of an
/// operation.
pub trait FaultDetail: Sized {
    /// Reads the detail. `None` if it has no such element, or an invalid one.
    fn read_detail(detail: &mut DetailReader<'_>) -> Option<Self>;

    /// Writes the detail, as a service sends it.
    fn write_detail(&self, detail: &mut DetailWriter) {
        let _ = detail;
    }
}

/// The detail of a fault, for [`FaultDetail`] to read.
pub struct DetailReader<'x>(&'x str);

impl fmt::Debug for DetailReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes of XML]", self.0.len())
    }
}

/// The detail of a fault, for [`FaultDetail`] to write.
#[derive(Default)]
pub struct DetailWriter(Option<(Name, String)>);

impl DetailWriter {
    /// The name of the element that was written, and its XML.
    #[cfg(feature = "server")]
    pub(crate) fn finish(self) -> Option<(Name, String)> {
        self.0
    }
}

impl fmt::Debug for DetailWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes of XML]", self.0.as_ref().map_or(0, |(_, xml)| xml.len()))
    }
}

/// Writes a value as the first of the elements in which it may stand. A value that cannot be written is left out.
pub fn write_detail<T: Value>(detail: &mut DetailWriter, elements: &[Name], value: &T) {
    let Some(element) = elements.first() else { return };
    detail.0 = Fragment::by_service(*element, value).ok().map(|xml| (*element, xml));
}

/// Reads the first element of a detail that has one of these names. An unknown type derived from the declared one is
/// read as the declared one.
pub fn read_detail<T: Value>(detail: &mut DetailReader<'_>, elements: &[Name]) -> Option<T> {
    let read = |known_types_only: bool| {
        let mut decoder = Decoder::new(detail.0.as_bytes(), &XmlLimits::default());
        decoder.ignore_types(!known_types_only);
        decoder.next().ok()?;
        while decoder.next().ok()? == Node::Start {
            if elements.iter().any(|element| decoder.is(*element)) {
                return T::read_value(&mut decoder).ok();
            }
            decoder.skip().ok()?;
        }
        None
    };
    read(true).or_else(|| read(false))
}

/// For the type of a fault's detail: the elements in which it stands.
#[doc(hidden)]
#[macro_export]
macro_rules! fault_detail {
    ($type:ty, [$($element:expr),+ $(,)?]) => {
        impl $crate::FaultDetail for $type {
            fn read_detail(detail: &mut $crate::generated::v1::DetailReader<'_>) -> ::core::option::Option<Self> {
                $crate::generated::v1::read_detail(detail, &[$($element),+])
            }

            fn write_detail(&self, detail: &mut $crate::generated::v1::DetailWriter) {
                $crate::generated::v1::write_detail(detail, &[$($element),+], self);
            }
        }
    };
}

/// For an enum over the faults of an operation: the element that stands for each variant.
#[doc(hidden)]
#[macro_export]
macro_rules! fault_enum {
    ($type:ident { $($variant:ident($of:ty) = $element:expr),+ $(,)? }) => {
        impl $crate::FaultDetail for $type {
            fn read_detail(detail: &mut $crate::generated::v1::DetailReader<'_>) -> ::core::option::Option<Self> {
                $(if let ::core::option::Option::Some(value) =
                    $crate::generated::v1::read_detail::<$of>(detail, &[$element])
                {
                    return ::core::option::Option::Some(Self::$variant(value));
                })+
                ::core::option::Option::None
            }

            fn write_detail(&self, detail: &mut $crate::generated::v1::DetailWriter) {
                match self {
                    $(Self::$variant(value) => $crate::generated::v1::write_detail(detail, &[$element], value),)+
                }
            }
        }
    };
}

impl Fault {
    /// The detail, read as a type that the contract declares for a fault.
    ///
    /// `None` if there is no such element, or if it is invalid.
    pub fn detail<T: FaultDetail>(&self) -> Option<T> {
        T::read_detail(&mut DetailReader(self.detail_xml()?))
    }
}

/// Reads the current `Fault` element strictly, by the rules of this version of SOAP.
pub(crate) fn read_fault(soap: SoapVersion, decoder: &mut Decoder<'_>) -> Result<Fault, Error> {
    let parts = Parts::read(decoder, Some(soap))?;
    if parts.code.is_empty() {
        return Err(decoder.error(NONCONFORMANT));
    }
    Ok(Fault::new(parts.code, parts.reason, parts.detail))
}

/// The text for a fault with other children than its version of SOAP allows.
const NONCONFORMANT: &str = "a SOAP fault that is not as its version of SOAP has it";

/// Reads the current element as a fault, whatever it has of one.
pub(crate) fn read_leniently(decoder: &mut Decoder<'_>) -> Result<Fault, Error> {
    let Parts { code, reason, detail } = Parts::read(decoder, None)?;
    Ok(Fault::new(code, reason, detail))
}

/// Reads a nonconformant fault from a response that could not be read: a fault of the other version of SOAP, without a
/// code, with misplaced text or markup, or in an encoding that it does not state. Its content is more useful than an
/// error about its form.
pub(crate) fn salvage(document: &[u8], limits: &XmlLimits, expected: Option<&Expected<'_>>) -> Option<Error> {
    let text = String::from_utf8_lossy(document);
    let mut decoder = Decoder::of(Reader::new(text.as_bytes(), limits).tolerating_text());
    let fault = find_fault(&mut decoder, expected.and_then(|expected| expected.relates_to)).ok()??;
    Some(nonconformant(fault))
}

/// The error for a fault in a message that is not as its version of SOAP has it. Nothing is sent again for it, so it is not
/// said to be about a session or the moment.
pub(crate) fn nonconformant(fault: Fault) -> Error {
    let kind = match fault.kind() {
        ErrorKind::Session | ErrorKind::Busy => ErrorKind::Fault,
        kind => kind,
    };
    Error::from_fault(kind, fault.nonconformant()).delivered(Delivery::Answered)
}

/// The fault that is the first child of the body of an envelope of either version.
fn find_fault(reader: &mut Decoder<'_>, relates_to: Option<&str>) -> Result<Option<Fault>, Error> {
    let versions = [SoapVersion::Soap11, SoapVersion::Soap12];
    let is = |reader: &mut Decoder<'_>, local| {
        versions.iter().any(|version| reader.is(Name::new(version.namespace(), local)))
    };
    reader.next()?;
    if !is(reader, "Envelope") {
        return Ok(None);
    }
    while reader.next()? == Node::Start {
        if is(reader, "Header") {
            let mut relation = Relation::default();
            while reader.next()? == Node::Start {
                match Relation::is_at(reader)? {
                    true => relation.add(&reader.text_with_markup()?),
                    false => reader.skip()?,
                }
            }
            relation.check(relates_to)?;
        } else if is(reader, "Body") {
            if reader.next()? != Node::Start || !reader.is_local("Fault") {
                return Ok(None);
            }
            return read_leniently(reader).map(Some);
        } else {
            reader.skip()?;
        }
    }
    Ok(None)
}

/// The content of a fault of either version.
#[derive(Default)]
struct Parts {
    code: Vec<(String, String)>,
    reason: String,
    detail: Option<String>,
}

/// The children of a fault that are read, with their version of SOAP.
const CHILDREN: [(&str, SoapVersion); 6] = [
    ("faultcode", SoapVersion::Soap11),
    ("faultstring", SoapVersion::Soap11),
    ("detail", SoapVersion::Soap11),
    ("Code", SoapVersion::Soap12),
    ("Reason", SoapVersion::Soap12),
    ("Detail", SoapVersion::Soap12),
];

impl Parts {
    /// Reads the children of the current element. By the rules of one version, each stands in its namespace, once, and
    /// without markup in its text; without rules, whatever has such a local name counts.
    fn read(reader: &mut Decoder<'_>, rules: Option<SoapVersion>) -> Result<Self, Error> {
        let text = |reader: &mut Decoder<'_>| match rules {
            Some(_) => reader.text().map(Into::into),
            None => reader.text_with_markup(),
        };
        let mut parts = Self::default();
        let mut seen = Vec::new();
        while reader.next()? == Node::Start {
            let Some((child, version)) = CHILDREN.into_iter().find(|(child, _)| reader.is_local(child)) else {
                reader.skip()?;
                continue;
            };
            if let Some(soap) = rules {
                let namespace = match soap {
                    SoapVersion::Soap11 => "",
                    SoapVersion::Soap12 => soap.namespace(),
                };
                if version != soap || !reader.is_in(namespace) || seen.contains(&child) {
                    return Err(reader.error(NONCONFORMANT));
                }
                seen.push(child);
            }
            match child {
                "faultcode" => parts.code.push(read_code(reader)?),
                "faultstring" => parts.reason = text(reader)?,
                "Code" => read_codes(&mut parts.code, reader, rules.is_some())?,
                "Reason" => {
                    while reader.next()? == Node::Start {
                        if reader.is_local("Text") && parts.reason.is_empty() {
                            parts.reason = text(reader)?;
                        } else {
                            reader.skip()?;
                        }
                    }
                }
                _ if parts.detail.is_none() => parts.detail = Some(reader.fragment()?),
                _ => reader.skip()?,
            }
        }
        Ok(parts)
    }
}

/// `Value` and, inside `Subcode`, more of them. By the rules of SOAP 1.2 there is one of each.
fn read_codes(code: &mut Vec<(String, String)>, reader: &mut Reader<'_>, by_the_rules: bool) -> Result<(), Error> {
    let soap = SoapVersion::Soap12.namespace();
    let (mut values, mut subcodes) = (0, 0);
    while reader.next()? == Node::Start {
        let (is_value, is_subcode) = (reader.is_local("Value"), reader.is_local("Subcode"));
        (values, subcodes) = (values + usize::from(is_value), subcodes + usize::from(is_subcode));
        let is_allowed = (is_value || is_subcode) && reader.is_in(soap) && values == 1 && subcodes <= 1;
        if by_the_rules && !is_allowed {
            return Err(reader.error(NONCONFORMANT));
        }
        if is_value {
            code.push(read_code(reader)?);
        } else if is_subcode {
            read_codes(code, reader, by_the_rules)?;
        } else {
            reader.skip()?;
        }
    }
    Ok(())
}

/// A code whose prefix nothing declares is still a code.
fn read_code(reader: &mut Reader<'_>) -> Result<(String, String), Error> {
    let (namespace, local) = reader.qname_content()?;
    let namespace = namespace.unwrap_or_default();
    reader.charge(size_of::<(String, String)>() + namespace.len() + local.len())?;
    Ok((namespace, local))
}
