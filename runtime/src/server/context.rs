//! What a handler learns of a call beside its request.

use std::fmt;
use std::sync::Arc;

use http::{Extensions, HeaderMap};

use crate::credentials::Credentials;
use crate::schema::descriptor::Operation;
use crate::schema::slots::{Principal, Slots};
use crate::secret::Secret;
use crate::value::Fragment;

/// What a handler learns of a call beside its request: who calls, on whose behalf, and what stands in the headers.
///
/// It prints no content.
pub struct Context {
    pub(super) operation: &'static Operation,
    pub(super) action: Option<String>,
    pub(super) message_id: Option<String>,
    pub(super) caller: Caller,
    pub(super) slots: Slots,
    pub(super) headers: Vec<Fragment>,
    pub(super) http_headers: HeaderMap,
    pub(super) extensions: Extensions,
}

/// The certificate, in DER, that a caller has shown in TLS and whose key it has proved to have. The HTTP server, which has done
/// the handshake, puts it among the extensions of each request.
#[derive(Clone)]
pub struct PeerCertificate(pub Arc<[u8]>);

impl fmt::Debug for PeerCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerCertificate({} bytes)", self.0.len())
    }
}

/// Who calls, as far as the port's policy checks it.
#[derive(Clone, Debug, Default)]
pub(super) struct Caller {
    /// Of a UsernameToken or of HTTP Basic, and accepted.
    pub(super) user_name: Option<Secret>,
    pub(super) password: Option<Secret>,
    /// The certificate, in DER, that the session was begun with or that was shown in TLS.
    pub(super) certificate: Option<Arc<[u8]>>,
}

impl Context {
    /// The operation that is called.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// `wsa:Action`, or what the HTTP head says.
    pub fn action(&self) -> Option<&str> {
        self.action.as_deref()
    }

    /// `wsa:MessageID`.
    pub fn message_id(&self) -> Option<&str> {
        self.message_id.as_deref()
    }

    /// The user whom the port has authenticated, by a UsernameToken or by HTTP.
    pub fn user_name(&self) -> Option<&str> {
        self.caller.user_name.as_ref().map(Secret::expose)
    }

    /// The user name and password of the caller: those that the port has authenticated or else those in the request, where
    /// its contract has fields for them. What is in the request has not been checked by anybody.
    pub fn credentials(&self) -> Option<Credentials> {
        let (user_name, password) = (self.caller.user_name.clone(), self.caller.password.clone());
        let (Some(user_name), Some(password)) = (user_name, password) else { return self.slots.credentials() };
        Some(Credentials { user_name, password })
    }

    /// The certificate, in DER, with which the caller began its session or which it showed in TLS.
    pub fn certificate(&self) -> Option<&[u8]> {
        self.caller.certificate.as_deref()
    }

    /// The credential that the request holds in a role. It has not been checked.
    pub fn credential(&self, role: &str) -> Option<&Secret> {
        self.slots.named(role)
    }

    /// The person or party on whose behalf the call is made, if the request names one.
    pub fn principal<P: Principal>(&self) -> Option<P> {
        P::take(&self.slots)
    }

    /// The SOAP headers that neither the contract nor a standard of this runtime names, each as its XML.
    pub fn headers(&self) -> &[Fragment] {
        &self.headers
    }

    /// The HTTP headers of the request.
    pub fn http_headers(&self) -> &HeaderMap {
        &self.http_headers
    }

    /// What the HTTP server has added to the request.
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("operation", &self.operation.name).finish_non_exhaustive()
    }
}
