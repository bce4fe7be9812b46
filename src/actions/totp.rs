//! Codes that change every thirty seconds, as RFC 6238 has them: pure, time and secret are handed in.

use ring::hmac;
use subtle::ConstantTimeEq;

use crate::{firewall::Moment, store::FactorSecret};

const STEP_SECONDS: i64 = 30;
const DIGITS: u32 = 6;

/// Steps before and after now whose codes are taken too: clocks differ, and typing takes time.
const SLACK: i64 = 1;

/// How far a clock is looked for that is wrong, in steps.
const FARTHEST: i64 = 20;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step in which `code` is right: this one, the one before or the one after.
pub(super) fn find_step(secret: &FactorSecret, code: &str, now: Moment) -> Option<i64> {
    let this = step_at(now);
    (this - SLACK..=this + SLACK).find(|step| is_code_of(secret, *step, code))
}

/// By how many seconds the clock of whoever made the code seems to be ahead, if it is a code of the last or next minutes.
pub(super) fn find_skew(secret: &FactorSecret, code: &str, now: Moment) -> Option<i64> {
    let this = step_at(now);
    let step = (this - FARTHEST..=this + FARTHEST).find(|step| is_code_of(secret, *step, code))?;
    Some((step - this) * STEP_SECONDS)
}

/// What a code looks like, spaces aside.
pub(super) fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn step_at(now: Moment) -> i64 {
    now.as_millis().div_euclid(STEP_SECONDS * 1000)
}

fn is_code_of(secret: &FactorSecret, step: i64, code: &str) -> bool {
    code_of(secret, step).as_bytes().ct_eq(code.as_bytes()).into()
}

/// RFC 4226, 5.3.
fn code_of(secret: &FactorSecret, step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.expose());
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = usize::from(bytes[19] & 0xf);
    let word = [bytes[offset] & 0x7f, bytes[offset + 1], bytes[offset + 2], bytes[offset + 3]];
    format!("{:06}", u32::from_be_bytes(word) % 10_u32.pow(DIGITS))
}

/// The secret as apps take it when it is typed.
pub(super) fn to_base32(bytes: &[u8]) -> String {
    let bits = |chunk: &[u8]| chunk.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let digits = |chunk: &[u8]| {
        let bits = bits(chunk);
        (0..8).rev().map(move |at| usize::try_from(bits >> (5 * at) & 31).unwrap_or_default()).collect::<Vec<_>>()
    };
    bytes.chunks_exact(5).flat_map(digits).map(|digit| char::from(ALPHABET[digit])).collect()
}

/// Reads what [`to_base32`] wrote; spaces and small letters are fine.
pub(super) fn from_base32(text: &str) -> Option<FactorSecret> {
    let digit = |byte: u8| ALPHABET.iter().zip(0_u64..).find(|(known, _)| **known == byte).map(|(_, digit)| digit);
    let digits = text.bytes().filter(|byte| *byte != b' ').map(|byte| digit(byte.to_ascii_uppercase()));
    let digits: Vec<u64> = digits.collect::<Option<_>>()?;
    let bytes = digits.chunks(8).flat_map(|chunk| {
        let bits = chunk.iter().fold(0_u64, |bits, digit| bits << 5 | digit);
        bits.to_be_bytes()[3..].to_vec()
    });
    let bytes: Vec<u8> = bytes.collect();
    (digits.len() == 32).then_some(bytes)?.try_into().ok().map(FactorSecret::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC: FactorSecret = FactorSecret::new(*b"12345678901234567890");

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of eight digits.
        let times = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, code) in times {
            assert_eq!(code_of(&RFC, step_at(Moment::from_millis(seconds * 1000))), code);
        }
    }

    #[test]
    fn a_code_is_right_for_a_minute_and_a_half_and_tells_its_step() {
        let at = |seconds: i64| Moment::from_millis(seconds * 1000);
        let code = code_of(&RFC, 100);
        for (seconds, found) in [(2969, None), (2970, Some(100)), (3000, Some(100)), (3059, Some(100)), (3060, None)] {
            assert_eq!(find_step(&RFC, &code, at(seconds)), found, "{seconds}");
        }
        assert_eq!(find_skew(&RFC, &code, at(3000 - 300)), Some(300));
        assert_eq!(find_skew(&RFC, &code, at(3000 + 900)), None);
    }

    #[test]
    fn a_secret_can_be_typed() {
        assert_eq!(to_base32(RFC.expose()), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(from_base32("gezd gnbv gy3t qojq gezd gnbv gy3t qojq").is_some_and(|secret| secret == RFC));
        for wrong in ["", "GEZDGNBV", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQA"] {
            assert!(from_base32(wrong).is_none(), "{wrong}");
        }
    }
}
