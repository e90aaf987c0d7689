//! `overprint serve`: the delivery proxy.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tracing::info;
use tracing_subscriber::EnvFilter;

use super::Outcome;
use super::output::Failed;
use crate::app::App;
use crate::config::{self, Config, LogConfig, LogFormat};

/// Stand in front of a site and print content onto its pages.
///
/// Without --config and --origin, ./overprint.toml is read.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// A config file; every key is explained in config/overprint.toml
    #[arg(long, value_name = "FILE", conflicts_with_all = ["origin", "content"])]
    config: Option<PathBuf>,
    /// The site to stand in front of, e.g. http://127.0.0.1:3000
    #[arg(long, value_name = "URL")]
    origin: Option<String>,
    /// A content directory, or a store of releases: a directory, https://…, s3://bucket/prefix
    #[arg(long, value_name = "PLACE", requires = "origin")]
    content: Option<String>,
    /// The address to listen on [default: 127.0.0.1:8080 with --origin]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub(super) fn run(self) -> Outcome {
        let config = self.config()?;
        init_log(&config.log);
        runtime()?.block_on(serve(config, |_| Ok(())))
    }

    fn config(&self) -> Result<Config, Failed> {
        if let Some(origin) = &self.origin {
            return Ok(config::quick(origin, self.content.as_deref(), self.listen, &environment)?);
        }
        let path = self.config.clone().unwrap_or_else(|| PathBuf::from("overprint.toml"));
        if self.config.is_none() && !path.exists() {
            return Err(Failed::because(
                "nothing to serve: give --origin URL (and --content PLACE), or --config FILE",
            ));
        }
        let mut config = config::load(&path, &environment)?;
        if let Some(listen) = self.listen {
            config.listen = vec![listen];
        }
        Ok(config)
    }
}

/// Environment variables, for config to read.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Serves until SIGTERM or SIGINT; `ready` is told the addresses.
pub(super) async fn serve(
    config: Config,
    ready: impl FnOnce(&[SocketAddr]) -> io::Result<()>,
) -> Outcome {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let origins: Vec<_> =
        config.proxy.sites.iter().map(|s| (s.name.clone(), s.origin.url())).collect();
    let app = App::start(config).await.map_err(Failed::because)?;
    for address in app.addresses() {
        info!(%address, "listening on http://{address}");
    }
    if let Some(admin) = app.admin_address() {
        info!(address = %admin, "status and metrics on http://{admin}/status");
    }
    for (site, origin) in origins {
        info!(%site, %origin, "serving");
    }
    ready(&app.addresses())?;
    // The first signal drains; the second has had enough.
    let (drain, drains) = oneshot::channel();
    let (stop, stops) = oneshot::channel::<()>();
    tokio::spawn(async move {
        for channel in [drain, stop] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            // Gone only where nobody waits any more.
            let _ = channel.send(());
            info!("told to stop; a second signal stops at once");
        }
    });
    let drained = async {
        let shutdown = async { drop(drains.await) };
        app.run(shutdown).await
    };
    tokio::select! {
        clean = drained => match clean {
            true => Ok(()),
            false => Err(Failed::because("some requests were aborted at the drain's deadline")),
        },
        _ = stops => Err(Failed::because("stopped at the second signal, before the drain was over")),
    }
}

pub(super) fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// What an operator wants to know. A store's retries are told by what comes of them.
const QUIETLY: &str = "info,object_store=warn";

/// Logs to standard error: as text, or a JSON object a line.
pub(super) fn init_log(config: &LogConfig) {
    let filter =
        EnvFilter::try_from_env("OVERPRINT_LOG").unwrap_or_else(|_| EnvFilter::new(QUIETLY));
    let quiet = "overprint::access=off".parse().ok().filter(|_| !config.access);
    let filter = quiet.into_iter().fold(filter, EnvFilter::add_directive);
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    // Only fails where a log is set up already, which is as good.
    let _ = match config.format {
        LogFormat::Json => log.json().flatten_event(true).try_init(),
        LogFormat::Text => {
            log.with_ansi(std::io::IsTerminal::is_terminal(&io::stderr())).try_init()
        }
    };
}
