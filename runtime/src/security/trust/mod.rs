//! The messages of WS-Trust and WS-SecureConversation.

pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod version;
