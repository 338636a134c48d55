//! A package as it arrives: the envelope, the parts in memory or on disk, and the one that is streamed.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use crate::error::Error;
use crate::limits::Limits;
use crate::mtom::content_id;
use crate::mtom::extract::Extraction;
use crate::mtom::media_type::MediaType;
use crate::mtom::multipart::{Event, Multipart};
use crate::mtom::part_head::PartHead;
use crate::mtom::parts::Parts;
use crate::transport::Body;
use crate::transport::gathered::Gathered;
use crate::value::Binary;
use crate::value::spill::{Spill, SpillFile, Spilling};
use crate::xml::encoding::{self, Transcoder};

/// A `multipart/related` body, read on demand.
pub(crate) struct Package {
    body: Body,
    multipart: Multipart,
    /// The id of the envelope's part; without one it is the first.
    start: Option<Vec<u8>>,
    /// Bytes that may still be kept in memory or skipped.
    left: usize,
    limits: Limits,
    /// Where large parts are spilled, if at all, and how many more bytes may be.
    spill: Option<Arc<Spill>>,
    disk_left: u64,
    spilled: Option<SpillFile>,
    /// What turns the root part into UTF-8 while it is streamed.
    root: Option<Transcoder>,
    /// The part whose head was read ahead.
    at_hand: Option<PartHead>,
    ended: bool,
}

impl Package {
    /// Opens a package. Reads nothing yet.
    ///
    /// # Errors
    /// A package of an unsupported kind.
    pub(crate) fn open(media_type: &MediaType, body: Body, limits: &Limits) -> Result<Self, Error> {
        if media_type.essence() != "multipart/related" {
            return Err(Error::malformed("a multipart message of another kind than multipart/related"));
        }
        // A media type, which may have parameters of its own.
        let root = media_type.parameter("type").map(|root| MediaType::parse(root.as_bytes())).transpose()?;
        if root.is_some_and(|root| !is_xml(&root)) {
            return Err(Error::malformed("a multipart message whose root is of another type than application/xop+xml"));
        }
        let boundary = media_type.parameter("boundary").unwrap_or_default();
        Ok(Self {
            body,
            multipart: Multipart::new(boundary, &limits.mtom)?,
            start: media_type.parameter("start").map(|id| content_id::key(content_id::bare(id)).into_owned()),
            left: limits.reply_bytes,
            limits: *limits,
            spill: None,
            disk_left: limits.mtom.spilled_bytes,
            spilled: None,
            root: None,
            at_hand: None,
            ended: false,
        })
    }

    /// The envelope in UTF-8, and the parts that came before it.
    ///
    /// # Errors
    /// An invalid package, or one without a root part or with an empty one.
    pub(crate) async fn root(&mut self) -> Result<(Bytes, Parts), Error> {
        let mut parts = Parts::default();
        let charset = self.find_root(&mut parts).await?;
        if let Some(spill) = self.spill.clone() {
            let root = self.extracted_root(charset.as_deref(), &spill, &mut parts).await?;
            return Ok((root, parts));
        }
        let root = self.content(None).await?.bytes()?;
        if root.is_empty() {
            return Err(Error::malformed(EMPTY_ROOT));
        }
        // Its bytes have been counted; those that conversion to UTF-8 adds count too.
        let text = encoding::decode(root.clone(), charset.as_deref(), root.len().saturating_add(self.left))
            .map_err(Error::malformed)?;
        self.count(text.len().saturating_sub(root.len()))?;
        Ok((text, parts))
    }

    /// The envelope without large base64, which is added to the parts.
    async fn extracted_root(
        &mut self,
        charset: Option<&str>,
        spill: &Spill,
        parts: &mut Parts,
    ) -> Result<Bytes, Error> {
        let mut transcoder = Transcoder::new(charset);
        let mut extraction = Extraction::new(spill, self.left, self.disk_left, self.spilled.take());
        while let Some(piece) = self.piece().await? {
            extraction.push(transcoder.feed(piece).map_err(Error::malformed)?, parts).await?;
        }
        if transcoder.is_empty() {
            return Err(Error::malformed(EMPTY_ROOT));
        }
        extraction.push(transcoder.finish().map_err(Error::malformed)?, parts).await?;
        let root = extraction.finish().await?;
        (self.left, self.disk_left, self.spilled) = (extraction.left, extraction.disk_left, extraction.file);
        Ok(root)
    }

    /// Adds parts up to the envelope, which [`poll_stream`](Self::poll_stream) then gives in UTF-8.
    pub(crate) async fn up_to_root(&mut self, parts: &mut Parts) -> Result<(), Error> {
        let charset = self.find_root(parts).await?;
        self.root = Some(Transcoder::new(charset.as_deref()));
        Ok(())
    }

    /// Adds parts up to the envelope, and returns the charset that its head names.
    async fn find_root(&mut self, parts: &mut Parts) -> Result<Option<String>, Error> {
        while let Some(head) = self.next_part().await? {
            let is_root = match &self.start {
                Some(start) => head.content_id.as_deref().is_some_and(|id| *content_id::key(id) == **start),
                None => true,
            };
            if is_root {
                return root_charset(&head);
            }
            self.keep(head, parts).await?;
        }
        Err(Error::malformed("a multipart message without the root part that `start` names"))
    }

    /// Adds all other parts, to the end of the package.
    pub(crate) async fn rest(mut self, parts: &mut Parts) -> Result<(), Error> {
        while let Some(head) = self.next_part().await? {
            self.keep(head, parts).await?;
        }
        self.drain().await;
        Ok(())
    }

    /// Sets where large parts are spilled from now on. By default, and with `None`, they are kept in memory.
    pub(crate) fn spill_to(&mut self, spill: Option<&Arc<Spill>>) {
        self.spill = spill.cloned();
    }

    /// Adds parts up to the one with this id, which is not read, or all of them. `false` if it is not found.
    pub(crate) async fn up_to(&mut self, id: Option<&[u8]>, parts: &mut Parts) -> Result<bool, Error> {
        while let Some(head) = self.next_part().await? {
            if id.zip(head.content_id.as_deref()).is_some_and(|(id, found)| *content_id::key(found) == *id) {
                return Ok(true);
            }
            self.keep(head, parts).await?;
        }
        Ok(false)
    }

    /// Adds parts up to the last of those that these URLs refer to.
    #[cfg(all(feature = "server", feature = "secure-conversation"))]
    pub(crate) async fn through(&mut self, hrefs: &[String], parts: &mut Parts) -> Result<(), Error> {
        while !hrefs.iter().all(|href| parts.has(href)) {
            let Some(head) = self.next_part().await? else { break };
            self.keep(head, parts).await?;
        }
        Ok(())
    }

    /// The next piece of the current part, and `None` after the closing boundary of the *package*: parts that follow
    /// are skipped.
    pub(crate) fn poll_stream(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        loop {
            if self.ended {
                return Poll::Ready(Ok(None));
            }
            match ready!(self.poll_event(cx))? {
                Event::Data(data) if self.at_hand.is_none() => {
                    let data = match &mut self.root {
                        Some(root) => root.feed(data).map_err(Error::malformed)?,
                        None => data,
                    };
                    if !data.is_empty() {
                        return Poll::Ready(Ok(Some(data)));
                    }
                }
                Event::Data(data) => self.count(data.len())?,
                Event::Part(head) => self.at_hand = Some(head),
                Event::End => self.ended = true,
            }
            if (self.ended || self.at_hand.is_some())
                && let Some(mut root) = self.root.take()
            {
                if root.is_empty() {
                    return Poll::Ready(Err(Error::malformed(EMPTY_ROOT)));
                }
                let rest = root.finish().map_err(Error::malformed)?;
                if !rest.is_empty() {
                    return Poll::Ready(Ok(Some(rest)));
                }
            }
        }
    }

    /// Bytes of the current part, if the HTTP body has a length and the part is the last.
    pub(crate) fn expected(&self) -> Option<u64> {
        let left = self.body.remaining()?.checked_add(self.multipart.buffered())?;
        left.checked_sub(self.multipart.closing())
    }

    /// Reads what follows the closing boundary, so that the connection can be reused.
    ///
    /// The package is complete, so errors here are ignored.
    pub(crate) fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut left = self.limits.mtom.around_bytes;
        loop {
            match ready!(self.body.poll_chunk(cx)) {
                Some(Ok(piece)) if piece.len() <= left => left -= piece.len(),
                _ => return Poll::Ready(()),
            }
        }
    }

    /// As [`poll_drain`](Self::poll_drain), for at most [`DRAIN_TIMEOUT`].
    pub(crate) async fn drain(&mut self) {
        let drained = std::future::poll_fn(|cx| self.poll_drain(cx));
        let _ = tokio::time::timeout(DRAIN_TIMEOUT, drained).await;
    }

    /// The head of the next part, or `None` at the end of the package. The rest of the current part is skipped.
    async fn next_part(&mut self) -> Result<Option<PartHead>, Error> {
        if let Some(head) = self.at_hand.take() {
            return Ok(Some(head));
        }
        while !self.ended {
            match self.event().await? {
                Event::Part(head) => return Ok(Some(head)),
                Event::Data(data) => self.count(data.len())?,
                Event::End => self.ended = true,
            }
        }
        Ok(None)
    }

    async fn keep(&mut self, head: PartHead, parts: &mut Parts) -> Result<(), Error> {
        let spill = self.spill.clone();
        let content = self.content(spill.as_deref()).await?;
        parts.push(head, content);
        Ok(())
    }

    /// The content of the current part: in memory, or on disk if it is large and spilling is enabled.
    async fn content(&mut self, spill: Option<&Spill>) -> Result<Binary, Error> {
        let mut memory = Gathered::default();
        let mut disk: Option<Spilling> = None;
        while let Some(piece) = self.piece().await? {
            if let Some(disk) = &mut disk {
                self.count_on_disk(piece.len())?;
                disk.push(piece).await?;
                continue;
            }
            match spill.filter(|spill| memory.len() + piece.len() > spill.over) {
                Some(spill) => {
                    let held = std::mem::take(&mut memory).finish();
                    self.left += held.len();
                    self.count_on_disk(held.len() + piece.len())?;
                    let file = match self.spilled.take() {
                        Some(file) => file,
                        None => SpillFile::new(spill).await?,
                    };
                    let mut spilling = file.begin();
                    spilling.push(held).await?;
                    spilling.push(piece).await?;
                    disk = Some(spilling);
                }
                None => {
                    self.count(piece.len())?;
                    memory.push(piece);
                }
            }
        }
        match disk {
            Some(disk) => {
                let (content, file) = disk.finish().await?;
                self.spilled = Some(file);
                Ok(Binary::on_disk(content))
            }
            None => Ok(memory.finish().into()),
        }
    }

    /// The next piece of the current part, and `None` at its end.
    async fn piece(&mut self) -> Result<Option<Bytes>, Error> {
        match self.event().await? {
            Event::Data(data) => return Ok(Some(data)),
            Event::Part(head) => self.at_hand = Some(head),
            Event::End => self.ended = true,
        }
        Ok(None)
    }

    fn count_on_disk(&mut self, bytes: usize) -> Result<(), Error> {
        self.disk_left = self.disk_left.checked_sub(bytes as u64).ok_or_else(|| {
            Error::malformed("the parts of the message are larger than the limit (MtomLimits::spilled_bytes)")
        })?;
        Ok(())
    }

    fn count(&mut self, bytes: usize) -> Result<(), Error> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| {
            Error::malformed("the parts of the message are larger than the limit (Limits::reply_bytes)")
        })?;
        Ok(())
    }

    async fn event(&mut self) -> Result<Event, Error> {
        std::future::poll_fn(|cx| self.poll_event(cx)).await
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<Event, Error>> {
        loop {
            if let Some(event) = self.multipart.next()? {
                return Poll::Ready(Ok(event));
            }
            match ready!(self.body.poll_chunk(cx)) {
                Some(Ok(piece)) => self.multipart.feed(piece),
                Some(Err(error)) => return Poll::Ready(Err(error.into_error())),
                None => {
                    self.multipart.finish()?;
                    return Poll::Ready(Ok(Event::End));
                }
            }
        }
    }
}

/// Time for the end of the HTTP body after the end of the package.
pub(crate) const DRAIN_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(1);

const EMPTY_ROOT: &str = "a multipart message whose root part is empty";

/// The charset of a root part. Some senders write the type of the envelope in its place, or nothing.
fn root_charset(head: &PartHead) -> Result<Option<String>, Error> {
    match &head.media_type {
        Some(media_type) if !is_xml(media_type) => Err(Error::malformed("a root part that is no XML")),
        media_type => Ok(media_type.as_ref().and_then(|media_type| media_type.parameter("charset")).map(str::to_owned)),
    }
}

/// Whether this is a media type of envelopes.
fn is_xml(media_type: &MediaType) -> bool {
    matches!(media_type.essence(), "application/xop+xml" | "text/xml" | "application/soap+xml" | "application/xml")
}
