//! Where randomness comes from.

/// Fills an array from the kernel's generator.
///
/// # Panics
/// When the kernel gives no random bytes. No secret can be made then, and none may be guessed at.
pub(super) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the kernel always has random bytes once it has booted");
    bytes
}
