//! SOAP faults of both versions, as one.

use std::fmt;

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::name::Name;
use crate::schema::record::{Members, Record, read_record};
use crate::soap::SoapVersion;
use crate::value::Fragment;
use crate::xml::{Node, Reader};

/// What a service answered instead of a reply.
///
/// Its reason and detail may quote the request, personal numbers included: `Debug` leaves them out.
#[derive(Clone, PartialEq, Eq)]
pub struct Fault {
    code: FaultCode,
    reason: String,
    detail: Option<Fragment>,
}

/// The code of a fault, outermost first: `Sender`, then subcodes. SOAP 1.1 has one.
///
/// `Display` and `Debug` print the names of codes of SOAP and WS-* only; all others are read by [`names`](Self::names).
#[derive(Clone, PartialEq, Eq)]
pub struct FaultCode(Vec<(String, String)>);

/// A type that stands in the detail of a fault.
pub trait FaultDetail: Record + Members {
    /// The element it stands in.
    const ELEMENT: Name;
}

impl Fault {
    /// The code and its subcodes.
    pub fn code(&self) -> &FaultCode {
        &self.code
    }

    /// The service's own words, in a language of its choice. May quote the request.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The detail, read as the type that the contract declares for it.
    ///
    /// `None` if there is no such element, or if it does not read.
    pub fn detail<T: FaultDetail>(&self) -> Option<T> {
        let mut reader = Reader::new(self.detail.as_ref()?.as_xml().as_bytes(), &XmlLimits::default());
        reader.next().ok()?;
        while reader.next().ok()? == Node::Start {
            if reader.is(T::ELEMENT) {
                return read_record(&mut reader).ok();
            }
            reader.skip().ok()?;
        }
        None
    }

    /// The whole `detail` element. May quote the request.
    pub fn detail_xml(&self) -> Option<&str> {
        self.detail.as_ref().map(Fragment::as_xml)
    }

    /// Reads the `Fault` element at hand.
    pub(crate) fn read(soap: SoapVersion, reader: &mut Reader<'_>) -> Result<Self, Error> {
        match soap {
            SoapVersion::Soap11 => Self::read_11(reader),
            SoapVersion::Soap12 => Self::read_12(reader),
        }
    }

    fn read_11(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let mut fault = Self { code: FaultCode(Vec::new()), reason: String::new(), detail: None };
        while reader.next()? == Node::Start {
            if reader.is_local("faultcode") {
                fault.code.0.push(read_code(reader)?);
            } else if reader.is_local("faultstring") {
                fault.reason = reader.text()?.into_owned();
            } else if reader.is_local("detail") {
                fault.detail = Some(Fragment::at_hand(reader)?);
            } else {
                reader.skip()?;
            }
        }
        fault.checked(reader)
    }

    fn read_12(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let mut fault = Self { code: FaultCode(Vec::new()), reason: String::new(), detail: None };
        while reader.next()? == Node::Start {
            if reader.is_local("Code") {
                read_codes(&mut fault.code, reader)?;
            } else if reader.is_local("Reason") {
                while reader.next()? == Node::Start {
                    if reader.is_local("Text") && fault.reason.is_empty() {
                        fault.reason = reader.text()?.into_owned();
                    } else {
                        reader.skip()?;
                    }
                }
            } else if reader.is_local("Detail") {
                fault.detail = Some(Fragment::at_hand(reader)?);
            } else {
                reader.skip()?;
            }
        }
        fault.checked(reader)
    }

    fn checked(self, reader: &Reader<'_>) -> Result<Self, Error> {
        if self.code.0.is_empty() { Err(reader.error("a SOAP fault without a code")) } else { Ok(self) }
    }
}

/// `Value` and, inside `Subcode`, more of them.
fn read_codes(code: &mut FaultCode, reader: &mut Reader<'_>) -> Result<(), Error> {
    while reader.next()? == Node::Start {
        if reader.is_local("Value") {
            code.0.push(read_code(reader)?);
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
    Ok((namespace.unwrap_or_default(), local))
}

impl FaultCode {
    #[cfg(test)]
    pub(crate) fn new(names: Vec<(String, String)>) -> Self {
        Self(names)
    }

    /// Namespace and local name of each code, outermost first.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(namespace, local)| (&**namespace, &**local))
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("code", &format_args!("{}", self.code))
            .field("reason", &format_args!("[{} bytes]", self.reason.len()))
            .field("detail", &self.detail)
            .finish()
    }
}
