//! The program itself, as an operator starts it.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::support::{Client, NO_ENV, Response, within};

/// A running `overprint serve`.
pub(crate) struct Binary {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Of the operators' port, where the config has one.
    pub(crate) admin: Option<SocketAddr>,
    log: watch::Receiver<Arc<Vec<String>>>,
}

impl Binary {
    /// Starts it in front of `origin`, and waits until it listens.
    pub(crate) async fn start<V: AsRef<OsStr>>(
        origin: &str,
        content: &Path,
        env: &[(&str, V)],
    ) -> Self {
        let content = content.to_str().unwrap();
        let args = ["--listen", "127.0.0.1:0", "--origin", origin, "--content", content];
        Self::run(&args, env).await
    }

    /// Starts it with a config file.
    pub(crate) async fn with_config<V: AsRef<OsStr>>(config: &Path, env: &[(&str, V)]) -> Self {
        Self::run(&["--config", config.to_str().unwrap()], env).await
    }

    /// Starts the demo in `folder`.
    pub(crate) async fn demo(folder: &Path) -> Self {
        let args = ["--listen", "127.0.0.1:0", "--folder", folder.to_str().unwrap()];
        Self::command("demo", &args, NO_ENV).await
    }

    async fn run<V: AsRef<OsStr>>(args: &[&str], env: &[(&str, V)]) -> Self {
        Self::command("serve", args, env).await
    }

    async fn command<V: AsRef<OsStr>>(name: &str, args: &[&str], env: &[(&str, V)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_overprint"))
            .arg(name)
            .args(args)
            .envs(env.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, mut log) = watch::channel(Arc::new(Vec::new()));
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                sender.send_modify(|log| Arc::make_mut(log).push(line));
            }
        });
        let ready = |log: &Arc<Vec<String>>| log.iter().any(|line| line.contains(" serving "));
        let started = log.wait_for(ready);
        let lines = Arc::clone(&*within("the proxy to listen", started).await.expect("it ended"));
        let find = |what: &str| {
            let line = lines.iter().find(|line| line.contains(what))?;
            let rest = line.split_once("address=")?.1;
            Some(rest.split_whitespace().next().unwrap().parse().unwrap())
        };
        let address = find(" listening on ").expect("an address");
        Self { child, address, admin: find(" status and metrics "), log }
    }

    /// One page over a connection of its own.
    pub(crate) async fn get(&self, target: &str) -> Response {
        Client::connect(self.address).await.get(target).await
    }

    /// One of the operators' pages.
    pub(crate) async fn operator(&self, target: &str) -> Response {
        let admin = self.admin.expect("the config has `admin`");
        Client::connect(admin).await.get(target).await
    }

    /// Waits until a line of its log has all of `words`; gives the line.
    pub(crate) async fn logged(&self, words: &[&str]) -> String {
        let has = |line: &String| words.iter().all(|word| line.contains(word));
        let mut log = self.log.clone();
        let found = log.wait_for(|log| log.iter().any(has));
        let found = within(&format!("a line with {words:?}"), found).await;
        let lines = found.unwrap_or_else(|_| panic!("it ended; {:#?}", self.log.borrow()));
        lines.iter().find(|line| has(line)).unwrap().clone()
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> Arc<Vec<String>> {
        Arc::clone(&self.log.borrow())
    }

    /// The most that it had in memory, in kB.
    pub(crate) fn peak_kb(&self) -> usize {
        self.memory_kb("VmHWM")
    }

    /// What the system says of its memory under `name`, in kB.
    pub(crate) fn memory_kb(&self, name: &str) -> usize {
        let status = format!("/proc/{}/status", self.child.id().unwrap());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    pub(crate) async fn stop(mut self) {
        self.child.kill().await.unwrap();
    }
}
