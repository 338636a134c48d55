//! Calls by the generated clients of the streamed ports; every other call is made as generated clients make it.

use altinn_soap::generated::v1;
use altinn_soap::{
    Connection, Credentials, Download, EndUser, Error, Upload, XmlLimits, broker_streamed,
    intermediary_inbound_streamed, reportee_archive_streamed,
};

/// What a call is made with.
pub(super) struct Call<'a> {
    pub(super) connection: &'a Connection,
    pub(super) port: &'static v1::PortDescriptor,
    pub(super) exchange: &'static v1::Exchange,
    pub(super) credentials: Credentials,
    pub(super) person: Option<EndUser>,
    /// The recorded request, all content in it, from which the values are read.
    pub(super) request: Option<String>,
    /// Content of its stream.
    pub(super) stream: Option<Vec<u8>>,
    /// Whether the length of the stream is told before.
    pub(super) length_known: bool,
}

/// What a call gave.
pub(super) enum Reply {
    Value(Box<dyn v1::Slot>),
    Stream(Download),
}

/// One operation whose request has a stream: by the generated client, or over a port that no client was generated for.
macro_rules! upload {
    ($call:ident, $client:ident, $module:ident :: $request:ident . $method:ident ($($person:ident)?)) => {{
        let request: $module::$client::$request = $call.read();
        let reply = match $call.other_port(&$module::$client::PORT) {
            Some(port) => {
                let request = port.request($call.exchange.operation(), &request).principal($call.person());
                request.upload($call.upload()).call().await?
            }
            None => {
                let client = client!($call, $client, $module);
                client.$method(request, $($call.$person().unwrap(),)? $call.upload()).await?
            }
        };
        Ok(Reply::Value(Box::new(reply)))
    }};
}

/// The same of an operation whose reply is a stream.
macro_rules! download {
    ($call:ident, $client:ident, $module:ident :: $request:ident . $method:ident ($($person:ident)?)) => {{
        let request: $module::$client::$request = $call.read();
        let download = match $call.other_port(&$module::$client::PORT) {
            Some(port) => {
                port.request($call.exchange.operation(), &request).principal($call.person()).download().await?
            }
            None => {
                let client = client!($call, $client, $module);
                client.$method(request, $($call.$person().unwrap())?).await?
            }
        };
        Ok(Reply::Stream(download))
    }};
}

macro_rules! client {
    ($call:ident, ec2, $module:ident) => {
        $module::ec2::Client::new($call.connection, super::certificate(), $call.credentials.clone())
    };
    ($call:ident, $client:ident, $module:ident) => {
        $module::$client::Client::new($call.connection, $call.credentials.clone())
    };
}

impl Call<'_> {
    #[rustfmt::skip]
    pub(super) async fn make(self) -> Result<Reply, Error> {
        use {
            broker_streamed as broker, intermediary_inbound_streamed as inbound, reportee_archive_streamed as archive,
        };
        match self.exchange.operation().name {
            "UploadFileStreamedBasic" =>
                upload!(self, basic, broker::UploadFileStreamedBasic.upload_file_streamed_basic()),
            "UploadFileStreamed" =>
                upload!(self, ws, broker::UploadFileStreamed.upload_file_streamed()),
            "UploadFileStreamedEC" =>
                upload!(self, ec2, broker::UploadFileStreamedEC.upload_file_streamed_ec()),
            "SubmitAttachmentStreamedBasic" =>
                upload!(self, basic, inbound::SubmitAttachmentStreamedBasic.submit_attachment_streamed_basic(person)),
            "SubmitAttachmentStreamed" =>
                upload!(self, ws, inbound::SubmitAttachmentStreamed.submit_attachment_streamed(person)),
            "SubmitAttachmentStreamedEC" =>
                upload!(self, ec2, inbound::SubmitAttachmentStreamedEC.submit_attachment_streamed_ec()),
            "DownloadFileStreamedBasic" =>
                download!(self, basic, broker::DownloadFileStreamedBasic.download_file_streamed_basic()),
            "DownloadFileStreamed" =>
                download!(self, ws, broker::DownloadFileStreamed.download_file_streamed()),
            "DownloadFileStreamedEC" =>
                download!(self, ec2, broker::DownloadFileStreamedEC.download_file_streamed_ec()),
            "GetAttachmentDataStreamedBasic" =>
                download!(self, basic, archive::GetAttachmentDataStreamedBasic.get_attachment_data_streamed_basic(person)),
            "GetAttachmentDataExternalStreamed" =>
                download!(self, ws, archive::GetAttachmentDataExternalStreamed.get_attachment_data_external_streamed(person)),
            "GetAttachmentDataECStreamed" =>
                download!(self, ec2, archive::GetAttachmentDataECStreamed.get_attachment_data_ec_streamed()),
            _ => self.whole().await,
        }
    }

    /// Without a stream.
    async fn whole(self) -> Result<Reply, Error> {
        let direction = v1::Direction::Request(self.exchange.operation());
        let request = match &self.request {
            Some(message) => {
                let mut decoder = v1::Decoder::new(message.as_bytes(), &XmlLimits::default());
                v1::read_any_message(self.port.soap, direction, self.exchange.request(), &mut decoder).unwrap()
            }
            None => direction.sample(self.exchange.request(), &mut v1::Sampler::new(1)),
        };
        let port = self.port();
        let call = port.request(self.exchange.operation(), &*request).principal(self.person());
        call.call_any(self.exchange.reply()).await.map(Reply::Value)
    }

    fn person(&self) -> Option<&EndUser> {
        self.person.as_ref()
    }

    fn port(&self) -> v1::Port {
        let port = v1::Port::new(self.connection, self.port).credentials(self.credentials.clone());
        match self.port.security.scheme {
            v1::SecurityScheme::SecureConversation => port.certificate(super::certificate()),
            _ => port,
        }
    }

    /// The port, if it is not the one that a client was generated for.
    fn other_port(&self, generated: &'static v1::PortDescriptor) -> Option<v1::Port> {
        (!std::ptr::eq(self.port, generated)).then(|| self.port())
    }

    /// The request, as recorded. A call that .NET did not send, since the token was refused, is sent with any values.
    fn read<T: v1::Slot>(&self) -> T {
        let message = self.request.as_ref().expect("a request that was sent");
        let mut decoder = v1::Decoder::new(message.as_bytes(), &XmlLimits::default());
        v1::read_message(self.port.soap, v1::Direction::Request(self.exchange.operation()), &mut decoder).unwrap()
    }

    /// At once, or from a source of which nobody knows how long it is.
    fn upload(&self) -> Upload {
        let content = self.stream.clone().expect("a request with a stream");
        if self.length_known {
            return content.into();
        }
        Upload::from_reader(std::io::Cursor::new(content))
    }
}
