//! Reading faults, including those that do not follow the specification.

use std::fmt;

use crate::error::{Delivery, Error, ErrorKind};
use crate::fault::Fault;
use crate::limits::XmlLimits;
use crate::message::blocks::Expected;
use crate::name::Name;
use crate::schema::decode::Decoder;
use crate::schema::value::Value;
use crate::security::names::ADDRESSING;
use crate::soap::SoapVersion;
use crate::xml::{Node, Reader};

/// A type that the detail of a fault can be read as: the type of its element, or an enum over the faults of an
/// operation.
pub trait FaultDetail: Sized {
    /// Reads the detail. `None` if it has no such element, or an invalid one.
    fn read_detail(detail: &mut DetailReader<'_>) -> Option<Self>;
}

/// The detail of a fault, for [`FaultDetail`] to read.
pub struct DetailReader<'x>(&'x str);

impl fmt::Debug for DetailReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes of XML]", self.0.len())
    }
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
    let parts = Parts::read(decoder, false)?;
    if parts.code.is_empty() || parts.version.is_some_and(|version| version != soap) {
        return Err(decoder.error("a SOAP fault that is not as its version of SOAP has it"));
    }
    Ok(Fault::new(parts.code, parts.reason, parts.detail, false))
}

/// Reads a nonconformant fault from a response that could not be read: a fault of the other version of SOAP, without a
/// code, with misplaced text or markup, or in an encoding that it does not state. Its content is more useful than an
/// error about its form.
pub(crate) fn salvage(document: &[u8], limits: &XmlLimits, expected: Option<&Expected<'_>>) -> Option<Error> {
    let text = String::from_utf8_lossy(document);
    let mut decoder = Decoder::of(Reader::new(text.as_bytes(), limits).tolerating_text());
    let fault = find_fault(&mut decoder, expected.and_then(|expected| expected.relates_to)).ok()??;
    let kind = fault.kind();
    // The credential or the message was refused, not the session or the moment: nothing is sent again.
    let kind = if matches!(kind, ErrorKind::Session | ErrorKind::Busy) { ErrorKind::Fault } else { kind };
    Some(Error::from_fault(kind, fault).delivered(Delivery::Answered))
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
            while reader.next()? == Node::Start {
                if !reader.is(Name::new(ADDRESSING, "RelatesTo")) {
                    reader.skip()?;
                } else if relates_to.is_some() {
                    let found = reader.text_with_markup()?;
                    if relates_to.is_some_and(|wanted| found.trim() != wanted) {
                        return Ok(None);
                    }
                } else {
                    reader.skip()?;
                }
            }
        } else if is(reader, "Body") {
            if reader.next()? != Node::Start || !reader.is_local("Fault") {
                return Ok(None);
            }
            let Parts { code, reason, detail, .. } = Parts::read(reader, true)?;
            return Ok(Some(Fault::new(code, reason, detail, true)));
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
    /// The version of SOAP that has such children.
    version: Option<SoapVersion>,
}

impl Parts {
    /// Reads the children of the current element. If `leniently`, markup in the texts is skipped.
    fn read(reader: &mut Decoder<'_>, leniently: bool) -> Result<Self, Error> {
        let text = |reader: &mut Decoder<'_>| match leniently {
            true => reader.text_with_markup(),
            false => reader.text().map(Into::into),
        };
        let mut parts = Self::default();
        while reader.next()? == Node::Start {
            let version = match reader.local() {
                b"faultcode" | b"faultstring" | b"detail" => SoapVersion::Soap11,
                b"Code" | b"Reason" | b"Detail" => SoapVersion::Soap12,
                _ => {
                    reader.skip()?;
                    continue;
                }
            };
            parts.version.get_or_insert(version);
            match reader.local() {
                b"faultcode" => parts.code.push(read_code(reader)?),
                b"faultstring" => parts.reason = text(reader)?,
                b"Code" => read_codes(&mut parts.code, reader)?,
                b"Reason" => {
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

/// `Value` and, inside `Subcode`, more of them.
fn read_codes(code: &mut Vec<(String, String)>, reader: &mut Reader<'_>) -> Result<(), Error> {
    while reader.next()? == Node::Start {
        if reader.is_local("Value") {
            code.push(read_code(reader)?);
        } else if reader.is_local("Subcode") {
            read_codes(code, reader)?;
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
