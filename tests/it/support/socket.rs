//! One end of a TCP connection: what it received, and how the peer ended it. Knows nothing of HTTP
//! beyond where a head ends.

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::deadline::Deadline;
use super::headers::find;

/// How many bytes one read takes at most.
pub(super) const READ: usize = 16 * 1024;

/// How the peer ended its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// In order: a FIN.
    Closed,
    /// A RST, which may have overtaken bytes.
    Reset,
}

/// A connected socket and the bytes that came in and were not consumed yet.
pub(super) struct Socket {
    stream: TcpStream,
    pub(super) buffer: BytesMut,
    received: Vec<u8>,
    end: Option<End>,
}

impl Socket {
    pub(super) fn new(stream: TcpStream) -> Self {
        // What a script sends apart shall travel apart.
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: BytesMut::new(), received: Vec::new(), end: None }
    }

    /// How the peer ended the connection, as far as reads have seen.
    pub(super) fn end(&self) -> Option<End> {
        self.end
    }

    /// Reads what comes next; `false` when the peer has ended the connection.
    pub(super) async fn more(&mut self, deadline: &Deadline) -> bool {
        self.up_to(READ, deadline).await
    }

    /// [`Socket::more`], of at most `limit` bytes.
    pub(super) async fn up_to(&mut self, limit: usize, deadline: &Deadline) -> bool {
        match deadline.bound(self.read_some(limit)).await {
            Some(arrived) => arrived,
            None => deadline.missed(&self.received),
        }
    }

    /// [`Socket::up_to`], for as long as it takes.
    pub(super) async fn read_some(&mut self, limit: usize) -> bool {
        if self.end.is_some() {
            return false;
        }
        self.buffer.reserve(limit);
        let mut stream = (&mut self.stream).take(limit as u64);
        let read = stream.read_buf(&mut self.buffer).await;
        self.note(read)
    }

    /// Takes a head, with its empty line, once it is all there.
    pub(super) async fn head(&mut self, deadline: &Deadline) -> Result<Vec<u8>, End> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                return Ok(self.buffer.split_to(end + 4).to_vec());
            }
            if !self.more(deadline).await {
                return Err(self.end.unwrap_or(End::Closed));
            }
        }
    }

    /// Writes as much as the peer takes, at least one byte; `None` when it is gone.
    pub(super) async fn write_some(&mut self, bytes: &[u8], deadline: &Deadline) -> Option<usize> {
        match deadline.bound(self.stream.write(bytes)).await {
            Some(written) => written.ok(),
            None => deadline.missed(&self.received),
        }
    }

    /// [`Socket::write_some`] that reads while the peer takes nothing, so that two ends full of
    /// unread bytes do not wait for each other. 0 when it read instead.
    pub(super) async fn write_or_read(
        &mut self,
        bytes: &[u8],
        deadline: &Deadline,
    ) -> Option<usize> {
        if self.end.is_some() {
            return self.write_some(bytes, deadline).await;
        }
        self.buffer.reserve(READ);
        let (mut incoming, mut outgoing) = self.stream.split();
        let either = async {
            tokio::select! {
                biased;
                written = outgoing.write(bytes) => (written.ok(), None),
                read = incoming.read_buf(&mut self.buffer) => (Some(0), Some(read)),
            }
        };
        let Some((written, read)) = deadline.bound(either).await else {
            deadline.missed(&self.received)
        };
        read.map(|read| self.note(read));
        written
    }

    /// Ends the own direction and goes on reading.
    pub(super) async fn half_close(&mut self) {
        // An error says that the peer is gone, which the next read reports.
        let _ = self.stream.shutdown().await;
    }

    /// Ends both directions with a RST.
    pub(super) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    /// Ends the test, quoting what had arrived.
    pub(super) fn fail(&self, deadline: &Deadline, why: &str) -> ! {
        deadline.fail(why, &self.received)
    }

    /// Remembers what a read brought; `false` when that was the end.
    fn note(&mut self, read: std::io::Result<usize>) -> bool {
        match read {
            Ok(0) => self.end = Some(End::Closed),
            Ok(count) => {
                let start = self.buffer.len() - count;
                self.received.extend_from_slice(&self.buffer[start..]);
            }
            Err(_) => self.end = Some(End::Reset),
        }
        self.end.is_none()
    }
}
