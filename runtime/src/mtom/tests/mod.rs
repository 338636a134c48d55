//! The package as a whole: splits, cuts, limits, and the messages of other stacks.

mod fixtures;
mod limits;
mod splits;
mod written;

use crate::schema::decode::Includes;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use crate::error::Error;
use crate::limits::Limits;
use crate::mtom::media_type::MediaType;
use crate::mtom::package::Package;
use crate::mtom::parts::Parts;
use crate::transport::{Body, TransportError};

/// The envelope of a package, and the other parts by id.
pub(super) type Content = (Vec<u8>, Vec<(String, Vec<u8>)>);

/// Pieces as they would come from the network.
struct Pieces(std::vec::IntoIter<Bytes>);

impl Stream for Pieces {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next().map(Ok))
    }
}

pub(super) fn body(pieces: Vec<Bytes>) -> Body {
    Body::stream(Pieces(pieces.into_iter()), None)
}

/// Cuts at these places.
pub(super) fn cut(whole: &Bytes, mut at: Vec<usize>) -> Vec<Bytes> {
    at.sort_unstable();
    let mut from = 0;
    let mut pieces: Vec<Bytes> = at.iter().map(|to| whole.slice(std::mem::replace(&mut from, *to)..*to)).collect();
    pieces.push(whole.slice(from..));
    pieces
}

/// Reads all of a package into memory.
pub(super) fn read_with(limits: &Limits, content_type: &str, pieces: Vec<Bytes>) -> Result<Content, Error> {
    // Nothing here waits, so a runtime per package is not needed.
    let mut future = std::pin::pin!(async {
        let mut package = Package::open(&MediaType::parse(content_type.as_bytes()).unwrap(), body(pieces), limits)?;
        let (root, mut parts) = package.root().await?;
        while package.up_to(None, &mut parts).await? {}
        Ok((root.to_vec(), all(parts)))
    });
    match future.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop())) {
        Poll::Ready(content) => content,
        Poll::Pending => panic!("waits for what is there"),
    }
}

pub(super) fn read(content_type: &str, pieces: Vec<Bytes>) -> Result<Content, Error> {
    read_with(&Limits::default(), content_type, pieces)
}

fn all(mut parts: Parts) -> Vec<(String, Vec<u8>)> {
    let ids = parts.ids();
    ids.into_iter()
        .map(|id| (id.clone(), parts.take(&format!("cid:{id}"), false).unwrap().bytes().unwrap().to_vec()))
        .collect()
}
