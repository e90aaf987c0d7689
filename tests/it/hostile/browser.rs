//! A headless Chromium, over its DevTools protocol: JSON on a pair of pipes, each message ended by NUL.
//!
//! Knows the protocol and nothing of what is looked for.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, oneshot};

/// Chromium takes its pipes as descriptors 3 and 4; a shell moves them there.
const LAUNCH: &str = r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null"#;

const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-popup-blocking",
    // A tab that nobody sees is drawn and timed like one that somebody does.
    "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--remote-debugging-pipe",
];

/// What Chromium tells without being asked.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) method: String,
    pub(super) params: Value,
}

/// A running Chromium. It ends when this is dropped.
pub(super) struct Browser {
    wire: Wire,
    _child: Child,
    _profile: TempDir,
}

/// One end of the conversation; clones are the same end.
#[derive(Clone)]
pub(super) struct Wire {
    out: mpsc::UnboundedSender<Vec<u8>>,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    last: u64,
    waiting: HashMap<u64, oneshot::Sender<Value>>,
    /// Who listens to a session; to that of no name, who listens to the browser itself.
    sessions: HashMap<String, mpsc::UnboundedSender<Event>>,
}

impl Browser {
    /// None where there is no Chromium; `tests/run` installs one.
    pub(super) fn start() -> Option<Self> {
        let Some(program) = std::env::var_os("OVERPRINT_CHROMIUM").map(PathBuf::from) else {
            assert!(
                std::env::var_os("CI").is_none(),
                "OVERPRINT_CHROMIUM is not set: see tests/run"
            );
            eprintln!("left out: there is no Chromium; tests/run installs one");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", LAUNCH, "sh"])
            .arg(program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let wire = Wire::over(child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Some(Self { wire, _child: child, _profile: profile })
    }

    pub(super) fn wire(&self) -> &Wire {
        &self.wire
    }
}

impl Wire {
    fn over(to: ChildStdin, from: ChildStdout) -> Self {
        let (out, messages) = mpsc::unbounded_channel();
        let shared = Arc::default();
        tokio::spawn(write(to, messages));
        tokio::spawn(read(from, Arc::clone(&shared)));
        Self { out, shared }
    }

    /// Hears what is told in a session from now on.
    pub(super) fn listen(&self, session: &str) -> mpsc::UnboundedReceiver<Event> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.shared.lock().unwrap().sessions.insert(session.to_owned(), sender);
        receiver
    }

    /// Asks, and waits for the answer.
    pub(super) async fn ask(&self, session: &str, method: &str, params: Value) -> Value {
        let answer = self.tell(session, method, params).await;
        let answer =
            answer.unwrap_or_else(|_| panic!("Chromium ended before it answered {method}"));
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Asks; the answer may be waited for, or not.
    pub(super) fn tell(
        &self,
        session: &str,
        method: &str,
        params: Value,
    ) -> oneshot::Receiver<Value> {
        let (sender, receiver) = oneshot::channel();
        let mut shared = self.shared.lock().unwrap();
        shared.last += 1;
        let id = shared.last;
        shared.waiting.insert(id, sender);
        drop(shared);
        let mut message = json!({"id": id, "method": method, "params": params});
        if !session.is_empty() {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        // Nobody takes it any more once Chromium has ended; who waits for the answer finds out.
        let _ = self.out.send(bytes);
        receiver
    }
}

async fn write(mut to: ChildStdin, mut messages: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(message) = messages.recv().await {
        if to.write_all(&message).await.is_err() {
            break;
        }
    }
}

async fn read(from: ChildStdout, shared: Arc<Mutex<Shared>>) {
    let mut from = BufReader::new(from);
    let mut bytes = Vec::new();
    while from.read_until(0, &mut bytes).await.is_ok_and(|read| read > 0) {
        bytes.pop();
        let message = serde_json::from_slice(&bytes).expect("JSON from Chromium");
        shared.lock().unwrap().take(message);
        bytes.clear();
    }
    // Nothing more will come: whoever waits is told by its channel.
    let mut shared = shared.lock().unwrap();
    shared.waiting.clear();
    shared.sessions.clear();
}

impl Shared {
    fn take(&mut self, mut message: Value) {
        if let Some(id) = message["id"].as_u64() {
            if let Some(waiting) = self.waiting.remove(&id) {
                // Who asked may have gone.
                let _ = waiting.send(message);
            }
            return;
        }
        let session = message["sessionId"].as_str().unwrap_or_default();
        let Some(listener) = self.sessions.get(session) else { return };
        let method = message["method"].as_str().unwrap_or_default().to_owned();
        let _ = listener.send(Event { method, params: message["params"].take() });
    }
}
