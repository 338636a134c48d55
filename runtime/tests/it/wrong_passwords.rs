//! A password that may be wrong is tried once: by one call alone, whatever the variant, the endpoint or the number of callers.

use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support;
use crate::support::AMPLE;
use crate::support::contract::{Greet, NS, PASSWORD, USER_NAME, envelope};
use crate::support::secured::{DNSE, Rstr, Time, WSSE, certificate, connect, fault, greeting, ok, soap};
use crate::support::service::Service;
use soap_runtime::generated::v1;
use soap_runtime::testing::{Answer, RecordedRequest, ScriptedTransport};
use soap_runtime::transport::{Phase, TransportError};
use soap_runtime::{AuthenticationScope, Connection, Credentials, Delivery, Error, ErrorKind};
use tokio::task::JoinSet;

const CALLERS: usize = 1000;

/// Requests whose answers are held back.
const ALL: Range<usize> = 0..usize::MAX;
const NONE: Range<usize> = 0..0;

const ENTERPRISE: v1::Role = v1::Role::user_name("enterprise-user-name");
const ENTERPRISE_PASSWORD: v1::Role = v1::Role::password("enterprise-password");
const SSN: v1::Role = v1::Role::principal("ssn");
const SSN_PASSWORD: v1::Role = v1::Role::principal("ssn-password");

static ACCOUNTS: v1::Accounts = v1::Accounts::new(&[
    v1::Account::new("system", USER_NAME, PASSWORD),
    v1::Account::new("enterprise", ENTERPRISE, ENTERPRISE_PASSWORD),
    v1::Account::new("person", SSN, SSN_PASSWORD),
])
.header("system")
.refusals(
    v1::RefusalDetail::new(v1::Name::new(NS, "Problem"), v1::Name::new(NS, "Code"), &[v1::Name::new(NS, "Text")]),
    &[
        v1::Refusal::new(&["5"], &["*given for system*"], &["system", "enterprise"]),
        v1::Refusal::new(&["5"], &["*given for user*"], &["person"]),
        v1::Refusal::new(&["5"], &["*wrong password*"], &["system", "enterprise", "person"]),
        v1::Refusal::new(&["5"], &["*pin*"], &[]),
    ],
);

const fn greet(accounts: &'static [&'static str]) -> v1::Operation {
    v1::Operation::new("Greet", "urn:example:greeter/IGreeter/Greet")
        .request(v1::Field::required(NS, "Greet"))
        .reply(v1::Reply::unwrapped(v1::Field::required(NS, "GreetResponse"), v1::Field::required(NS, "GreetResult")))
        .accounts(accounts)
}

static GREET: v1::Operation = greet(&["system"]);
static GREET_ENTERPRISE: v1::Operation = greet(&["enterprise"]);
static GREET_FOR: v1::Operation = greet(&["person", "system"]);
/// Its request holds no password.
static GREET_ALL: v1::Operation = greet(&[]);

#[derive(Clone, Default, PartialEq)]
struct GreetEnterprise {}
v1::record!(GreetEnterprise: v1::Shape::new(NS, "Greet", &[
    v1::Field::required(NS, "userName").slot(ENTERPRISE),
    v1::Field::required(NS, "password").slot(ENTERPRISE_PASSWORD),
]), {});

#[derive(Clone, Default, PartialEq)]
struct GreetFor {}
v1::record!(GreetFor: v1::Shape::new(NS, "Greet", &[
    v1::Field::required(NS, "userName").slot(USER_NAME),
    v1::Field::required(NS, "password").slot(PASSWORD),
    v1::Field::required(NS, "ssn").slot(SSN),
    v1::Field::required(NS, "ssnPassword").slot(SSN_PASSWORD),
]), {});

#[derive(Clone, Default, PartialEq)]
struct GreetAll {}
v1::record!(GreetAll: v1::Shape::new(NS, "Greet", &[]), {});

#[derive(Clone, Debug, PartialEq, Eq)]
struct Person {
    ssn: v1::Secret,
    password: v1::Secret,
}
v1::principal!(Person { ssn: "ssn", password: "ssn-password" });

static OPERATIONS: &[&v1::Operation] = &[&GREET, &GREET_ENTERPRISE, &GREET_FOR, &GREET_ALL];

const ONE: &str = "https://published.example/one";
const TWO: &str = "https://published.example/two";

const fn port(address: &'static str, soap: v1::SoapVersion, security: v1::Security) -> v1::PortDescriptor {
    v1::PortDescriptor::new("port", "Greeter", address, soap)
        .security(security)
        .accounts(&ACCOUNTS)
        .authentication_scope_host()
        .operations(OPERATIONS)
}

const WS_SECURITY: v1::Security = v1::Security::user_name().timestamp();
const SESSIONS: v1::Security = v1::Security::secure_conversation().must_not_cancel().timestamp();
const SOAP_11: v1::SoapVersion = v1::SoapVersion::Soap11;
const SOAP_12: v1::SoapVersion = v1::SoapVersion::Soap12;

static BODY: v1::PortDescriptor = port(ONE, SOAP_11, v1::Security::none());
static BODY_TWO: v1::PortDescriptor = port(TWO, SOAP_11, v1::Security::none());
static HTTP: v1::PortDescriptor = port(ONE, SOAP_11, v1::Security::http_basic());
static WS: v1::PortDescriptor = port(ONE, SOAP_12, WS_SECURITY).addressing();
static WS_TWO: v1::PortDescriptor = port(TWO, SOAP_12, WS_SECURITY).addressing();
static EC2: v1::PortDescriptor = port(ONE, SOAP_12, SESSIONS).addressing();
static EC2_TWO: v1::PortDescriptor = port(TWO, SOAP_12, SESSIONS).addressing();

/// A caller of a port, as generated code would make it.
#[derive(Clone)]
struct Caller {
    port: v1::Port,
    descriptor: &'static v1::PortDescriptor,
}

impl Caller {
    fn new(connection: &Connection, port: &'static v1::PortDescriptor, password: &str) -> Self {
        Self::of(connection, port, Credentials::new("user", password))
    }

    fn of(connection: &Connection, descriptor: &'static v1::PortDescriptor, credentials: Credentials) -> Self {
        Self { port: v1::Port::new(connection, descriptor).credentials(credentials), descriptor }
    }

    fn with_certificate(connection: &Connection, port: &'static v1::PortDescriptor, password: &str) -> Self {
        let Self { port, descriptor } = Self::new(connection, port, password);
        Self { port: port.certificate(certificate()), descriptor }
    }

    async fn greet(&self) -> Result<String, Error> {
        self.port.request(&GREET, &Greet { name: "Kari".into() }).call().await
    }

    async fn greet_enterprise(&self) -> Result<String, Error> {
        self.port.request(&GREET_ENTERPRISE, &GreetEnterprise {}).call().await
    }

    /// With whatever password the port takes.
    async fn greet_any(&self) -> Result<String, Error> {
        if std::ptr::eq(self.descriptor, &EC2) { self.greet_enterprise().await } else { self.greet().await }
    }

    async fn greet_all(&self) -> Result<String, Error> {
        self.port.request(&GREET_ALL, &GreetAll {}).call().await
    }

    async fn greet_for(&self, ssn: &str) -> Result<String, Error> {
        self.greet_with(ssn, "password").await
    }

    async fn greet_with(&self, ssn: &str, password: &str) -> Result<String, Error> {
        let person = Person { ssn: ssn.into(), password: password.into() };
        self.port.request(&GREET_FOR, &GreetFor {}).principal(&person).call().await
    }
}

fn connection(service: &Service, time: &Time) -> Connection {
    Connection::builder(service.url())
        .allow_http_to_loopback(true)
        .connect_timeout(AMPLE)
        .reply_timeout(AMPLE)
        .idle_timeout(AMPLE)
        .clock(time.clone())
        .build()
        .unwrap()
}

/// A message of SOAP 1.1.
fn text(status: u16, body: &str) -> Answer {
    let mut answer = soap(status, envelope(body));
    answer.headers.insert("content-type", "text/xml; charset=utf-8".parse().unwrap());
    answer
}

fn problem(code: &str, says: &str) -> String {
    format!(
        "<s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring>\
         <detail><Problem xmlns=\"{NS}\"><Code>{code}</Code><Text>{says}</Text></Problem></detail></s:Fault>"
    )
}

const REFUSED: &str = "Incorrect username/password given for system";

/// What a service answers that knows one password. It finds it wherever the variant has it.
fn checking(right: &'static str) -> impl Fn(&RecordedRequest) -> Answer + Send + Sync + Clone {
    move |request| {
        let text_of = request.text();
        let is_12 = text_of.contains("http://www.w3.org/2003/05/soap-envelope");
        // In the header `Authorization` it is base64: `user:right`.
        let http = request.header("authorization").map(|sent| sent.contains("dXNlcjpyaWdodA"));
        let is_right = http.unwrap_or_else(|| text_of.contains(&format!(">{right}<")));
        let is_token_request = text_of.contains("/RST/SCT");
        match (is_12, is_right) {
            (true, _) if is_token_request && !text_of.contains("refused-certificate") => {
                Rstr::default().answer()(request)
            }
            (true, true) => ok(request),
            (true, false) if text_of.contains("UsernameToken") => fault(WSSE, "FailedAuthentication")(request),
            (true, false) => {
                let mut parts = support::secured::Parts::of(request, String::new());
                parts.body = format!(
                    "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang=\"en\">no</s:Text></s:Reason>\
                     <s:Detail><Problem xmlns=\"{NS}\"><Code>5</Code><Text>{REFUSED}</Text></Problem></s:Detail></s:Fault>"
                );
                soap(500, parts.envelope())
            }
            (false, true) => text(200, &greeting()),
            (false, false) if http.is_some() => text(401, ""),
            (false, false) => text(500, &problem("5", REFUSED)),
        }
    }
}

/// Starts many calls at once, and lets them go on until all of them wait for something.
async fn start<F>(calls: impl IntoIterator<Item = F>) -> JoinSet<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let started: JoinSet<_> = calls.into_iter().collect();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    started
}

/// Of those that were refused: how many were sent, and how many not.
fn deliveries(outcomes: Vec<Result<String, Error>>) -> (usize, usize) {
    let errors: Vec<_> = outcomes.into_iter().map(Result::unwrap_err).collect();
    assert!(errors.iter().all(|error| error.kind() == ErrorKind::Authentication), "{:?}", errors[0]);
    let sent = errors.iter().filter(|error| error.delivery() == Delivery::Answered).count();
    let not_sent = errors.iter().filter(|error| error.delivery() == Delivery::NotSent).count();
    (sent, not_sent)
}

type Outcome = Pin<Box<dyn Future<Output = Result<String, Error>> + Send>>;

struct Variant {
    name: &'static str,
    caller: fn(&Connection, &str) -> Caller,
    call: fn(Caller) -> Outcome,
    /// Messages that start a session.
    exchanges: usize,
}

static VARIANTS: [Variant; 4] = [
    Variant {
        name: "body",
        caller: |to, password| Caller::new(to, &BODY, password),
        call: |caller| Box::pin(async move { caller.greet().await }),
        exchanges: 0,
    },
    Variant {
        name: "http",
        caller: |to, password| Caller::new(to, &HTTP, password),
        call: |caller| Box::pin(async move { caller.greet_all().await }),
        exchanges: 0,
    },
    Variant {
        name: "ws",
        caller: |to, password| Caller::new(to, &WS, password),
        call: |caller| Box::pin(async move { caller.greet_all().await }),
        exchanges: 0,
    },
    Variant {
        name: "ec2",
        caller: |to, password| Caller::with_certificate(to, &EC2, password),
        call: |caller| Box::pin(async move { caller.greet_enterprise().await }),
        exchanges: 1,
    },
];

#[tokio::test]
async fn a_wrong_password_of_a_thousand_callers_is_sent_once() {
    for Variant { name, caller, call, exchanges } in &VARIANTS {
        let service = Service::start(checking("right")).await;
        let connection = connection(&service, &Time::default());
        // A client each, as a program may have them.
        let calls = start((0..CALLERS).map(|_| call(caller(&connection, "wrong")))).await;
        assert_eq!(deliveries(calls.join_all().await), (1, CALLERS - 1), "{name}");
        assert_eq!(service.count(), exchanges + 1, "{name}");
    }
}

#[tokio::test]
async fn a_right_password_of_a_thousand_callers_is_sent_by_one_first() {
    for Variant { name, caller, call, exchanges } in &VARIANTS {
        let service = Service::start(checking("right")).await;
        let connection = connection(&service, &Time::default());
        service.hold(ALL);
        let client = caller(&connection, "right");
        let calls = start((0..CALLERS).map(|_| call(client.clone()))).await;
        service.has_received(exchanges + 1).await;
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(service.count(), exchanges + 1, "{name}");
        service.hold(NONE);
        for outcome in calls.join_all().await {
            assert_eq!(outcome.unwrap(), "Hei", "{name}");
        }
        assert_eq!(service.count(), exchanges + CALLERS, "{name}");
    }
}

/// Endpoints of a host share their users, so they share the one try too, and so do all passwords of a user.
#[tokio::test]
async fn endpoints_and_passwords_share_the_one_try() {
    let wrong = ["wrong", "other", "third"];
    let ways: [fn(&Connection, &str) -> [Caller; 2]; 2] = [
        |to, password| [Caller::new(to, &WS, password), Caller::new(to, &WS_TWO, password)],
        // Basic and WS: the user is the same, and the service counts both.
        |to, password| [Caller::new(to, &BODY, password), Caller::new(to, &WS, password)],
    ];
    for way in ways {
        let service = Service::start(checking("right")).await;
        let connection = connection(&service, &Time::default());
        let callers = wrong.iter().cycle().take(120).flat_map(|password| way(&connection, password));
        let calls = start(callers.map(|caller| async move { caller.greet().await })).await;
        assert_eq!(deliveries(calls.join_all().await), (1, 239));
        assert_eq!(service.count(), 1);
    }
}

#[tokio::test]
async fn a_certificate_is_tried_once_for_all_endpoints_of_a_host() {
    let service = Service::start(|request| fault(WSSE, "FailedAuthentication")(request)).await;
    let connection = connection(&service, &Time::default());
    let callers = [&EC2, &EC2_TWO].into_iter().cycle().take(100);
    let callers = callers.map(|port| Caller::with_certificate(&connection, port, "right"));
    let calls = start(callers.map(|caller| async move { caller.greet_enterprise().await })).await;
    for outcome in calls.join_all().await {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Authentication);
    }
    assert_eq!(service.count(), 1);
}

/// The certificate starts the session, but the service refuses who has it.
#[tokio::test]
async fn a_certificate_that_is_refused_in_its_session_is_refused_once() {
    let service = Service::start(|request| {
        let is_token_request = request.text().contains("/RST/SCT");
        if is_token_request { Rstr::default().answer()(request) } else { fault(WSSE, "FailedAuthentication")(request) }
    })
    .await;
    let connection = connection(&service, &Time::default());
    let caller = Caller::with_certificate(&connection, &EC2, "right");
    let calls = (0..100).map(|_| caller.clone()).map(|caller| async move { caller.greet_all().await });
    assert_eq!(deliveries(start(calls).await.join_all().await), (1, 99));
    assert_eq!(service.count(), 2);
}

#[tokio::test]
async fn a_first_call_that_is_dropped_hands_on() {
    let service = Service::start(checking("right")).await;
    service.hold(ALL);
    let caller = Caller::new(&connection(&service, &Time::default()), &WS, "right");
    let first = tokio::spawn({
        let caller = caller.clone();
        async move { caller.greet().await }
    });
    service.has_received(1).await;
    let calls = start((0..3).map(|_| caller.clone()).map(|caller| async move { caller.greet().await })).await;
    assert_eq!(service.count(), 1);
    first.abort();
    service.has_received(2).await;
    service.hold(NONE);
    assert!(calls.join_all().await.iter().all(Result::is_ok));
    assert_eq!(service.count(), 4);
}

/// A network that fails, a service that is busy, an answer that is none: nothing is known, and the next one tries.
#[tokio::test(start_paused = true)]
async fn a_first_call_without_a_verdict_hands_on() {
    let network = ScriptedTransport::new()
        .error(TransportError::timed_out(Phase::Reply))
        .error(TransportError::new(Phase::Connect))
        .respond(503, "text/html", "busy")
        .respond(200, "text/html", "<html/>")
        .reply("<Other/>")
        .fault("Client", "no", format!("<Problem xmlns=\"{NS}\"><Code>5</Code><Text>{REFUSED}</Text></Problem>"));
    let caller = Caller::new(&connect(&network, &Time::default()), &BODY, "wrong");
    let calls = start((0..8).map(|_| caller.clone()).map(|caller| async move { caller.greet().await })).await;
    let mut kinds: Vec<_> = calls.join_all().await.into_iter().map(|outcome| outcome.unwrap_err()).collect();
    kinds.retain(|error| error.delivery() != Delivery::NotSent || error.kind() == ErrorKind::Authentication);
    network.assert_done();
    assert_eq!(kinds.iter().filter(|error| error.delivery() == Delivery::Unknown).count(), 1, "the one that timed out");
    assert_eq!(kinds.iter().filter(|error| error.kind() == ErrorKind::Authentication).count(), 3);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_longer_than_for_its_own_reply() {
    let sessions = || ScriptedTransport::new().scripted_sessions();
    for (network, caller) in [
        (ScriptedTransport::new().silence().reply(greeting()), (|to| Caller::new(to, &BODY, "right")) as fn(&_) -> _),
        // While a session is started, and while it is used for the first time.
        (sessions().silence().answer(Rstr::default().answer()).answer(ok), |to| {
            Caller::with_certificate(to, &EC2, "right")
        }),
        (sessions().answer(Rstr::default().answer()).silence().answer(ok), |to| {
            Caller::with_certificate(to, &EC2, "right")
        }),
    ] {
        let connection = connect(&network, &Time::default());
        let first: Caller = caller(&connection);
        let first = start([async move { first.greet_any().await }]).await;
        let sent = network.requests().len();
        let began = tokio::time::Instant::now();
        let hasty = caller(&connection.with_reply_timeout(Duration::from_secs(7)));
        let error = hasty.greet_any().await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::NotSent), "{error}");
        assert_eq!(began.elapsed().as_secs(), 7);
        assert_eq!(network.requests().len(), sent);
        drop(first);
        hasty.greet_any().await.unwrap();
        network.assert_done();
    }
}

#[tokio::test]
async fn after_the_pause_one_goes_first_again() {
    let service = Service::start(checking("right")).await;
    let time = Time::default();
    let caller = Caller::new(&connection(&service, &time), &WS, "wrong");
    let round = || async { start((0..50).map(|_| caller.clone()).map(|one| async move { one.greet().await })).await };
    assert_eq!(deliveries(round().await.join_all().await), (1, 49));
    time.pass(299);
    assert_eq!(deliveries(round().await.join_all().await), (0, 50));
    time.pass(1);
    assert_eq!(deliveries(round().await.join_all().await), (1, 49));
    assert_eq!(service.count(), 2);
}

#[tokio::test]
async fn a_new_password_needs_a_reset_of_its_user_only() {
    let service = Service::start(checking("right")).await;
    let connection = connection(&service, &Time::default());
    let other = Caller::of(&connection, &WS, Credentials::new("other", "wrong"));
    Caller::new(&connection, &WS, "wrong").greet().await.unwrap_err();
    other.greet().await.unwrap_err();
    let right = Caller::new(&connection, &WS, "right");
    assert_eq!(right.greet().await.unwrap_err().delivery(), Delivery::NotSent);
    connection.reset_authentication_of("user");
    right.greet().await.unwrap();
    assert_eq!(other.greet().await.unwrap_err().delivery(), Delivery::NotSent);
    // The wrong one does not shut out the right one, which is known now.
    Caller::new(&connection, &WS, "wrong").greet().await.unwrap_err();
    right.greet().await.unwrap();
    assert_eq!(service.count(), 5);
}

#[tokio::test]
async fn a_clock_that_is_set_back_shuts_nobody_out() {
    let service = Service::start(checking("right")).await;
    let time = Time::default();
    let caller = Caller::new(&connection(&service, &time), &WS, "wrong");
    caller.greet().await.unwrap_err();
    time.set(-24 * 3600);
    time.pass(300);
    assert_eq!(caller.greet().await.unwrap_err().delivery(), Delivery::Answered);
    // Nor does one that is set forward end the pause.
    time.set(24 * 3600);
    assert_eq!(caller.greet().await.unwrap_err().delivery(), Delivery::NotSent);
}

/// Many calls are under way when the password is changed at the service.
#[tokio::test]
async fn calls_that_were_under_way_do_not_count() {
    let changed = Arc::new(AtomicBool::new(false));
    let service = Service::start({
        let changed = Arc::clone(&changed);
        move |request: &RecordedRequest| checking(if changed.load(Ordering::SeqCst) { "new" } else { "old" })(request)
    })
    .await;
    let time = Time::default();
    let connection = connection(&service, &time);
    let (old, new) = (Caller::new(&connection, &BODY, "old"), Caller::new(&connection, &BODY, "new"));
    old.greet().await.unwrap();
    service.hold(ALL);
    let mut calls = start((0..20).map(|_| old.clone()).map(|one| async move { one.greet().await })).await;
    service.has_received(21).await;
    changed.store(true, Ordering::SeqCst);
    // All of them were sent, and none is sent after the first refusal.
    service.hold(2..21);
    let mut outcomes = vec![calls.join_next().await.unwrap().unwrap()];
    assert_eq!(old.greet().await.unwrap_err().delivery(), Delivery::NotSent);
    // The new password is not shut out by what comes of the old one.
    connection.reset_authentication_of("user");
    service.hold(11..21);
    for _ in 0..9 {
        outcomes.push(calls.join_next().await.unwrap().unwrap());
    }
    new.greet().await.unwrap();
    service.hold(NONE);
    outcomes.extend(calls.join_all().await);
    assert_eq!(deliveries(outcomes), (20, 0));
    new.greet().await.unwrap();
    assert_eq!(service.count(), 23);
}

/// As a service in memory answers: a script is easier to read where only one call is made at a time.
fn scripted(time: &Time, answers: &[(&str, &str)]) -> (ScriptedTransport, Connection) {
    let network = answers.iter().fold(ScriptedTransport::new(), |network, (code, says)| match *code {
        "" => network.reply(greeting()),
        code => {
            let detail = format!("<Problem xmlns=\"{NS}\"><Code>{code}</Code><Text>{says}</Text></Problem>");
            network.fault("Client", "no", detail)
        }
    });
    let connection = connect(&network, time);
    (network, connection)
}

const OK: (&str, &str) = ("", "");

#[tokio::test]
async fn a_refused_person_shuts_out_that_person_alone() {
    let wrong = ("5", "Incorrect username/password/pin given for user".replace("/pin", ""));
    let (network, connection) = scripted(&Time::default(), &[(wrong.0, &wrong.1), OK, OK, OK]);
    let caller = Caller::new(&connection, &BODY, "right");
    let error = caller.greet_for("01017012345").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::Answered));
    assert!(error.to_string().contains("account \"person\"") && !error.to_string().contains("0101"), "{error}");
    assert!(error.fault().is_some());
    // Neither with another password nor at another endpoint.
    for caller in [caller.clone(), Caller::new(&connection, &BODY_TWO, "right")] {
        for password in ["password", "another"] {
            let error = caller.greet_with("01017012345", password).await.unwrap_err();
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::NotSent));
        }
    }
    caller.greet().await.unwrap();
    caller.greet_for("02017012345").await.unwrap();
    connection.reset_authentication_of("01017012345");
    caller.greet_for("01017012345").await.unwrap();
    network.assert_done();
}

#[tokio::test]
async fn a_refused_system_shuts_out_the_calls_for_every_person() {
    let (network, connection) = scripted(&Time::default(), &[("5", REFUSED), OK, OK]);
    let caller = Caller::new(&connection, &BODY, "wrong");
    assert_eq!(caller.greet_for("01017012345").await.unwrap_err().kind(), ErrorKind::Authentication);
    for ssn in ["01017012345", "02017012345"] {
        assert_eq!(caller.greet_for(ssn).await.unwrap_err().delivery(), Delivery::NotSent);
    }
    // The same name as that of an enterprise is another user, and so is that of a person.
    caller.greet_enterprise().await.unwrap();
    caller.greet_all().await.unwrap();
    network.assert_done();
}

#[tokio::test]
async fn what_may_mean_several_or_a_code_shuts_out_nobody() {
    let faults = [
        ("5", "wrong password"),
        ("5", "Pin session has timed out"),
        ("5", "Incorrect password given for user, or the pin is used up"),
        ("5", "given for system, given for user"),
        ("6", REFUSED),
        ("30008", "no receipt found"),
    ];
    for (code, says) in faults {
        let (network, connection) = scripted(&Time::default(), &[(code, says), (code, says), OK]);
        let caller = Caller::new(&connection, &BODY, "right");
        for _ in 0..2 {
            let error = caller.greet_for("01017012345").await.unwrap_err();
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::Fault, Delivery::Answered), "{says}");
        }
        caller.greet_for("01017012345").await.unwrap();
        network.assert_done();
    }
    // In a message with one password, that password is meant.
    let (_, connection) = scripted(&Time::default(), &[faults[0]]);
    assert_eq!(Caller::new(&connection, &BODY, "wrong").greet().await.unwrap_err().kind(), ErrorKind::Authentication);
}

/// What each answer says about the password: whether two calls that follow go at once, or one of them first.
#[tokio::test]
async fn only_a_reply_or_a_fault_of_the_application_proves_a_password() {
    for (answer, proves) in [
        (OK, true),
        (("30008", "no receipt found"), true),
        (("5", "Pin session has timed out"), false),
        (("5", "wrong password"), false),
    ] {
        let (network, connection) = scripted(&Time::default(), &[answer]);
        let network = network.silence().silence();
        let caller = Caller::new(&connection, &BODY, "right");
        let _ = caller.greet_for("01017012345").await;
        let calls = start((0..2).map(|_| caller.clone()).map(|one| async move { one.greet().await })).await;
        assert_eq!(network.requests().len(), if proves { 3 } else { 2 }, "{answer:?}");
        drop(calls);
    }
    // A fault of a busy service that is not as it should be is told as a fault, and proves no more than one that is.
    let busy = format!("<s:Fault>text<faultcode xmlns:d='{DNSE}'>d:ServerTooBusy</faultcode></s:Fault>");
    let network = ScriptedTransport::new().respond(500, "text/xml", envelope(&busy)).silence().silence();
    let caller = Caller::new(&connect(&network, &Time::default()), &BODY, "right");
    assert_eq!(caller.greet().await.unwrap_err().kind(), ErrorKind::Fault);
    let calls = start((0..2).map(|_| caller.clone()).map(|one| async move { one.greet().await })).await;
    assert_eq!(network.requests().len(), 2);
    drop(calls);
    // An operation without a password proves none.
    let (network, connection) = scripted(&Time::default(), &[OK]);
    let network = network.silence().silence();
    let caller = Caller::new(&connection, &BODY, "right");
    caller.greet_all().await.unwrap();
    let calls = start((0..2).map(|_| caller.clone()).map(|one| async move { one.greet().await })).await;
    assert_eq!(network.requests().len(), 2);
    drop(calls);
}

#[tokio::test]
async fn the_connection_may_say_otherwise_than_the_port() {
    let refused = || fault(WSSE, "FailedAuthentication");
    let network = ScriptedTransport::new().answer(refused()).answer(ok).answer(ok);
    let time = Time::default();
    let connection = support::secured::builder(&network, &time)
        .authentication_pause(Duration::from_secs(10))
        .authentication_scope(AuthenticationScope::Endpoint)
        .build()
        .unwrap();
    Caller::new(&connection, &WS, "wrong").greet().await.unwrap_err();
    Caller::new(&connection, &WS_TWO, "wrong").greet().await.unwrap();
    time.pass(9);
    assert_eq!(Caller::new(&connection, &WS, "wrong").greet().await.unwrap_err().delivery(), Delivery::NotSent);
    time.pass(1);
    Caller::new(&connection, &WS, "wrong").greet().await.unwrap();
    network.assert_done();
}

/// Without a pause, nothing waits and nothing is shut out.
#[tokio::test]
async fn a_pause_of_zero_is_none() {
    let service = Service::start(checking("right")).await;
    let connection = Connection::builder(service.url())
        .allow_http_to_loopback(true)
        .authentication_pause(Duration::ZERO)
        .build()
        .unwrap();
    service.hold(ALL);
    let caller = Caller::new(&connection, &BODY, "wrong");
    let calls = start((0..10).map(|_| caller.clone()).map(|one| async move { one.greet().await })).await;
    service.has_received(10).await;
    service.hold(NONE);
    assert_eq!(deliveries(calls.join_all().await), (10, 0));
}
