//! Tells systemd that connections are accepted (`sd_notify(3)`), so that `systemctl start` ends when the panel answers.

use std::{env, io, os::unix::net::UnixDatagram};

/// Says so, if systemd asked for it by `NOTIFY_SOCKET`.
///
/// # Errors
/// When systemd can't be told; it ends the service after its start time-out then.
#[expect(clippy::disallowed_methods, reason = "systemd hands the address over in the environment")]
pub(super) fn tell() -> io::Result<()> {
    let Ok(path) = env::var("NOTIFY_SOCKET") else { return Ok(()) };
    UnixDatagram::unbound()?.send_to(b"READY=1", path)?;
    Ok(())
}
