//! The answer to somebody who speaks plain HTTP on the TLS port: where the panel is, and nothing else.

use std::convert::Infallible;

use axum::{
    body::Body,
    http::{Method, Request, Response, StatusCode, header},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;

use super::limits;
use crate::web::kit::Names;

/// Answers one request and closes.
pub(super) async fn answer(stream: TcpStream, names: &Names) {
    let port = stream.local_addr().map_or(0, |address| address.port());
    let service = service_fn(|request| std::future::ready(Ok::<_, Infallible>(respond(&request, names, port))));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits::HEAD).max_buf_size(limits::HEAD_BYTES);
    http.max_headers(limits::HEADERS).keep_alive(false);
    let conversation = http.serve_connection(TokioIo::new(stream), service);
    if let Ok(Err(error)) = tokio::time::timeout(limits::REQUEST, conversation).await {
        tracing::trace!(%error, "a plain HTTP conversation broke off");
    }
}

fn respond(request: &Request<Incoming>, names: &Names, port: u16) -> Response<Body> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    // An unknown name isn't echoed: the answer must not send anybody to a place a stranger chose.
    let authority = host.and_then(|host| names.admit(host));
    let location = authority.map(|authority| match authority.port_u16() {
        Some(_) => format!("https://{authority}/"),
        None => format!("https://{authority}:{port}/"),
    });
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let sentence = "This port speaks HTTPS only. Put https:// in front of the address.\n";
    let response = Response::builder()
        .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        // A browser must not remember the redirect: tomorrow another program may have the port.
        .header(header::CACHE_CONTROL, "no-store");
    let response = match location {
        Some(location) if is_safe => response.status(StatusCode::TEMPORARY_REDIRECT).header(header::LOCATION, location),
        _ => response.status(StatusCode::BAD_REQUEST),
    };
    response.body(Body::from(sentence)).unwrap_or_default()
}
