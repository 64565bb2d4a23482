//! Gateways that are none: they register and then accept, refuse or echo everything. A scenario about bearers or state that
//! passes on one of them judges nothing.

use std::{io, net::SocketAddr, str::FromStr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, UdpSocket},
    task::JoinHandle,
    time::timeout,
};

use crate::wire::{
    Framed,
    h248::{
        self, ActionReply, ActionRequest, AmmRequest, AmmsReply, AuditReply, AuditReturnParameter, Command,
        CommandReply, ContextId, ErrorCode, ErrorDescriptor, MId, MediaDescriptor, Message, NotifyReply,
        ServiceChangeMethod, ServiceChangeParm, ServiceChangeReply, ServiceChangeRequest, ServiceChangeResParm,
        ServiceChangeResult, Streams, Style, TerminationAudit, TerminationId, TerminationIdList, Transaction,
        TransactionId, TransactionReply, TransactionRequest,
    },
    tpkt,
};

/// What a null gateway does with requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Null {
    /// Answers that all is done, with ids, addresses and ports that look right.
    Accept,
    /// Answers every transaction with 501.
    NotImplemented,
    /// Sends every message back as it came.
    Echo,
}

impl Null {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Accept, Self::NotImplemented, Self::Echo];

    /// The name targets are chosen by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "null-accept",
            Self::NotImplemented => "null-501",
            Self::Echo => "null-echo",
        }
    }
}

/// No null gateway has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no null gateway has this name")]
pub struct UnknownNull;

impl FromStr for Null {
    type Err = UnknownNull;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|null| null.name() == text).ok_or(UnknownNull)
    }
}

/// From one attempt to register to the next.
const REGISTRATION_INTERVAL: Duration = Duration::from_millis(500);

/// A running null gateway. Dropping it ends it.
#[derive(Debug)]
pub struct NullGateway {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl NullGateway {
    /// Starts a null gateway that registers with `mgc`, over TCP with TPKT or over UDP.
    ///
    /// # Errors
    /// No socket could be bound, or `mgc` does not accept a connection.
    pub async fn start(null: Null, over_tcp: bool, mgc: SocketAddr) -> io::Result<Self> {
        if over_tcp {
            let stream = TcpStream::connect(mgc).await?;
            let address = stream.local_addr()?;
            let speaker = Speaker { null, mid: address.into(), contexts: 0, terminations: 0 };
            return Ok(Self { address, task: tokio::spawn(speaker.serve_stream(stream)) });
        }
        let any = SocketAddr::new(mgc.ip(), 0);
        let socket = UdpSocket::bind(any).await?;
        let address = socket.local_addr()?;
        let speaker = Speaker { null, mid: address.into(), contexts: 0, terminations: 0 };
        let task = tokio::spawn(speaker.serve(socket, mgc));
        Ok(Self { address, task })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for NullGateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Speaker {
    null: Null,
    mid: MId<'static>,
    contexts: u32,
    terminations: u32,
}

impl Speaker {
    async fn serve(mut self, socket: UdpSocket, mgc: SocketAddr) {
        let mut buffer = vec![0; 65_535];
        let registration = self.registration();
        // Until the first answer; what arrives before it would be a controller that does not know us.
        loop {
            let _ = socket.send_to(&registration, mgc).await;
            if matches!(timeout(REGISTRATION_INTERVAL, socket.recv_from(&mut buffer)).await, Ok(Ok(_))) {
                break;
            }
        }
        loop {
            let Ok((length, from)) = socket.recv_from(&mut buffer).await else { continue };
            let octets = buffer.get(..length).unwrap_or_default();
            if let Some(answer) = self.answer(octets) {
                let _ = socket.send_to(&answer, from).await;
            }
        }
    }

    async fn serve_stream(mut self, mut stream: TcpStream) {
        let mut next = Some(self.registration());
        // The first message is the answer to that.
        let mut registered = false;
        let mut buffer = Vec::new();
        loop {
            if let Some(message) = next.take() {
                let mut packet = Vec::new();
                if tpkt::encode_into(&message, &mut packet).is_err() || stream.write_all(&packet).await.is_err() {
                    return;
                }
            }
            match tpkt::parse(&buffer) {
                Ok(Framed::Complete(message, length)) => {
                    if std::mem::replace(&mut registered, true) {
                        next = self.answer(message);
                    }
                    buffer.drain(..length);
                }
                Ok(Framed::Incomplete(_)) => {
                    if !matches!(stream.read_buf(&mut buffer).await, Ok(1..)) {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
    }

    fn registration(&self) -> Vec<u8> {
        let parms = ServiceChangeParm {
            version: Some(2),
            ..ServiceChangeParm::new(ServiceChangeMethod::Restart, "901 Cold Boot")
        };
        let change = ServiceChangeRequest { terminations: TerminationId::Root.into(), parms };
        let action = ActionRequest::new(ContextId::Null, vec![Command::ServiceChange(change)]);
        let request = TransactionRequest::new(TransactionId(1), vec![action]);
        h248::encode(&Message::request(1, self.mid.clone(), request), Style::Compact)
    }

    fn answer(&mut self, octets: &[u8]) -> Option<Vec<u8>> {
        if self.null == Null::Echo {
            return Some(octets.to_vec());
        }
        let message = match h248::parse(octets) {
            Ok(message) => message,
            Err(fault) => return Some(h248::encode(&fault.answer(self.mid.clone())?, Style::Compact)),
        };
        let replies: Vec<_> = message
            .transactions()
            .iter()
            .filter_map(|transaction| match transaction {
                Transaction::Request(request) => Some(Transaction::Reply(self.reply(request))),
                _ => None,
            })
            .collect();
        let answer = Message::new(message.version, self.mid.clone(), replies);
        (!answer.transactions().is_empty()).then(|| h248::encode(&answer, Style::Compact))
    }

    fn reply<'m>(&mut self, request: &TransactionRequest<'m>) -> TransactionReply<'m> {
        if self.null == Null::NotImplemented {
            return TransactionReply::error(request.id, ErrorDescriptor::new(ErrorCode::NOT_IMPLEMENTED));
        }
        let actions = request.actions.iter().map(|action| {
            let context = match action.context {
                ContextId::Choose => {
                    self.contexts += 1;
                    ContextId::Id(self.contexts)
                }
                context => context,
            };
            let commands = action.commands.iter().map(|command| self.done(&command.command)).collect();
            ActionReply::new(context, commands)
        });
        TransactionReply::new(request.id, actions.collect())
    }

    /// The reply of a gateway that has done what it was told.
    fn done<'m>(&mut self, command: &Command<'m>) -> CommandReply<'m> {
        match command {
            Command::Add(request) => CommandReply::Add(self.amm(request)),
            Command::Move(request) => CommandReply::Move(self.amm(request)),
            Command::Modify(request) => CommandReply::Modify(self.amm(request)),
            Command::Subtract(request) => CommandReply::Subtract(AmmsReply {
                terminations: request.terminations.clone(),
                audit: TerminationAudit::default(),
            }),
            Command::AuditValue(request) => CommandReply::AuditValue(nothing(&request.terminations)),
            Command::AuditCapability(request) => CommandReply::AuditCapability(nothing(&request.terminations)),
            Command::Notify(request) => {
                CommandReply::Notify(NotifyReply { terminations: request.terminations.clone(), error: None })
            }
            Command::ServiceChange(request) => CommandReply::ServiceChange(ServiceChangeReply {
                terminations: request.terminations.clone(),
                result: ServiceChangeResult::Parms(ServiceChangeResParm::default()),
            }),
        }
    }

    fn amm<'m>(&mut self, request: &AmmRequest<'m>) -> AmmsReply<'m> {
        let terminations = match request.terminations.single() {
            Some(id) if id.has_choose() => {
                self.terminations += 1;
                TerminationId::path(format!("ip/{}", self.terminations)).into()
            }
            _ => request.terminations.clone(),
        };
        let media = request.media.clone().map(chosen).map(AuditReturnParameter::Media);
        AmmsReply { terminations, audit: TerminationAudit(media.into_iter().collect()) }
    }
}

fn nothing<'m>(terminations: &TerminationIdList<'m>) -> AuditReply<'m> {
    AuditReply::Terminations(terminations.clone(), TerminationAudit::default())
}

/// The media asked for, with everything that was ours to choose chosen.
fn chosen(mut media: MediaDescriptor<'_>) -> MediaDescriptor<'_> {
    let locals = match &mut media.streams {
        Streams::One(parms) => vec![&mut parms.local],
        Streams::Multi(streams) => streams.iter_mut().map(|stream| &mut stream.parms.local).collect(),
    };
    for local in locals.into_iter().flatten() {
        *local = choose(local).into();
    }
    media
}

fn choose(sdp: &[u8]) -> Vec<u8> {
    let digest = ["00"; 32].join(":");
    let mut out = Vec::with_capacity(sdp.len());
    for line in sdp.split_inclusive(|octet| *octet == b'\n') {
        let choice: &[u8] = match line {
            line if line.starts_with(b"c=IN IP6") => b"::1",
            line if line.starts_with(b"c=") => b"127.0.0.1",
            line if line.starts_with(b"m=") => b"9",
            line if line.starts_with(b"a=fingerprint") => digest.as_bytes(),
            _ => b"$",
        };
        for octet in line {
            match octet {
                b'$' => out.extend_from_slice(choice),
                octet => out.push(*octet),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speaker(null: Null) -> Speaker {
        Speaker { null, mid: MId::domain("null"), contexts: 0, terminations: 0 }
    }

    const ADD: &[u8] = b"!/2 <mgc> T=9{C=${A=${M{O{MO=SR},L{c=IN IP4 $\r\nm=message $ TCP *\r\n}}}}}";

    #[test]
    fn names_lead_back_to_the_gateway() {
        for null in Null::ALL {
            assert_eq!(null.name().parse(), Ok(null));
        }
        assert_eq!("null".parse::<Null>(), Err(UnknownNull));
    }

    #[test]
    fn the_accepting_one_chooses_what_it_is_asked_to() {
        let answer = speaker(Null::Accept).answer(ADD).unwrap();
        let message = h248::parse(&answer).unwrap();
        let Some(Transaction::Reply(reply)) = message.transactions().first() else { panic!("{message:?}") };
        let h248::TransactionResult::Actions(actions) = &reply.result else { panic!("{reply:?}") };
        assert_eq!((reply.id, actions[0].context), (TransactionId(9), ContextId::Id(1)));
        assert_eq!(actions[0].commands[0].terminations().unwrap().first(), &TerminationId::from("ip/1"));
        let text = String::from_utf8(answer).unwrap();
        assert!(text.contains("c=IN IP4 127.0.0.1") && text.contains("m=message 9 TCP"), "{text}");
    }

    #[test]
    fn the_refusing_one_answers_501() {
        let answer = String::from_utf8(speaker(Null::NotImplemented).answer(ADD).unwrap()).unwrap();
        assert!(answer.contains("P=9{ER=501"), "{answer}");
    }

    #[test]
    fn the_echo_is_what_was_sent() {
        assert_eq!(speaker(Null::Echo).answer(ADD).as_deref(), Some(ADD));
    }

    #[test]
    fn replies_are_not_answered() {
        assert_eq!(speaker(Null::Accept).answer(b"!/2 <mgc> P=1{C=-{SC=ROOT}}"), None);
    }
}
