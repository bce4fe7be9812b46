//! What is read as a request is written and read back the same, and nothing panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve::boundary::{Request, codec, limits};

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = codec::read::<Request>(&mut &bytes[..], limits::REQUEST_BYTES) else { return };
    let mut wire = Vec::new();
    codec::write(&mut wire, &message, limits::REQUEST_BYTES).expect("what was read can be written");
    let again: Request = codec::read(&mut &wire[..], limits::REQUEST_BYTES).expect("what was written can be read");
    assert_eq!(again, message);
});
