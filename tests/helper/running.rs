//! A real helper process in a directory of its own, and clients that talk to it as any user.

use std::{
    fs,
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use portreeve::boundary::{Request, Response, VERSION, codec, limits};
use rustix::{
    process::{Gid, Pid, Signal, Uid, kill_process},
    thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid},
};

/// The user that plays the panel.
pub const PANEL: &str = "nobody";
pub const PANEL_UID: u32 = 65534;

/// A user that has no business with the helper.
pub const STRANGER_UID: u32 = 1;

/// Longer than anything a test waits for; only a failing test waits this long.
pub const PATIENCE: Duration = Duration::from_mins(1);

pub struct Running {
    pub child: Child,
    pub dir: tempfile::TempDir,
}

#[expect(clippy::disallowed_methods, reason = "tests start the programs they test")]
pub fn program(path: impl AsRef<std::ffi::OsStr>) -> Command {
    Command::new(path)
}

pub fn helper() -> Command {
    program(env!("CARGO_BIN_EXE_portreeve-helper"))
}

/// A directory that the panel's user may enter.
pub fn open_dir() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    dir
}

impl Running {
    pub fn start() -> Self {
        Self::start_in(open_dir(), helper())
    }

    /// Starts `command`, a helper or a program that becomes one, with its files in `dir`.
    pub fn start_in(dir: tempfile::TempDir, mut command: Command) -> Self {
        command.arg("serve").args(settings(dir.path())).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        let running = Self { child, dir };
        wait_until("the helper answers", || UnixStream::connect(running.socket()).is_ok());
        running
    }

    pub fn socket(&self) -> PathBuf {
        self.dir.path().join("run/helper.sock")
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The number of descriptors once no conversation is going on.
    pub fn quiet_descriptors(&self) -> usize {
        // Connections are accepted in order, so none is left waiting behind this one.
        drop(self.greet());
        // One accepts, one keeps time and two watch a child each.
        let threads = || fs::read_dir(format!("/proc/{}/task", self.pid())).unwrap().count();
        wait_until("all conversations are over", || threads() == 4);
        self.descriptors()
    }

    /// The number of descriptors the helper has open.
    pub fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.pid())).unwrap().count()
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.pid().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    pub fn connect(&self) -> Client {
        Client::connect(&self.socket())
    }

    /// Connects and says hello.
    pub fn greet(&self) -> Client {
        let mut client = self.connect();
        assert_eq!(client.ask(&Request::Hello { version: VERSION }), Some(Response::Hello { version: VERSION }));
        client
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn settings(dir: &Path) -> Vec<String> {
    let path = |name: &str| dir.join(name).display().to_string();
    let options = [
        "--socket",
        &path("run/helper.sock"),
        "--state-dir",
        &path("state"),
        "--panel-user",
        PANEL,
        "--floor",
        &path("floor"),
    ];
    options.map(str::to_owned).to_vec()
}

/// Runs a command that ends by itself; gives its exit status and what it wrote to standard error.
pub fn finish(mut command: Command) -> (ExitStatus, String) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    (output.status, String::from_utf8(output.stderr).unwrap())
}

pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Does something as another user. Only this thread changes, and it ends with the deed.
pub fn as_user<T: Send>(uid: u32, act: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let (user, group) = (Uid::from_raw(uid), Gid::from_raw(uid));
            set_thread_groups(&[]).unwrap();
            set_thread_res_gid(group, group, group).unwrap();
            set_thread_res_uid(user, user, user).unwrap();
            act()
        });
        thread.join().unwrap()
    })
}

pub struct Client(pub UnixStream);

impl Client {
    pub fn connect(path: &Path) -> Self {
        let stream = UnixStream::connect(path).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(stream)
    }

    /// The answer, or nothing when the helper closes instead.
    pub fn ask(&mut self, request: &Request) -> Option<Response> {
        codec::write(&mut self.0, request, request.limit()).ok()?;
        self.answer()
    }

    pub fn answer(&mut self) -> Option<Response> {
        codec::read(&mut self.0, limits::RESPONSE_BYTES).ok()
    }

    pub fn send(&mut self, body: &[u8]) {
        self.try_send(body).unwrap();
    }

    /// The same when the helper may hang up meanwhile.
    pub fn try_send(&mut self, body: &[u8]) -> std::io::Result<()> {
        self.0.write_all(&u32::try_from(body.len()).map_err(std::io::Error::other)?.to_be_bytes())?;
        self.0.write_all(body)
    }

    /// Whether the helper closes without another byte. What it left unread shows as a reset.
    pub fn is_closed(&mut self) -> bool {
        match self.0.read(&mut [0]) {
            Ok(count) => count == 0,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => self.is_closed(),
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error:?}");
                true
            }
        }
    }
}
