//! `overprint demo`: a sample site, its content, and the proxy in front, with nothing to configure.

mod assets;
mod site;

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use tokio::net::TcpListener;

use super::Outcome;
use super::output::{BOLD, DIM, Failed, out};
use super::serve::{init_log, runtime, serve};
use crate::config::{self, LogConfig, LogFormat};

/// Show it: a sample site, its content in a folder, the proxy in front.
///
/// Edit a file in the folder, reload the page, and the words have changed.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Where the sample content is written; files that are there are kept
    #[arg(long, value_name = "DIR", default_value = "overprint-demo/content")]
    content: PathBuf,
    /// The address to listen on; the next free port is taken if it is not
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

impl Demo {
    pub(super) fn run(self) -> Outcome {
        // The terminal is for what the newcomer reads.
        init_log(&LogConfig { format: LogFormat::Text, access: false });
        let kept = write_content(&self.content).map_err(|error| {
            Failed::Because(format!("cannot write {}: {error}", self.content.display()))
        })?;
        runtime()?.block_on(self.show(kept))
    }

    async fn show(self, kept: usize) -> Outcome {
        let origin = TcpListener::bind(SocketAddr::new(self.listen.ip(), 0)).await?;
        let origin_url = format!("http://{}", origin.local_addr()?);
        tokio::spawn(site::run(origin));
        let listen = free_from(self.listen).await;
        let place = self.content.display().to_string();
        let config = config::quick(&origin_url, Some(&place), Some(listen), &|_| None)?;
        let content = fs::canonicalize(&self.content)?;
        serve(config, |addresses| introduce(addresses, &origin_url, &content, kept)).await
    }
}

/// Writes the sample content; says how many files were there already.
fn write_content(directory: &Path) -> io::Result<usize> {
    let mut kept = 0;
    for (path, bytes) in assets::CONTENT {
        let file = directory.join(path);
        if file.exists() {
            kept += 1;
            continue;
        }
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(file, bytes)?;
    }
    Ok(kept)
}

/// The address, or one that is like it and free.
async fn free_from(wanted: SocketAddr) -> SocketAddr {
    for port in wanted.port()..=wanted.port().saturating_add(50) {
        let address = SocketAddr::new(wanted.ip(), port);
        if TcpListener::bind(address).await.is_ok() {
            return address;
        }
    }
    SocketAddr::new(wanted.ip(), 0)
}

fn introduce(
    addresses: &[SocketAddr],
    origin: &str,
    content: &Path,
    kept: usize,
) -> io::Result<()> {
    let Some(address) = addresses.first() else { return Ok(()) };
    let content = content.display();
    let program =
        std::env::current_exe().map_or("overprint".to_owned(), |p| p.display().to_string());
    let mut out = out();
    writeln!(out, "\n{BOLD}Halcyon & Pike{BOLD:#}, a sample site\n")?;
    writeln!(out, "  {BOLD}http://{address}/{BOLD:#}   with its published words")?;
    writeln!(out, "  {origin}/   as its developers left it\n")?;
    writeln!(out, "Open both, then change a word:\n")?;
    writeln!(out, "  1. in {BOLD}{content}/en/home.json{BOLD:#}, change \"heading\"")?;
    writeln!(out, "  2. reload the page; a mistake in the file is told here, and costs nothing\n")?;
    writeln!(out, "See what happens to each label of a page:\n")?;
    writeln!(out, "  {program} explain {origin}/ --content '{content}'\n")?;
    writeln!(out, "The same for your own site:\n")?;
    writeln!(out, "  {program} scan --write content http://127.0.0.1:3000/")?;
    writeln!(out, "  {program} serve --origin http://127.0.0.1:3000 --content content\n")?;
    if kept > 0 {
        writeln!(out, "{DIM}{kept} files were there already and were kept as they are.{DIM:#}")?;
    }
    writeln!(out, "{DIM}Ctrl-C ends it.{DIM:#}\n")
}
