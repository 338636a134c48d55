//! The port that is served: handlers that note what they see, and do what the journal says.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use soap_runtime::server::{Listing, Service, ServiceFault, Sessions};
use soap_runtime::{Download, Upload};

use super::super::support::contract::{GREET, Greet};
use super::super::support::files::{DOWNLOAD, DownloadFile, Echo, LIST, Receipt, UPLOAD, UploadFile};
use super::super::support::secured::Time;
use super::super::variant::{ITEMS, Variant, content, echo_of, marks};
use super::abuse::Conduct;
use super::journal::{Content, Journal, Running};

/// What a handler panics with.
pub const PLANTED: &str = "planted";

/// How long the service waits for the rest of a request that is no stream.
const PATIENCE: Duration = Duration::from_secs(4);

/// Pieces of the stream of a reply.
const PIECE: usize = 5_000;

/// The service of a variant.
pub fn service(variant: Variant, journal: Arc<Journal>, time: &Time, sessions: &Sessions) -> Service {
    let serving = Service::new(variant.port(), journal);
    let serving = match variant {
        Variant::Upload | Variant::SecuredUpload => {
            serving.upload(&UPLOAD, |journal: Arc<Arc<Journal>>, request: UploadFile, content, _| async move {
                upload(&journal, &request.file_name, content).await
            })
        }
        Variant::Download => serving.download(&DOWNLOAD, |journal, request: DownloadFile, _| async move {
            let (run, conduct) = begin(&journal, &request.file_reference).await?;
            run.answered();
            let octets = content(run.id);
            let pieces: Vec<_> = octets.chunks(PIECE).map(<[u8]>::to_vec).collect();
            Ok(((), Upload::from_stream(Reply::new(run, pieces, conduct, || io::Error::other(PLANTED)))))
        }),
        Variant::List => serving.list(&LIST, |journal, request: Echo, _| async move {
            let (run, conduct) = begin(&journal, request.text.as_deref().unwrap_or_default()).await?;
            run.answered();
            let items = vec![echo_of(run.id); ITEMS];
            Ok(Listing::from_stream(Reply::new(run, items, conduct, || ServiceFault::sender(PLANTED))))
        }),
        _ => serving.operation(&GREET, |journal, request: Greet, _| async move {
            let (run, _) = begin(&journal, &request.name).await?;
            run.answered();
            Ok(echo_of(run.id))
        }),
    };
    serving
        .service()
        .clock(Arc::new(time.clone()))
        .sessions(sessions.clone())
        .transfer_timeout(PATIENCE)
        .certificates(|_| true)
        .users(|user, password| async move { user == "system-id" && password.is("planted-password") })
}

/// Notes that a handler has been called, and does what it is to do before it answers.
async fn begin(journal: &Arc<Journal>, text: &str) -> Result<(Running, Conduct), ServiceFault> {
    let (run, conduct) = journal.begin(submission(text));
    act(conduct).await?;
    Ok((run, conduct))
}

fn submission(text: &str) -> u64 {
    marks(text).first().copied().unwrap_or(u64::MAX)
}

async fn act(conduct: Conduct) -> Result<(), ServiceFault> {
    match conduct {
        Conduct::Slow => tokio::time::sleep(Duration::from_millis(10)).await,
        Conduct::Fault => return Err(ServiceFault::sender("refused")),
        Conduct::Fail => return Err(PLANTED.parse::<u32>().unwrap_err().into()),
        Conduct::Panic => panic!("{PLANTED}"),
        Conduct::PanicLater => {
            tokio::time::sleep(Duration::from_millis(1)).await;
            panic!("{PLANTED}");
        }
        Conduct::Good | Conduct::Early | Conduct::StreamFails | Conduct::StreamPanics => {}
    }
    Ok(())
}

async fn upload(journal: &Arc<Journal>, text: &str, received: Download) -> Result<Receipt, ServiceFault> {
    let (run, conduct) = journal.begin(submission(text));
    if conduct != Conduct::Early {
        receive(&run, conduct, received).await?;
    }
    act(conduct).await?;
    run.answered();
    Ok(Receipt { receipt_id: Some(1), receipt_text: Some(echo_of(run.id)) })
}

/// Reads a stream to its end, and notes which that was.
async fn receive(run: &Running, conduct: Conduct, mut received: Download) -> Result<(), ServiceFault> {
    let mut octets = Vec::new();
    loop {
        match received.chunk().await {
            Ok(Some(piece)) => octets.extend_from_slice(&piece),
            Ok(None) => {
                run.content(if octets == content(run.id) { Content::Right } else { Content::Wrong });
                return Ok(());
            }
            Err(error) => {
                run.content(Content::Broken);
                return Err(error.into());
            }
        }
        assert!(conduct != Conduct::StreamPanics, "{PLANTED}");
        if conduct == Conduct::StreamFails {
            return Err(ServiceFault::receiver("no more of it"));
        }
    }
}

/// The stream of a reply, or its items, which can fail halfway.
struct Reply<T, E> {
    items: std::vec::IntoIter<T>,
    /// Items that are left where it fails.
    halfway: usize,
    conduct: Conduct,
    /// It has waited there once, so that what is before it has been sent.
    has_paused: bool,
    error: fn() -> E,
    _run: Running,
}

impl<T, E> Reply<T, E> {
    fn new(run: Running, items: Vec<T>, conduct: Conduct, error: fn() -> E) -> Self {
        Self { halfway: items.len() / 2, items: items.into_iter(), conduct, has_paused: false, error, _run: run }
    }
}

impl<T: Unpin, E> Stream for Reply<T, E> {
    type Item = Result<T, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.items.len() != self.halfway {
            return Poll::Ready(self.items.next().map(Ok));
        }
        if !std::mem::replace(&mut self.has_paused, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        match self.conduct {
            Conduct::StreamFails => Poll::Ready(Some(Err((self.error)()))),
            Conduct::StreamPanics => panic!("{PLANTED}"),
            _ => Poll::Ready(self.items.next().map(Ok)),
        }
    }
}
