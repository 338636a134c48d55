//! A service of a small contract, called by hand.

use std::sync::Arc;

use http::{Request, Response, StatusCode};

use super::*;
use crate::schema::descriptor::{Operation, PortDescriptor, Reply, Security};
use crate::schema::field::Field;
use crate::soap::SoapVersion;
use crate::transport::Body;

const NS: &str = "urn:test";

static ECHO: Operation = Operation::new("Echo", "urn:test/Echo")
    .request(Field::required(NS, "Echo"))
    .reply(Reply::unwrapped(Field::required(NS, "EchoResponse"), Field::required(NS, "text")));
static LIST: Operation = Operation::new("List", "urn:test/List")
    .request(Field::required(NS, "List"))
    .reply(Reply::unwrapped(Field::required(NS, "ListResponse"), Field::many(NS, "item")));
static PORT: PortDescriptor =
    PortDescriptor::new("P", "S", "http://localhost/echo", SoapVersion::Soap11).operations(&[&ECHO, &LIST]);

fn service(port: &'static PortDescriptor) -> Service {
    Service::new(port, ())
        .operation(&ECHO, |_: Arc<()>, text: String, _| async move {
            match &*text {
                "panic" => panic!("{text}"),
                "fault" => Err(ServiceFault::sender("no <echo>").subcode("urn:x", "No")),
                "error" => Err("secret".parse::<u32>().unwrap_err().into()),
                _ => Ok(text),
            }
        })
        .list(&LIST, |_: Arc<()>, count: u32, _| async move {
            struct Counter(u32, u32);
            impl futures_core::Stream for Counter {
                type Item = Result<u32, ServiceFault>;
                fn poll_next(
                    mut self: std::pin::Pin<&mut Self>,
                    _: &mut std::task::Context<'_>,
                ) -> std::task::Poll<Option<Self::Item>> {
                    self.0 += 1;
                    std::task::Poll::Ready((self.0 <= self.1).then_some(Ok(self.0)))
                }
            }
            Ok(Listing::from_stream(Counter(0, count)))
        })
        .service()
}

async fn post(service: &Service, action: &str, body: &str) -> (StatusCode, String) {
    let soap = service.port().soap.namespace();
    let envelope = format!("<e:Envelope xmlns:e='{soap}'>{body}</e:Envelope>");
    let request = Request::post("/echo")
        .header("content-type", service.port().soap.media_type())
        .header("soapaction", format!("\"{action}\""))
        .body(Body::from(envelope));
    text(service.handle(request.unwrap()).await).await
}

async fn text(response: Response<Body>) -> (StatusCode, String) {
    let status = response.status();
    let body = response.into_body().collect(usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_call_of_each_kind() {
    let service = service(&PORT);
    let echo = |text: &str| format!("<e:Body><Echo xmlns='urn:test'>{text}</Echo></e:Body>");
    let (status, reply) = post(&service, "urn:test/Echo", &echo("a &lt; b")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(reply.contains("EchoResponse") && reply.contains("a &lt; b"), "{reply}");
    let (status, reply) = post(&service, "urn:test/List", "<e:Body><List xmlns='urn:test'>3</List></e:Body>").await;
    assert_eq!(status, StatusCode::OK);
    assert!(reply.contains("1</") && reply.contains("3</") && reply.ends_with("</s:Body></s:Envelope>"), "{reply}");

    for (text, has, has_not) in [
        ("fault", "No</faultcode>", "secret"),
        ("panic", "InternalServiceFault", "panic"),
        ("error", "InternalServiceFault", "invalid digit"),
    ] {
        let (status, fault) = post(&service, "urn:test/Echo", &echo(text)).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(fault.contains(has) && !fault.contains(has_not), "{fault}");
    }
}

#[tokio::test]
async fn what_is_asked_of_a_message() {
    let service = service(&PORT);
    let echo = "<e:Body><Echo xmlns='urn:test'>a</Echo></e:Body>";
    let has = async |action: &str, body: &str, what: &str| {
        let (_, reply) = post(&service, action, body).await;
        assert!(reply.contains(what), "{what}: {reply}");
    };
    has("urn:test/Other", echo, "ActionNotSupported").await;
    has("", echo, "ActionNotSupported").await;
    has("urn:test/Echo", "<e:Body/>", "could not be read").await;
    has("urn:test/Echo", "<e:Body><Other/></e:Body>", "could not be read").await;
    let header = |attribute: &str| format!("<e:Header><h xmlns='urn:h'{attribute}/></e:Header>{echo}");
    has("urn:test/Echo", &header(""), "EchoResponse").await;
    has("urn:test/Echo", &header(" e:mustUnderstand='1'"), "s:MustUnderstand").await;
    has("urn:test/Echo", &header(" e:mustUnderstand='1' e:actor='urn:other'"), "EchoResponse").await;

    let send = async |method: &str, media_type: &str| {
        let request = Request::builder().method(method).uri("/echo").header("content-type", media_type);
        service.handle(request.body(Body::from("<x/>")).unwrap()).await.status()
    };
    assert_eq!(send("PUT", "text/xml").await, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(send("POST", "application/soap+xml").await, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(send("POST", "text/xml").await, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_coding_that_is_not_known_is_no_media_type_that_is_taken() {
    for (coding, expected) in [("br", StatusCode::UNSUPPORTED_MEDIA_TYPE), ("identity", StatusCode::OK)] {
        let body = "<e:Body><Echo xmlns='urn:test'>a</Echo></e:Body>";
        let envelope = format!("<e:Envelope xmlns:e='{}'>{body}</e:Envelope>", SoapVersion::Soap11.namespace());
        let request = Request::post("/echo")
            .header("content-type", "text/xml")
            .header("soapaction", "urn:test/Echo")
            .header("content-encoding", coding);
        assert_eq!(service(&PORT).handle(request.body(Body::from(envelope)).unwrap()).await.status(), expected);
    }
}

#[tokio::test]
async fn large_content_is_kept_in_the_folder_that_is_set() {
    let body = format!("<e:Body><Echo xmlns='urn:test'>{}</Echo></e:Body>", "QUFB".repeat(50_000));
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    for (folder, expected) in [(folder.path(), StatusCode::OK), (&*missing, StatusCode::INTERNAL_SERVER_ERROR)] {
        let service = service(&PORT).spill_parts(1 << 10, folder);
        assert_eq!(post(&service, "urn:test/Echo", &body).await.0, expected);
    }
}

static HELLO: Operation = Operation::new("Hello", "").encoded().request(Field::required(NS, "Hello"));
static BYE: Operation = Operation::new("Bye", "").encoded().request(Field::required(NS, "Bye"));
static PARTS: Operation = Operation::new("Parts", "").bare();
static ENCODED: PortDescriptor =
    PortDescriptor::new("P", "S", "http://localhost/echo", SoapVersion::Soap11).operations(&[&PARTS, &HELLO, &BYE]);

/// Of operations without actions the element tells which is meant, whatever their style; what no other one names goes to the
/// one whose parts stand in the body.
#[tokio::test]
async fn an_element_tells_operations_apart() {
    let name = |name: &'static str| {
        move |_: Arc<()>, _: (), _: Context| async move { Err::<(), _>(ServiceFault::sender(name)) }
    };
    let service = Service::new(&ENCODED, ())
        .operation(&PARTS, name("parts"))
        .operation(&HELLO, name("hello"))
        .operation(&BYE, name("bye"))
        .service();
    // Of the parts that stand in the body, `Parts` has none: it is asked, and cannot read them.
    for (element, expected) in [("Hello", ">hello<"), ("Bye", ">bye<"), ("Other", "DeserializationFailed")] {
        let (_, reply) = post(&service, "", &format!("<e:Body><{element} xmlns='{NS}'/></e:Body>")).await;
        assert!(reply.contains(expected), "{element}: {reply}");
    }
}

/// A panic outside of the handler's own code is a fault too.
#[tokio::test]
async fn a_panic_of_what_checks_users_is_a_fault() {
    let service = service(&BASIC).users(|_, _| async { panic!("secret") });
    let request = Request::post("/echo").header("content-type", "text/xml").header("authorization", "Basic dTpw");
    let envelope = format!("<e:Envelope xmlns:e='{}'><e:Body/></e:Envelope>", SoapVersion::Soap11.namespace());
    let (status, fault) = text(service.handle(request.body(Body::from(envelope)).unwrap()).await).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(fault.contains("InternalServiceFault") && !fault.contains("secret"), "{fault}");
}

static CERTIFIED: PortDescriptor = PortDescriptor::new("P", "S", "http://localhost/echo", SoapVersion::Soap11)
    .security(Security::none().client_certificate());

#[tokio::test]
async fn a_certificate_that_the_policy_asks_for_is_shown_in_tls() {
    let service = service(&CERTIFIED).certificates(|der| der == b"known");
    let ask = async |certificate: Option<&[u8]>| {
        let echo = "<e:Body><Echo xmlns='urn:test'>a</Echo></e:Body>";
        let mut request =
            Request::post("/echo").header("content-type", "text/xml").header("soapaction", "urn:test/Echo");
        if let (Some(certificate), Some(extensions)) = (certificate, request.extensions_mut()) {
            extensions.insert(PeerCertificate(certificate.into()));
        }
        let envelope = format!("<e:Envelope xmlns:e='{}'>{echo}</e:Envelope>", SoapVersion::Soap11.namespace());
        text(service.handle(request.body(Body::from(envelope)).unwrap()).await).await
    };
    assert_eq!(ask(Some(b"known")).await.0, StatusCode::OK);
    for other in [None, Some(&b"other"[..])] {
        assert!(ask(other).await.1.contains("FailedAuthentication"));
    }
}

static BASIC: PortDescriptor =
    PortDescriptor::new("P", "S", "http://localhost/echo", SoapVersion::Soap11).security(Security::http_basic());

#[tokio::test]
async fn without_users_nobody_is_accepted() {
    let echo = "<e:Body><Echo xmlns='urn:test'>a</Echo></e:Body>";
    let closed = service(&BASIC);
    assert_eq!(post(&closed, "urn:test/Echo", echo).await.0, StatusCode::UNAUTHORIZED);
    let open = service(&BASIC).users(|user, password| async move { user == "u" && password.is("p:w") });
    let ask = async |authorization: &str| {
        let request = Request::post("/echo")
            .header("content-type", "text/xml")
            .header("authorization", authorization)
            .header("soapaction", "urn:test/Echo")
            .body(Body::from(format!("<e:Envelope xmlns:e='{}'>{echo}</e:Envelope>", SoapVersion::Soap11.namespace())));
        open.handle(request.unwrap()).await.status()
    };
    assert_eq!(ask("Basic dTpwOnc=").await, StatusCode::OK);
    for wrong in ["Basic dTpw", "Basic !", "Basic", "Bearer dTpwOnc="] {
        assert_eq!(ask(wrong).await, StatusCode::UNAUTHORIZED, "{wrong}");
    }
}
