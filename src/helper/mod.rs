//! PRIVILEGED. The only code that runs as root: it serves the verbs of `boundary` over a unix socket.
//!
//! Neighbours: uses `boundary` and `firewall`; nobody may use it but its own binary.
//!
//! Invariant: small enough to read in an evening, blocking, without network. It re-checks every field it is handed and
//! has no shell and no string that becomes a command, a path or a chain name.
