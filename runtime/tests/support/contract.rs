//! What a generator would have written.

use soap_runtime::generated::v1;
use soap_runtime::{Connection, Credentials, Error};

pub const NS: &str = "urn:example:greeter";

pub static GREET: v1::Operation = v1::Operation {
    name: "Greet",
    action: "urn:example:greeter/IGreeter/Greet",
    reply_action: "urn:example:greeter/IGreeter/GreetResponse",
    request: Some(v1::Field::required(NS, "Greet")),
    reply: v1::Reply::Unwrapped(v1::Field::required(NS, "GreetResponse"), v1::Field::required(NS, "GreetResult")),
    reply_timeout: v1::REPLY_TIMEOUT,
    binary_limit: None,
};

pub static NOTIFY: v1::Operation = v1::Operation {
    name: "Notify",
    action: "urn:example:greeter/IGreeter/Notify",
    reply_action: "",
    request: Some(v1::Field::required(NS, "Notify")),
    reply: v1::Reply::Empty,
    reply_timeout: v1::REPLY_TIMEOUT,
    binary_limit: None,
};

#[derive(Clone, Default, PartialEq)]
pub struct Greet {
    pub name: String,
}

v1::record!(Greet: v1::Shape::new(NS, "Greet", &[
            v1::Field::required(NS, "userName").slot(v1::Role::SystemUserName),
            v1::Field::required(NS, "password").slot(v1::Role::SystemPassword),
            v1::Field::required(NS, "name").sensitive(),
        ]), { 2 => name });

pub static PORT: v1::PortDescriptor = v1::PortDescriptor {
    name: "BasicHttpBinding_IGreeter",
    service: "Greeter",
    address: "http://published.example/Greeter/Greeter.svc",
    soap: v1::SoapVersion::Soap11,
    addressing: false,
    mtom: false,
    security: v1::Security::None,
    operations: &[&GREET, &NOTIFY],
};

pub static PORT_12: v1::PortDescriptor = v1::PortDescriptor {
    name: "WSHttpBinding_IGreeter",
    service: "Greeter",
    address: "http://published.example/Greeter/Greeter.svc",
    soap: v1::SoapVersion::Soap12,
    addressing: false,
    mtom: false,
    security: v1::Security::None,
    operations: &[&GREET],
};

#[derive(Clone, Debug)]
pub struct Client {
    port: v1::Port,
}

impl Client {
    pub fn new(connection: &Connection, credentials: Credentials) -> Self {
        Self { port: v1::Port::new(connection, &PORT, credentials) }
    }

    pub fn soap_12(connection: &Connection, credentials: Credentials) -> Self {
        Self { port: v1::Port::new(connection, &PORT_12, credentials) }
    }

    pub async fn greet(&self, name: impl Into<String>) -> Result<String, Error> {
        self.port.call(&GREET, &Greet { name: name.into() }, None).await
    }

    pub async fn notify(&self, name: impl Into<String>) -> Result<(), Error> {
        self.port.call(&NOTIFY, &Greet { name: name.into() }, None).await
    }
}

pub fn envelope(body: &str) -> String {
    format!(r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{body}</s:Body></s:Envelope>"#)
}

pub fn fault(code: &str, reason: &str) -> String {
    envelope(&format!("<s:Fault><faultcode>s:{code}</faultcode><faultstring>{reason}</faultstring></s:Fault>"))
}
