//! Serves ports over TLS, most of them with WS-SecureConversation: to clients of other stacks, and to the program in the
//! README. It prints `READY <port> <address> <root>` for each port, with the file of the root certificate, and `SERVING`,
//! listens on one port of 127.0.0.1, and stops when its standard input closes. The argument is the folder for that file.

use std::error::Error;
use std::path::PathBuf;

use altinn_soap_generated::receipt::types::{Receipt, ReceiptStatusEnum};
use altinn_soap_generated::{broker_streamed, receipt};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use soap_runtime::server::{Context, Listener, Service, ServiceFault, Sessions};
use soap_runtime::{Credentials, Download, TlsCertificate, Upload};
use tokio::io::{AsyncReadExt as _, stdin};

/// Receipts of all numbers.
struct Receipts;

impl receipt::basic::Handler for Receipts {
    async fn get_receipt_basic_v2(
        &self,
        request: receipt::basic::GetReceiptBasicV2,
        context: Context,
    ) -> Result<Option<Receipt>, ServiceFault> {
        // The credentials in the body are those of the system, and the handler's to check.
        if context.credentials() != Some(Credentials::new("1001", "secret")) {
            return Err(ServiceFault::sender("who is that?"));
        }
        let status = Some(ReceiptStatusEnum::OK);
        Ok(Some(Receipt { receipt_id: request.receipt.receipt_id, receipt_status: status, ..Receipt::default() }))
    }
}

impl receipt::ec2::Handler for Receipts {
    async fn get_receipt_ec_v2(
        &self,
        request: receipt::ec2::GetReceiptECV2,
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

async fn length(mut content: Download) -> Result<usize, soap_runtime::Error> {
    let mut bytes = 0;
    while let Some(piece) = content.chunk().await? {
        bytes += piece.len();
    }
    Ok(bytes)
}

impl broker_streamed::basic::Handler for Files {
    async fn upload_file_streamed_basic(
        &self,
        request: broker_streamed::basic::UploadFileStreamedBasic,
        content: Download,
        _: Context,
    ) -> Result<broker_streamed::basic::ReceiptExternalStreamedBE, ServiceFault> {
        let text = Some(format!("{} {}", request.file_name, length(content).await?));
        Ok(broker_streamed::basic::ReceiptExternalStreamedBE { receipt_text: text, ..Default::default() })
    }
}

impl broker_streamed::ec2::Handler for Files {
    async fn upload_file_streamed_ec(
        &self,
        request: broker_streamed::ec2::UploadFileStreamedEC,
        content: Download,
        _: Context,
    ) -> Result<broker_streamed::ec2::ReceiptExternalStreamedBE, ServiceFault> {
        let text = Some(format!("{} {}", request.file_name, length(content).await?));
        Ok(broker_streamed::ec2::ReceiptExternalStreamedBE { receipt_text: text, ..Default::default() })
    }

    async fn download_file_streamed_ec(
        &self,
        _: broker_streamed::ec2::DownloadFileStreamedEC,
        _: Context,
    ) -> Result<Upload, ServiceFault> {
        Ok(Upload::from(vec![0; LENGTH]))
    }
}

/// A certificate for this machine, and the root that signs it, in PEM.
fn identity() -> Result<(TlsCertificate, String), Box<dyn Error>> {
    let mut root = CertificateParams::new(Vec::new())?;
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(["127.0.0.1", "localhost"].map(str::to_owned))?.signed_by(&key, &root)?;
    Ok((TlsCertificate::from_pem(certificate.pem(), key.serialize_pem())?, root.pem()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("no folder")?);
    let (certificate, pem) = identity()?;
    let root = folder.join("root.pem");
    std::fs::write(&root, pem)?;
    let sessions = Sessions::default();
    let in_sessions = |service: Service| service.sessions(sessions.clone()).certificates(|_| true);
    let services = [
        receipt::basic::service(Receipts),
        broker_streamed::basic::service(Files),
        in_sessions(receipt::ec2::service(Receipts)),
        in_sessions(broker_streamed::ec2::service(Files)),
    ];
    let names = services.each_ref().map(|service| service.port().name);
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
