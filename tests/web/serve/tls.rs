//! What is spoken below HTTP.

use rustls::{
    ProtocolVersion,
    version::{TLS12, TLS13},
};

use super::process::Serving;

#[test]
fn both_versions_of_tls_and_of_http_are_spoken() {
    let serving = Serving::start();
    for (version, number) in [(&TLS12, ProtocolVersion::TLSv1_2), (&TLS13, ProtocolVersion::TLSv1_3)] {
        for alpn in [b"h2".as_slice(), b"http/1.1"] {
            let tls = serving.handshake(serving.connect(), alpn, &[version]).unwrap();
            assert_eq!((tls.conn.protocol_version(), tls.conn.alpn_protocol()), (Some(number), Some(alpn)));
        }
    }
}

#[test]
fn the_certificate_is_the_one_whose_fingerprint_was_printed() {
    let serving = Serving::start();
    let tls = serving.connect_tls(b"h2");
    let certificate = tls.conn.peer_certificates().unwrap()[0].to_vec();
    let digest = <sha2::Sha256 as sha2::Digest>::digest(certificate);
    let fingerprint = digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":");
    assert!(serving.said.contains(&fingerprint), "{:?}", serving.said);
}

#[test]
fn a_request_is_answered_and_names_no_server() {
    let serving = Serving::start();
    let answer = serving.get("/").to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 303 "), "{answer}");
    assert!(answer.contains("location: /setup") && !answer.contains("\r\nserver:"), "{answer}");
}
