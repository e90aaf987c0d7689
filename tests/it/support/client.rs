//! A visitor at the raw socket.

use std::collections::VecDeque;
use std::net::SocketAddr;

use tokio::net::{TcpSocket, TcpStream};

use super::body::{BodyReader, Framing};
use super::deadline::Deadline;
use super::headers::find;
use super::socket::{End, Socket};
use super::{Request, Response, ResponseHead, within};

/// The receive buffer of a visitor who reads slowly, in bytes.
const NARROW: u32 = 4096;

/// One HTTP/1.1 connection.
pub(crate) struct Client {
    socket: Socket,
    /// Of the requests whose answer has not begun: a HEAD's has no body.
    methods: VecDeque<String>,
    interim: Vec<u16>,
    reading: Option<Reading>,
}

struct Reading {
    head: ResponseHead,
    body: BodyReader,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::over(within("a connection", TcpStream::connect(address)).await.unwrap())
    }

    /// A visitor whose unread bytes soon stop the sender.
    pub(crate) async fn connect_narrow(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(NARROW).unwrap();
        Self::over(within("a connection", socket.connect(address)).await.unwrap())
    }

    fn over(stream: TcpStream) -> Self {
        Self {
            socket: Socket::new(stream),
            methods: VecDeque::new(),
            interim: Vec::new(),
            reading: None,
        }
    }
}

// === Asking ===

impl Client {
    /// Asks for a page and reads the answer.
    pub(crate) async fn get(&mut self, target: &str) -> Response {
        self.fetch(&Request::get(target)).await
    }

    /// Asks and reads the answer.
    pub(crate) async fn fetch(&mut self, request: &Request) -> Response {
        self.request(request.to_bytes()).await;
        self.read_response().await
    }

    /// Writes a request, or at least its head. `false` when the peer was gone before it had all.
    pub(crate) async fn request(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let bytes = bytes.as_ref();
        let method = bytes.split(|&byte| byte == b' ').next().unwrap_or_default();
        self.methods.push_back(String::from_utf8_lossy(method).into_owned());
        self.send(bytes).await
    }

    /// Writes more of a request, or of what follows an upgrade. `false` when the peer was gone
    /// before it had all. An answer that comes meanwhile is kept for the reads.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let mut rest = bytes.as_ref();
        let deadline = Deadline::of(format!("the peer to take {} bytes", rest.len()));
        while !rest.is_empty() {
            match self.socket.write_or_read(rest, &deadline).await {
                Some(written) => rest = &rest[written..],
                None => return false,
            }
        }
        true
    }
}

// === Reading an answer ===

impl Client {
    /// Reads the next head, be it an interim one.
    pub(crate) async fn read_head(&mut self) -> ResponseHead {
        let deadline = Deadline::of("a response's head");
        let raw = match self.socket.head(&deadline).await {
            Ok(raw) => raw,
            Err(end) => self.socket.fail(&deadline, &format!("{end:?}")),
        };
        let head = ResponseHead::parse(raw);
        self.begin(head.clone());
        head
    }

    /// Reads up to the end of the next response that is not interim.
    pub(crate) async fn read_response(&mut self) -> Response {
        while self.read_head().await.is_interim() {}
        self.read_rest().await
    }

    /// Reads the response whose head was read to its end; gives its whole body.
    pub(crate) async fn read_rest(&mut self) -> Response {
        let deadline = Deadline::of("the rest of a body");
        while self.read_body(&deadline).await {}
        let Reading { head, body } = self.reading.take().expect("a head was read");
        let closed = body.ends_by_close() && self.socket.end() == Some(End::Closed);
        Response {
            complete: body.is_done() || closed,
            head,
            body: body.bytes,
            trailers: body.trailers,
            interim: std::mem::take(&mut self.interim),
        }
    }

    /// Waits for more of the body; nothing when it has ended. Without its framing, still coded.
    pub(crate) async fn read_some_body(&mut self) -> Vec<u8> {
        let deadline = Deadline::of("more of a body");
        let before = self.body().bytes.len();
        while self.body().bytes.len() == before && self.read_body(&deadline).await {}
        self.body().bytes[before..].to_vec()
    }

    /// Reads until the body, without its codings, contains `needle`; gives it so far.
    pub(crate) async fn read_until_body_contains(&mut self, needle: impl AsRef<[u8]>) -> Vec<u8> {
        let needle = needle.as_ref();
        let deadline = Deadline::of(format!("a body with {:?}", needle.escape_ascii().to_string()));
        loop {
            let so_far = self.decoded_so_far();
            if find(&so_far, needle).is_some() {
                return so_far;
            }
            if !self.read_body(&deadline).await {
                self.socket.fail(&deadline, "it ended without");
            }
        }
    }

    /// One read's worth of body; `false` when there will be no more.
    async fn read_body(&mut self, deadline: &Deadline) -> bool {
        let buffered = self.feed();
        if buffered || self.body().is_done() {
            return buffered;
        }
        let arrived = self.socket.more(deadline).await;
        self.feed();
        arrived
    }

    /// Whether what was buffered held some of the body.
    fn feed(&mut self) -> bool {
        let reading = self.reading.as_mut().expect("a head was read");
        let before = self.socket.buffer.len();
        reading.body.feed(&mut self.socket.buffer);
        self.socket.buffer.len() < before
    }

    fn body(&self) -> &BodyReader {
        &self.reading.as_ref().expect("a head was read").body
    }

    fn decoded_so_far(&self) -> Vec<u8> {
        let reading = self.reading.as_ref().expect("a head was read");
        reading.head.decode(&reading.body.bytes).0
    }

    fn begin(&mut self, head: ResponseHead) {
        if head.is_interim() {
            self.interim.push(head.status);
            return;
        }
        let method = self.methods.pop_front().unwrap_or_default();
        let framing = Framing::of_response(&method, head.status, &head.headers);
        self.reading = Some(Reading { head, body: BodyReader::new(framing) });
    }
}

// === The bare connection ===

impl Client {
    /// Reads exactly `count` bytes as they travel, and takes no more off the socket: what follows
    /// an upgrade, or what a slow visitor gets done.
    pub(crate) async fn read_exact(&mut self, count: usize) -> Vec<u8> {
        let deadline = Deadline::of(format!("{count} bytes"));
        while self.socket.buffer.len() < count {
            let missing = count - self.socket.buffer.len();
            if !self.socket.up_to(missing, &deadline).await {
                self.socket.fail(&deadline, "the connection ended");
            }
        }
        self.socket.buffer.split_to(count).to_vec()
    }

    /// Ends the sending direction; answers can still come.
    pub(crate) async fn half_close(&mut self) {
        self.socket.half_close().await;
    }

    /// Goes away with a RST.
    pub(crate) fn reset(self) {
        self.socket.reset();
    }

    /// Waits until the peer ends the connection, with nothing said that was not read.
    pub(crate) async fn closed_by_peer(&mut self) -> End {
        let deadline = Deadline::of("the peer to close");
        while self.socket.more(&deadline).await {}
        if !self.socket.buffer.is_empty() {
            self.socket.fail(&deadline, "more came first");
        }
        self.socket.end().unwrap_or(End::Closed)
    }
}
