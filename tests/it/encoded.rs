//! rpc/encoded: requests as section 5 of SOAP 1.1 wants them, and replies in the ways in which old stacks write them.

use altinn_soap::testing::ScriptedTransport;
use altinn_soap::{Connection, ErrorKind};

use crate::golden::encoded::library::{library_port, library12_port, types};

const ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";
const DECLARED: &str = "xmlns:xsd='http://www.w3.org/2001/XMLSchema' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' \
     xmlns:soapenc='http://schemas.xmlsoap.org/soap/encoding/' xmlns:l='urn:library'";

fn client(network: &ScriptedTransport) -> library_port::Client {
    library_port::Client::new(&Connection::builder("https://localhost").transport(network.clone()).build().unwrap())
}

fn book(title: &str) -> types::Book {
    types::Book { title: Some(title.to_owned()), year: Some(1890), ..Default::default() }
}

/// Values state their types, an array its length; what is absent is left out.
#[tokio::test]
async fn requests_state_types() {
    let network = ScriptedTransport::new()
        .reply("<addResponse xmlns='urn:library:calls'><return xmlns=''>7</return></addResponse>");
    let author = types::Author { name: Some("Hamsun".to_owned()) };
    let sult = types::Book {
        genre: Some(types::Genre::Novel),
        authors: Some(vec![author].into()),
        pages: Some(vec![vec!["a".to_owned()].into(), types::ArrayOfString::default()].into()),
        ..book("Sult")
    };
    let request = library_port::Add { book: sult, shelf: 3, tags: vec!["x".to_owned(), "y".to_owned()].into() };
    assert_eq!(client(&network).add(request).await.unwrap(), Some(7));
    network.assert_done();
    let text = network.requests()[0].text();
    let tree = roxmltree::Document::parse(&text).unwrap();
    let body = tree.root_element().first_element_child().unwrap();
    assert_eq!(body.attribute(("http://schemas.xmlsoap.org/soap/envelope/", "encodingStyle")), Some(ENCODING));
    let call = body.first_element_child().unwrap();
    assert_eq!((call.tag_name().namespace(), call.tag_name().name()), (Some("urn:library:calls"), "add"));
    assert_eq!(
        described(call),
        [
            "add",
            " book {urn:library}Book",
            "  title {http://www.w3.org/2001/XMLSchema}string Sult",
            "  year {http://www.w3.org/2001/XMLSchema}int 1890",
            "  genre {urn:library}Genre novel",
            "  authors {http://schemas.xmlsoap.org/soap/encoding/}Array {urn:library}Author[1]",
            "   item",
            "    name {http://schemas.xmlsoap.org/soap/encoding/}string Hamsun",
            "  pages {http://schemas.xmlsoap.org/soap/encoding/}Array {urn:library}ArrayOfString[2]",
            "   item {http://schemas.xmlsoap.org/soap/encoding/}Array {http://www.w3.org/2001/XMLSchema}string[1]",
            "    item a",
            "   item {http://schemas.xmlsoap.org/soap/encoding/}Array {http://www.w3.org/2001/XMLSchema}string[0]",
            " shelf {http://www.w3.org/2001/XMLSchema}int 3",
            " tags {http://schemas.xmlsoap.org/soap/encoding/}Array {http://www.w3.org/2001/XMLSchema}string[2]",
            "  item x",
            "  item y",
        ]
    );
}

/// SOAP 1.2 has the style on the call, other attributes on arrays, and the types of its own encoding.
#[tokio::test]
async fn requests_of_soap_1_2() {
    const ENCODING_12: &str = "http://www.w3.org/2003/05/soap-encoding";
    let network = ScriptedTransport::new()
        .reply("<addResponse xmlns='urn:library:calls'><return xmlns=''>7</return></addResponse>");
    let author = types::Author { name: Some("Hamsun".to_owned()) };
    let sult = types::Book {
        authors: Some(vec![author].into()),
        pages: Some(vec![vec!["a".to_owned()].into()].into()),
        ..book("Sult")
    };
    let request = library12_port::Add { book: sult, shelf: 3, tags: vec!["x".to_owned()].into() };
    assert_eq!(client_12(&network).add(request).await.unwrap(), Some(7));
    let text = network.requests()[0].text();
    let tree = roxmltree::Document::parse(&text).unwrap();
    let body = tree.root_element().first_element_child().unwrap();
    let call = body.first_element_child().unwrap();
    let style = ("http://www.w3.org/2003/05/soap-envelope", "encodingStyle");
    assert_eq!((body.attribute(style), call.attribute(style)), (None, Some(ENCODING_12)));
    let sizes: Vec<_> = call.descendants().filter_map(|node| node.attribute((ENCODING_12, "arraySize"))).collect();
    assert_eq!(sizes, ["1", "1", "1", "1"]);
    assert!(!text.contains("soap/encoding"), "{text}");
    assert_eq!(
        described(call),
        [
            "add",
            " book {urn:library}Book",
            "  title {http://www.w3.org/2001/XMLSchema}string Sult",
            "  year {http://www.w3.org/2001/XMLSchema}int 1890",
            "  authors {http://www.w3.org/2003/05/soap-encoding}Array {urn:library}Author",
            "   item",
            "    name {http://www.w3.org/2003/05/soap-encoding}string Hamsun",
            "  pages {http://www.w3.org/2003/05/soap-encoding}Array {urn:library}ArrayOfString",
            "   item {http://www.w3.org/2003/05/soap-encoding}Array {http://www.w3.org/2001/XMLSchema}string",
            "    item a",
            " shelf {http://www.w3.org/2001/XMLSchema}int 3",
            " tags {http://www.w3.org/2003/05/soap-encoding}Array {http://www.w3.org/2001/XMLSchema}string",
            "  item x",
        ]
    );
}

/// There a value stands where it occurs first, and `enc:ref` where it does again.
#[tokio::test]
async fn replies_of_soap_1_2() {
    let reply = "<c:findResponse xmlns:c='urn:library:calls' xmlns:e='http://www.w3.org/2003/05/soap-encoding' \
         xmlns:r='http://www.w3.org/2003/05/soap-rpc'><r:result>return</r:result><return><title>Sult</title><year>1890</year>\
         <authors e:itemType='c:any' e:arraySize='2'><item e:id='h'><name>Hamsun</name></item><item e:ref='h'/></authors>\
         </return></c:findResponse>";
    let network = ScriptedTransport::new().reply(reply);
    let author = types::Author { name: Some("Hamsun".to_owned()) };
    let expected = types::Book { authors: Some(vec![author.clone(), author].into()), ..book("Sult") };
    assert_eq!(client_12(&network).find("Sult".to_owned()).await.unwrap(), Some(expected));
}

fn client_12(network: &ScriptedTransport) -> library12_port::Client {
    library12_port::Client::new(&Connection::builder("https://localhost").transport(network.clone()).build().unwrap())
}

/// A line for each element: its name, type and length, and text.
fn described(root: roxmltree::Node<'_, '_>) -> Vec<String> {
    let mut lines = Vec::new();
    for node in root.descendants().filter(roxmltree::Node::is_element) {
        let depth = node.ancestors().take_while(|one| *one != root).count();
        let mut line = format!("{}{}", " ".repeat(depth), node.tag_name().name());
        for name in [
            ("http://www.w3.org/2001/XMLSchema-instance", "type"),
            (ENCODING, "arrayType"),
            ("http://www.w3.org/2003/05/soap-encoding", "itemType"),
        ] {
            if let Some((prefix, local)) = node.attribute(name).and_then(|value| value.split_once(':')) {
                line.push_str(&format!(" {{{}}}{local}", node.lookup_namespace_uri(Some(prefix)).unwrap()));
            }
        }
        if node.first_element_child().is_none() {
            line.push_str(&node.text().map_or(String::new(), |text| format!(" {text}")));
        }
        lines.push(line);
    }
    lines
}

async fn find(reply: &str) -> Result<Option<types::Book>, altinn_soap::Error> {
    let network = ScriptedTransport::new().reply(reply);
    client(&network).find("Sult".to_owned()).await
}

/// Axis 1 puts each object beside the call, and refers to it; items of arrays too.
#[tokio::test]
async fn replies_with_references() {
    let reply = format!(
        "<ns1:findResponse {DECLARED} xmlns:ns1='urn:library:calls' soapenv:encodingStyle='{ENCODING}' \
         xmlns:soapenv='http://schemas.xmlsoap.org/soap/envelope/'><return href='#id0'/></ns1:findResponse>\
         <multiRef id='id0' soapenc:root='0' xsi:type='ns2:Book' {DECLARED} xmlns:ns2='urn:library'>\
         <title xsi:type='soapenc:string'>Sult</title><year href='#id1'/><authors soapenc:arrayType='ns2:Author[2]' xsi:type='soapenc:Array'>\
         <authors href='#id2'/><authors href='#id2'/></authors><sequel href='#id3'/></multiRef>\
         <multiRef id='id1' soapenc:root='0' xsi:type='xsd:int' {DECLARED}>1890</multiRef>\
         <multiRef id='id2' soapenc:root='0' xsi:type='n:Author' {DECLARED} xmlns:n='urn:library'><name xsi:type='xsd:string'>Hamsun</name></multiRef>\
         <multiRef id='id3' soapenc:root='0' xsi:type='n:Book' {DECLARED} xmlns:n='urn:library'><title xsi:nil='true'/></multiRef>"
    );
    let author = types::Author { name: Some("Hamsun".to_owned()) };
    let expected = types::Book {
        authors: Some(vec![author.clone(), author].into()),
        sequel: Some(Box::default()),
        ..book("Sult")
    };
    assert_eq!(find(&reply).await.unwrap(), Some(expected));
}

/// PHP writes values in place and states all types; .NET 1.1 refers to structs by `id` in any order; the name of the reply is free.
#[tokio::test]
async fn replies_in_place() {
    let php = format!(
        "<SOAP-ENV:x {DECLARED} xmlns:SOAP-ENV='urn:library:calls'><return xsi:type='l:Book'><title xsi:type='xsd:string'>Sult</title>\
         <year xsi:type='xsd:int'>1890</year><authors soapenc:arrayType='l:Author[0]' xsi:type='l:ArrayOfAuthor'/></return></SOAP-ENV:x>"
    );
    let expected = types::Book { authors: Some(types::ArrayOfAuthor::default()), ..book("Sult") };
    assert_eq!(find(&php).await.unwrap(), Some(expected));
    let dotnet = format!(
        "<t:findResponse xmlns:t='urn:library:calls' {DECLARED}><return href='#id1'/></t:findResponse>\
         <q:Book id='id1' xsi:type='q:Book' xmlns:q='urn:library' {DECLARED}><title xsi:type='xsd:string'>Sult</title><year xsi:type='xsd:int'>1890</year></q:Book>"
    );
    assert_eq!(find(&dotnet).await.unwrap(), Some(book("Sult")));
    assert_eq!(find("<findResponse xmlns='urn:library:calls'/>").await.unwrap(), None);
}

#[tokio::test]
async fn circles_are_refused() {
    let circle =
        format!("<f {DECLARED}><return href='#1'/></f><m id='1' xsi:type='l:Book' {DECLARED}><sequel href='#1'/></m>");
    let error = find(&circle).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    assert!(error.to_string().contains("references in a circle"), "{error}");
}

/// A map of Apache SOAP has no schema, and is kept as XML.
#[tokio::test]
async fn maps_are_xml() {
    let reply = format!(
        "<r {DECLARED}><return xsi:type='m:Map' xmlns:m='http://xml.apache.org/xml-soap'><item><key xsi:type='xsd:string'>a</key>\
         <value xsi:type='xsd:int'>1</value></item></return></r>"
    );
    let network = ScriptedTransport::new().reply(reply);
    let state = client(&network).state().await.unwrap().unwrap();
    assert!(state.as_xml().contains("<key xsi:type='xsd:string'>a</key>"), "{}", state.as_xml());
}
