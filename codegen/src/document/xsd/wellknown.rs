//! Schemas that contracts import by namespace alone, because toolkits bundle them.
//!
//! Written for this crate, with only what contracts refer to. A schema among the given texts
//! takes precedence.

/// Names (for diagnostics) and texts.
pub(crate) const BUNDLED: &[(&str, &str)] = &[
    ("<bundled>/serialization.xsd", SERIALIZATION),
    ("<bundled>/arrays.xsd", ARRAYS),
    ("<bundled>/message.xsd", MESSAGE),
    ("<bundled>/asmx-types.xsd", ASMX_TYPES),
    ("<bundled>/xml.xsd", XML),
    ("<bundled>/xmlmime.xsd", XMLMIME),
    ("<bundled>/addressing.xsd", ADDRESSING),
];

const SERIALIZATION: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:ser="http://schemas.microsoft.com/2003/10/Serialization/"
    targetNamespace="http://schemas.microsoft.com/2003/10/Serialization/"
    elementFormDefault="qualified" attributeFormDefault="qualified">
  <xs:simpleType name="guid"><xs:restriction base="xs:string"/></xs:simpleType>
  <xs:simpleType name="char"><xs:restriction base="xs:int"/></xs:simpleType>
  <xs:simpleType name="duration"><xs:restriction base="xs:duration"/></xs:simpleType>
  <xs:element name="guid" type="ser:guid" nillable="true"/>
  <xs:element name="char" type="ser:char" nillable="true"/>
  <xs:element name="duration" type="ser:duration" nillable="true"/>
  <xs:element name="anyType" type="xs:anyType" nillable="true"/>
  <xs:element name="anyURI" type="xs:anyURI" nillable="true"/>
  <xs:element name="base64Binary" type="xs:base64Binary" nillable="true"/>
  <xs:element name="boolean" type="xs:boolean" nillable="true"/>
  <xs:element name="byte" type="xs:byte" nillable="true"/>
  <xs:element name="dateTime" type="xs:dateTime" nillable="true"/>
  <xs:element name="decimal" type="xs:decimal" nillable="true"/>
  <xs:element name="double" type="xs:double" nillable="true"/>
  <xs:element name="float" type="xs:float" nillable="true"/>
  <xs:element name="int" type="xs:int" nillable="true"/>
  <xs:element name="long" type="xs:long" nillable="true"/>
  <xs:element name="QName" type="xs:QName" nillable="true"/>
  <xs:element name="short" type="xs:short" nillable="true"/>
  <xs:element name="string" type="xs:string" nillable="true"/>
  <xs:element name="unsignedByte" type="xs:unsignedByte" nillable="true"/>
  <xs:element name="unsignedInt" type="xs:unsignedInt" nillable="true"/>
  <xs:element name="unsignedLong" type="xs:unsignedLong" nillable="true"/>
  <xs:element name="unsignedShort" type="xs:unsignedShort" nillable="true"/>
  <xs:attribute name="FactoryType" type="xs:QName"/>
  <xs:attribute name="Id" type="xs:ID"/>
  <xs:attribute name="Ref" type="xs:IDREF"/>
</xs:schema>"#;

/// The item types are written out by [`array_of`] at compile time.
const ARRAYS: &str = concat!(
    r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:ser="http://schemas.microsoft.com/2003/10/Serialization/"
    targetNamespace="http://schemas.microsoft.com/2003/10/Serialization/Arrays"
    elementFormDefault="qualified">
  <xs:import namespace="http://schemas.microsoft.com/2003/10/Serialization/"/>
"#,
    array_of!("string", "xs:string", "true"),
    array_of!("anyType", "xs:anyType", "true"),
    array_of!("anyURI", "xs:anyURI", "true"),
    array_of!("base64Binary", "xs:base64Binary", "true"),
    array_of!("QName", "xs:QName", "true"),
    array_of!("boolean", "xs:boolean", "false"),
    array_of!("byte", "xs:byte", "false"),
    array_of!("dateTime", "xs:dateTime", "false"),
    array_of!("decimal", "xs:decimal", "false"),
    array_of!("double", "xs:double", "false"),
    array_of!("float", "xs:float", "false"),
    array_of!("int", "xs:int", "false"),
    array_of!("long", "xs:long", "false"),
    array_of!("short", "xs:short", "false"),
    array_of!("unsignedInt", "xs:unsignedInt", "false"),
    array_of!("unsignedLong", "xs:unsignedLong", "false"),
    array_of!("unsignedShort", "xs:unsignedShort", "false"),
    array_of!("guid", "ser:guid", "false"),
    array_of!("duration", "ser:duration", "false"),
    array_of!("char", "ser:char", "false"),
    "</xs:schema>"
);

/// One type of .NET's array namespace.
macro_rules! array_of {
    ($item:literal, $type:literal, $nillable:literal) => {
        concat!(
            "  <xs:complexType name=\"ArrayOf",
            $item,
            "\"><xs:sequence><xs:element name=\"",
            $item,
            "\" type=\"",
            $type,
            "\" nillable=\"",
            $nillable,
            "\" minOccurs=\"0\" maxOccurs=\"unbounded\"/></xs:sequence></xs:complexType>\n"
        )
    };
}
use array_of;

const MESSAGE: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    targetNamespace="http://schemas.microsoft.com/Message" elementFormDefault="qualified">
  <xs:simpleType name="StreamBody"><xs:restriction base="xs:base64Binary"/></xs:simpleType>
</xs:schema>"#;

const ASMX_TYPES: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    targetNamespace="http://microsoft.com/wsdl/types/" elementFormDefault="qualified">
  <xs:simpleType name="guid"><xs:restriction base="xs:string"/></xs:simpleType>
  <xs:simpleType name="char"><xs:restriction base="xs:unsignedShort"/></xs:simpleType>
</xs:schema>"#;

const XML: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    targetNamespace="http://www.w3.org/XML/1998/namespace" attributeFormDefault="qualified">
  <xs:attribute name="lang" type="xs:language"/>
  <xs:attribute name="space" type="xs:NCName"/>
  <xs:attribute name="base" type="xs:anyURI"/>
  <xs:attribute name="id" type="xs:ID"/>
  <xs:attributeGroup name="specialAttrs">
    <xs:attribute ref="xml:base"/>
    <xs:attribute ref="xml:lang"/>
    <xs:attribute ref="xml:space"/>
    <xs:attribute ref="xml:id"/>
  </xs:attributeGroup>
</xs:schema>"#;

const XMLMIME: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:xmime="http://www.w3.org/2005/05/xmlmime"
    targetNamespace="http://www.w3.org/2005/05/xmlmime" attributeFormDefault="qualified">
  <xs:attribute name="contentType" type="xs:string"/>
  <xs:attribute name="expectedContentTypes" type="xs:string"/>
  <xs:complexType name="base64Binary">
    <xs:simpleContent>
      <xs:extension base="xs:base64Binary"><xs:attribute ref="xmime:contentType"/></xs:extension>
    </xs:simpleContent>
  </xs:complexType>
  <xs:complexType name="hexBinary">
    <xs:simpleContent>
      <xs:extension base="xs:hexBinary"><xs:attribute ref="xmime:contentType"/></xs:extension>
    </xs:simpleContent>
  </xs:complexType>
</xs:schema>"#;

const ADDRESSING: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:wsa="http://www.w3.org/2005/08/addressing"
    targetNamespace="http://www.w3.org/2005/08/addressing" elementFormDefault="qualified">
  <xs:complexType name="AttributedURIType">
    <xs:simpleContent>
      <xs:extension base="xs:anyURI"><xs:anyAttribute/></xs:extension>
    </xs:simpleContent>
  </xs:complexType>
  <xs:complexType name="ReferenceParametersType">
    <xs:sequence><xs:any minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
    <xs:anyAttribute/>
  </xs:complexType>
  <xs:complexType name="MetadataType">
    <xs:sequence><xs:any minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
    <xs:anyAttribute/>
  </xs:complexType>
  <xs:complexType name="EndpointReferenceType">
    <xs:sequence>
      <xs:element name="Address" type="wsa:AttributedURIType"/>
      <xs:element ref="wsa:ReferenceParameters" minOccurs="0"/>
      <xs:element ref="wsa:Metadata" minOccurs="0"/>
      <xs:any minOccurs="0" maxOccurs="unbounded"/>
    </xs:sequence>
    <xs:anyAttribute/>
  </xs:complexType>
  <xs:element name="EndpointReference" type="wsa:EndpointReferenceType"/>
  <xs:element name="ReferenceParameters" type="wsa:ReferenceParametersType"/>
  <xs:element name="Metadata" type="wsa:MetadataType"/>
  <xs:element name="Address" type="wsa:AttributedURIType"/>
  <xs:element name="MessageID" type="wsa:AttributedURIType"/>
  <xs:element name="To" type="wsa:AttributedURIType"/>
  <xs:element name="Action" type="wsa:AttributedURIType"/>
  <xs:element name="From" type="wsa:EndpointReferenceType"/>
  <xs:element name="ReplyTo" type="wsa:EndpointReferenceType"/>
  <xs:element name="FaultTo" type="wsa:EndpointReferenceType"/>
</xs:schema>"#;
