//! The origin: answers at once with prepared bytes. One of the two parts of the bench's own loop.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;

use rustix::fs::sendfile;
use socket2::{Domain, Socket, Type};

use super::answers::{Answer, Answers};

/// From here on an answer is sent from its file, which saves copying it; below, the call costs more.
const SENDFILE_FROM: usize = 65536;

const BACKLOG: i32 = 1024;

pub(crate) struct Origin {
    pub(crate) listener: TcpListener,
    pub(crate) address: SocketAddr,
    pub(crate) answers: Answers,
    /// How much is sent before the loop turns to somebody else.
    pub(crate) piece: usize,
    connections: Vec<Option<Connection>>,
    free: Vec<usize>,
    buffer: Vec<u8>,
}

struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    /// The answer under way, and how much of it is out.
    sending: Option<(Rc<Answer>, usize)>,
}

/// What the loop should listen for on a connection.
#[derive(PartialEq, Eq)]
pub(crate) enum Wants {
    Reading,
    /// The answer is not all out.
    Writing,
    /// It is gone.
    Nothing,
}

impl Origin {
    pub(crate) fn bind(answers: Answers) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).expect("a free port");
        // Visitors without a proxy connect while nobody accepts: all of them have to wait here.
        socket.listen(BACKLOG).expect("a socket");
        socket.set_nonblocking(true).expect("a socket");
        let listener = TcpListener::from(socket);
        let address = listener.local_addr().expect("an address");
        Self {
            listener,
            address,
            answers,
            piece: usize::MAX,
            connections: Vec::new(),
            free: Vec::new(),
            buffer: vec![0; 16384],
        }
    }

    /// Takes a connection that waits, if there is one, and gives it a place.
    pub(crate) fn accept(&mut self) -> Option<usize> {
        let (stream, _) = self.listener.accept().ok()?;
        stream.set_nonblocking(true).expect("a socket");
        stream.set_nodelay(true).expect("a socket");
        let connection = Some(Connection { stream, request: Vec::new(), sending: None });
        let place = self.free.pop().unwrap_or_else(|| {
            self.connections.push(None);
            self.connections.len() - 1
        });
        self.connections[place] = connection;
        Some(place)
    }

    pub(crate) fn stream(&self, place: usize) -> Option<&TcpStream> {
        self.connections[place].as_ref().map(|connection| &connection.stream)
    }

    /// Goes on with a connection: sends what is to be sent, and reads the next request.
    pub(crate) fn ready(&mut self, place: usize) -> Wants {
        let Some(connection) = &mut self.connections[place] else { return Wants::Nothing };
        match connection.go_on(&mut self.answers, &mut self.buffer, self.piece) {
            Ok(true) => Wants::Reading,
            Ok(false) => Wants::Writing,
            Err(_) => {
                self.connections[place] = None;
                self.free.push(place);
                Wants::Nothing
            }
        }
    }
}

impl Connection {
    /// Whether nothing is left to send.
    fn go_on(
        &mut self,
        answers: &mut Answers,
        buffer: &mut [u8],
        piece: usize,
    ) -> io::Result<bool> {
        if self.sending.is_none() && !self.read(answers, buffer)? {
            return Ok(true);
        }
        self.send(piece)
    }

    /// Whether a request is complete.
    fn read(&mut self, answers: &mut Answers, buffer: &mut [u8]) -> io::Result<bool> {
        let count = match self.stream.read(buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            read => read?,
        };
        self.request.extend_from_slice(&buffer[..count]);
        if !self.request.ends_with(b"\r\n\r\n") {
            return Ok(false);
        }
        let request = std::str::from_utf8(&self.request).expect("a request in ASCII");
        let path = request.split(' ').nth(1).expect("a request line");
        self.sending = Some((answers.next(path), 0));
        self.request.clear();
        Ok(true)
    }

    fn send(&mut self, piece: usize) -> io::Result<bool> {
        let Some((answer, sent)) = &mut self.sending else { return Ok(true) };
        let most = piece.min(answer.bytes.len() - *sent);
        let result = if answer.bytes.len() < SENDFILE_FROM {
            self.stream.write(&answer.bytes[*sent..*sent + most])
        } else {
            let mut offset = *sent as u64;
            sendfile(&self.stream, &answer.file, Some(&mut offset), most).map_err(io::Error::from)
        };
        match result {
            Ok(count) => *sent += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        let all = *sent == answer.bytes.len();
        if all {
            self.sending = None;
        }
        Ok(all)
    }
}
