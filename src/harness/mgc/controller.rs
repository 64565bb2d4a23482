//! One scenario's hold on the association.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::sync::mpsc;

use super::{
    endpoint::Shared,
    exchange::{Answer, Exchange, TransactError},
    routes::ScenarioId,
};
use crate::{
    harness::transcript::Transcript,
    wire::h248::{
        self, ActionRequest, ContextId, FaultLevel, Message, ObservedEvent, RequestId, Style, TerminationId,
        TransactionId, TransactionRequest,
    },
};

/// A Notify, already answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Its frame.
    pub frame: u32,
    /// The context it names.
    pub context: ContextId,
    /// Where it happened.
    pub termination: TerminationId<'static>,
    /// The Events descriptor it answers.
    pub request_id: RequestId,
    /// What happened, in order of detection.
    pub events: Vec<ObservedEvent<'static>>,
}

/// A scenario's controller. Clones are the same one; with the last of them the scenario leaves the association.
#[derive(Debug, Clone)]
pub struct Controller(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) shared: Arc<Shared>,
    pub(super) scenario: ScenarioId,
    transcript: Transcript,
    notifications: tokio::sync::Mutex<mpsc::Receiver<Notification>>,
    style: Mutex<Style>,
    composed: AtomicU64,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.routes().close(self.scenario);
    }
}

impl Controller {
    pub(super) fn new(
        shared: Arc<Shared>,
        scenario: ScenarioId,
        transcript: Transcript,
        notifications: mpsc::Receiver<Notification>,
    ) -> Self {
        let style = Mutex::new(shared.options.style);
        let notifications = tokio::sync::Mutex::new(notifications);
        Self(Arc::new(Inner { shared, scenario, transcript, notifications, style, composed: AtomicU64::new(0) }))
    }

    /// Where the scenario's octets are recorded.
    pub fn transcript(&self) -> &Transcript {
        &self.0.transcript
    }

    /// How this scenario's requests are spelled from now on. Each message of [`Style::Spelling`] has a spelling of its own,
    /// the same in every run.
    pub fn spell(&self, style: Style) {
        *self.0.style.lock().unwrap_or_else(PoisonError::into_inner) = style;
    }

    /// A transaction id nobody else on the association uses.
    pub fn next_transaction(&self) -> TransactionId {
        self.0.shared.routes().allot_transaction()
    }

    /// A request id nobody else on the association uses, for Events descriptors.
    pub fn next_request(&self) -> u32 {
        self.0.shared.routes().allot_request(self.0.scenario)
    }

    /// The octets [`Controller::transact`] would send, for those who want to damage them first.
    pub fn compose(&self, id: TransactionId, actions: Vec<ActionRequest<'_>>) -> Vec<u8> {
        let shared = &self.0.shared;
        shared.routes().learn_request(self.0.scenario, &actions);
        let count = self.0.composed.fetch_add(1, Ordering::Relaxed);
        let style = match *self.0.style.lock().unwrap_or_else(PoisonError::into_inner) {
            Style::Spelling(seed) => Style::Spelling(seed.wrapping_add(count)),
            style => style,
        };
        let request = TransactionRequest::new(id, actions);
        h248::encode(&Message::request(shared.version(), shared.mid.clone(), request), style)
    }

    /// Sends one transaction and awaits its reply. A reply that reports errors is an answer too: see [`Answer::error`].
    ///
    /// # Errors
    /// No reply, one that cannot be decoded, or a message-level error.
    pub async fn transact(&self, actions: Vec<ActionRequest<'_>>) -> Result<Answer, TransactError> {
        let id = self.next_transaction();
        let octets = self.compose(id, actions).into();
        self.exchange(Some(id), false, octets).await
    }

    /// Sends what [`Controller::compose`] made and awaits its reply.
    ///
    /// # Errors
    /// As [`Controller::transact`].
    pub async fn transact_composed(&self, id: TransactionId, octets: Vec<u8>) -> Result<Answer, TransactError> {
        self.exchange(Some(id), false, octets.into()).await
    }

    /// Sends the octets of an answered request again and awaits what comes back (H.248.1 annex D.1: the same reply).
    ///
    /// # Errors
    /// As [`Controller::transact`].
    pub async fn repeat(&self, answer: &Answer) -> Result<Answer, TransactError> {
        self.exchange(answer.transaction, answer.transaction.is_none(), Arc::clone(&answer.request)).await
    }

    /// Sends octets that need not be a message. `id`: the transaction an answer may name; an answer that names none, or 0,
    /// or is a message-level error, is taken as the answer too. One such request is under way on an association at a time.
    ///
    /// # Errors
    /// As [`Controller::transact`].
    pub async fn transact_octets(&self, id: Option<TransactionId>, octets: &[u8]) -> Result<Answer, TransactError> {
        self.exchange(id, true, octets.into()).await
    }

    /// Sends octets once and awaits nothing; returns their frame. What answers them is recorded.
    ///
    /// # Errors
    /// They were not sent.
    pub async fn send_octets(&self, octets: &[u8]) -> Result<u32, TransactError> {
        let shared = &self.0.shared;
        let gateway = shared.registration.borrow().as_ref().map(|registration| registration.address);
        let gateway = gateway.ok_or(TransactError::NotRegistered)?;
        if h248::parse(octets).is_err_and(|fault| fault.level == FaultLevel::Message) {
            shared.routes().expect_junk(self.0.scenario);
        }
        let sent = shared.send(Some(self.0.scenario), gateway, &octets.into()).await;
        sent.map_err(|error| TransactError::NotSent(Arc::new(error)))
    }

    /// Sends octets on the gateway's connection as they are, with no TPKT around them: half a packet, a header that lies. Over UDP
    /// as [`Controller::send_octets`]. Other scenarios on the association suffer with it.
    ///
    /// # Errors
    /// They were not sent.
    pub async fn send_bare(&self, octets: &[u8]) -> Result<u32, TransactError> {
        let shared = &self.0.shared;
        let gateway = shared.registration.borrow().as_ref().map(|registration| registration.address);
        let gateway = gateway.ok_or(TransactError::NotRegistered)?;
        let sent = shared.send_bare(Some(self.0.scenario), gateway, &octets.into()).await;
        sent.map_err(|error| TransactError::NotSent(Arc::new(error)))
    }

    /// Sends a request to a gateway that need not be registered and awaits its reply.
    pub(super) async fn ask_at(
        &self,
        gateway: SocketAddr,
        id: TransactionId,
        octets: Arc<[u8]>,
    ) -> Result<Answer, TransactError> {
        let (shared, owner, gateway) = (&self.0.shared, self.0.scenario, Some(gateway));
        Exchange { shared, owner, gateway, transaction: Some(id), raw: false, listens: false, octets }.run().await
    }

    async fn exchange(
        &self,
        transaction: Option<TransactionId>,
        raw: bool,
        octets: Arc<[u8]>,
    ) -> Result<Answer, TransactError> {
        let owner = self.0.scenario;
        let shared = &self.0.shared;
        Exchange { shared, owner, gateway: None, transaction, raw, listens: false, octets }.run().await
    }

    /// Sends octets that hold several requests and awaits a reply to each, in the order of `ids`.
    pub async fn transact_several(&self, ids: &[TransactionId], octets: &[u8]) -> Vec<Result<Answer, TransactError>> {
        let octets: Arc<[u8]> = octets.into();
        let last = ids.len().saturating_sub(1);
        // The last sends, once all the others listen.
        let exchanges = ids.iter().enumerate().map(|(index, id)| {
            let (shared, owner, octets) = (&self.0.shared, self.0.scenario, Arc::clone(&octets));
            let (transaction, listens) = (Some(*id), index != last);
            Exchange { shared, owner, gateway: None, transaction, raw: false, listens, octets }.run()
        });
        futures::future::join_all(exchanges).await
    }

    /// The next Notify for this scenario, in order of arrival; `None` when none comes within `bound`.
    pub async fn notification(&self, bound: Duration) -> Option<Notification> {
        let mut notifications = self.0.notifications.lock().await;
        tokio::time::timeout(bound, notifications.recv()).await.ok().flatten()
    }

    /// A Notify that has already arrived.
    pub fn arrived_notification(&self) -> Option<Notification> {
        self.0.notifications.try_lock().ok()?.try_recv().ok()
    }

    /// Notifies lost because 256 of them lay unread.
    pub fn lost_notifications(&self) -> u64 {
        self.0.shared.routes().lost_notifications(self.0.scenario)
    }

    /// The contexts this scenario made and still holds, with the terminations in them, as the gateway's replies say.
    pub fn held(&self) -> Vec<(ContextId, Vec<TerminationId<'static>>)> {
        self.0.shared.routes().held(self.0.scenario)
    }
}
