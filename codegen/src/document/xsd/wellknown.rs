//! Schemas that contracts import without shipping them, because toolkits bundle them.
//!
//! Written for this crate, with only what contracts refer to. What callers seldom look into (signatures, assertions,
//! geometry) is open content, which stays as it is on the wire. A schema among the given texts takes precedence.

/// Names (for diagnostics) and texts.
pub(crate) const BUNDLED: &[(&str, &str)] = &[
    // .NET.
    ("<bundled>/serialization.xsd", include_str!("wellknown/serialization.xsd")),
    ("<bundled>/arrays.xsd", include_str!("wellknown/arrays.xsd")),
    ("<bundled>/message.xsd", include_str!("wellknown/message.xsd")),
    ("<bundled>/asmx-types.xsd", include_str!("wellknown/asmx-types.xsd")),
    // XML, XLink, media types and XOP.
    ("<bundled>/xml.xsd", include_str!("wellknown/xml.xsd")),
    ("<bundled>/xlink.xsd", include_str!("wellknown/xlink.xsd")),
    ("<bundled>/xmlmime.xsd", include_str!("wellknown/xmlmime.xsd")),
    ("<bundled>/xmlmime-2004.xsd", include_str!("wellknown/xmlmime-2004.xsd")),
    ("<bundled>/xop.xsd", include_str!("wellknown/xop.xsd")),
    // SOAP, attachments and WSDL.
    ("<bundled>/swa-ref.xsd", include_str!("wellknown/swa-ref.xsd")),
    ("<bundled>/soap11.xsd", include_str!("wellknown/soap11.xsd")),
    ("<bundled>/soap12.xsd", include_str!("wellknown/soap12.xsd")),
    ("<bundled>/encoding11.xsd", include_str!("wellknown/encoding11.xsd")),
    ("<bundled>/encoding12.xsd", include_str!("wellknown/encoding12.xsd")),
    ("<bundled>/wsdl.xsd", include_str!("wellknown/wsdl.xsd")),
    // WS-Addressing.
    ("<bundled>/addressing.xsd", include_str!("wellknown/addressing.xsd")),
    ("<bundled>/addressing-2004.xsd", include_str!("wellknown/addressing-2004.xsd")),
    // Security.
    ("<bundled>/xmldsig.xsd", include_str!("wellknown/xmldsig.xsd")),
    ("<bundled>/xmlenc.xsd", include_str!("wellknown/xmlenc.xsd")),
    ("<bundled>/wss-utility.xsd", include_str!("wellknown/wss-utility.xsd")),
    ("<bundled>/wss-secext.xsd", include_str!("wellknown/wss-secext.xsd")),
    ("<bundled>/wss-secext11.xsd", include_str!("wellknown/wss-secext11.xsd")),
    ("<bundled>/saml1.xsd", include_str!("wellknown/saml1.xsd")),
    ("<bundled>/saml2.xsd", include_str!("wellknown/saml2.xsd")),
    // WS-Notification, and what it needs of WS-ResourceFramework.
    ("<bundled>/wsn-b.xsd", include_str!("wellknown/wsn-b.xsd")),
    ("<bundled>/wsn-t.xsd", include_str!("wellknown/wsn-t.xsd")),
    ("<bundled>/wsn-bw.wsdl", include_str!("wellknown/wsn-bw.wsdl")),
    ("<bundled>/wsrf-bf.xsd", include_str!("wellknown/wsrf-bf.xsd")),
    ("<bundled>/wsrf-r.xsd", include_str!("wellknown/wsrf-r.xsd")),
    ("<bundled>/wsrf-rw.wsdl", include_str!("wellknown/wsrf-rw.wsdl")),
    // Geography.
    ("<bundled>/gml.xsd", include_str!("wellknown/gml.xsd")),
    ("<bundled>/gml32.xsd", include_str!("wellknown/gml32.xsd")),
];

/// The target namespace of a bundled text, without reading it.
pub(crate) fn target_namespace(text: &str) -> &str {
    text.split_once("targetNamespace=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("", |(namespace, _)| namespace)
}
