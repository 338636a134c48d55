//! Work for the threads that may block.

use std::io;

use tokio::task::{JoinHandle, spawn_blocking};

/// Does it over there, and waits for it.
pub(crate) async fn run<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    finished(spawn_blocking(work)).await
}

/// Waits for work that has begun.
pub(crate) async fn finished<T>(work: JoinHandle<io::Result<T>>) -> io::Result<T> {
    work.await.map_err(io::Error::other)?
}
