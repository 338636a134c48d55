//! Content that is too large to be a value: [`Upload`] goes out with a request, [`Download`] comes with a reply, and
//! [`Items`] are a reply that is a list.
//!
//! None of them is ever in memory as a whole: pieces are passed from the source to the network and from the network to
//! the caller, at the speed of the slower one.

mod download;
mod items;
mod opened;
mod package_body;
mod progress;
mod save;
mod source;
mod upload;

pub use download::Download;
pub(crate) use items::EnvelopeSource;
pub use items::Items;
pub(crate) use opened::StreamedPackage;
pub(crate) use package_body::package_body;
pub use upload::Upload;
pub(crate) use upload::UploadStream;
