//! Text that a stranger chooses, on pages of the real programs, in a browser that reports every violation.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use serde_json::json;

use super::stage::Stage;
use crate::helper::running::program;

/// As long as the kernel lets a process name itself.
const NAME: &str = "<img src=q>\\x1b[1";

/// A process with a name that is markup, listening on a port.
struct Liar {
    child: Child,
    port: u16,
}

impl Liar {
    fn start() -> Self {
        let script = format!(
            "import socket, sys, time\nopen('/proc/self/comm', 'w').write('{NAME}')\n\
             s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\n\
             print(s.getsockname()[1], flush=True); time.sleep(600)"
        );
        let mut child =
            program("python3").args(["-c", &script]).stdout(Stdio::piped()).spawn().expect("python3 is there");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its port");
        Self { child, port: line.trim().parse().expect("a port") }
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn names_of_processes_and_browsers_stay_text() {
    let (liar, stage) = (Liar::start(), Stage::set());
    let browser = &stage.browser;
    let agent = "\"><script>alert(1)</script><img src=x onerror=alert(2)>";
    browser.devtools("Network.setUserAgentOverride", &json!({ "userAgent": agent }));
    stage.settle();
    browser.open(&stage.url(&format!("/ports?q={}", liar.port)));
    assert!(browser.text("#ports td.program").contains("<img src=q>"), "{}", browser.text("#ports td.program"));
    browser.open(&stage.url("/account"));
    assert!(browser.text("main table").contains("<script>alert(1)</script>"));
    browser.open(&stage.url("/ports?q=%22%3E%3Cscript%3Ealert(3)%3C/script%3E&sort=%3Cimg%20src=x%3E"));
    assert_eq!(stage.count("main img, main script"), 0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
