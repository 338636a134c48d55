//! Ports whose messages are not a wrapper element around elements, served and called by the clients of the same contracts,
//! and called as other stacks write such messages.

use std::sync::{Arc, Mutex};

use altinn_soap::server::{Context, Service, ServiceFault};
use altinn_soap::transport::Body;
use altinn_soap::{Connection, Fragment};
use http::Request;

use crate::golden::encoded::library::{library_port, library12_port, types};
use crate::golden::several_parts::office::{office, types as papers};

const DECLARED: &str = "xmlns:xsd='http://www.w3.org/2001/XMLSchema' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' \
     xmlns:soapenc='http://schemas.xmlsoap.org/soap/encoding/' xmlns:l='urn:library'";

fn connection(service: Service) -> Connection {
    Connection::builder("https://localhost").transport(service).build().unwrap()
}

/// What the services of this file hear and answer.
#[derive(Clone, Default)]
struct Desk {
    asked: Arc<Mutex<Vec<String>>>,
}

impl Desk {
    /// Kept as it prints, since the types of the ports differ.
    fn hear(&self, request: &impl std::fmt::Debug) {
        self.asked.lock().unwrap().push(format!("{request:?}"));
    }

    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn sult() -> types::Book {
    let author = types::Author { name: Some("Hamsun".to_owned()) };
    types::Book {
        title: Some("Sult".to_owned()),
        year: Some(1890),
        genre: Some(types::Genre::Novel),
        authors: Some(vec![author.clone(), author].into()),
        sequel: Some(Box::new(types::Book { title: Some("Mysterier".to_owned()), ..Default::default() })),
        pages: Some(vec![vec!["a".to_owned(), "b & c".to_owned()].into(), types::ArrayOfString::default()].into()),
    }
}

/// A library for each version of SOAP, which has types of its own for the requests.
macro_rules! library {
    ($port:ident) => {
        impl $port::Handler for Desk {
            async fn add(&self, request: $port::Add, _: Context) -> Result<Option<i32>, ServiceFault> {
                self.hear(&request);
                Ok(request.book.year)
            }

            async fn find(&self, request: $port::Find, _: Context) -> Result<Option<types::Book>, ServiceFault> {
                Ok((request.title == "Sult").then(sult))
            }

            async fn state(&self, _: $port::State, _: Context) -> Result<Option<Fragment>, ServiceFault> {
                let map = "<return><item><key>a</key><value>1</value></item></return>";
                Ok(Some(Fragment::from_xml(map)?))
            }
        }
    };
}

library!(library_port);
library!(library12_port);

macro_rules! calls {
    ($port:ident) => {{
        let desk = Desk::default();
        let client = $port::Client::new(&connection($port::service(desk.clone())));
        let tags = vec!["x".to_owned(), "æ < y".to_owned()];
        let request = $port::Add { book: sult(), shelf: -3, tags: tags.into() };
        assert_eq!(client.add(request.clone()).await.unwrap(), Some(1890));
        assert_eq!(desk.heard(), [format!("{request:?}")]);
        let empty = $port::Add { book: types::Book::default(), shelf: 0, tags: Vec::new().into() };
        assert_eq!(client.add(empty.clone()).await.unwrap(), None);
        assert_eq!(desk.heard(), [format!("{empty:?}")]);
        assert_eq!(client.find("Sult".to_owned()).await.unwrap(), Some(sult()));
        assert_eq!(client.find("Pan".to_owned()).await.unwrap(), None);
        let state = client.state().await.unwrap().unwrap();
        assert!(state.as_xml().contains("<key>a</key><value>1</value>"), "{}", state.as_xml());
    }};
}

#[tokio::test]
async fn rpc_encoded() {
    calls!(library_port);
}

#[tokio::test]
async fn rpc_encoded_of_soap_1_2() {
    calls!(library12_port);
}

/// Sends a message with this in its Body to a service of SOAP 1.1; the text of the answer.
async fn post(service: Service, action: &str, body: &str) -> String {
    let envelope = format!(
        "<soapenv:Envelope xmlns:soapenv='http://schemas.xmlsoap.org/soap/envelope/'><soapenv:Body>{body}\
         </soapenv:Body></soapenv:Envelope>"
    );
    let request = Request::post("/soap").header("content-type", "text/xml; charset=utf-8");
    let request = request.header("soapaction", format!("\"{action}\"")).body(Body::from(envelope)).unwrap();
    let answer = service.handle(request).await.into_body().collect(usize::MAX).await.unwrap();
    String::from_utf8(answer.to_vec()).unwrap()
}

/// One call as three stacks write it: Axis 1 puts each object beside the call and refers to it, PHP writes all in place, and
/// .NET 1.1 refers to structs by the names of their types.
#[tokio::test]
async fn encoded_requests_of_other_stacks() {
    let axis = format!(
        "<ns1:add soapenv:encodingStyle='http://schemas.xmlsoap.org/soap/encoding/' xmlns:ns1='urn:library:calls' {DECLARED}>\
         <book href='#id0'/><shelf href='#id1'/>\
         <tags soapenc:arrayType='xsd:string[2]' xsi:type='soapenc:Array'><tags href='#id4'/><tags href='#id4'/></tags></ns1:add>\
         <multiRef id='id0' soapenc:root='0' xsi:type='ns2:Book' {DECLARED} xmlns:ns2='urn:library'>\
         <title xsi:type='soapenc:string'>Sult</title><year href='#id2'/>\
         <authors soapenc:arrayType='ns2:Author[2]' xsi:type='soapenc:Array'><authors href='#id3'/><authors href='#id3'/></authors>\
         <sequel xsi:type='ns2:Book' xsi:nil='true'/></multiRef>\
         <multiRef id='id3' soapenc:root='0' xsi:type='n:Author' {DECLARED} xmlns:n='urn:library'><name xsi:type='xsd:string'>Hamsun</name></multiRef>\
         <multiRef id='id1' soapenc:root='0' xsi:type='xsd:int' {DECLARED}>3</multiRef>\
         <multiRef id='id2' soapenc:root='0' xsi:type='xsd:int' {DECLARED}>1890</multiRef>\
         <multiRef id='id4' soapenc:root='0' xsi:type='soapenc:string' {DECLARED}>x</multiRef>"
    );
    let author = "<item xsi:type='l:Author'><name xsi:type='xsd:string'>Hamsun</name></item>";
    let php = format!(
        "<ns1:add xmlns:ns1='urn:library:calls' {DECLARED}><book xsi:type='l:Book'><title xsi:type='xsd:string'>Sult</title>\
         <year xsi:type='xsd:int'>1890</year><authors soapenc:arrayType='l:Author[2]' xsi:type='l:ArrayOfAuthor'>{author}{author}\
         </authors></book><shelf xsi:type='xsd:int'>3</shelf><tags soapenc:arrayType='xsd:string[2]' xsi:type='l:ArrayOfString'>\
         <item xsi:type='xsd:string'>x</item><item xsi:type='xsd:string'>x</item></tags></ns1:add>"
    );
    let dotnet = format!(
        "<tns:add xmlns:tns='urn:library:calls' {DECLARED}><book href='#id1'/><shelf xsi:type='xsd:int'>3</shelf><tags href='#id2'/>\
         </tns:add><q1:Book id='id1' xsi:type='q1:Book' xmlns:q1='urn:library' {DECLARED}><title xsi:type='xsd:string'>Sult</title>\
         <year xsi:type='xsd:int'>1890</year><authors href='#id3'/></q1:Book>\
         <soapenc:Array id='id2' soapenc:arrayType='xsd:string[2]' {DECLARED}><Item>x</Item><Item>x</Item></soapenc:Array>\
         <soapenc:Array id='id3' xmlns:q2='urn:library' soapenc:arrayType='q2:Author[2]' {DECLARED}><Item href='#id4'/><Item href='#id5'/>\
         </soapenc:Array><q3:Author id='id4' xsi:type='q3:Author' xmlns:q3='urn:library' {DECLARED}><name>Hamsun</name></q3:Author>\
         <q4:Author id='id5' xsi:type='q4:Author' xmlns:q4='urn:library' {DECLARED}><name>Hamsun</name></q4:Author>"
    );
    let book = types::Book { genre: None, sequel: None, pages: None, ..sult() };
    let tags = vec!["x".to_owned(), "x".to_owned()];
    let expected = format!("{:?}", library_port::Add { book, shelf: 3, tags: tags.into() });
    assert!(["Sult", "1890", "Hamsun", "\"x\""].iter().all(|value| expected.contains(value)), "{expected}");
    for request in [axis, php, dotnet] {
        let desk = Desk::default();
        let reply = post(library_port::service(desk.clone()), "urn:library#add", &request).await;
        assert_eq!(desk.heard(), [expected.as_str()], "{request}\n{reply}");
        assert!(reply.contains(">1890</return>"), "{reply}");
    }
    // A circle, and a reference to nothing.
    for book in ["<sequel href='#1'/>", "<sequel href='#2'/>"] {
        let desk = Desk::default();
        let request = format!(
            "<c:add xmlns:c='urn:library:calls' {DECLARED}><book href='#1'/><shelf>3</shelf><tags/></c:add>\
             <m id='1' xsi:type='l:Book' {DECLARED}>{book}</m>"
        );
        let fault = post(library_port::service(desk.clone()), "urn:library#add", &request).await;
        assert!(desk.heard().is_empty() && fault.contains("DeserializationFailed"), "{fault}");
    }
}

impl office::Handler for Desk {
    async fn file(&self, request: office::File, _: Context) -> Result<office::FileResponse, ServiceFault> {
        self.hear(&request);
        let note = papers::Note { text: format!("to {}", request.letter.to) };
        Ok(office::FileResponse { stamp: request.copies + 1, note })
    }

    async fn burn(&self, request: office::Burn, _: Context) -> Result<(), ServiceFault> {
        self.hear(&request);
        Ok(())
    }
}

#[tokio::test]
async fn several_parts_in_a_body() {
    let desk = Desk::default();
    let client = office::Client::new(&connection(office::service(desk.clone())));
    let letter = papers::Letter { to: "Ada".to_owned() };
    for desk_number in [Some(9), None] {
        let request = office::File { desk: desk_number, letter: letter.clone(), copies: 2 };
        let reply = client.file(request.clone()).await.unwrap();
        assert_eq!((reply.stamp, &*reply.note.text), (3, "to Ada"));
        assert_eq!(desk.heard(), [format!("{request:?}")]);
    }
    let request = office::Burn { stamp: 3, note: papers::Note { text: "ash".to_owned() } };
    client.burn(request.clone()).await.unwrap();
    assert_eq!(desk.heard(), [format!("{request:?}")]);

    // In the other order, as nothing says that parts have one; one that is missing, or twice there, is an error.
    let letter = "<o:Letter xmlns:o='urn:office'><o:to>Ada</o:to></o:Letter>";
    let copies = "<copies>2</copies>";
    let reply = post(office::service(desk.clone()), "urn:office/file", &[copies, letter].concat()).await;
    assert_eq!(desk.heard().len(), 1, "{reply}");
    for wrong in [letter.to_owned(), copies.to_owned(), [letter, copies, copies].concat(), String::new()] {
        let fault = post(office::service(desk.clone()), "urn:office/file", &wrong).await;
        assert!(desk.heard().is_empty() && fault.contains("DeserializationFailed"), "{wrong}: {fault}");
    }
}
