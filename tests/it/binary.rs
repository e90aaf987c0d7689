//! The program itself, as an operator starts it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A running `overprint serve`.
pub(crate) struct Binary {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Binary {
    /// Starts it in front of `origin`, and waits until it listens.
    pub(crate) async fn start(origin: &str, content: &Path, env: &[(&str, &Path)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_overprint"))
            .args(["serve", "--listen", "127.0.0.1:0", "--origin", origin, "--content"])
            .arg(content)
            .envs(env.iter().copied())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        loop {
            let line = lines.next_line().await.unwrap().expect("the proxy ended");
            if let Some((_, rest)) = line.split_once("address=") {
                let address = rest.split_whitespace().next().unwrap().parse().unwrap();
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Self { child, address };
            }
        }
    }

    /// The most that it had in memory, in kB.
    pub(crate) fn peak_kb(&self) -> usize {
        let status = format!("/proc/{}/status", self.child.id().unwrap());
        let status = std::fs::read_to_string(status).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    pub(crate) async fn stop(mut self) {
        self.child.kill().await.unwrap();
    }
}
