//! One question to the helper: connect, say hello, ask, hang up.

use std::{
    io,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
};

use crate::{
    boundary::{Deadline, Refusal, Request, Response, VERSION, codec, limits},
    firewall::{Listing, enforcement::Enforcement},
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

    /// Asks for every socket of the host that accepts. Blocks for at most [`limits::IDLE`] for each of greeting and answer.
    ///
    /// # Errors
    /// [`HelperFault`] when the helper is down, of another version, or could not read the kernel.
    pub fn list_listeners(&self) -> Result<Listing, HelperFault> {
        match self.ask(&Request::ListListeners {})? {
            Response::Listeners(listing) => Ok(listing),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    /// Asks what the helper enforces now. Blocks like [`Self::list_listeners`].
    ///
    /// # Errors
    /// [`HelperFault`] when the helper is down or of another version.
    pub fn read_state(&self) -> Result<Enforcement, HelperFault> {
        match self.ask(&Request::ReadState {})? {
            Response::State(state) => Ok(state),
            _ => Err(HelperFault::WrongAnswer),
        }
    }

    fn ask(&self, request: &Request) -> Result<Response, HelperFault> {
        let unreachable = |source| HelperFault::Unreachable { path: self.path.clone(), source };
        let stream = UnixStream::connect(&self.path).map_err(unreachable)?;
        exchange(&stream, &Request::Hello { version: VERSION })?;
        exchange(&stream, request)
    }
}

fn exchange(stream: &UnixStream, request: &Request) -> Result<Response, HelperFault> {
    let mut stream = Deadline::after(limits::IDLE, stream);
    codec::write(&mut stream, request, limits::REQUEST_BYTES)?;
    match codec::read(&mut stream, limits::RESPONSE_BYTES)? {
        Response::Refused { refusal } => Err(HelperFault::Refused(refusal)),
        answer => Ok(answer),
    }
}
