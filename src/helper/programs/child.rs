//! The children: made before the helper gives its privileges up, and gone with it.

use std::{
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{net::UnixStream, process::CommandExt},
    },
    process::{Child, Stdio},
    sync::Mutex,
    thread,
};

use super::{Job, MESSAGE_BYTES, Programs, start};
use crate::{boundary::codec, helper::arguments::Settings};

/// Starts the children: the one for the kernel with the settings it needs should it outlive the helper, and the one for
/// the service manager.
pub fn spawn(settings: &Settings) -> io::Result<([Child; 2], Programs)> {
    let (kernel, far_kernel) = UnixStream::pair()?;
    let (rehearsal, far_rehearsal) = UnixStream::pair()?;
    let mut command = start::this_program().map_err(io::Error::other)?;
    command.arg("run-children").arg("--state-dir").arg(&settings.state_dir);
    command.args(["--panel-port", &settings.panel_port.to_string()]);
    // A group of its own: a terminal that interrupts the helper leaves the child to put things right.
    command.stdin(OwnedFd::from(far_kernel)).stdout(OwnedFd::from(far_rehearsal)).process_group(0);
    let child = command.spawn()?;
    let (units, far_units) = UnixStream::pair()?;
    let mut command = start::this_program().map_err(io::Error::other)?;
    command.arg("run-units").stdin(OwnedFd::from(far_units)).stdout(Stdio::null()).process_group(0);
    let programs =
        Programs::Child { kernel: Mutex::new(kernel), rehearsal: Mutex::new(rehearsal), units: Mutex::new(units) };
    Ok(([child, command.spawn()?], programs))
}

/// The first child's life: does jobs until the helper is gone.
pub fn serve() -> io::Result<()> {
    let rehearsal = UnixStream::from(io::stdout().as_fd().try_clone_to_owned()?);
    let kernel = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    thread::Builder::new().spawn(move || serve_one(rehearsal))?;
    serve_one(kernel);
    Ok(())
}

/// The second child's.
pub fn serve_units() -> io::Result<()> {
    serve_one(UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?));
    Ok(())
}

fn serve_one(mut stream: UnixStream) {
    while let Ok(job) = codec::read::<Job>(&mut stream, MESSAGE_BYTES) {
        if codec::write(&mut stream, &start::run(&job), MESSAGE_BYTES).is_err() {
            return;
        }
    }
}
