//! The account that the town's visitor signs in with, made before the panel starts.

use std::{
    fs,
    io::Read,
    net::{IpAddr, Ipv4Addr},
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
};

use portreeve::{
    actions::{Actions, Clock, FirstAccount, HelperSocket, Origin},
    store::{Actor, Store},
};

use super::{Outcome, panel::USER};

pub const NAME: &str = "anna";

/// Makes it and gives its password, which is another one in every town.
pub fn make(state_dir: &Path) -> Outcome<String> {
    let password = password()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(make_in(state_dir, &password))?;
    chown(state_dir, Some(USER), Some(USER))?;
    fs::set_permissions(state_dir, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(state_dir)? {
        chown(entry?.path(), Some(USER), Some(USER))?;
    }
    Ok(password)
}

async fn make_in(state_dir: &Path, password: &str) -> Outcome {
    fs::create_dir_all(state_dir)?;
    let store = Store::open(state_dir).await?;
    let actions = Actions::new(store, HelperSocket::new(Path::new("/nonexistent")), Clock::system());
    let token = actions.issue_setup_token(Actor::System).await?.ok_or("there is an account already")?;
    let origin = Origin { address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 44)), browser: "the town".to_owned() };
    let account = FirstAccount { setup_token: &token, name: NAME, password };
    actions.create_first_account(account, &origin).await.map_err(|error| format!("{error:?}"))?;
    actions.store().close().await;
    Ok(())
}

fn password() -> Outcome<String> {
    let mut bytes = [0; 8];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("town-{:016x}", u64::from_le_bytes(bytes)))
}
