//! The helper and the panel, as on a real server, and the rules that the town has when it opens.

use std::{
    env, fs,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use super::{
    HOME, Outcome,
    hosts::{SERVER_4, finish, on_server},
};

/// The panel's user here: nobody, who owns nothing.
pub const USER: u32 = 65534;

const PORT: u16 = 8470;

const RULES: &str = include_str!("town.toml");

/// Where the panel keeps everything.
pub fn state_dir() -> PathBuf {
    Path::new(HOME).join("panel")
}

fn program(name: &str) -> Outcome<String> {
    let beside = env::current_exe()?;
    let folder = beside.parent().and_then(Path::parent).ok_or("no folder")?;
    Ok(folder.join(name).to_str().ok_or("a path that is no text")?.to_owned())
}

fn socket() -> PathBuf {
    Path::new(HOME).join("run/helper.sock")
}

/// Starts both, and puts the rules in force.
pub fn start() -> Outcome {
    let (socket, state) = (socket(), Path::new(HOME).join("helper"));
    fs::create_dir_all(&state)?;
    let (socket, state) = (socket.display().to_string(), state.display().to_string());
    let mut helper = on_server(&program("portreeve-helper")?, &["serve", "--socket", &socket]);
    helper.args(["--state-dir", &state, "--panel-user", "nobody"]);
    quiet(&mut helper, "helper.log")?.spawn()?;
    wait_for("the helper", || UnixStream::connect(&socket).is_ok())?;
    let rules = Path::new(HOME).join("town.toml");
    fs::write(&rules, RULES)?;
    let rules = rules.display().to_string();
    for arguments in [["rules", "apply", &rules, "--yes"].as_slice(), &["confirm"]] {
        let mut command = on_server(&program("portreeve")?, arguments);
        command.args(["--socket", &socket]);
        finish(quiet(&mut command, "rules.log")?.spawn()?, &arguments.join(" "))?;
    }
    serve(&socket)
}

fn serve(socket: &str) -> Outcome {
    let (state, user, listen) = (state_dir().display().to_string(), USER.to_string(), format!("[::]:{PORT}"));
    let mut panel = on_server("setpriv", &["--reuid", &user, "--regid", &user, "--clear-groups"]);
    panel.args(["--no-new-privs", &program("portreeve")?, "serve", "--listen", &listen, "--state-dir", &state]);
    panel.args(["--helper-socket", socket, "--config", &format!("{HOME}/portreeve.toml")]);
    fs::write(format!("{HOME}/portreeve.toml"), format!("hosts = [\"town.example\", \"{SERVER_4}\"]\n"))?;
    quiet(&mut panel, "panel.log")?.spawn()?;
    wait_for("the panel", || fs::read_to_string(format!("{HOME}/panel.log")).is_ok_and(|log| log.contains("is ready")))
}

/// What a part has to say goes into a file that nobody has to read.
fn quiet<'a>(command: &'a mut Command, log: &str) -> Outcome<&'a mut Command> {
    let log = fs::File::options().create(true).append(true).open(Path::new(HOME).join(log))?;
    Ok(command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log))
}

fn wait_for(what: &str, is_there: impl Fn() -> bool) -> Outcome {
    for _ in 0..600 {
        if is_there() {
            return Ok(());
        }
        sleep(Duration::from_millis(100));
    }
    Err(format!("{what} didn't start; its words are in {HOME}").into())
}
