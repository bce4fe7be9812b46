//! Answers that are written piece by piece while they are made: downloads of any length, and events as they come.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use hyper::body::Frame;
use tokio::sync::mpsc;

/// Pieces that wait for a slow reader.
const WAITING: usize = 4;

/// Marks an answer whose body takes as long as it takes; the server counts it as a request in progress to its end.
#[derive(Debug, Clone, Copy)]
pub struct LongAnswer;

/// The writing end. When the reader has gone, every write says so.
#[derive(Debug)]
pub struct Writer(mpsc::Sender<io::Result<Bytes>>);

/// The reader hung up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone;

impl Writer {
    /// Writes a piece, waiting while the reader is slow.
    ///
    /// # Errors
    /// [`Gone`].
    pub async fn write(&self, piece: impl Into<Bytes>) -> Result<(), Gone> {
        self.0.send(Ok(piece.into())).await.map_err(|_| Gone)
    }

    /// Breaks the answer off, so that its reader doesn't take what he has for the whole.
    pub async fn break_off(&self) {
        let _ = self.0.send(Err(io::Error::other("the answer broke off"))).await;
    }

    /// Returns when the reader has gone.
    pub async fn gone(&self) {
        self.0.closed().await;
    }
}

/// An answer that `work` writes. It starts at once and should end when a write fails.
pub fn stream<Work: Future<Output = ()> + Send + 'static>(work: impl FnOnce(Writer) -> Work) -> Response {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(work(Writer(sender)));
    let mut response = Response::new(Body::new(Pieces(receiver)));
    response.extensions_mut().insert(LongAnswer);
    response
}

struct Pieces(mpsc::Receiver<io::Result<Bytes>>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.get_mut().0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_is_read_in_order_and_a_break_is_an_error() {
        let answer = stream(async |writer: Writer| {
            assert_eq!(writer.write("one ").await, Ok(()));
            assert_eq!(writer.write("two").await, Ok(()));
        });
        let body = axum::body::to_bytes(answer.into_body(), 100).await.unwrap();
        assert_eq!(&body[..], b"one two");
        let broken = stream(async |writer: Writer| {
            let _ = writer.write("one").await;
            writer.break_off().await;
        });
        assert!(axum::body::to_bytes(broken.into_body(), 100).await.is_err());
    }

    #[tokio::test]
    async fn a_writer_learns_that_its_reader_has_gone() {
        let (told, tell) = tokio::sync::oneshot::channel();
        let answer = stream(async |writer: Writer| {
            writer.gone().await;
            let _ = told.send(writer.write("nobody").await);
        });
        drop(answer);
        assert_eq!(tell.await, Ok(Err(Gone)));
    }
}
