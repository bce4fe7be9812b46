//! `portreeve blocked`, on a database that a panel left behind.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    process::Stdio,
};

use portreeve::{detect::blocked::Entry, firewall::Moment, store::Store};

use crate::{helper::running::program, web::blocked::entry};

/// Runs the command on a record with three rows.
async fn blocked(arguments: &[&str]) -> (Option<i32>, String, String) {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).await.unwrap();
    let now = now();
    let rows: Vec<Entry> = vec![
        entry(now, "203.0.113.9", "22/tcp", "pr:default-in:41:drop", 3_000, 1),
        entry(now, "2001:db8::7", "icmpv6/128", "pr:r12:41:reject", 60, 7),
        entry(now, "198.51.100.4", "22/tcp", "pr:default-in:41:drop", 2 * 86_400, 1),
    ];
    store.upkeep().note_blocked(&rows).await.unwrap();
    store.close().await;
    let mut command = program(env!("CARGO_BIN_EXE_portreeve"));
    command.arg("blocked").args(arguments).arg("--state-dir").arg(state.path()).stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The program asks the real clock; a file that is made now has its time.
fn now() -> Moment {
    let made = tempfile::NamedTempFile::new().unwrap();
    let time = File::open(made.path()).unwrap().metadata().unwrap().modified().unwrap();
    let since = time.duration_since(std::time::UNIX_EPOCH).unwrap();
    Moment::from_millis(i64::try_from(since.as_millis()).unwrap())
}

#[tokio::test]
async fn the_last_hour_is_listed_oldest_first() {
    let (code, out, error) = blocked(&[]).await;
    assert_eq!(code, Some(0), "{error}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 2, "{out}");
    assert!(lines[0].contains("203.0.113.9") && lines[0].contains("default-in@41") && lines[0].contains("22/tcp"));
    assert!(lines[1].contains("2001:db8::7") && lines[1].contains("reject") && lines[1].ends_with("×7"), "{out}");
}

#[tokio::test]
async fn the_rows_can_be_narrowed_and_printed_for_programs() {
    let (_, out, _) = blocked(&["--since", "7d", "--port", "22/tcp", "--source", "198.51.100.0/24", "--json"]).await;
    let row: serde_json::Value = serde_json::from_str(&out).expect("one object");
    assert_eq!(
        (&row["source"], &row["to"], &row["action"]),
        (&"198.51.100.4".into(), &"22/tcp".into(), &"drop".into())
    );
    for wrong in [["--since", "soon"], ["--port", "22/sctp"], ["--source", "nobody"]] {
        let (code, out, error) = blocked(&wrong).await;
        assert_eq!((code, out.as_str()), (Some(2), ""), "{error}");
    }
}

#[tokio::test]
async fn what_comes_is_printed_as_it_comes_and_once() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).await.unwrap();
    let knock = async |source: &str| {
        store.upkeep().note_blocked(&[entry(now(), source, "22/tcp", "pr:default-in:41:drop", 0, 1)]).await.unwrap();
    };
    knock("203.0.113.1").await;
    let mut command = program(env!("CARGO_BIN_EXE_portreeve"));
    command.args(["blocked", "--follow", "--state-dir"]).arg(state.path()).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.next().unwrap().contains("203.0.113.1"));
    for source in ["203.0.113.2", "203.0.113.3"] {
        knock(source).await;
        assert!(lines.next().unwrap().contains(source), "each row comes once");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
