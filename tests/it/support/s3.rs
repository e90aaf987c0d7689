//! An S3 on loopback: the API over HTTP in the runtime of the test, in memory, with every signature
//! checked. It misbehaves when told to, and can be unplugged.

mod answers;
mod api;
mod bucket;
mod faults;
mod front;
mod listing;
mod log;

mod selftest;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

pub(crate) use self::faults::{Fault, Order};
use self::front::{Front, Served};
pub(crate) use self::log::Seen;
use super::within;

/// The only bucket there is.
pub(crate) const BUCKET: &str = "content";
/// The only key pair that is known.
pub(crate) const ACCESS_KEY: &str = "AKIAOVERPRINTTESTKEY";
pub(crate) const SECRET_KEY: &str = "a/secret+of/the+tests/that+opens/nothing";
/// Where the bucket is: a signature for elsewhere is refused.
pub(crate) const REGION: &str = "us-east-1";

/// A store on loopback for as long as it is held. Starts empty and well.
///
/// Dropping it ends the test if a connection's task panicked, where nobody would see it.
pub(crate) struct S3 {
    address: SocketAddr,
    served: Served,
    front: Option<Front>,
    /// Holds the address while the store is stopped: nobody listens there, and nobody takes it.
    reserved: Option<TcpSocket>,
}

impl S3 {
    pub(crate) async fn start() -> Self {
        let socket = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = socket.local_addr().unwrap();
        let served = Served::default();
        let front = Front::start(socket, served.clone());
        Self { address, served, front: Some(front), reserved: None }
    }

    /// Stops listening and drops every connection: the store is unplugged.
    pub(crate) async fn stop(&mut self) {
        let front = self.front.take().expect("the store is stopped already");
        front.stop().await;
        self.reserved = Some(within("the store's address to be free", again(self.address)).await);
    }

    /// Serves the same objects at the same address again.
    pub(crate) async fn restart(&mut self) {
        let socket = self.reserved.take().expect("the store was not stopped");
        self.front = Some(Front::start(socket, self.served.clone()));
    }

    /// What a client is to be given as the endpoint, for requests in path style.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What the environment of a client is to say.
    pub(crate) fn env(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
        ]
    }

    /// Every key, sorted.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.served.bucket.keys()
    }

    pub(crate) fn object(&self, key: &str) -> Option<Vec<u8>> {
        self.served.bucket.get(key).map(|object| object.bytes.to_vec())
    }

    /// Puts an object there behind the back of every client.
    pub(crate) fn put(&self, key: &str, bytes: impl Into<Vec<u8>>) {
        self.served.bucket.put(key, bytes.into());
    }

    pub(crate) fn remove(&self, key: &str) {
        self.served.bucket.remove(key);
    }

    /// Changes the bytes of an object that is there; its ETag follows.
    pub(crate) fn corrupt(&self, key: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = self.object(key).unwrap_or_else(|| panic!("there is no {key}"));
        change(&mut bytes);
        self.put(key, bytes);
    }

    /// How many keys one page of a listing has at most: 1000 unless set.
    pub(crate) fn page_of(&self, keys: usize) {
        self.served.bucket.page_of(keys);
    }

    /// Every request so far, also those that were not answered.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.served.log.requests()
    }

    pub(crate) fn forget_requests(&self) {
        self.served.log.forget();
    }

    /// Waits until the requests fulfil a condition; `awaited` names it.
    pub(crate) async fn until(&self, awaited: &str, condition: impl Fn(&[Seen]) -> bool) {
        within(awaited, self.served.log.until(condition)).await;
    }

    /// Orders a fault for the requests of a method whose key, as in [`Seen::key`], contains `key`;
    /// "" is any. The order given first is met first, until [`S3::heal`].
    pub(crate) fn on(&self, method: &str, key: &str) -> Order<'_> {
        self.served.faults.on(method, key)
    }

    /// Forgets every order. A request that hangs is answered.
    pub(crate) fn heal(&self) {
        self.served.faults.heal();
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        let panics = self.served.log.panics();
        if !std::thread::panicking() {
            assert_eq!(panics, 0, "the store failed: its panic is reported above");
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4().unwrap();
    // What is left of closed connections shall not keep the address.
    socket.set_reuseaddr(true).unwrap();
    socket.bind(address)?;
    Ok(socket)
}

/// Binds an address that was just let go. A process that another test is starting has every socket
/// for a moment, until it is the program that it is to be.
async fn again(address: SocketAddr) -> TcpSocket {
    loop {
        match bind(address) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                tokio::task::yield_now().await;
            }
            bound => return bound.unwrap(),
        }
    }
}
