//! The time, identifiers and octets of the request that is about to be made.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use altinn_soap::Guid;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use soap_runtime::{Clock, Random};

use super::recording::{Message, between, element, time};

/// A clock, and a source of chance, that give what a recorded request holds.
#[derive(Clone, Debug)]
pub(super) struct Script(Arc<Mutex<Given>>);

#[derive(Debug)]
struct Given {
    now: SystemTime,
    guids: VecDeque<Guid>,
    octets: VecDeque<Vec<u8>>,
}

impl Clock for Script {
    fn now(&self) -> SystemTime {
        self.0.lock().unwrap().now
    }
}

impl Random for Script {
    fn fill(&self, octets: &mut [u8]) -> std::io::Result<()> {
        match self.0.lock().unwrap().octets.pop_front() {
            Some(given) => octets.copy_from_slice(&given),
            // What blinds a signature: it leaves no trace.
            None => octets.fill(5),
        }
        Ok(())
    }

    fn guid(&self) -> std::io::Result<Guid> {
        Ok(self.0.lock().unwrap().guids.pop_front().expect("an identifier that the .NET client did not draw"))
    }
}

impl Script {
    pub(super) fn new(request: &Message) -> Self {
        let given = Given { now: SystemTime::UNIX_EPOCH, guids: VecDeque::new(), octets: VecDeque::new() };
        let script = Self(Arc::new(Mutex::new(given)));
        script.load(request);
        script
    }

    pub(super) fn load(&self, request: &Message) {
        // The Basic variant says neither when nor which message it is.
        self.at_time_of(request);
        let (mut given, text) = (self.0.lock().unwrap(), request.envelope());
        let guid = |text: &str| text.parse::<Guid>().unwrap();
        let message_id = element(&text, "MessageID").map(|id| guid(id.strip_prefix("urn:uuid:").unwrap()));
        given.guids = message_id.into_iter().collect();
        for token in ["<o:BinarySecurityToken", "<o:UsernameToken", "<t:BinarySecret", "<c:DerivedKeyToken"] {
            if let Some(id) = between(&text, &format!("{token} u:Id=\""), "\"") {
                // Only a DerivedKeyToken is called by a number alone.
                given.guids.push_back(id.strip_prefix("uuid-").map_or_else(Guid::default, |id| guid(&id[..36])));
            }
        }
        let octets = element(&text, "BinarySecret").or_else(|| element(&text, "Nonce"));
        given.octets = octets.map(|octets| STANDARD.decode(octets).unwrap()).into_iter().collect();
        // The number in boundary and ids is drawn before all else; messages to a token service have none with us.
        if request.package.is_some() && !request.is_trust() {
            given.octets.push_front(vec![7; 16]);
        }
    }

    /// Lets a session start before the request: with the identifiers of its message, its token and its entropy.
    pub(super) fn session_first(&self) {
        let mut given = self.0.lock().unwrap();
        (0..3).for_each(|_| given.guids.push_front(Guid::default()));
        given.octets.push_front(vec![3; 32]);
        // Signing draws octets, too.
        given.octets.truncate(1);
    }

    /// Sets the clock to the time of a message that does have one.
    pub(super) fn at_time_of(&self, message: &Message) {
        if let Some(created) = element(&message.envelope(), "Created") {
            self.0.lock().unwrap().now = time(created);
        }
    }

    /// For a request that nothing was recorded of.
    pub(super) fn any_identifier(&self) {
        self.0.lock().unwrap().guids = [Guid::default()].into();
    }
}
