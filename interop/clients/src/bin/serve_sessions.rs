//! Serves ports with WS-SecureConversation over TLS to clients of other stacks. It prints `READY <port> <address> <root>` for
//! each port, with the file of the root certificate, and `SERVING`, listens on 127.0.0.1, and stops when its standard input
//! closes. The argument is the folder for that file.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use altinn_soap_generated::broker_streamed::ec2 as broker;
use altinn_soap_generated::receipt::ec2 as receipt;
use altinn_soap_generated::receipt::types::Receipt;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use soap_runtime::Upload;
use soap_runtime::server::{Context, Service, ServiceFault, Sessions};
use tokio::io::{AsyncReadExt as _, stdin};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

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

async fn serve(service: Service, tls: TlsAcceptor, root: &str) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let path = service.port().address.splitn(4, '/').nth(3).unwrap_or_default();
    println!("READY {} https://{}/{path} {root}", service.port().name, listener.local_addr()?);
    let service = TowerToHyperService::new(service);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (tls, service) = (tls.clone(), service.clone());
            tokio::spawn(async move {
                let stream = tls.accept(stream).await.map_err(Box::<dyn Error + Send + Sync>::from)?;
                let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                served.map_err(Box::<dyn Error + Send + Sync>::from)
            });
        }
    });
    Ok(())
}

/// A certificate for 127.0.0.1, and the root that signs it, in PEM.
fn identity() -> Result<(TlsAcceptor, String), Box<dyn Error>> {
    let mut root = CertificateParams::new(Vec::new())?;
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()])?.signed_by(&key, &root)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key)?;
    Ok((TlsAcceptor::from(Arc::new(config)), root.pem()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("no folder")?);
    let (tls, pem) = identity()?;
    let root = folder.join("root.pem");
    std::fs::write(&root, pem)?;
    let sessions = Sessions::default();
    for service in [receipt::service(Receipts), broker::service(Files)] {
        let service = service.sessions(sessions.clone()).certificates(|_| true);
        serve(service, tls.clone(), &root.display().to_string()).await?;
    }
    println!("SERVING");
    stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}
