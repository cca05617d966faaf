//! A connection's bytes: counted, and given up when nobody takes them.
//!
//! A client that asks for much and reads nothing would hold a connection for ever. How slowly an honest one may read is
//! bounded by what the system buffers for it: it takes [`STALL`] at 34 bytes a second to make room for the next piece.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::metrics::Metrics;

/// How long nothing may be taken.
pub(crate) const STALL: Duration = Duration::from_mins(15);

/// A connection.
pub(crate) struct Line<S> {
    stream: S,
    stalled: Option<Pin<Box<Sleep>>>,
    metrics: Arc<Metrics>,
}

impl<S> Line<S> {
    /// Counts what goes over a connection.
    pub(crate) const fn new(stream: S, metrics: Arc<Metrics>) -> Self {
        Self { stream, stalled: None, metrics }
    }

    /// What a write came to: time runs while nothing was taken.
    fn after(&mut self, wrote: Poll<io::Result<usize>>, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(wrote) = wrote {
            self.stalled = None;
            if let Ok(bytes) = wrote {
                self.metrics.sent(bytes);
            }
            return Poll::Ready(wrote);
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + STALL)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.metrics.received(buffer.filled().len().saturating_sub(before));
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.after(wrote, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.after(wrote, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_reads_slowly_is_served_and_who_reads_nothing_is_given_up() {
        let (near, mut far) = tokio::io::duplex(1000);
        let mut line = Line::new(near, Arc::new(Metrics::new()));
        let reader = tokio::spawn(async move {
            let mut piece = [0; 1000];
            for _ in 0..4 {
                tokio::time::sleep(STALL * 9 / 10).await;
                far.read_exact(&mut piece).await.unwrap();
            }
            far
        });
        line.write_all(&[7; 4000]).await.unwrap();
        let _far = reader.await.unwrap();
        let given_up = line.write_all(&[7; 2000]).await.unwrap_err();
        assert_eq!(given_up.kind(), io::ErrorKind::TimedOut);
    }
}
