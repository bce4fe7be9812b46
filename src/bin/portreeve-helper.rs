//! `portreeve-helper`: the privileged half.

fn main() {}
