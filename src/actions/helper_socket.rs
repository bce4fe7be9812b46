//! One question to the helper: connect, say hello, ask, hang up.

use std::{
    io,
    os::{fd::OwnedFd, unix::net::UnixStream},
    path::{Path, PathBuf},
};

use crate::{
    boundary::{Deadline, Refusal, Request, Response, VERSION, codec, passage},
    firewall::{
        AddressRange, Listing, Ruleset,
        enforcement::{Ban, Count, Drift, Enforcement, ForeignTables, Survey},
        simulate::Packet,
        unit::{TouchedUnits, UnitFacts, UnitLevel, UnitName, UnitRecord},
    },
};

/// Why the helper gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum HelperFault {
    /// Nothing accepts on the socket.
    #[error("the helper does not answer on {}", path.display())]
    Unreachable {
        /// The socket that was tried.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The conversation broke off.
    #[error("the conversation with the helper broke off")]
    Broken(#[from] codec::Error),
    /// The helper answered a different question.
    #[error("the helper gave an answer to a different question")]
    WrongAnswer,
    /// The helper declined.
    #[error(transparent)]
    Refused(Refusal),
}

/// Where the helper listens.
#[derive(Debug, Clone)]
pub struct HelperSocket {
    path: PathBuf,
}

impl HelperSocket {
    /// Names the socket; nothing is opened before the first question.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Asks for every socket of the host that accepts. Blocks for at most [`Request::patience`] for each of greeting and answer.
    ///
    /// # Errors
    /// [`HelperFault`] when the helper is down, of another version, or could not read the kernel.
    pub fn list_listeners(&self) -> Result<Listing, HelperFault> {
        match self.ask(&Request::ListListeners {})? {
            Response::Listeners(listing) => Ok(listing),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    /// Asks what the helper enforces now. Blocks like [`Self::list_listeners`], as every other `read_` does.
    ///
    /// # Errors
    /// [`HelperFault`] when the helper is down or of another version.
    pub fn read_state(&self) -> Result<Enforcement, HelperFault> {
        self.act(&Request::ReadState {})
    }

    /// Asks for the host's interfaces, addresses and routes.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn read_survey(&self) -> Result<Survey, HelperFault> {
        match self.ask(&Request::ReadSurvey {})? {
            Response::Survey(survey) => Ok(survey),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    /// Asks for the last confirmed ruleset.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn read_confirmed(&self) -> Result<Option<Ruleset>, HelperFault> {
        match self.ask(&Request::ReadConfirmed {})? {
            Response::Confirmed(ruleset) => Ok(ruleset),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    /// Rehearses a ruleset without touching the host: how many probes agreed, and how many milliseconds it took. Blocks
    /// for at most [`Request::patience`], as every act does.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn plan(&self, ruleset: Ruleset, probes: Vec<Packet>) -> Result<(u32, u64), HelperFault> {
        match self.ask(&Request::Plan { ruleset, probes })? {
            Response::Planned { probes, millis } => Ok((probes, millis)),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    /// Rehearses a ruleset and puts it into the kernel for a window. `expected` is the confirmed revision it was made
    /// from.
    ///
    /// # Errors
    /// [`HelperFault`]; nothing was changed then, unless the conversation broke off.
    pub fn apply(
        &self,
        ruleset: Ruleset,
        revision: u64,
        expected: Option<u64>,
        window_seconds: u32,
        probes: Vec<Packet>,
    ) -> Result<Enforcement, HelperFault> {
        self.act(&Request::Apply { ruleset, revision, expected, window_seconds, probes })
    }

    /// Keeps the pending revision.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn confirm(&self, revision: u64) -> Result<Enforcement, HelperFault> {
        self.act(&Request::Confirm { revision })
    }

    /// Gives the pending revision more time.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn extend(&self, revision: u64, seconds: u32) -> Result<Enforcement, HelperFault> {
        self.act(&Request::Extend { revision, seconds })
    }

    /// Goes back to the confirmed revision.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn roll_back(&self, revision: u64) -> Result<Enforcement, HelperFault> {
        self.act(&Request::RollBack { revision })
    }

    /// Takes everything of Portreeve out of the kernel. `expected` is the confirmed revision.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn turn_off(&self, expected: u64) -> Result<Enforcement, HelperFault> {
        self.act(&Request::TurnOff { expected })
    }

    /// Bans and lifts bans.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn set_members(&self, add: Vec<Ban>, remove: Vec<AddressRange>) -> Result<Enforcement, HelperFault> {
        self.act(&Request::SetMembers { add, remove })
    }

    /// Asks for the bans in the kernel.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn read_bans(&self) -> Result<Vec<Ban>, HelperFault> {
        match self.ask(&Request::ReadBans {})? {
            Response::Bans(bans) => Ok(bans),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    /// Asks what each line did.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn read_counters(&self) -> Result<Vec<Count>, HelperFault> {
        match self.ask(&Request::ReadCounters {})? {
            Response::Counters(counts) => Ok(counts),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    /// Asks for the socket that receipts are read from.
    ///
    /// # Errors
    /// [`HelperFault`]; refused as [`Refusal::Taken`] as long as it is open anywhere.
    pub fn open_nflog(&self) -> Result<OwnedFd, HelperFault> {
        let (stream, request) = (self.greet()?, Request::OpenNflog {});
        codec::write(&mut Deadline::after(request.patience(), &stream), &request, request.limit())?;
        let mut receiver = passage::Receiver::new(&stream, request.patience()).map_err(codec::Error::from)?;
        match codec::read(&mut receiver, request.answer_limit())? {
            Response::Nflog {} => receiver.into_descriptor().ok_or(HelperFault::WrongAnswer),
            Response::Refused { refusal } => Err(HelperFault::Refused(refusal)),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    /// Asks what somebody else changed in our table.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn read_drift(&self) -> Result<Vec<Drift>, HelperFault> {
        match self.ask(&Request::ReadDrift {})? {
            Response::Drift(drift) => Ok(drift),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    /// Commits what should be in the kernel again.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn put_back(&self) -> Result<Enforcement, HelperFault> {
        self.act(&Request::PutBack {})
    }

    /// Asks for the tables of others, unread, and for ours with them if another program changed it.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn read_foreign(&self, with_ours: bool) -> Result<ForeignTables, HelperFault> {
        match self.ask(&Request::ReadForeign { ours: with_ours })? {
            Response::Foreign(tables) => Ok(tables),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    /// Asks what the service manager says of units.
    ///
    /// # Errors
    /// [`HelperFault`], also where there is no service manager.
    pub fn read_units(&self, names: Vec<UnitName>) -> Result<Vec<UnitFacts>, HelperFault> {
        match self.ask(&Request::ReadUnits { names })? {
            Response::Units(facts) => Ok(facts),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    /// Stops a unit that owns a listener, and what would start it again.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn close_unit(&self, name: UnitName, level: UnitLevel) -> Result<TouchedUnits, HelperFault> {
        match self.ask(&Request::CloseUnit { name, level })? {
            Response::Closed(touched) => Ok(touched),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    /// Brings back what closing a unit changed.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn reopen_unit(&self, record: u64) -> Result<TouchedUnits, HelperFault> {
        match self.ask(&Request::ReopenUnit { record })? {
            Response::Reopened(touched) => Ok(touched),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    /// Asks for the records of what is closed and not opened again.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn read_unit_records(&self) -> Result<Vec<UnitRecord>, HelperFault> {
        match self.ask(&Request::ReadUnitRecords {})? {
            Response::UnitRecords(records) => Ok(records),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    /// Lets nothing new in; for root alone.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn panic(&self) -> Result<Enforcement, HelperFault> {
        self.act(&Request::Panic {})
    }

    /// Puts the built-in safe ruleset into the kernel; for root alone.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn rescue(&self) -> Result<Enforcement, HelperFault> {
        self.act(&Request::Rescue {})
    }

    /// Ends panic or rescue; for root alone.
    ///
    /// # Errors
    /// [`HelperFault`].
    pub fn resume(&self) -> Result<Enforcement, HelperFault> {
        self.act(&Request::Resume {})
    }

    /// Asks what is answered with the state.
    fn act(&self, request: &Request) -> Result<Enforcement, HelperFault> {
        match self.ask(request)? {
            Response::State(state) => Ok(state),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    fn ask(&self, request: &Request) -> Result<Response, HelperFault> {
        exchange(&self.greet()?, request)
    }

    fn greet(&self) -> Result<UnixStream, HelperFault> {
        let unreachable = |source| HelperFault::Unreachable { path: self.path.clone(), source };
        let stream = UnixStream::connect(&self.path).map_err(unreachable)?;
        exchange(&stream, &Request::Hello { version: VERSION })?;
        Ok(stream)
    }
}

fn exchange(stream: &UnixStream, request: &Request) -> Result<Response, HelperFault> {
    let mut stream = Deadline::after(request.patience(), stream);
    let written = codec::write(&mut stream, request, request.limit());
    // A helper that is busy with another large request hangs up before it has read this one, and says so.
    match codec::read(&mut stream, request.answer_limit()) {
        Ok(Response::Refused { refusal }) => Err(HelperFault::Refused(refusal)),
        answer => Ok(written.and(answer)?),
    }
}
