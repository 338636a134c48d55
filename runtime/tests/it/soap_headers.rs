//! SOAP header blocks of the program, and those of replies, through the interface of generated clients.

use crate::support;
use crate::support::contract::{NS, envelope};
use soap_runtime::generated::v1;
use soap_runtime::testing::ScriptedTransport;
use soap_runtime::{Connection, Delivery, Error, ErrorKind, Fragment, Name, ReplyHeaders, WithHeaders};

const TICKET: Name = Name::new(NS, "Ticket");

static TRACK: v1::Operation = v1::Operation::new("Track", "urn:track")
    .request(v1::Field::required(NS, "Track"))
    .reply(v1::Reply::element(v1::Field::required(NS, "Tracked")));
static PORT: v1::PortDescriptor =
    v1::PortDescriptor::new("Parcels", "Parcels", "https://published.example/p", v1::SoapVersion::Soap11)
        .operations(&[&TRACK]);

#[derive(Clone, Default, PartialEq)]
struct Track {
    ticket: Option<i64>,
    parcel: String,
}
v1::record!(Track: v1::Shape::new(NS, "Track", &[
    v1::Field::optional(NS, "Ticket").header(),
    v1::Field::required(NS, "Parcel"),
]), { 0 => ticket, 1 => parcel });

#[derive(Clone, Default, PartialEq)]
struct Tracked {
    place: String,
}
v1::record!(Tracked: v1::Shape::new(NS, "Tracked", &[v1::Field::required(NS, "Place")]), { 0 => place });

#[derive(Clone, Default, PartialEq)]
struct TrackHeaders {
    ticket: Option<i64>,
}
v1::record!(TrackHeaders: v1::Shape::new(NS, "Track", &[v1::Field::optional(NS, "Ticket").header()]), { 0 => ticket });

#[derive(Clone, Debug)]
struct Client {
    port: v1::Port,
}
v1::client!(Client);

impl Client {
    fn new(connection: &Connection) -> Self {
        Self { port: v1::Port::new(connection, &PORT) }
    }

    async fn track(&self, request: Track) -> Result<Tracked, Error> {
        self.port.request(&TRACK, &request).call().await
    }

    async fn track_with_headers(&self, request: Track) -> Result<WithHeaders<Tracked, TrackHeaders>, Error> {
        self.port.request(&TRACK, &request).call_with_headers().await
    }
}

fn reply(header: &str) -> String {
    let body = envelope(&format!("<Tracked xmlns='{NS}'><Place>Bergen</Place></Tracked>"));
    body.replace("<s:Body>", &format!("<s:Header>{header}</s:Header><s:Body>"))
}

fn served(headers: &[&str]) -> ScriptedTransport {
    let xml = |network: ScriptedTransport, header: &&str| network.respond(200, "text/xml", reply(header));
    headers.iter().fold(ScriptedTransport::new(), xml)
}

fn connect(network: &ScriptedTransport) -> Connection {
    Connection::builder("https://service.example").transport(network.clone()).build().unwrap()
}

fn ticket(number: i64) -> Fragment {
    Fragment::of(TICKET, &number).unwrap()
}

fn parcel(ticket: Option<i64>) -> Track {
    Track { ticket, parcel: "P".to_owned() }
}

/// The header of each request.
fn sent(network: &ScriptedTransport) -> Vec<String> {
    let header = |text: String| {
        text.split_once("<s:Header>")
            .map_or(String::new(), |(_, rest)| rest.split_once("</s:Header>").unwrap().0.to_owned())
    };
    network.requests().iter().map(|request| header(request.text())).collect()
}

#[tokio::test]
async fn a_header_is_given_once_or_with_a_call_or_not_at_all() {
    let network = served(&[""; 6]);
    let plain = Client::new(&connect(&network));
    plain.track(parcel(None)).await.unwrap();
    plain.track(parcel(Some(1))).await.unwrap();

    let other = Fragment::from_xml("<o:Trace xmlns:o='urn:o' id='7'>x &amp; y</o:Trace>").unwrap();
    let given = plain.with_soap_header(ticket(8)).with_soap_header(other).with_soap_header(ticket(9));
    given.track(parcel(None)).await.unwrap();
    given.track(parcel(Some(1))).await.unwrap();
    // That of a call replaces that of its client.
    let request = parcel(None);
    let call = given.port.request(&TRACK, &request).soap_header(ticket(10));
    call.call::<Tracked>().await.unwrap();
    let everywhere = Connection::builder("https://service.example").transport(network.clone()).soap_header(ticket(2));
    Client::new(&everywhere.build().unwrap()).track(parcel(None)).await.unwrap();
    network.assert_done();

    let sent = sent(&network);
    let has = |at: usize, text: &str| sent[at].matches(text).count();
    assert_eq!(sent[0], "");
    assert_eq!((has(1, ">1</"), has(1, "Trace")), (1, 0));
    assert_eq!(
        (has(2, ">9</"), has(2, "Ticket>"), has(2, "<o:Trace xmlns:o='urn:o' id='7'>x &amp; y</o:Trace>")),
        (1, 1, 1)
    );
    assert!(sent[2].find("Ticket").unwrap() < sent[2].find("Trace").unwrap(), "header parts come first");
    assert_eq!((has(3, ">1</"), has(3, ">9<"), has(3, "<o:Trace")), (1, 0, 1));
    assert_eq!((has(4, ">10</"), has(4, ">9<"), has(4, "<o:Trace")), (1, 0, 1));
    assert_eq!(has(5, ">2</"), 1);
}

#[tokio::test]
async fn what_the_runtime_writes_itself_is_refused() {
    use support::secured::WS;
    let network = ScriptedTransport::new();
    for reserved in [
        "<Action xmlns='http://www.w3.org/2005/08/addressing'>urn:a</Action>",
        "<Security xmlns='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd'/>",
    ] {
        let connection = connect(&network).with_soap_header(Fragment::from_xml(reserved).unwrap());
        let port = v1::Port::new(&connection, &WS).credentials(support::credentials());
        let error = port.request(&TRACK, &parcel(None)).call::<Tracked>().await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent), "{error}");
    }
    assert!(network.requests().is_empty());
}

#[tokio::test]
async fn headers_of_a_reply_are_given_apart() {
    let blocks =
        format!("<t:Ticket xmlns:t='{NS}'>3</t:Ticket><q:quota xmlns:q='urn:q'>41</q:quota><q:a xmlns:q='urn:q'/>");
    let network = served(&[&blocks, "", &blocks, &blocks, "<q:quota xmlns:q='urn:q'>40</q:quota>"]);
    let client = Client::new(&connect(&network));
    let WithHeaders { reply, headers, others, .. } = client.track_with_headers(parcel(None)).await.unwrap();
    assert_eq!((reply.place.as_str(), headers.ticket), ("Bergen", Some(3)));
    assert_eq!(others.iter().map(|block| block.name().local).collect::<Vec<_>>(), ["quota", "a"]);
    let without = client.track_with_headers(parcel(None)).await.unwrap();
    assert_eq!((without.headers.ticket, without.others.len()), (None, 0));

    let seen = ReplyHeaders::new();
    let reading = client.with_reply_headers(&seen);
    client.track(parcel(None)).await.unwrap();
    assert!(seen.take().is_empty(), "of another client");
    const QUOTA: Name = Name::new("urn:q", "quota");
    reading.track(parcel(None)).await.unwrap();
    assert_eq!(seen.find(QUOTA).unwrap().read::<i32>().unwrap(), 41);
    // Here the Ticket is no header part of the reply.
    assert_eq!(format!("{seen:?}"), "[3 header blocks]");
    reading.track(parcel(None)).await.unwrap();
    assert_eq!(seen.find(QUOTA).unwrap().read::<i32>().unwrap(), 40);
    assert_eq!((seen.take().len(), seen.take().len()), (1, 0));
}

#[tokio::test]
async fn a_block_that_must_be_understood_is_refused_all_the_same() {
    let network = served(&["<q:quota xmlns:q='urn:q' s:mustUnderstand='1'>41</q:quota>"]);
    let error = Client::new(&connect(&network)).track_with_headers(parcel(None)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
}
