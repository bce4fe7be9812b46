//! A running demo.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    browser::webdriver::Browser,
    helper::running::{program, wait_until},
};

/// Building both programs and the town may be part of it.
const PATIENCE: Duration = Duration::from_mins(15);

pub struct Town {
    child: Child,
    door: String,
    password: String,
}

impl Town {
    pub fn start() -> Self {
        let door = free_door();
        let source = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = program(source.join("demo/run.sh"));
        let child = command.arg(&door).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut town = Self { child, door, password: String::new() };
        let lines = BufReader::new(town.child.stdout.take().unwrap()).lines();
        let (sender, said) = mpsc::channel();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        while town.password.is_empty() {
            let line = said.recv_timeout(PATIENCE).expect("the town says how to sign in");
            town.password = line.split_once("with the password: ").map(|(_, told)| told.to_owned()).unwrap_or_default();
        }
        town
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.door)
    }

    /// A browser that has signed in as the town says.
    pub fn signed_in(&self) -> Browser {
        let browser = Browser::start();
        browser.open(&self.url("/sign-in"));
        browser.fill("#name", "anna");
        browser.fill("#password", &self.password);
        browser.click("main form button:not([type=button])");
        wait_until("signed in", || !browser.address().contains("/sign-in"));
        browser
    }

    /// The numbers of all processes below it, as this machine counts them.
    pub fn processes(&self) -> Vec<u32> {
        let mut all = vec![self.child.id()];
        let mut next = 0;
        while let Some(pid) = all.get(next) {
            let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
            let children = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
            let found: Vec<u32> = children.flat_map(|line| numbers(&line)).collect();
            all.extend(found);
            next += 1;
        }
        all
    }

    /// As Ctrl-C does: the signal goes to everybody at the terminal.
    pub fn end(mut self) {
        for pid in self.processes().into_iter().take(2) {
            let _ = kill_process(Pid::from_raw(pid.try_into().unwrap()).unwrap(), Signal::INT);
        }
        assert!(self.child.wait().unwrap().success());
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn numbers(line: &str) -> Vec<u32> {
    line.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}

fn free_door() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
