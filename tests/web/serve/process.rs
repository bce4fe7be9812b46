//! A running `portreeve serve`, and a client that says exactly what a test wants said.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::{fs::chown, process::CommandExt},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tempfile::TempDir;

use crate::netns::host::Host;

/// The user that the panel runs as in tests: nobody, who owns nothing.
const NOBODY: u32 = 65534;

/// Longer than anything takes, also on a busy machine.
pub const PATIENCE: Duration = Duration::from_mins(1);

pub type Tls = StreamOwned<ClientConnection, TcpStream>;

/// A running panel; it is killed when the test ends.
pub struct Serving {
    pub address: SocketAddr,
    pub said: Vec<String>,
    pub dir: TempDir,
    child: Child,
}

/// A directory that the panel's user owns.
pub fn own_dir() -> TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    chown(dir.path(), Some(NOBODY), Some(NOBODY)).expect("tests run as root");
    dir
}

fn command(dir: &Path, arguments: &[&str]) -> Command {
    #[expect(clippy::disallowed_methods, reason = "the program under test")]
    let mut command = Command::new(env!("CARGO_BIN_EXE_portreeve"));
    command.arg("serve").args(["--listen", "127.0.0.1:0", "--state-dir"]).arg(dir.join("state"));
    command.arg("--helper-socket").arg(dir.join("helper.sock")).args(arguments);
    command.env_clear().uid(NOBODY).gid(NOBODY).stdout(Stdio::piped());
    command
}

/// Runs a panel that is expected to give up at once.
pub fn refused(dir: &Path, arguments: &[&str], uid: u32) -> Output {
    command(dir, arguments).uid(uid).gid(uid).stderr(Stdio::piped()).output().expect("the program runs")
}

impl Serving {
    pub fn start() -> Self {
        Self::start_in(own_dir(), &[])
    }

    pub fn start_in(dir: TempDir, arguments: &[&str]) -> Self {
        let command = command(dir.path(), arguments);
        Self::start_by(command, dir)
    }

    /// A panel on another host, at its address `listen`.
    pub fn start_on(host: &Host, dir: TempDir, listen: &str) -> Self {
        let mut command = host.command("setpriv");
        let user = NOBODY.to_string();
        command.args(["--reuid", &user, "--regid", &user, "--clear-groups", env!("CARGO_BIN_EXE_portreeve")]);
        command.args(["serve", "--listen", listen, "--state-dir"]).arg(dir.path().join("state"));
        command.arg("--helper-socket").arg(dir.path().join("helper.sock")).stdout(Stdio::piped());
        Self::start_by(command, dir)
    }

    /// A panel that logs all it can.
    pub fn start_logging(dir: TempDir) -> Self {
        let mut command = command(dir.path(), &[]);
        command.env("RUST_LOG", "trace");
        Self::start_by(command, dir)
    }

    fn start_by(mut command: Command, dir: TempDir) -> Self {
        let mut child =
            command.stderr(File::create(dir.path().join("log")).expect("a file")).spawn().expect("the program starts");
        let said = said_at_start(&mut child);
        let link = said.iter().find(|line| line.starts_with("https://")).expect("an address");
        let address = link["https://".len()..].parse().expect("an address and port");
        Self { address, said, dir, child }
    }

    /// What it logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).expect("a log")
    }

    pub fn state_dir(&self) -> std::path::PathBuf {
        self.dir.path().join("state")
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the program runs");
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A line of `/proc/PID/status`.
    pub fn status(&self, field: &str) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("the program runs");
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':')).expect("the field");
        line.trim().to_owned()
    }

    /// Waits for the end and says whether it was a good one.
    pub fn wait(&mut self) -> bool {
        until("the program ends", || self.child.try_wait().expect("a child")).success()
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream
    }

    /// A TLS connection that trusts exactly the panel's own certificate, as made out to its address.
    pub fn connect_tls(&self, alpn: &[u8]) -> Tls {
        self.handshake(self.connect(), alpn, rustls::ALL_VERSIONS).expect("a handshake")
    }

    pub fn handshake(
        &self,
        stream: TcpStream,
        alpn: &[u8],
        versions: &[&'static SupportedProtocolVersion],
    ) -> Option<Tls> {
        let pem = fs::read(self.state_dir().join("tls.pem")).ok()?;
        handshake(stream, &pem, alpn, versions)
    }

    /// Sends one request over HTTP/1.1 and reads until the server closes.
    pub fn exchange(&self, request: &str) -> String {
        exchange(&mut self.connect_tls(b"http/1.1"), request)
    }

    pub fn get(&self, path: &str) -> String {
        self.exchange(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn handshake(
    stream: TcpStream,
    pem: &[u8],
    alpn: &[u8],
    versions: &[&'static SupportedProtocolVersion],
) -> Option<Tls> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem).ok()?).ok()?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).ok()?;
    let mut configuration = builder.with_root_certificates(roots).with_no_client_auth();
    configuration.alpn_protocols = vec![alpn.to_vec()];
    let name = ServerName::from(stream.peer_addr().ok()?.ip());
    let client = ClientConnection::new(Arc::new(configuration), name).ok()?;
    let mut tls = StreamOwned::new(client, stream);
    while tls.conn.is_handshaking() {
        tls.conn.complete_io(&mut tls.sock).ok()?;
    }
    Some(tls)
}

/// Says something and reads until the other end closes; what it said is empty when it just hung up.
pub fn exchange(stream: &mut (impl Read + Write), request: &str) -> String {
    let _ = stream.write_all(request.as_bytes());
    let _ = stream.flush();
    read_to_close(stream)
}

/// Reads until the other end closes, politely or not. Panics when it is still open after [`PATIENCE`].
pub fn read_to_close(stream: &mut impl Read) -> String {
    let (mut said, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => said.extend(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => panic!("the server keeps the connection open"),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&said).into_owned()
}

/// Tries until there is an answer.
pub fn until<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match attempt() {
            Some(answer) => return answer,
            None if Instant::now() > deadline => panic!("waited in vain until {what}"),
            None => thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// What a start prints, up to the empty line.
fn said_at_start(child: &mut Child) -> Vec<String> {
    let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let mut said = Vec::new();
    while let Ok(line) = lines.recv_timeout(PATIENCE) {
        said.push(line.trim().to_owned());
        if line.is_empty() {
            return said;
        }
    }
    panic!("the program did not start: {said:?}");
}
