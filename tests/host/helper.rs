//! A client of the helper's socket inside the machine, for what the panel's own programs would never ask.

use std::fs;

use portreeve::boundary::{Request, Response, VERSION, codec, limits};

use super::machine::Machine;

/// Sends each frame of its input and prints the answer to it. Perl is what every Debian has.
const CLIENT: &str = r#"
use Socket;
socket(S, PF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un("/run/portreeve/helper.sock")) or die "$!";
sub take { my ($n, $h) = @_; my $b = ""; while (length $b < $n) { sysread($h, $b, $n - length $b, length $b) or last } $b }
while (length(my $head = take(4, STDIN)) == 4) {
    syswrite(S, $head . take(unpack("N", $head), STDIN));
    my $answer = take(4, S);
    last if length $answer < 4;
    syswrite(STDOUT, $answer . take(unpack("N", $answer), S));
}
"#;

/// Asks as the panel's user, in one conversation after Hello.
pub fn ask(machine: &Machine, requests: &[Request]) -> Vec<Response> {
    let mut frames = Vec::new();
    let hello = Request::Hello { version: VERSION };
    for request in [&hello].into_iter().chain(requests) {
        codec::write(&mut frames, request, limits::REQUEST_BYTES).expect("a short request");
    }
    let answers = send(machine, &frames);
    let mut left = &answers[..];
    let read = std::iter::from_fn(|| codec::read(&mut left, limits::RESPONSE_BYTES).ok());
    read.skip(1).collect()
}

/// Sends these bytes; gives those that come back.
pub fn send(machine: &Machine, frames: &[u8]) -> Vec<u8> {
    fs::write(machine.path("/root/frames"), frames).expect("room in the machine");
    fs::write(machine.path("/usr/local/bin/client"), CLIENT).expect("room in the machine");
    let panel = "setpriv --reuid portreeve --regid portreeve --clear-groups";
    machine.output(&format!("{panel} perl /usr/local/bin/client </root/frames")).stdout
}
