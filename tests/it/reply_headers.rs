//! Headers of a reply, through a client that was generated.

use altinn_soap::testing::ScriptedTransport;
use altinn_soap::{Connection, Credentials, Fragment, Name, WithHeaders};

use crate::golden::optional_headers::optional_headers::basic::{Client, Upload};

const NS: &str = "http://example.org/optional";

#[tokio::test]
async fn header_parts_are_members_or_apart() {
    let envelope = format!(
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Header><Reference xmlns='{NS}'>r-7</Reference>\
         <q:Quota xmlns:q='urn:q'>41</q:Quota></s:Header><s:Body><Receipt xmlns='{NS}'><Id>5</Id>\
         <At>2024-01-15T10:00:00Z</At></Receipt></s:Body></s:Envelope>"
    );
    let answer = |network: ScriptedTransport| network.respond(200, "text/xml", envelope.clone());
    let network = answer(answer(ScriptedTransport::new()));
    let connection = Connection::builder("https://service.example").transport(network.clone()).build().unwrap();
    let file_name = Fragment::of(Name::new(NS, "FileName"), &"a.zip".to_owned()).unwrap();
    let client = Client::new(&connection, Credentials::new("user", "password")).with_soap_header(file_name);

    let member = client.upload(Upload::default()).await.unwrap();
    assert_eq!((member.reference.as_deref(), member.id), (Some("r-7"), 5));

    let request = Upload { file_name: Some("b.zip".to_owned()), ..Upload::default() };
    let WithHeaders { reply, headers, others, .. } = client.upload_with_headers(request).await.unwrap();
    assert_eq!((reply.id, headers.reference.as_deref()), (5, Some("r-7")));
    assert_eq!(others.iter().map(|block| block.name().local).collect::<Vec<_>>(), ["Quota"]);

    let [first, second] = &network.requests()[..] else { panic!("two requests") };
    assert!(first.text().contains(">a.zip<") && !first.text().contains("Reference"));
    assert!(second.text().contains(">b.zip<") && !second.text().contains("a.zip"));
}
