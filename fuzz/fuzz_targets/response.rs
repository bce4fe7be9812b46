//! What is read as a response is written and read back the same, and nothing panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::boundary::{Response, codec, limits};

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = codec::read::<Response>(&mut &bytes[..], limits::RESPONSE_BYTES) else { return };
    let mut wire = Vec::new();
    codec::write(&mut wire, &message, limits::RESPONSE_BYTES).expect("what was read can be written");
    let again: Response = codec::read(&mut &wire[..], limits::RESPONSE_BYTES).expect("what was written can be read");
    assert_eq!(again, message);
});
