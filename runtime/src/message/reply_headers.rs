//! The header blocks of a reply beside those that its contract declares.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::name::Name;
use crate::value::Fragment;

/// Collects the header blocks of replies that neither the contract nor the runtime reads.
///
/// A client that was made by `with_reply_headers` puts them here: those of its latest reply, fault or not. Clones share what
/// is collected; calls at the same time each want a collector of their own. Headers of WS-Addressing and WS-Security are not
/// among them, and one that must be understood is still an error of the call. `Debug` prints their number.
///
/// ```
/// use soap_runtime::{Connection, Name, ReplyHeaders};
///
/// let headers = ReplyHeaders::new();
/// let connection = Connection::to("https://localhost")?.with_reply_headers(&headers);
/// // let readings = Client::new(&connection).get_readings("Oslo".to_owned()).await?;
/// if let Some(quota) = headers.find(Name::new("urn:weather", "quota")) {
///     println!("{} calls left", quota.read::<u32>()?);
/// }
/// # Ok::<(), soap_runtime::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct ReplyHeaders(Arc<Mutex<Vec<Fragment>>>);

impl ReplyHeaders {
    /// An empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes them out, in the order in which they stand in the reply.
    pub fn take(&self) -> Vec<Fragment> {
        std::mem::take(&mut *self.blocks())
    }

    /// The first block of this name.
    pub fn find(&self, name: Name) -> Option<Fragment> {
        self.blocks().iter().find(|block| block.is_named(name)).cloned()
    }

    pub(crate) fn push(&self, block: Fragment) {
        self.blocks().push(block);
    }

    pub(crate) fn clear(&self) {
        self.blocks().clear();
    }

    fn blocks(&self) -> MutexGuard<'_, Vec<Fragment>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ReplyHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} header blocks]", self.blocks().len())
    }
}

/// A reply with the header blocks that came with it.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct WithHeaders<R, H> {
    /// What the Body holds.
    pub reply: R,
    /// The blocks that the contract declares.
    pub headers: H,
    /// Further blocks, as in [`ReplyHeaders`].
    pub others: Vec<Fragment>,
}
