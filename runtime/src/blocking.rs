//! Work on the threads of the runtime that may block.

use std::io;

use tokio::task::{JoinHandle, spawn_blocking};

/// Runs the work on such a thread and waits for its result.
pub(crate) async fn run<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    finished(spawn_blocking(work)).await
}

/// Waits for work that has been started.
pub(crate) async fn finished<T>(work: JoinHandle<io::Result<T>>) -> io::Result<T> {
    work.await.map_err(io::Error::other)?
}
