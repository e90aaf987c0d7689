//! One connection of an origin: requests in, scripts played.

use std::sync::Arc;

use bytes::Bytes;
use tokio::net::TcpStream;

use super::log::{EndOfConnection, RawRequest, SharedLog};
use crate::support::Script;
use crate::support::body::{BodyReader, Framing};
use crate::support::deadline::Deadline;
use crate::support::script::Action;
use crate::support::socket::{READ, Socket};

/// How an origin answers.
#[derive(Clone)]
pub(super) struct Conduct {
    /// Whether the handler is asked before the body has come.
    pub(super) early: bool,
    pub(super) handler: Arc<dyn Fn(&RawRequest) -> Script + Send + Sync>,
}

pub(super) async fn run(stream: TcpStream, nth: usize, conduct: Conduct, log: SharedLog) {
    let _end = EndOfConnection(log.clone());
    let mut connection = Some(Connection { socket: Socket::new(stream), nth, log });
    while let Some(open) = connection.take() {
        connection = open.exchange(&conduct).await;
    }
}

/// A connection between two requests.
struct Connection {
    socket: Socket,
    nth: usize,
    log: SharedLog,
}

impl Connection {
    /// Answers one request; `None` when the connection has ended.
    async fn exchange(mut self, conduct: &Conduct) -> Option<Self> {
        let request = self.request().await?;
        let mut exchange = Exchange::of(request, self);
        if !conduct.early && !exchange.read_body(usize::MAX).await {
            return None;
        }
        let request = exchange.request();
        let script = (conduct.handler)(&request);
        for action in script.actions(&request.method) {
            exchange = exchange.act(action).await?;
        }
        exchange.read_body(usize::MAX).await.then_some(exchange.connection)
    }

    /// Waits without limit for a request to begin: a pooled connection may idle.
    async fn request(&mut self) -> Option<RawRequest> {
        if self.socket.buffer.is_empty() && !self.socket.read_some(1).await {
            return None;
        }
        let deadline = Deadline::of("the rest of a request's head");
        let head = self.socket.head(&deadline).await.ok()?;
        Some(RawRequest::parse(head, self.nth))
    }
}

/// A connection while one request is answered.
struct Exchange {
    connection: Connection,
    body: BodyReader,
    index: usize,
}

impl Exchange {
    fn of(request: RawRequest, connection: Connection) -> Self {
        let body = BodyReader::new(Framing::of_request(&request.headers));
        let index = connection.log.request(request);
        Self { connection, body, index }
    }

    fn request(&self) -> RawRequest {
        self.connection.log.read(|log| log.requests[self.index].clone())
    }

    /// `None` when the connection has ended.
    async fn act(mut self, action: Action) -> Option<Self> {
        let goes_on = match action {
            Action::Send(bytes) => self.send(bytes).await,
            Action::ReadBody(count) => self.read_body(count).await,
            Action::Wait(gate) => {
                gate.pass().await;
                true
            }
            Action::HalfClose => {
                self.connection.socket.half_close().await;
                true
            }
            Action::Stall => {
                while self.connection.socket.read_some(READ).await {}
                false
            }
            Action::Echo => {
                self.echo().await;
                false
            }
            Action::Reset => {
                self.connection.socket.reset();
                return None;
            }
            Action::Close => false,
        };
        goes_on.then_some(self)
    }

    /// `false` when the peer is gone.
    async fn send(&mut self, bytes: Bytes) -> bool {
        let deadline = Deadline::of("the peer to take what the script sends");
        let mut rest = bytes;
        while !rest.is_empty() {
            let written = self.connection.socket.write_some(&rest, &deadline).await;
            let Some(written) = written else { return false };
            self.connection.log.write(|log| log.sent += written);
            let _ = rest.split_to(written);
        }
        // The peer may read these bytes before the next ones come.
        tokio::task::yield_now().await;
        true
    }

    /// Reads until `count` bytes of the body have come, or all of it; `false` when the peer ended
    /// the connection first.
    async fn read_body(&mut self, count: usize) -> bool {
        let deadline = Deadline::of("the rest of a request's body");
        loop {
            self.body.feed(&mut self.connection.socket.buffer);
            self.note_body();
            if self.body.is_done() || self.body.bytes.len() >= count {
                return true;
            }
            if !self.connection.socket.more(&deadline).await {
                return false;
            }
        }
    }

    fn note_body(&self) {
        self.connection.log.write(|log| {
            let request = &mut log.requests[self.index];
            let known = request.body.len();
            request.body.extend_from_slice(&self.body.bytes[known..]);
            request.trailers.clone_from(&self.body.trailers);
            request.complete = self.body.is_done();
        });
    }

    async fn echo(&mut self) {
        loop {
            let bytes = self.connection.socket.buffer.split().freeze();
            let taken = self.send(bytes).await;
            if !taken || !self.connection.socket.read_some(READ).await {
                break;
            }
        }
        self.connection.socket.half_close().await;
    }
}
