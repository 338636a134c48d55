//! The messages of WS-Trust and WS-SecureConversation that start and end a session, in both directions.

pub(crate) mod context_token;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod version;
