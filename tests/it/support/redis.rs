//! A Redis of the test: the real program on a port of its own, in memory only.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

use super::within;

const PROGRAM: &str = "redis-server";

/// A server for as long as it is held.
pub(crate) struct Redis {
    address: SocketAddr,
    password: Option<&'static str>,
    folder: TempDir,
    child: Option<Child>,
}

/// What a server answers.
#[derive(Debug, PartialEq, Eq)]
enum Reply {
    Simple(String),
    Number(u64),
    Many(Vec<Reply>),
}

impl Redis {
    /// A port that nobody listens on yet, for a server that is started later. `None` where the
    /// program is missing, which is said; in CI it is a failure.
    pub(crate) async fn planned() -> Option<Self> {
        let found = Command::new(PROGRAM).arg("--version").stdout(Stdio::null()).status().await;
        if let Err(error) = found {
            let missing = format!("{PROGRAM}: {error}; tests/run would have unpacked it");
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{missing}");
            println!("left out, without {missing}");
            return None;
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (address, folder) = (listener.local_addr().unwrap(), TempDir::new().unwrap());
        Some(Self { address, password: None, folder, child: None })
    }

    /// One that is there when this returns.
    pub(crate) async fn running() -> Option<Self> {
        let mut redis = Self::planned().await?;
        redis.start().await;
        Some(redis)
    }

    /// One that asks for a password.
    pub(crate) async fn locked(password: &'static str) -> Option<Self> {
        let mut redis = Self { password: Some(password), ..Self::planned().await? };
        redis.start().await;
        Some(redis)
    }

    /// Starts it, or starts it again, and waits until it answers.
    pub(crate) async fn start(&mut self) {
        self.child = Some(self.spawn());
        let answers = async {
            while self.try_ask(&[b"PING"]).await.is_err() {
                // A process that another test is starting holds every port for a moment, also one
                // that was just let go.
                if self.child.as_mut().is_some_and(|child| child.try_wait().unwrap().is_some()) {
                    self.child = Some(self.spawn());
                }
            }
        };
        within("Redis to answer", answers).await;
    }

    fn spawn(&self) -> Child {
        let port = self.address.port().to_string();
        let mut command = Command::new(PROGRAM);
        command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.args(self.password.iter().flat_map(|password| ["--requirepass", password]));
        let command = command.current_dir(self.folder.path()).stdin(Stdio::null());
        command.stdout(Stdio::null()).kill_on_drop(true).spawn().unwrap()
    }

    /// Ends it at once, and every connection with it.
    pub(crate) async fn kill(&mut self) {
        let mut child = self.child.take().expect("it was started");
        within("Redis to end", child.kill()).await.unwrap();
    }

    /// Without a password.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Publishes; answers how many have heard it.
    pub(crate) async fn publish(&self, channel: &str, message: impl AsRef<[u8]>) -> u64 {
        match self.ask(&[b"PUBLISH", channel.as_bytes(), message.as_ref()]).await {
            Reply::Number(heard) => heard,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until `count` listen on a channel.
    pub(crate) async fn until_listening(&self, channel: &str, count: u64) {
        let question: [&[u8]; 3] = [b"PUBSUB", b"NUMSUB", channel.as_bytes()];
        let wanted = Reply::Many(vec![Reply::Simple(channel.to_owned()), Reply::Number(count)]);
        let listening = async { while self.ask(&question).await != wanted {} };
        within(&format!("{count} to listen on {channel}"), listening).await;
    }

    async fn ask(&self, words: &[&[u8]]) -> Reply {
        within("an answer of Redis", self.try_ask(words)).await.unwrap()
    }

    async fn try_ask(&self, words: &[&[u8]]) -> std::io::Result<Reply> {
        let mut server = BufReader::new(TcpStream::connect(self.address).await?);
        if let Some(password) = self.password {
            server.write_all(&request(&[b"AUTH", password.as_bytes()])).await?;
            reply(&mut server).await?;
        }
        server.write_all(&request(words)).await?;
        reply(&mut server).await
    }
}

/// A command as it travels: an array of strings.
fn request(words: &[&[u8]]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

async fn reply(server: &mut BufReader<TcpStream>) -> std::io::Result<Reply> {
    let mut line = String::new();
    server.read_line(&mut line).await?;
    let (kind, rest) =
        line.trim_end().split_at_checked(1).ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let number = || rest.parse::<usize>().map_err(std::io::Error::other);
    Ok(match kind {
        "+" => Reply::Simple(rest.to_owned()),
        ":" => Reply::Number(number()? as u64),
        "$" => {
            let mut bytes = vec![0; number()? + 2];
            server.read_exact(&mut bytes).await?;
            Reply::Simple(String::from_utf8_lossy(&bytes).trim_end().to_owned())
        }
        "*" => {
            let mut replies = Vec::new();
            for _ in 0..number()? {
                replies.push(Box::pin(reply(server)).await?);
            }
            Reply::Many(replies)
        }
        // Also while it loads.
        _ => return Err(std::io::Error::other(line)),
    })
}
