//! What only the documentation of the services asks of a request is checked before anything is sent.

use altinn_soap::generated::v1;
use altinn_soap::intermediary_inbound::types::{Attachment, FormTaskShipmentBE};
use altinn_soap::testing::ScriptedTransport;
use altinn_soap::{
    Binary, Connection, ConnectionBuilder, Credentials, Delivery, Error, ErrorKind, Upload, broker_streamed,
    intermediary_inbound, intermediary_inbound_streamed,
};

const MEBIBYTE: usize = 1 << 20;

/// To a service that answers `200` and an empty body, which is no reply: whatever gets there fails as HTTP does.
fn connection(set: impl FnOnce(ConnectionBuilder) -> ConnectionBuilder) -> Connection {
    let network = ScriptedTransport::new().respond(200, "text/xml", "");
    set(Connection::builder("https://localhost").transport(network)).build().unwrap()
}

fn credentials() -> Credentials {
    Credentials::new("1001", "sys<tem")
}

#[track_caller]
fn assert_refused(error: &Error, place: &str, why: &str) {
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::NotSent), "{error}");
    let told = error.to_string();
    assert!(told.contains(place) && told.contains(why) && !told.contains("secret"), "{told}");
}

#[track_caller]
fn assert_sent(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::Http, "{error}");
}

async fn submit(connection: &Connection, attachments: Vec<Attachment>) -> Error {
    let shipment = FormTaskShipmentBE { attachments, ..FormTaskShipmentBE::default() };
    let client = intermediary_inbound::basic::Client::new(connection, credentials());
    client.submit_form_task_basic(shipment, None).await.unwrap_err()
}

fn attachment(file_name: Option<&str>, bytes: usize) -> Attachment {
    Attachment {
        file_name: file_name.map(str::to_owned),
        attachement_data: Some(Binary::from(vec![0; bytes])),
        ..Attachment::default()
    }
}

#[tokio::test]
async fn names_of_attachments() {
    let attachments = |name| vec![attachment(Some("right.pdf"), 1), attachment(name, 1)];
    for (wrong, why) in
        [("C:secret.pdf", "without `:`"), ("secret\\a.pdf", "without `:` and `\\`"), ("secret", "with an extension")]
    {
        let error = submit(&connection(|builder| builder), attachments(Some(wrong))).await;
        assert_refused(&error, "FileName", why);
        assert_sent(&submit(&connection(|builder| builder.documented_rules(false)), attachments(Some(wrong))).await);
    }
    // No name is no wrong name.
    assert_sent(&submit(&connection(|builder| builder), attachments(None)).await);
}

#[tokio::test]
async fn thirty_megabytes_in_a_form_set() {
    let right = vec![attachment(None, 20 * MEBIBYTE), attachment(None, 10 * MEBIBYTE)];
    assert_sent(&submit(&connection(|builder| builder), right).await);
    let wrong = || vec![attachment(None, 20 * MEBIBYTE), attachment(None, 10 * MEBIBYTE + 1)];
    let error = submit(&connection(|builder| builder), wrong()).await;
    assert_refused(&error, "SubmitFormTaskBasic", "31457281 bytes of attachments, more than the 31457280");
    assert_sent(&submit(&connection(|builder| builder.documented_rules(false)), wrong()).await);
}

#[tokio::test]
async fn names_of_streamed_files() {
    let upload = async |file_name: &str| {
        let request = intermediary_inbound_streamed::basic::SubmitAttachmentStreamedBasic {
            file_name: file_name.to_owned(),
            ..Default::default()
        };
        let connection = connection(|builder| builder);
        let client = intermediary_inbound_streamed::basic::Client::new(&connection, credentials());
        let person = altinn_soap::EndUser::new("01017012345", "pass&word");
        client.submit_attachment_streamed_basic(request, &person, "content").await.unwrap_err()
    };
    assert_refused(&upload("secret").await, "FileName", "with an extension");
    assert_sent(&upload("a.pdf").await);

    let upload = async |file_name: &str| {
        let request = broker_streamed::basic::UploadFileStreamedBasic {
            file_name: file_name.to_owned(),
            reference: "1".to_owned(),
            reportee: "910000000".to_owned(),
        };
        let connection = connection(|builder| builder);
        let client = broker_streamed::basic::Client::new(&connection, credentials());
        client.upload_file_streamed_basic(request, "content").await.unwrap_err()
    };
    assert_refused(&upload("C:secret.zip").await, "FileName", "without `:`");
    assert_sent(&upload("a.zip").await);
}

#[tokio::test]
async fn a_gigabyte_in_a_file() {
    let upload = async |connection: Connection, upload: Upload| {
        let request = broker_streamed::basic::UploadFileStreamedBasic {
            file_name: "a.zip".to_owned(),
            reference: "1".to_owned(),
            reportee: "910000000".to_owned(),
        };
        let client = broker_streamed::basic::Client::new(&connection, credentials());
        client.upload_file_streamed_basic(request, upload).await.unwrap_err()
    };
    let content = |bytes| Upload::from_reader(&b"less than it says"[..]).length(bytes);
    let error = upload(connection(|builder| builder), content((1 << 30) + 1)).await;
    assert_refused(&error, "UploadFileStreamedBasic", "1073741825 bytes, more than the 1073741824");
    // What the caller says of an upload counts.
    let error = upload(connection(|builder| builder), Upload::from("12345").limit(4)).await;
    assert_refused(&error, "UploadFileStreamedBasic", "5 bytes, more than the 4");
    for (connection, content) in [
        (connection(|builder| builder), content((1 << 30) + 1).limit(u64::MAX)),
        (connection(|builder| builder.documented_rules(false)), content((1 << 30) + 1)),
    ] {
        // It got under way.
        let error = upload(connection, content).await;
        assert!(format!("{error:?}").contains("ended before the length"), "{error:?}");
    }
}

#[test]
fn every_streamed_upload_has_a_limit() {
    let exchanges = altinn_soap::registry::exchanges();
    let uploads = exchanges.iter().filter(|exchange| {
        exchange.request().shape().is_some_and(|shape| shape.fields().iter().any(v1::Field::is_stream))
    });
    let limits: Vec<_> = uploads.map(|exchange| exchange.operation().binary_limit).collect();
    assert_eq!(limits.len(), 6);
    assert!(limits.iter().all(Option::is_some));
}
