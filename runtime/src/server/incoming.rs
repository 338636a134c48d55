//! The message in an HTTP request: of which kind it is, and what the HTTP head says of its operation.

#[cfg(feature = "secure-conversation")]
use zeroize::Zeroizing;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap};

use crate::error::Error;
use crate::mtom::extract;
use crate::mtom::media_type::MediaType;
use crate::mtom::package::Package;
use crate::mtom::parts::Parts;
#[cfg(feature = "secure-conversation")]
use crate::mtom::{includes::inclusions, inline::inline};
use crate::server::settings::Settings;
use crate::soap::SoapVersion;
use crate::transport::transcoded::transcoded;
use crate::transport::{Body, TransportError};

/// What the HTTP head says of a message.
#[derive(Debug)]
pub(super) struct MessageKind {
    media_type: MediaType,
    is_package: bool,
    /// `SOAPAction`, or the parameter `action` of the media type. `None` if it is not stated.
    pub(super) action: Option<String>,
}

/// An envelope, and what belongs to it.
pub(crate) struct Envelope {
    pub(crate) document: Bytes,
    /// What came before the envelope, or all parts if there are no more.
    pub(crate) parts: Parts,
    /// Parts that have not been read yet.
    pub(crate) package: Option<Package>,
}

impl Envelope {
    /// All parts, read to the end of the package.
    ///
    /// # Errors
    /// A package that does not read.
    pub(crate) async fn take_parts(&mut self) -> Result<Parts, Error> {
        let mut parts = std::mem::take(&mut self.parts);
        if let Some(package) = self.package.take() {
            package.rest(&mut parts).await?;
        }
        Ok(parts)
    }
}

#[cfg(feature = "secure-conversation")]
impl Envelope {
    /// The envelope with the parts that these headers refer to in the place of the references, for what is signed and for
    /// the octets of tokens. Other parts are left out: they may be the stream.
    ///
    /// # Errors
    /// A package that does not read, or a header that refers to a part twice.
    pub(super) async fn with_parts_of(
        &mut self,
        headers: &[Zeroizing<String>],
        settings: &Settings,
    ) -> Result<Bytes, Error> {
        let limits = &settings.limits;
        let mut hrefs = Vec::new();
        for header in headers {
            hrefs.extend(inclusions(header.as_bytes(), &limits.xml)?.into_iter().map(|inclusion| inclusion.href));
        }
        if let Some(package) = &mut self.package {
            package.through(&hrefs, &mut self.parts).await?;
        }
        let mut parts = self.parts.again();
        parts.may_follow = limits.mtom.parts;
        inline(self.document.clone(), &mut parts, &limits.xml, limits.reply_bytes)
    }
}

/// Why a request is answered without SOAP.
#[derive(Debug)]
pub(super) enum NotTaken {
    /// HTTP 413.
    TooLarge,
    /// A body that was cut off, came too slowly, or is no message. The text quotes nothing of it.
    Unreadable(Error),
}

impl MessageKind {
    /// By the HTTP head. `None` for a message that a port of this version does not take.
    pub(super) fn of(soap: SoapVersion, headers: &HeaderMap) -> Option<Self> {
        let media_type = MediaType::parse(headers.get(CONTENT_TYPE)?.as_bytes()).ok()?;
        let is_package = media_type.essence() == "multipart/related";
        let expected = soap.media_type();
        if is_package {
            // Of the version of SOAP it says something only if it says it.
            let root = media_type.parameter("start-info").or(media_type.parameter("type")).unwrap_or_default();
            let other = match soap {
                SoapVersion::Soap11 => SoapVersion::Soap12,
                SoapVersion::Soap12 => SoapVersion::Soap11,
            };
            let root = root.split(';').next().unwrap_or_default().trim();
            if root.eq_ignore_ascii_case(other.media_type()) {
                return None;
            }
        } else if media_type.essence() != expected {
            return None;
        }
        let action = match soap {
            SoapVersion::Soap11 => headers.get("soapaction").map(|action| {
                let action = String::from_utf8_lossy(action.as_bytes());
                action.trim().trim_matches('"').to_owned()
            }),
            SoapVersion::Soap12 => stated_action(&media_type),
        };
        Some(Self { media_type, is_package, action })
    }

    /// Reads the envelope. Of a package nothing behind it is read yet.
    ///
    /// # Errors
    /// What cannot be read, or is larger than the limits allow.
    pub(super) async fn envelope(&self, body: Body, settings: &Settings) -> Result<Envelope, NotTaken> {
        let (limits, spill) = (&settings.limits, settings.spill.as_ref());
        if self.is_package {
            let mut package = Package::open(&self.media_type, body, limits).map_err(NotTaken::Unreadable)?;
            package.spill_to(spill);
            let (document, parts) = package.root().await.map_err(NotTaken::Unreadable)?;
            return Ok(Envelope { document, parts, package: Some(package) });
        }
        let body = transcoded(body, self.media_type.parameter("charset"));
        let (document, parts) = match spill {
            Some(spill) => extract::envelope(body, limits, spill).await.map_err(NotTaken::Unreadable)?,
            None => match body.collect(limits.reply_bytes).await {
                Ok(document) => (document, Parts::default()),
                Err(error) if error.is_too_large() => return Err(NotTaken::TooLarge),
                Err(error) => return Err(NotTaken::Unreadable(TransportError::into_error(error))),
            },
        };
        Ok(Envelope { document, parts, package: None })
    }
}

/// The parameter `action`, where a package has it behind `start-info` as well.
fn stated_action(media_type: &MediaType) -> Option<String> {
    let action = media_type.parameter("action").map(str::to_owned);
    action.or_else(|| {
        let info = MediaType::parse(media_type.parameter("start-info")?.as_bytes()).ok()?;
        info.parameter("action").map(str::to_owned)
    })
}
