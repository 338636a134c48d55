//! The callers: each sends the octets of a request, or of several, over a connection of its own, and reads what comes.

use std::net::SocketAddr;
use std::time::Duration;

use soap_runtime::generated::v1;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::ReadHalf;

use super::super::chance::Chance;
use super::super::script::Framing;
use super::super::support::AMPLE;
use super::super::variant::Variant;
use super::super::wire::{self, Wire, framed};
use super::abuse::{self, Abuse, Conduct, End, Spoilt, Times};
use super::answers::{Answer, answers};
use super::journal::Journal;
use super::message::Writer;
use super::oracle::{Whole, whole};

/// Requests that follow another one in the same octets.
const FOLLOWERS: u64 = 2;

/// The numbers of followers are apart from those of submissions, and from each other, by this.
const APART: u64 = 1 << 32;

/// What came of a request.
pub struct Sent {
    pub id: u64,
    pub abuse: &'static Abuse,
    pub whole: Whole,
    pub answers: Vec<Answer>,
    pub hung: bool,
}

/// What all callers have in common.
pub struct Callers {
    pub variant: Variant,
    pub seed: u64,
    pub address: SocketAddr,
    pub writer: Writer,
    /// A client of ours, over the network.
    pub client: v1::Port,
}

impl Callers {
    /// Makes a submission: one request, and those that follow it.
    pub async fn submit(&self, id: u64, journal: &Journal, abuse: Option<&'static Abuse>) -> Vec<Sent> {
        let mut chance = Chance::new(self.seed, id);
        let abuse = abuse.unwrap_or_else(|| abuse::choose(self.variant, &mut chance));
        journal.expect(id, abuse.conduct);
        let message = self.writer.write(id, abuse.spoilt, &mut chance).await;
        let mut octets = framed(&format!("{}{}", message.lines, abuse.lines), &message.body, abuse.framing);
        let mut missing = None;
        if abuse.cut {
            let length = chance.below(octets.len() as u64) as usize;
            missing = Some(octets.len() - length);
            octets.truncate(length);
        }
        let mut sent = vec![self.sent(id, abuse, whole(abuse, message.is_package(), missing))];
        if abuse.times == Times::Again {
            octets.extend_from_within(..);
        }
        if abuse.times == Times::Followed {
            // What comes behind a wrong length is no request.
            let follow = if abuse.framing == Framing::TooLong { Whole::Maybe } else { sent[0].whole_of_follower() };
            for follower in (1..=FOLLOWERS).map(|number| id + number * APART) {
                let message = self.writer.write(follower, Spoilt::No, &mut chance).await;
                octets.extend(framed(&message.lines, &message.body, Framing::Length));
                sent.push(self.sent(follower, &abuse::FOLLOWER, follow));
            }
        }
        if abuse.times == Times::Together {
            let mut other = Chance::new(self.seed, id + APART);
            let (one, two) = tokio::join!(
                self.converse(&octets, abuse, 1, &mut chance),
                self.converse(&octets, abuse, 1, &mut other)
            );
            let [first] = &mut *sent else { unreachable!("nothing follows") };
            first.answers = [one.0, two.0].concat();
            first.hung = one.1 || two.1;
            return sent;
        }
        let wanted = if abuse.times == Times::Again { 2 } else { sent.len() };
        let (answers, hung) = self.converse(&octets, abuse, wanted, &mut chance).await;
        sent[0].hung = hung;
        for (at, answer) in answers.into_iter().enumerate() {
            // Answers come in the order of their requests; surplus ones belong to octets that are no request.
            let at = if abuse.times == Times::Again { 0 } else { at.min(sent.len() - 1) };
            sent[at].answers.push(answer);
        }
        sent
    }

    fn sent(&self, id: u64, abuse: &'static Abuse, whole: Whole) -> Sent {
        Sent { id, abuse, whole, answers: Vec::new(), hung: false }
    }

    /// Whether a call of our client over the network gives its own reply.
    pub async fn call(&self, id: u64) -> bool {
        self.variant.submit(&self.client, id).await.is_ok_and(|echo| echo == self.variant.echo(id))
    }

    /// Sends octets over a new connection. Returns what is answered, and whether that was waited for in vain.
    async fn converse(&self, octets: &[u8], abuse: &Abuse, wanted: usize, chance: &mut Chance) -> (Vec<Answer>, bool) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let (mut reader, mut writer) = stream.split();
        let mut received = Vec::new();
        let enough = match abuse.end {
            End::Wait => Enough::Answers(wanted),
            End::HalfClose => Enough::Never,
            End::Close | End::Reset | End::Linger => Enough::Octets(0),
            End::InAnswer => {
                let most = if chance.below(2) == 0 { 300 } else { 30_000 };
                Enough::Octets(1 + chance.below(most) as usize)
            }
        };
        let write = async {
            // A service that has heard enough closes.
            let _ = wire::write(&mut writer, octets, abuse.framing).await;
            if abuse.end == End::HalfClose {
                let _ = writer.shutdown().await;
            }
        };
        let both = async { tokio::join!(write, read(&mut reader, &mut received, enough)).1 };
        let ended = tokio::time::timeout(AMPLE, both).await;
        if abuse.end == End::Linger {
            tokio::time::sleep(Duration::from_millis(chance.below(20))).await;
        }
        if matches!(abuse.end, End::Reset | End::Linger | End::InAnswer) {
            stream.reset();
        }
        (answers(&received, ended == Ok(true)), ended.is_err())
    }
}

impl Sent {
    /// Whether what follows this request in the same octets has to be answered.
    fn whole_of_follower(&self) -> Whole {
        let is_read = matches!(self.abuse.conduct, Conduct::Good | Conduct::Fault | Conduct::PanicLater);
        if is_read && self.abuse.end == End::Wait { Whole::Yes } else { Whole::Maybe }
    }
}

/// How much is read.
#[derive(Clone, Copy)]
enum Enough {
    Answers(usize),
    /// Or one answer, if that is less.
    Octets(usize),
    /// All up to the end of the connection.
    Never,
}

/// Reads as much. Returns whether the connection has ended.
async fn read(reader: &mut ReadHalf<'_>, received: &mut Vec<u8>, enough: Enough) -> bool {
    loop {
        let complete = || answers(received, false).iter().filter(|answer| answer.is_complete).count();
        let has_enough = match enough {
            Enough::Answers(wanted) => complete() >= wanted,
            Enough::Octets(octets) => received.len() >= octets || complete() > 0,
            Enough::Never => false,
        };
        if has_enough {
            return false;
        }
        if reader.read_buf(received).await.unwrap_or(0) == 0 {
            return true;
        }
    }
}
