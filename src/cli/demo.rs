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
use super::output::{BOLD, DIM, Failed, WARN, out};
use super::serve::{init_log, runtime, serve};
use crate::config::{self, LogConfig, LogFormat};
use crate::proxy;

/// Show it: a sample site in three languages, its content in a folder, the proxy in front.
///
/// Edit a file in the folder, reload the page, and the words have changed.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Where the sample's config and content are written; files that are there are kept
    #[arg(long, value_name = "DIR", default_value = "overprint-demo")]
    folder: PathBuf,
    /// The address to listen on [default: what the config says]
    ///
    /// The next free port is taken if it is not.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

impl Demo {
    pub(super) fn run(self) -> Outcome {
        // The terminal is for what the newcomer reads.
        init_log(&LogConfig { format: LogFormat::Text, access: false });
        let kept = write_folder(&self.folder).map_err(|error| {
            Failed::Because(format!("cannot write {}: {error}", self.folder.display()))
        })?;
        runtime()?.block_on(self.show(kept))
    }

    async fn show(self, kept: usize) -> Outcome {
        let folder = fs::canonicalize(&self.folder)?;
        let mut config = config::load(&folder.join("overprint.toml"), &|_| None)?;
        let mut moved = Vec::new();
        if let Some(site) = config.proxy.sites.first_mut() {
            moved.extend(start_origin(&mut site.origin).await?);
        }
        let listen = self.listen.or(config.listen.first().copied());
        if let Some(listen) = listen {
            let free = near(listen).await?.local_addr()?;
            moved.extend(taken(listen, free));
            config.listen = vec![free];
        }
        let origin = config.proxy.sites.first().map(|site| site.origin.url()).unwrap_or_default();
        let told = Told { origin, folder, kept, moved };
        serve(config, |addresses| introduce(addresses, &told)).await
    }
}

/// Writes the sample's config and content; says how many files were there already.
fn write_folder(folder: &Path) -> io::Result<usize> {
    let mut kept = 0;
    for (path, bytes) in assets::FOLDER {
        let file = folder.join(path);
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

/// Starts the sample site where the config has its origin, or as near as is free. A config that was
/// given an origin elsewhere needs none.
async fn start_origin(origin: &mut proxy::Origin) -> Result<Option<String>, Failed> {
    let Ok(wanted) = origin.authority.as_str().parse::<SocketAddr>() else { return Ok(None) };
    if !wanted.ip().is_loopback() {
        return Ok(None);
    }
    let listener = near(wanted).await?;
    let address = listener.local_addr()?;
    origin.authority = address.to_string().parse().map_err(Failed::because)?;
    tokio::spawn(site::run(listener));
    Ok(taken(wanted, address))
}

/// A listener at the address, or at the next one that is free.
async fn near(wanted: SocketAddr) -> io::Result<TcpListener> {
    for port in wanted.port()..=wanted.port().saturating_add(50) {
        if let Ok(listener) = TcpListener::bind(SocketAddr::new(wanted.ip(), port)).await {
            return Ok(listener);
        }
    }
    TcpListener::bind(SocketAddr::new(wanted.ip(), 0)).await
}

fn taken(wanted: SocketAddr, address: SocketAddr) -> Option<String> {
    (wanted.port() != 0 && wanted != address)
        .then(|| format!("{wanted} is taken: it is {address} this time."))
}

/// What the newcomer is told, beside the addresses.
struct Told {
    origin: String,
    folder: PathBuf,
    /// Files that were there already.
    kept: usize,
    /// Ports that are not the config's.
    moved: Vec<String>,
}

fn introduce(addresses: &[SocketAddr], told: &Told) -> io::Result<()> {
    let Some(address) = addresses.first() else { return Ok(()) };
    let (origin, folder) = (&told.origin, told.folder.display());
    let program =
        std::env::current_exe().map_or("overprint".to_owned(), |p| p.display().to_string());
    let mut out = out();
    writeln!(out, "\n{BOLD}Halcyon & Pike{BOLD:#}, a sample site in three languages\n")?;
    for (tag, language) in [("en", "English"), ("de", "German"), ("ar", "Arabic, right to left")] {
        writeln!(out, "  {BOLD}http://{address}/{tag}/{BOLD:#}   in {language}")?;
    }
    writeln!(out, "  {origin}/      as its developers left it")?;
    for moved in &told.moved {
        writeln!(out, "  {WARN}{moved}{WARN:#}")?;
    }
    writeln!(out, "\nOpen them, then change a word:\n")?;
    writeln!(out, "  1. in {BOLD}{folder}/content/ar/home.json{BOLD:#}, change \"heading\"")?;
    writeln!(out, "  2. reload the page; a mistake in the file is told here, and costs nothing\n")?;
    writeln!(out, "See what happens to each label of a page, and why:\n")?;
    writeln!(
        out,
        "  {program} explain {origin}/products.html --config '{folder}/overprint.toml' --locale ar\n"
    )?;
    writeln!(
        out,
        "That config is what all this runs from: open it, each line says what it is for."
    )?;
    writeln!(out, "The same for your own site:\n")?;
    writeln!(out, "  {program} scan --write content http://127.0.0.1:3000/")?;
    writeln!(out, "  {program} serve --origin http://127.0.0.1:3000 --content content\n")?;
    if told.kept > 0 {
        let kept = told.kept;
        writeln!(out, "{DIM}{kept} files were there already and were kept as they are.{DIM:#}")?;
    }
    writeln!(out, "{DIM}Ctrl-C ends it.{DIM:#}\n")
}
