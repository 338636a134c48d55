//! A file that is made while it is sent, the same every time.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use sha2::{Digest, Sha256};

/// Bytes of one piece.
const PIECE: usize = 256 << 10;

/// Pieces of noise, each with its number at the front.
pub(crate) struct Synthesised {
    noise: Vec<u8>,
    number: u64,
    left: u64,
    checksum: Checksum,
}

/// The checksum of what has been made so far.
#[derive(Clone, Default)]
pub(crate) struct Checksum(Arc<Mutex<Sha256>>);

impl Synthesised {
    pub(crate) fn new(size: u64) -> Self {
        let mut state = 1_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        };
        let noise = (0..PIECE / 8).flat_map(|_| next()).collect();
        Self { noise, number: 0, left: size, checksum: Checksum::default() }
    }

    pub(crate) fn checksum(&self) -> Checksum {
        self.checksum.clone()
    }
}

impl Iterator for Synthesised {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let size = usize::try_from(self.left).unwrap_or(usize::MAX).min(PIECE);
        if size == 0 {
            return None;
        }
        self.noise[..8].copy_from_slice(&self.number.to_le_bytes());
        let piece = Bytes::copy_from_slice(&self.noise[..size]);
        self.number += 1;
        self.left -= size as u64;
        self.checksum.0.lock().unwrap_or_else(PoisonError::into_inner).update(&piece);
        Some(piece)
    }
}

impl Stream for Synthesised {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.next().map(Ok))
    }
}

impl Checksum {
    pub(crate) fn finish(&self) -> String {
        hexadecimal(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

pub(crate) fn hexadecimal(digest: Sha256) -> String {
    digest.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
