//! A SOCKS 5 proxy (RFC 1928, RFC 1929) that leads every connection to one address.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Listens until dropped.
pub struct Socks {
    pub address: SocketAddr,
    wanted: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Socks {
    /// With these credentials, a caller must have them.
    pub async fn to(target: SocketAddr, credentials: Option<(&'static str, &'static str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let wanted = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&wanted);
        let task = tokio::spawn(async move {
            let mut serving = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let record = Arc::clone(&record);
                serving.spawn(async move { serve(client, target, credentials, &record).await });
            }
        });
        Self { address, wanted, task }
    }

    /// The hosts and ports that callers asked for.
    pub fn wanted(&self) -> Vec<String> {
        self.wanted.lock().unwrap().clone()
    }
}

impl Drop for Socks {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn string(stream: &mut TcpStream) -> Option<String> {
    let mut octets = vec![0; stream.read_u8().await.ok()?.into()];
    stream.read_exact(&mut octets).await.ok()?;
    String::from_utf8(octets).ok()
}

async fn serve(
    mut client: TcpStream,
    target: SocketAddr,
    credentials: Option<(&str, &str)>,
    record: &Mutex<Vec<String>>,
) -> Option<()> {
    assert_eq!(client.read_u8().await.ok()?, 5);
    let mut methods = vec![0; client.read_u8().await.ok()?.into()];
    client.read_exact(&mut methods).await.ok()?;
    let method = if credentials.is_some() { 2 } else { 0 };
    if !methods.contains(&method) {
        client.write_all(&[5, 0xFF]).await.ok()?;
        return None;
    }
    client.write_all(&[5, method]).await.ok()?;
    if let Some(credentials) = credentials {
        assert_eq!(client.read_u8().await.ok()?, 1);
        let (user_name, password) = (string(&mut client).await?, string(&mut client).await?);
        let is_right = credentials == (&*user_name, &*password);
        client.write_all(&[1, u8::from(!is_right)]).await.ok()?;
        if !is_right {
            return None;
        }
    }
    let mut request = [0; 4];
    client.read_exact(&mut request).await.ok()?;
    let host = match request {
        [5, 1, 0, 1] => std::net::Ipv4Addr::from(client.read_u32().await.ok()?).to_string(),
        [5, 1, 0, 3] => string(&mut client).await?,
        other => panic!("{other:?}"),
    };
    let port = client.read_u16().await.ok()?;
    record.lock().unwrap().push(format!("{host}:{port}"));
    let mut server = TcpStream::connect(target).await.ok()?;
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
    Some(())
}
