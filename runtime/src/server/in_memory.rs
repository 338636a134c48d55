//! A service as the network of a client in the same process.

use http::Request;

use crate::server::service::Service;
use crate::transport::{self, BoxFuture, Response, Transport, TransportError};

/// A client whose connection has this for its transport calls the service without a network, whatever its address.
///
/// ```
/// use soap_runtime::Connection;
/// # use soap_runtime::server::Service;
///
/// # fn example(service: Service) -> Result<Connection, soap_runtime::Error> {
/// Connection::builder("https://localhost").transport(service).build()
/// # }
/// ```
impl Transport for Service {
    fn send(&self, request: transport::Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let mut received = Request::new(request.body);
            *received.method_mut() = http::Method::POST;
            *received.uri_mut() = request.url;
            *received.headers_mut() = request.headers;
            let (head, body) = self.handle(received).await.into_parts();
            Ok(Response { status: head.status, headers: head.headers, body })
        })
    }
}
