//! The server below the pages: sockets, TLS, HTTP and the limits that keep strangers from starving the administrator.
//!
//! It accepts by itself instead of through a ready-made server, because seats are given by source address, a plain-HTTP
//! request is recognised before TLS begins, and each request has to know when its connection was accepted.

mod activity;
mod certificate;
pub mod limits;
mod listen;
mod peer;
mod plain;
mod seats;
mod tls;

use std::{
    convert::Infallible,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use activity::Activity;
use axum::{Router, body::Body, http::Request};
pub use certificate::{CertificateError, CertificateFiles, Subject, make};
use hyper::{body::Incoming, server::conn::http1, server::conn::http2, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::GracefulConnection,
};
pub use listen::open;
pub use peer::Peer;
pub use seats::{Seat, Seats};
pub use tls::Identity;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tower::ServiceExt;

use super::kit::{LongAnswer, Names};

/// The first byte of a TLS connection: the content type "handshake".
const TLS_HANDSHAKE: u8 = 22;

/// How long to wait when the process is out of descriptors, instead of spinning.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(100);

/// Everything a connection is served with.
#[derive(Clone)]
pub struct Server {
    router: Router,
    names: Names,
    seats: Seats,
    tls: TlsAcceptor,
    commits: watch::Receiver<Option<Instant>>,
    stop: watch::Receiver<bool>,
}

impl Server {
    /// Puts the server together. `commits` holds when the kernel took a new ruleset last: connections that were accepted
    /// before that are led to an end, so that the next request of a browser comes on a connection that the new rules have
    /// judged. The server stops once `stop` holds true or its sender is gone.
    ///
    /// # Errors
    /// When the cryptography can't speak TLS 1.2 and 1.3.
    pub fn new(
        router: Router,
        names: Names,
        seats: Seats,
        identity: Arc<Identity>,
        commits: watch::Receiver<Option<Instant>>,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, rustls::Error> {
        let tls = TlsAcceptor::from(Arc::new(tls::configuration(identity)?));
        Ok(Self { router, names, seats, tls, commits, stop })
    }

    /// Serves one listener until the order to stop, then lets its connections finish for [`limits::FAREWELL`].
    pub async fn serve(self, listener: TcpListener) {
        let mut connections = JoinSet::new();
        let mut stop = self.stop.clone();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, address)) => self.welcome(stream, Peer::accepted_now(address), &mut connections),
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(OUT_OF_DESCRIPTORS).await;
                    }
                },
                Some(_) = connections.join_next() => {}
                () = stopped(&mut stop) => break,
            }
        }
        drop(listener);
        let _ = timeout(limits::FAREWELL, async { while connections.join_next().await.is_some() {} }).await;
    }

    fn welcome(&self, stream: TcpStream, mut peer: Peer, connections: &mut JoinSet<()>) {
        let Some(seat) = self.seats.take(peer.address) else {
            tracing::debug!(peer.addr = %peer.address, "a connection was turned away: no seat");
            return;
        };
        peer.seat = seat.id();
        let server = self.clone();
        connections.spawn(async move {
            tokio::select! {
                () = seat.displaced() => tracing::debug!(peer.addr = %peer.address, "a connection gave way to a newcomer"),
                () = server.converse(stream, peer) => {}
            }
        });
    }

    async fn converse(&self, stream: TcpStream, peer: Peer) {
        let mut first = [0];
        match timeout(limits::HANDSHAKE, stream.peek(&mut first)).await {
            Ok(Ok(1)) if first[0] == TLS_HANDSHAKE => self.converse_tls(stream, peer).await,
            Ok(Ok(1)) => plain::answer(stream, &self.names).await,
            _ => {}
        }
    }

    async fn converse_tls(&self, stream: TcpStream, peer: Peer) {
        // Pages are written whole, so waiting to fill a packet would only delay their last bytes.
        let _ = stream.set_nodelay(true);
        match timeout(limits::HANDSHAKE, self.tls.accept(stream)).await {
            Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(b"h2") => {
                self.converse_http2(stream, peer).await;
            }
            Ok(Ok(stream)) => self.converse_http1(stream, peer).await,
            Ok(Err(error)) => tracing::debug!(peer.addr = %peer.address, %error, "a TLS handshake failed"),
            Err(_) => tracing::debug!(peer.addr = %peer.address, "a TLS handshake took too long"),
        }
    }

    async fn converse_http1(&self, stream: TlsStream<TcpStream>, peer: Peer) {
        let activity = Activity::new();
        let service = service_fn(|request| self.answer(request, peer, &activity));
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(limits::HEAD);
        http.max_buf_size(limits::HEAD_BYTES).max_headers(limits::HEADERS);
        self.attend(http.serve_connection(TokioIo::new(stream), service), peer, &activity).await;
    }

    async fn converse_http2(&self, stream: TlsStream<TcpStream>, peer: Peer) {
        let activity = Activity::new();
        let (server, counted) = (self.clone(), activity.clone());
        let service = service_fn(move |request| {
            let (server, activity) = (server.clone(), counted.clone());
            async move { server.answer(request, peer, &activity).await }
        });
        let mut http = http2::Builder::new(TokioExecutor::new());
        http.timer(TokioTimer::new()).max_concurrent_streams(limits::STREAMS);
        http.max_pending_accept_reset_streams(limits::RESET_STREAMS);
        http.max_local_error_reset_streams(limits::RESET_STREAMS);
        http.max_header_list_size(u32::try_from(limits::HEAD_BYTES).unwrap_or(u32::MAX));
        http.initial_stream_window_size(limits::STREAM_WINDOW)
            .initial_connection_window_size(limits::CONNECTION_WINDOW);
        http.max_send_buf_size(limits::SEND_BUFFER);
        self.attend(http.serve_connection(TokioIo::new(stream), service), peer, &activity).await;
    }

    async fn answer(
        &self,
        mut request: Request<Incoming>,
        peer: Peer,
        activity: &Activity,
    ) -> Result<axum::response::Response, Infallible> {
        let running = activity.begin();
        request.extensions_mut().insert(peer);
        let answer = self.router.clone().oneshot(request.map(Body::new)).await?;
        let is_long = answer.extensions().get::<LongAnswer>().is_some();
        Ok(if is_long { answer.map(|body| Body::new(running.carried_by(body))) } else { answer })
    }

    /// Drives a connection to its end, and to a polite one when it rests for too long, when a younger ruleset is in force
    /// or when the server stops.
    async fn attend(&self, connection: impl GracefulConnection, peer: Peer, activity: &Activity) {
        let mut connection = pin!(connection);
        let mut stop = self.stop.clone();
        let patience = tokio::select! {
            _ = connection.as_mut() => return,
            () = activity.rested() => limits::FAREWELL,
            () = self.outlived(peer.accepted_at) => limits::REQUEST,
            () = stopped(&mut stop) => limits::FAREWELL,
        };
        connection.as_mut().graceful_shutdown();
        let stopped = async {
            stopped(&mut stop).await;
            sleep(limits::FAREWELL).await;
        };
        tokio::select! {
            _ = timeout(patience, connection) => {}
            () = stopped => {}
        }
    }

    /// Returns a moment after the kernel took a ruleset that is younger than the connection. Meanwhile the page that
    /// tells of it still gets through to a browser that the new rules shut out.
    async fn outlived(&self, accepted_at: Instant) {
        let mut commits = self.commits.clone();
        if commits.wait_for(|commit| commit.is_some_and(|commit| accepted_at <= commit)).await.is_err() {
            // Nobody is left who could put a ruleset in force.
            std::future::pending::<()>().await;
        }
        sleep(limits::LAST_PAGE).await;
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it everybody who could still give the order.
    let _ = stop.wait_for(|stop| *stop).await;
}
