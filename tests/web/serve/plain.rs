//! Plain HTTP on the TLS port.

use super::process::{Serving, exchange};

#[test]
fn it_is_led_to_the_same_address_with_tls() {
    let serving = Serving::start();
    let hosts = [serving.address.to_string(), "localhost:9999".to_owned()];
    for host in hosts {
        let answer = exchange(&mut serving.connect(), &format!("GET /x?y HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 307 "), "{answer}");
        assert!(answer.contains(&format!("location: https://{host}/\r\n")), "{answer}");
    }
    let answer = exchange(&mut serving.connect(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let expected = format!("location: https://localhost:{}/\r\n", serving.address.port());
    assert!(answer.contains(&expected), "{answer}");
}

#[test]
fn a_foreign_name_is_not_repeated_and_a_form_is_not_taken() {
    let serving = Serving::start();
    let requests = [
        "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n",
        "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\na=b",
    ];
    for request in requests {
        let answer = exchange(&mut serving.connect(), request);
        assert!(answer.starts_with("HTTP/1.") && answer.contains(" 400 "), "{request:?}: {answer}");
        assert!(!answer.contains("evil") && !answer.contains("location"), "{request:?}: {answer}");
        assert!(answer.contains("https://"), "it says what to do");
    }
}

#[test]
fn what_is_neither_tls_nor_http_is_hung_up_on() {
    let serving = Serving::start();
    for rubbish in
        ["\0\0\0\0\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "\u{16}\u{3}\u{1}\u{0}\u{5}hello world", "GET /\r\n\r\n"]
    {
        let answer = exchange(&mut serving.connect(), rubbish);
        assert!(!answer.contains("200"), "{rubbish:?}: {answer}");
    }
    assert!(serving.get("/").contains(" 303 "), "and others are still served");
}
