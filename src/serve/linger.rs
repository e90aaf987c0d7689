//! Closing a socket so that the last answer arrives.
//!
//! A socket closed over bytes that nobody read resets the connection, and a reset destroys what
//! the client has received but not read yet: the 413 that explains the close is lost. So the
//! sending side closes first, and what still arrives is discarded for a while (RFC 9112 §9.6).

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What a client may still send, in bytes and in time. Past either it is reset.
const BYTES: u64 = 1024 * 1024;
const TIME: Duration = Duration::from_secs(2);

/// Sends an answer to a request that no service saw, and closes.
///
/// Only for a connection on which no answer is under way.
pub(super) async fn refuse<T: AsyncRead + AsyncWrite + Unpin>(mut io: T, answer: &[u8]) {
    if let Ok(Ok(())) = timeout(TIME, io.write_all(answer)).await {
        close(io).await;
    }
}

/// Closes the sending side, unless it is closed, and discards what arrives until the client closes
/// or has had its time.
pub(super) async fn close<T: AsyncRead + AsyncWrite + Unpin>(io: T) {
    // Elapsed or failed, there is nobody left to tell.
    let _ = timeout(TIME, discard(io)).await;
}

/// Makes the close a reset. Where the close is what ends an answer, nothing else says that this was
/// not all of it.
pub(super) fn reset(io: &TcpStream) {
    // A socket that is gone needs none.
    let _ = io.set_zero_linger();
}

async fn discard<T: AsyncRead + AsyncWrite + Unpin>(mut io: T) -> io::Result<u64> {
    // Fails where hyper has shut the socket down and the client has closed: reading tells.
    let _ = io.shutdown().await;
    tokio::io::copy(&mut io.take(BYTES), &mut tokio::io::sink()).await
}
