//! One call in the hands of a program, which reads top to bottom.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::{
    clips::Clips,
    handle::{Handle, Message, Stopped},
    programs::{FOLLOWER_LAG, Given},
};
use crate::{
    address::PhoneNumber,
    cause::Cause,
    command::{Collect, Command, CommandError, Reply, Service},
    event::{CollectEnd, Event, Fact},
    flow::CallData,
    id::{CallId, ContactId},
    needs::Needs,
    switch::PlayEnd,
    target::{PartyRef, Target},
};

/// Why a program cannot do something with its call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The caller has hung up, or his call was cleared; [`ProgramCall::ended`] says why.
    #[error("the caller of {call} has hung up")]
    HungUp {
        /// Which call.
        call: CallId,
    },
    /// The call has gone on: the program took too long, or it was sent elsewhere.
    #[error("{call} is with the program no more")]
    Gone {
        /// Which call.
        call: CallId,
    },
    /// More happened to the call than the program, which was busy elsewhere, could follow.
    #[error("what happened to {call} was lost on the way to the program")]
    Lost {
        /// Which call.
        call: CallId,
    },
    /// The Center refuses; nothing has changed.
    #[error(transparent)]
    Refused(CommandError),
    /// The Center has stopped.
    #[error("the centre has stopped")]
    Stopped,
}

/// Why a message was not played to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlayError {
    /// A clip is missing or cannot be read.
    #[error("a clip of the message is missing or cannot be read")]
    Unplayable,
    /// The call does not allow it.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// How much of a message a caller has heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// All of it.
    All,
    /// Its beginning: he pressed a key that is collected, or another message took its place.
    Part,
}

/// What a caller has pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    /// The keys without the terminator; empty when they are secret.
    pub digits: String,
    /// How many there were.
    pub count: u32,
    /// How it ended: [`Complete`](CollectEnd::Complete), [`TimedOut`](CollectEnd::TimedOut) with what there was, or
    /// [`Stopped`](CollectEnd::Stopped) because someone else collects.
    pub end: CollectEnd,
}

/// A call that a program routes. Cloning is cheap.
///
/// Every method sends a command and waits for what comes of it, so that giving up waiting (a `select!`, a time-out) is
/// safe; what was commanded goes on. When the last clone is dropped while the program has the call, an answered caller
/// goes on at once where the plan says, and one who was not answered when his time is over.
#[derive(Clone, Debug)]
pub struct ProgramCall {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    handle: Handle,
    call: CallId,
    contact: ContactId,
    caller: PhoneNumber,
    called: PhoneNumber,
    ended: watch::Receiver<Option<Cause>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.ended.borrow().is_none() {
            self.handle.send_at_once(Message::LetGo { call: self.call });
        }
    }
}

impl ProgramCall {
    pub(super) fn new(handle: Handle, given: Given) -> Self {
        let Given { call, contact, caller, called, ended } = given;
        Self { inner: Arc::new(Inner { handle, call, contact, caller, called, ended }) }
    }

    /// Returns its id.
    #[must_use]
    pub fn id(&self) -> CallId {
        self.inner.call
    }

    /// Returns the matter it belongs to.
    #[must_use]
    pub fn contact(&self) -> ContactId {
        self.inner.contact
    }

    /// Returns the caller's number.
    #[must_use]
    pub fn caller(&self) -> &PhoneNumber {
        &self.inner.caller
    }

    /// Returns the number dialled.
    #[must_use]
    pub fn called(&self) -> &PhoneNumber {
        &self.inner.called
    }

    /// Accepts the call: the caller hears that it rings, and the program may take as long as a phone may ring.
    ///
    /// # Errors
    /// When it has been accepted or answered, the caller has hung up, or the call has gone on.
    pub async fn accept(&self) -> Result<(), CallError> {
        self.serve(Service::AcceptCall { call: self.id() }).await.map(|_| ())
    }

    /// Answers the caller; harmless when he has been.
    ///
    /// # Errors
    /// When he has hung up or the call has gone on.
    pub async fn answer(&self) -> Result<(), CallError> {
        self.serve(Service::AnswerCall { call: self.id(), device: None }).await.map(|_| ())
    }

    /// Plays a message, in place of one that is playing, and waits for its end.
    ///
    /// # Errors
    /// When the caller hangs up, or a clip cannot be played.
    pub async fn play(&self, clips: impl Into<Clips>) -> Result<Heard, PlayError> {
        let mut facts = self.follow().await?;
        let Reply::Message(asked) = self.serve(self.message(clips.into(), false)).await? else {
            return Ok(Heard::All);
        };
        loop {
            #[expect(clippy::wildcard_enum_match_arm, reason = "other facts do not end a message")]
            match self.next(&mut facts).await?.fact {
                Fact::MessagePlayed { message, end, .. } if message == asked => match end {
                    PlayEnd::Finished => return Ok(Heard::All),
                    PlayEnd::Stopped => return Ok(Heard::Part),
                    PlayEnd::LegEnded => return Err(self.hung_up().into()),
                    PlayEnd::Failed => return Err(PlayError::Unplayable),
                },
                Fact::CallEnded { .. } => return Err(self.hung_up().into()),
                _ => {}
            }
        }
    }

    /// Plays clips over and over, until something else is played or [`stop_playing`](Self::stop_playing); returns when
    /// it begins.
    ///
    /// # Errors
    /// When the caller has hung up.
    pub async fn play_over_and_over(&self, clips: impl Into<Clips>) -> Result<(), CallError> {
        self.serve(self.message(clips.into(), true)).await.map(|_| ())
    }

    /// Ends what is playing.
    ///
    /// # Errors
    /// When the caller has hung up.
    pub async fn stop_playing(&self) -> Result<(), CallError> {
        self.serve(self.message(Clips::default(), false)).await.map(|_| ())
    }

    /// Waits for keys; the first one ends a message that is playing.
    ///
    /// # Errors
    /// When the caller hangs up, or `how` is out of its range.
    pub async fn collect(&self, how: Collect) -> Result<Collected, CallError> {
        let mut facts = self.follow().await?;
        let collection = self.begin_collecting(how).await?;
        loop {
            let fact = self.next(&mut facts).await?.fact;
            if let Some(end) = self.end_of(&collection, fact) {
                return end;
            }
        }
    }

    /// Plays a question and waits for keys, from the beginning of the question on.
    ///
    /// The time for the first key counts from the beginning of the question, too.
    ///
    /// # Errors
    /// When the caller hangs up, the question cannot be played, or `how` is out of its range.
    pub async fn ask(
        &self,
        question: impl Into<Clips>,
        how: Collect,
    ) -> Result<Collected, PlayError> {
        let mut facts = self.follow().await?;
        // Keys count as soon as the caller can hear the question.
        let collection = self.begin_collecting(how).await?;
        let message = self.serve(self.message(question.into(), false)).await?;
        loop {
            let fact = self.next(&mut facts).await?.fact;
            if let Fact::MessagePlayed { message: it, end: PlayEnd::Failed, .. } = &fact
                && message == Reply::Message(*it)
            {
                return Err(PlayError::Unplayable);
            }
            if let Some(end) = self.end_of(&collection, fact) {
                return Ok(end?);
            }
        }
    }

    /// Keeps a value with the call: whoever gets the call sees it.
    ///
    /// # Errors
    /// When the call is over, or the name or value is too long.
    pub async fn set_data(&self, name: &str, value: &str) -> Result<(), CallError> {
        let data = [(name.to_owned(), value.to_owned())].into();
        let service = Service::AssociateData { call: self.id(), data, based_on: None };
        self.serve(service).await.map(|_| ())
    }

    /// Returns what travels with the call.
    ///
    /// # Errors
    /// When the call is over.
    pub async fn data(&self) -> Result<CallData, CallError> {
        let call = self.id();
        let look =
            move |center: &crate::center::Center| center.call(call).map(|it| it.data.clone());
        let data = self.inner.handle.inspect(look).await.map_err(|_| CallError::Stopped)?;
        data.ok_or(self.hung_up())
    }

    /// Lets the caller wait in a queue; the program's part is over.
    ///
    /// # Errors
    /// When there is no such queue, the caller has hung up, or the call has gone on.
    pub async fn queue(&self, queue: &str) -> Result<(), CallError> {
        let queue = queue.parse().map_err(|error| {
            let reason = format!("{error}");
            CallError::Refused(CommandError::InvalidValue { field: "queue".to_owned(), reason })
        })?;
        self.transfer(Target::Queue(queue)).await
    }

    /// Sends the caller to a device, an agent, a number, a queue or a flow; the program's part is over.
    ///
    /// # Errors
    /// When `to` leads nowhere, the caller has hung up, or the call has gone on.
    pub async fn transfer(&self, to: Target) -> Result<(), CallError> {
        self.route_select(to, 0, Needs::default()).await
    }

    /// Sends the caller on like [`transfer`](Self::transfer), and says how urgent he is and what he asks of an agent
    /// (ECMA-269 Route Select).
    ///
    /// # Errors
    /// As [`transfer`](Self::transfer), and when `needs` contradict themselves.
    pub async fn route_select(
        &self,
        to: Target,
        priority: u8,
        needs: Needs,
    ) -> Result<(), CallError> {
        let service = Service::RouteSelect { call: self.id(), to, priority, needs };
        self.serve(service).await.map(|_| ())
    }

    /// Ends the call.
    ///
    /// # Errors
    /// When it is over already.
    pub async fn hang_up(&self) -> Result<(), CallError> {
        let cleared = self.inner.handle.request(Command::ClearCall { call: self.id() }).await;
        cleared.map(|_| ()).map_err(|error| self.error(error))
    }

    /// Waits until the call is over, wherever it has gone meanwhile, and returns why.
    ///
    /// # Errors
    /// When the Center stops first.
    pub async fn ended(&self) -> Result<Cause, Stopped> {
        let mut ended = self.inner.ended.clone();
        let cause = *ended.wait_for(Option::is_some).await.map_err(|_| Stopped)?;
        cause.ok_or(Stopped)
    }

    async fn begin_collecting(&self, how: Collect) -> Result<Reply, CallError> {
        let (call, party) = (self.id(), PartyRef::Served);
        self.serve(Service::CollectDigits { call, party, collect: how }).await
    }

    /// Returns what was collected, once a fact ends the collection.
    fn end_of(&self, collecting: &Reply, fact: Fact) -> Option<Result<Collected, CallError>> {
        #[expect(clippy::wildcard_enum_match_arm, reason = "other facts end no collection")]
        match fact {
            Fact::DigitsCollected { collection, digits, count, end, .. }
                if *collecting == Reply::Collection(collection) =>
            {
                Some(match end {
                    CollectEnd::PartyLeft => Err(self.hung_up()),
                    CollectEnd::Complete | CollectEnd::TimedOut | CollectEnd::Stopped => {
                        Ok(Collected { digits: digits.unwrap_or_default(), count, end })
                    }
                })
            }
            Fact::CallEnded { .. } => Some(Err(self.hung_up())),
            _ => None,
        }
    }

    fn message(&self, Clips(clips): Clips, looped: bool) -> Service {
        Service::PlayMessage { call: self.id(), party: PartyRef::Served, clips, looped }
    }

    async fn serve(&self, service: Service) -> Result<Reply, CallError> {
        let reply = self.inner.handle.request(Command::Call(service)).await;
        reply.map_err(|error| self.error(error))
    }

    async fn follow(&self) -> Result<mpsc::Receiver<Arc<Event>>, CallError> {
        let (follower, facts) = mpsc::channel(FOLLOWER_LAG);
        let follow = Message::FollowCall { call: self.id(), follower };
        self.inner.handle.send(follow).await.map_err(|_| CallError::Stopped)?;
        Ok(facts)
    }

    async fn next(&self, facts: &mut mpsc::Receiver<Arc<Event>>) -> Result<Event, CallError> {
        match facts.recv().await {
            Some(event) => Ok(Arc::unwrap_or_clone(event)),
            None if self.inner.ended.borrow().is_some() => Err(self.hung_up()),
            None if self.inner.handle.is_stopped() => Err(CallError::Stopped),
            None => Err(CallError::Lost { call: self.id() }),
        }
    }

    fn hung_up(&self) -> CallError {
        CallError::HungUp { call: self.id() }
    }

    fn error(&self, error: CommandError) -> CallError {
        match error {
            CommandError::UnknownCall { call } => CallError::HungUp { call },
            CommandError::InvalidCallState { call, .. } => CallError::Gone { call },
            CommandError::Stopping => CallError::Stopped,
            other @ (CommandError::UnknownAgent { .. }
            | CommandError::UnknownSeat { .. }
            | CommandError::UnknownDevice { .. }
            | CommandError::UnknownQueue { .. }
            | CommandError::UnknownContact { .. }
            | CommandError::UnknownRecording { .. }
            | CommandError::NotInQueue { .. }
            | CommandError::NotInCall { .. }
            | CommandError::InvalidConnection { .. }
            | CommandError::InvalidDestination { .. }
            | CommandError::NotReachable { .. }
            | CommandError::SeatTaken { .. }
            | CommandError::InvalidState { .. }
            | CommandError::InvalidValue { .. }
            | CommandError::Conflict { .. }
            | CommandError::TooMany { .. }
            | CommandError::Flow(_)) => CallError::Refused(other),
        }
    }
}
