//! `portreeve audit verify`: proves that the audit log is what was written, or names the first record that isn't.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::Subcommand;
use serde_json::json;

use super::identity::{self, StateDir};
use crate::store::{self, AuditHead, AuditReport};

/// The command's arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Audit {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Proves that no record of the audit log was changed, removed or added, or names the first that was.
    Verify(Verify),
}

/// What to compare with, and how to say it.
#[derive(Debug, clap::Args)]
struct Verify {
    /// A log with the heads that the panel wrote to it; `-` reads it from standard input, as in
    /// `journalctl -u portreeve -o cat | portreeve audit verify --against -`.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    state_dir: StateDir,
}

impl Audit {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Act::Verify(verify) = self.act;
        verify.run()
    }
}

impl Verify {
    /// The log is opened before root's rights are given up: it isn't the panel's.
    fn run(&self) -> anyhow::Result<()> {
        let log = self.against.as_deref().map(open).transpose()?;
        let state_dir = self.state_dir.enter()?;
        let logged = log.map(heads).transpose().context("the log can't be read")?;
        let count = logged.as_ref().map(Vec::len);
        if count == Some(0) {
            bail!("no head of the audit log is in it: a line with one reads “audit head 12 9f3a…”");
        }
        let report = identity::block_on(async {
            Ok(store::verify_audit(state_dir, logged.as_deref().unwrap_or_default()).await?)
        })?;
        let text = if self.json { in_json(&report, count) } else { in_words(&report, count) };
        writeln!(io::stdout(), "{text}")?;
        match report.broken {
            Some(broken) => bail!("the audit log was tampered with: {broken}"),
            None => Ok(()),
        }
    }
}

fn open(path: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).with_context(|| format!("{} can't be read", path.display()))?;
    Ok(Box::new(BufReader::new(file)))
}

/// A journal may hold bytes that are no text.
fn heads(log: impl BufRead) -> io::Result<Vec<AuditHead>> {
    let mut heads = Vec::new();
    for line in log.split(b'\n') {
        heads.extend(AuditHead::all_in(&String::from_utf8_lossy(&line?)));
    }
    Ok(heads)
}

fn in_words(report: &AuditReport, logged: Option<usize>) -> String {
    let hold = match report.records {
        0 => "No record holds.".to_owned(),
        1 => "1 record holds.".to_owned(),
        many => format!("{many} records hold, from the first on."),
    };
    let taken_in = match report.taken_in {
        0 => String::new(),
        last => format!(" Those up to {last} are older than the chain, which vouches for them only since it began."),
    };
    let logged = match (logged, report.broken) {
        (Some(1), None) => " They agree with the 1 head that was logged.".to_owned(),
        (Some(count), None) => format!(" They agree with the {count} heads that were logged."),
        _ => String::new(),
    };
    let head = report.head.map(|head| format!("\n{head}")).unwrap_or_default();
    format!("{hold}{taken_in}{logged}{head}")
}

fn in_json(report: &AuditReport, logged: Option<usize>) -> String {
    let broken = report
        .broken
        .map(|broken| json!({ "record": broken.record(), "kind": broken.kind(), "text": broken.to_string() }));
    let head = report.head.map(|head| json!({ "record": head.id, "sha256": head.hex() }));
    json!({ "holds": report.broken.is_none(), "records": report.records, "taken_in": report.taken_in, "head": head,
            "compared_with": logged, "broken": broken })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Broken;

    #[test]
    fn a_report_reads_as_sentences() {
        let head = AuditHead { id: 2, hash: [0xab; 32] };
        let report = AuditReport { records: 2, head: Some(head), taken_in: 0, broken: None };
        let words = in_words(&report, Some(1));
        assert_eq!(
            words,
            format!("2 records hold, from the first on. They agree with the 1 head that was logged.\n{head}")
        );
        let report = AuditReport { records: 0, head: None, taken_in: 0, broken: Some(Broken::Changed { id: 1 }) };
        assert_eq!(in_words(&report, Some(1)), "No record holds.");
        assert!(in_json(&report, None).contains(r#""kind":"changed","record":1"#));
    }

    #[test]
    fn heads_are_found_in_a_log_that_is_not_all_text() {
        let head = AuditHead { id: 2, hash: [0xab; 32] };
        let log = [b"\xff\xfe \n INFO ".as_slice(), head.to_string().as_bytes(), b"\r\n".as_slice()].concat();
        assert_eq!(heads(log.as_slice()).unwrap(), [head]);
    }
}
