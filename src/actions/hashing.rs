//! Hashing passwords: slow on purpose, so off the async threads and never many at once.

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Ident, Output, PasswordHash as Phc, Salt},
};
use subtle::ConstantTimeEq;
use tokio::task::spawn_blocking;

use super::{lane::Lane, random};
use crate::store::PasswordHash;

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const OUTPUT: usize = 32;

/// Allocated for a hash whatever it uses. glibc returns blocks of 32 MiB and more to the system as soon as they are
/// freed; smaller ones stay with the process, a new one per thread that hashed (measured after five sign-ins: 8 MiB
/// resident this way, 105 MiB without). Pages that aren't touched cost nothing.
const ALLOCATED_BLOCKS: usize = 33 * 1024;
const _: () = assert!(ALLOCATED_BLOCKS * Block::SIZE > 32 * 1024 * 1024);

/// The parameters and the two lanes in which hashes queue. A hash takes a lane's only permit, so at most two run.
#[derive(Debug)]
pub(super) struct Hashing {
    /// For those who signed in from the same address lately, or are signed in.
    pub(super) known: Lane,
    /// For everybody else: whatever strangers do here, the other lane stays free.
    pub(super) strangers: Lane,
    dummy: PasswordHash,
}

impl Default for Hashing {
    fn default() -> Self {
        // An output nobody computed: checking a password against it takes the full work and fails.
        let dummy = to_phc(&random::bytes::<16>(), &random::bytes::<OUTPUT>());
        Self { known: Lane::new(16), strangers: Lane::new(64), dummy }
    }
}

impl Hashing {
    /// The hash to check against where there is no account, so that it takes as long as where there is one.
    pub(super) const fn dummy(&self) -> &PasswordHash {
        &self.dummy
    }
}

/// Hashes a new password with a new salt. The caller holds a lane's permit.
pub(super) async fn hash(password: &str) -> PasswordHash {
    let password = password.to_owned();
    blocking(move || {
        let salt: [u8; 16] = random::bytes();
        let output = compute(&parameters(), password.as_bytes(), &salt).expect("our own parameters are within limits");
        to_phc(&salt, &output)
    })
    .await
}

/// Whether the password is the hashed one. The caller holds a lane's permit.
pub(super) async fn verify(password: &str, hash: &PasswordHash) -> bool {
    let (password, hash) = (password.to_owned(), hash.clone());
    blocking(move || matches(&password, &hash).unwrap_or(false)).await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn matches(password: &str, hash: &PasswordHash) -> Option<bool> {
    let phc = Phc::new(hash.expose()).ok()?;
    let parameters = Params::try_from(&phc).ok()?;
    let computed = compute(&parameters, password.as_bytes(), phc.salt.as_ref()?.as_ref())?;
    Some(computed.ct_eq(phc.hash.as_ref()?.as_bytes()).into())
}

fn compute(parameters: &Params, password: &[u8], salt: &[u8]) -> Option<[u8; OUTPUT]> {
    let used = parameters.block_count();
    let mut memory: Vec<Block> = Vec::with_capacity(used.max(ALLOCATED_BLOCKS));
    memory.resize(used, Block::new());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters.clone());
    let mut output = [0; OUTPUT];
    argon2.hash_password_into_with_memory(password, salt, &mut output, &mut memory[..]).ok()?;
    Some(output)
}

fn parameters() -> Params {
    Params::new(MEMORY_KIB, PASSES, 1, Some(OUTPUT)).expect("the constants are within argon2's limits")
}

fn to_phc(salt: &[u8], output: &[u8]) -> PasswordHash {
    let phc = Phc {
        algorithm: Ident::new_unwrap("argon2id"),
        version: Some(Version::V0x13.into()),
        params: parameters().try_into().expect("three numbers fit a PHC string"),
        salt: Some(Salt::new(salt).expect("16 bytes are a salt")),
        hash: Some(Output::new(output).expect("32 bytes are an output")),
    };
    PasswordHash::new(phc.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_hashed_password_matches() {
        let hash = hash("tin otter 9 lamps").await;
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("tin otter 9 lamps", &hash).await);
        assert!(!verify("tin otter 9 lamp", &hash).await);
        assert!(!verify("", Hashing::default().dummy()).await);
        assert!(!verify("x", &PasswordHash::new("$argon2id$broken".into())).await);
    }

    #[tokio::test]
    async fn the_dummy_takes_the_work_of_a_real_hash() {
        let cost = |hash: &PasswordHash| Params::try_from(&Phc::new(hash.expose()).unwrap()).unwrap().to_string();
        assert_eq!(cost(Hashing::default().dummy()), cost(&hash("tin otter 9 lamps").await));
    }

    #[test]
    fn a_hash_made_elsewhere_is_understood() {
        // The reference implementation: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1 -l 32 -e
        let reference =
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc".to_owned();
        assert_eq!(matches("password", &PasswordHash::new(reference)), Some(true));
    }
}
