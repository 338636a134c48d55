//! Reads the message of a package up to where its stream begins.

use std::time::Duration;

use tokio::time::timeout;

use crate::error::Error;
use crate::mtom::package::Package;
use crate::mtom::parts::Parts;
use crate::stream::Download;
use crate::value::Binary;

/// A package whose envelope has been read.
pub(crate) struct StreamedPackage {
    pub(crate) package: Package,
    /// The parts before the envelope.
    pub(crate) parts: Parts,
    /// Most parts that a package may have.
    pub(crate) most_parts: usize,
    /// How long is waited for the rest of a package whose message is an error.
    pub(crate) drain: Duration,
}

impl StreamedPackage {
    /// Reads the message, with a function that is called once more if the message needs parts that came later. `broken`
    /// makes the error for a package that does not read.
    ///
    /// # Errors
    /// Those of both functions.
    pub(crate) async fn message<R>(
        self,
        mut read: impl FnMut(&mut Parts) -> Result<(R, Option<Binary>), Error>,
        broken: impl Fn(Error) -> Error,
    ) -> Result<(R, Download), Error> {
        let Self { mut package, mut parts, most_parts, drain } = self;
        // Reading the envelope first shows which part is the stream. If other parts follow that it needs, it is read
        // again.
        let mut seen = parts.again();
        (seen.stream_follows, seen.may_follow) = (true, most_parts);
        let (mut message, mut content) = match read(&mut seen) {
            Ok(read) => read,
            Err(error) => {
                // Most likely a fault. Reading the rest lets the connection be reused, and completes what the fault
                // includes.
                package.spill_to(None);
                let rest = timeout(drain, package.rest(&mut parts)).await;
                let again = match rest {
                    Ok(Ok(())) if error.fault().is_some() => read(&mut parts).err(),
                    _ => None,
                };
                return Err(again.unwrap_or(error));
            }
        };
        if !seen.awaited.is_empty() {
            // Without a stream, everything is read.
            let stream = seen.stream.as_deref();
            let at_stream = package.up_to(stream, &mut parts).await.map_err(broken)?;
            seen = parts.again();
            seen.stream_follows = at_stream;
            (message, content) = read(&mut seen)?;
        } else if let Some(stream) = &seen.stream
            && !package.up_to(Some(stream), &mut parts).await.map_err(broken)?
        {
            return Err(Error::malformed("the part that holds the stream is not there"));
        }
        let held = match seen.stream {
            Some(_) => None,
            None => Some(content.unwrap_or_default()),
        };
        Ok((message, Download::part(package, held)))
    }
}
