//! Visitors: keep-alive connections to one proxy, each with at most one request under way. The other
//! part of the bench's own loop.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::net::{RecvFlags, SendFlags, recv, send};
use socket2::{Domain, Socket, Type};

use super::framing::Framing;

/// What is read at once.
const BUFFER: usize = 262_144;
/// And by those who stop there.
const SIP: usize = 1024;

pub(crate) struct Crowd {
    pub(crate) visitors: Vec<Visitor>,
    address: SocketAddr,
    request: Vec<u8>,
    buffer: Vec<u8>,
    /// What ended since somebody looked.
    pub(crate) done: Vec<Done>,
    /// The last body, where it is kept.
    pub(crate) body: Option<Vec<u8>>,
    /// Whether visitors take the first kilobyte only, and count that as all.
    pub(crate) sip: bool,
    /// The head of the last answer.
    pub(crate) head: String,
}

pub(crate) struct Visitor {
    pub(crate) stream: TcpStream,
    framing: Framing,
    began: Instant,
    first: Option<Duration>,
}

/// An answer, with the times since it was due.
#[derive(Clone, Copy)]
pub(crate) struct Done {
    pub(crate) visitor: usize,
    pub(crate) first: Duration,
    pub(crate) whole: Duration,
}

impl Crowd {
    pub(crate) fn new(address: SocketAddr, host: &str, path: &str, gzip: bool) -> Self {
        let coding = if gzip { "accept-encoding: gzip\r\n" } else { "" };
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\naccept: text/html\r\n{coding}user-agent: bench\r\n\r\n"
        );
        Self {
            visitors: Vec::new(),
            address,
            request: request.into_bytes(),
            buffer: vec![0; BUFFER],
            done: Vec::new(),
            body: None,
            sip: false,
            head: String::new(),
        }
    }

    /// One more visitor. With `mss`, of a network whose packets are that small: the system sizes a
    /// connection's buffers by it, and on the loopback device they would hold megabytes.
    pub(crate) fn join(&mut self, mss: Option<u32>) -> usize {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        if let Some(mss) = mss {
            socket.set_tcp_mss(mss).expect("a segment size");
        }
        socket.connect(&self.address.into()).expect("a connection to the proxy");
        let stream = TcpStream::from(socket);
        stream.set_nonblocking(true).expect("a socket");
        stream.set_nodelay(true).expect("a socket");
        self.visitors.push(Visitor {
            stream,
            framing: Framing::default(),
            began: Instant::now(),
            first: None,
        });
        self.visitors.len() - 1
    }

    /// Sends a request that was due at `began`.
    pub(crate) fn ask(&mut self, visitor: usize, began: Instant) {
        let visitor = &mut self.visitors[visitor];
        visitor.framing = Framing::default();
        visitor.began = began;
        visitor.first = None;
        let sent = send(&visitor.stream, &self.request, SendFlags::NOSIGNAL);
        assert_eq!(sent, Ok(self.request.len()), "a request is sent in one go");
    }

    /// Reads what there is for a visitor.
    pub(crate) fn ready(&mut self, at: usize) {
        let visitor = &mut self.visitors[at];
        let most = if self.sip { SIP } else { BUFFER };
        loop {
            let read = visitor.read(&mut self.buffer[..most], self.body.as_mut());
            let Some((count, all)) = read else { return };
            assert!(count > 0, "the proxy closed a connection: {}", visitor.framing.head());
            let first = *visitor.first.get_or_insert_with(|| visitor.began.elapsed());
            if visitor.framing.done() || self.sip {
                let whole = visitor.began.elapsed();
                self.done.push(Done { visitor: at, first, whole });
                if self.body.is_some() {
                    visitor.framing.head().clone_into(&mut self.head);
                }
                return;
            }
            if !all {
                return;
            }
        }
    }
}

impl Visitor {
    /// Whether it waits for nothing.
    pub(crate) fn at_rest(&self) -> bool {
        self.framing.done()
    }

    /// One read: how much came, and whether there may be more. None if nothing is there.
    fn read(&mut self, buffer: &mut [u8], body: Option<&mut Vec<u8>>) -> Option<(usize, bool)> {
        match self.framing.discardable() {
            Some(left) if body.is_none() => {
                let most = left.min(buffer.len());
                // Nobody looks at these bytes, so the system need not copy them.
                let flags = RecvFlags::DONTWAIT | RecvFlags::TRUNC;
                let (_, count) = recv(&self.stream, &mut buffer[..most], flags).ok()?;
                self.framing.discarded(count);
                Some((count, count == most))
            }
            _ => {
                let (_, count) = recv(&self.stream, &mut *buffer, RecvFlags::DONTWAIT).ok()?;
                let bytes = &buffer[..count];
                let mut kept = body;
                self.framing.take(bytes, |range| {
                    if let Some(kept) = &mut kept {
                        kept.extend_from_slice(&bytes[range]);
                    }
                });
                Some((count, count == buffer.len()))
            }
        }
    }
}
