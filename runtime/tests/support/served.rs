//! A service on loopback, mounted in hyper as a program would.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use soap_runtime::server::Service;
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;

/// Listens until dropped.
pub struct Served {
    pub address: SocketAddr,
    open: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

/// Counts a connection, however its task ends.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Served {
    pub async fn start(service: Service) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // Small, so that little is on the way.
        socket.set_recv_buffer_size(64 << 10).unwrap();
        socket.set_send_buffer_size(64 << 10).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(256).unwrap();
        let address = listener.local_addr().unwrap();
        let open = Arc::new(AtomicUsize::new(0));
        let (service, count) = (TowerToHyperService::new(service), Arc::clone(&open));
        let task = tokio::spawn(async move {
            // Connections end with the service.
            let mut serving = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                while serving.try_join_next().is_some() {}
                count.fetch_add(1, Ordering::SeqCst);
                let (open, service) = (Open(Arc::clone(&count)), service.clone());
                let mut http = http1::Builder::new();
                http.timer(TokioTimer::new());
                serving.spawn(async move {
                    let _open = open;
                    let _ = http.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, open, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Resolves when all connections have ended, which every client has let go.
    pub async fn quiet(&self) {
        while self.open.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}
