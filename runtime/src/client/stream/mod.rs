//! Content that is too large to be a value: [`Upload`] goes out with a request, [`Download`] comes with a reply, and
//! [`Items`] are a reply that is a list.
//!
//! None is ever held in memory as a whole, whatever its size: pieces go from the source to the network and from
//! the network to the caller, at the pace of the slower one.

mod download;
mod items;
mod progress;
mod save;
mod source;
mod upload;

pub use download::Download;
pub use items::Items;
pub(crate) use items::Source;
pub use upload::Upload;
pub(crate) use upload::UploadStream;
