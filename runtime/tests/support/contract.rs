//! What a generator would have written.

use soap_runtime::generated::v1;
use soap_runtime::{Connection, Credentials, Error};

pub const NS: &str = "urn:example:greeter";

pub const USER_NAME: v1::Role = v1::Role::user_name("system-user-name");
pub const PASSWORD: v1::Role = v1::Role::password("system-password");

pub static GREET: v1::Operation = v1::Operation::new("Greet", "urn:example:greeter/IGreeter/Greet")
    .reply_action("urn:example:greeter/IGreeter/GreetResponse")
    .request(v1::Field::required(NS, "Greet"))
    .reply(v1::Reply::unwrapped(v1::Field::required(NS, "GreetResponse"), v1::Field::required(NS, "GreetResult")));

pub static NOTIFY: v1::Operation =
    v1::Operation::new("Notify", "urn:example:greeter/IGreeter/Notify").request(v1::Field::required(NS, "Notify"));

#[derive(Clone, Default, PartialEq)]
pub struct Greet {
    pub name: String,
}

v1::record!(Greet: v1::Shape::new(NS, "Greet", &[
            v1::Field::required(NS, "userName").slot(USER_NAME),
            v1::Field::required(NS, "password").slot(PASSWORD),
            v1::Field::required(NS, "name").sensitive(),
        ]), { 2 => name });

pub static PORT: v1::PortDescriptor = v1::PortDescriptor::new(
    "BasicHttpBinding_IGreeter",
    "Greeter",
    "http://published.example/Greeter/Greeter.svc",
    v1::SoapVersion::Soap11,
)
.operations(&[&GREET, &NOTIFY]);

pub static PORT_12: v1::PortDescriptor = v1::PortDescriptor::new(
    "WSHttpBinding_IGreeter",
    "Greeter",
    "http://published.example/Greeter/Greeter.svc",
    v1::SoapVersion::Soap12,
)
.operations(&[&GREET]);

#[derive(Clone, Debug)]
pub struct Client {
    port: v1::Port,
}

impl Client {
    pub fn new(connection: &Connection, credentials: Credentials) -> Self {
        Self { port: v1::Port::new(connection, &PORT).credentials(credentials) }
    }

    pub fn soap_12(connection: &Connection, credentials: Credentials) -> Self {
        Self { port: v1::Port::new(connection, &PORT_12).credentials(credentials) }
    }

    pub async fn greet(&self, name: impl Into<String>) -> Result<String, Error> {
        self.port.request(&GREET, &Greet { name: name.into() }).call().await
    }

    pub async fn notify(&self, name: impl Into<String>) -> Result<(), Error> {
        self.port.request(&NOTIFY, &Greet { name: name.into() }).call().await
    }
}

pub fn envelope(body: &str) -> String {
    format!(r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{body}</s:Body></s:Envelope>"#)
}

pub fn fault(code: &str, reason: &str) -> String {
    envelope(&format!("<s:Fault><faultcode>s:{code}</faultcode><faultstring>{reason}</faultstring></s:Fault>"))
}
