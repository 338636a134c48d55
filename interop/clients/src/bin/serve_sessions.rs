//! Serves ports with WS-SecureConversation over TLS to clients of other stacks. It prints `READY <port> <address> <root>` for
//! each port, with the file of the root certificate, and `SERVING`, listens on 127.0.0.1, and stops when its standard input
//! closes. The argument is the folder for that file.

use std::error::Error;
use std::path::PathBuf;

use altinn_soap_generated::broker_streamed::ec2 as broker;
use altinn_soap_generated::receipt::ec2 as receipt;
use altinn_soap_generated::receipt::types::Receipt;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use soap_runtime::server::{Context, Listener, ServiceFault, Sessions};
use soap_runtime::{TlsCertificate, Upload};
use tokio::io::{AsyncReadExt as _, stdin};

/// Of a session each.
struct Receipts;

impl receipt::Handler for Receipts {
    async fn get_receipt_ec_v2(
        &self,
        request: receipt::GetReceiptECV2,
        context: Context,
    ) -> Result<Option<Receipt>, ServiceFault> {
        // Who began the session is known in each of its calls.
        let bytes = context.certificate().ok_or_else(|| ServiceFault::sender("who is that?"))?.len();
        let text = format!("served: <&> æøå, certificate of {bytes} bytes");
        Ok(Some(Receipt { receipt_id: request.receipt.receipt_id, receipt_text: Some(text), ..Receipt::default() }))
    }
}

/// Files of zeros.
struct Files;

/// Octets of a file.
const LENGTH: usize = 2_000_000;

impl broker::Handler for Files {
    async fn upload_file_streamed_ec(
        &self,
        request: broker::UploadFileStreamedEC,
        mut content: soap_runtime::Download,
        _: Context,
    ) -> Result<broker::ReceiptExternalStreamedBE, ServiceFault> {
        let mut bytes = 0;
        while let Some(piece) = content.chunk().await? {
            bytes += piece.len();
        }
        let text = format!("{} {bytes}", request.file_name);
        Ok(broker::ReceiptExternalStreamedBE { receipt_text: Some(text), ..Default::default() })
    }

    async fn download_file_streamed_ec(
        &self,
        _: broker::DownloadFileStreamedEC,
        _: Context,
    ) -> Result<Upload, ServiceFault> {
        Ok(Upload::from(vec![0; LENGTH]))
    }
}

/// A certificate for 127.0.0.1, and the root that signs it, in PEM.
fn identity() -> Result<(TlsCertificate, String), Box<dyn Error>> {
    let mut root = CertificateParams::new(Vec::new())?;
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()])?.signed_by(&key, &root)?;
    Ok((TlsCertificate::from_pem(certificate.pem(), key.serialize_pem())?, root.pem()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("no folder")?);
    let (certificate, pem) = identity()?;
    let root = folder.join("root.pem");
    std::fs::write(&root, pem)?;
    let sessions = Sessions::default();
    let services = [receipt::service(Receipts), broker::service(Files)];
    let names = services.each_ref().map(|service| service.port().name);
    let services = services.map(|service| service.sessions(sessions.clone()).certificates(|_| true));
    let listener = Listener::bind("127.0.0.1:0").await?.tls(certificate);
    let listener = services.into_iter().fold(listener, Listener::mount);
    for (name, url) in names.iter().zip(listener.urls()) {
        println!("READY {name} {url} {}", root.display());
    }
    tokio::spawn(listener.serve());
    println!("SERVING");
    stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}
