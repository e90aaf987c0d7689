//! The config: what the user wrote, then what the program uses.
//!
//! Stage one ([`written`]) reads a file and the environment into options that remember where they
//! stand. Stage two ([`resolve`]) turns them into values that cannot be invalid. Both collect their
//! problems and go on, so that one run names every mistake. Nothing here opens a socket or looks
//! into a content directory.

mod bounds;
mod choice;
mod claims;
mod content;
mod environment;
mod fault;
#[cfg(test)]
mod golden;
mod heading;
mod host;
mod locale;
mod network;
mod origin;
mod place;
mod quantity;
mod reader;
#[cfg(test)]
mod reference;
mod resolve;
mod site;
mod suggest;
mod syntax;
mod values;
mod variables;
mod written;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};

use crate::problem::Problem;
use crate::{proxy, refresh};
use environment::Environment;
use fault::{Fault, Problems};
use place::{Place, Written};

/// Where `overprint serve --origin …` listens unless told: this machine only, since a quick form is
/// for trying things out.
const QUICK_LISTEN: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 8080));

/// What the quick form has in place of a file: a site that the options take the place of.
const NO_SITE_OF_ITS_OWN: &str = "[[site]]\norigin = 'http://localhost'\n";

/// Everything the program is told before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// Addresses to accept visitors on; at least one, all different.
    pub listen: Vec<SocketAddr>,
    /// What is logged, and how.
    pub log: LogConfig,
    /// Where the operator's own pages are served; none serves none.
    pub admin: Option<SocketAddr>,
    /// What the proxy serves.
    pub proxy: proxy::Config,
    /// What is printed, site by site in the same order.
    pub content: refresh::Config,
    /// Who may say that something was published, site by site in the same order: where the secrets
    /// are; nowhere for a site without a webhook.
    pub hooks: Vec<Vec<SecretSource>>,
}

/// Where a secret is kept. It is read when it is needed, and never shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// A file.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
}

/// What is logged, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogConfig {
    /// How a line looks.
    pub format: LogFormat,
    /// Whether each request gets a line.
    pub access: bool,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Text, access: true }
    }
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// Reads the config file at `path`, overridden by the environment.
///
/// A relative path is relative to the file's directory. `env` looks up one variable.
///
/// # Errors
/// Every problem of the file and the environment; a file that cannot be read is the only one.
pub fn load(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Config, Vec<Problem>> {
    let file = path.display().to_string();
    let text = read(path).map_err(|fault| vec![Place::start(&file, "").problem(fault)])?;
    from_text(&file, &text, path.parent().unwrap_or(Path::new("")), env)
}

/// Reads a config from `text`, known to the user as `file`; see [`load`].
pub(crate) fn from_text(
    file: &str,
    text: &str,
    base_dir: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Config, Vec<Problem>> {
    let start = Place::start(file, text);
    let root = syntax::parse(text, &start)?;
    let mut problems = Problems::default();
    let written = written::Config::read(&root, start, Environment::new(env), &mut problems);
    let config = resolve::config(&written, base_dir, &mut problems);
    problems.or(config)
}

/// The config of `overprint serve --origin URL --content PLACE --listen ADDR`: one site that answers
/// every host, everything else by default or as the environment says. `content` is a directory,
/// relative to the working directory, or the URL of a store.
///
/// # Errors
/// What is wrong with the values, each naming its option instead of a file.
pub fn quick(
    origin: &str,
    content: Option<&str>,
    listen: Option<SocketAddr>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Config, Vec<Problem>> {
    let site = written::Site {
        origin: Some(option("--origin", origin, origin.to_owned())),
        content: content.map(|place| option("--content", place, place.to_owned())),
        ..written::Site::default()
    };
    let mut problems = Problems::default();
    let start = Place::start("", "");
    let rest = syntax::parse(NO_SITE_OF_ITS_OWN, &start)?;
    let rest = written::Config::read(&rest, start, Environment::new(env), &mut problems);
    let told = rest.listen.is_some();
    let written = written::Config { sites: vec![site], ..rest };
    let config = resolve::config(&written, Path::new(""), &mut problems);
    let listen = match listen {
        Some(listen) => vec![listen],
        None if told => config.listen,
        None => vec![QUICK_LISTEN],
    };
    problems.or(Config { listen, ..config })
}

/// A value given as a command line option.
fn option<T>(name: &str, text: &str, value: T) -> Written<T> {
    Written { value, at: Place::whole(name, text) }
}

fn read(path: &Path) -> Result<String, Fault> {
    let bytes = fs::read(path).map_err(|error| {
        Fault::new(
            format!("the config cannot be read: {error}"),
            "check that the file exists and that this user may read it",
        )
    })?;
    String::from_utf8(bytes).map_err(|error| {
        Fault::new(
            format!(
                "the config is not UTF-8: bad byte at offset {}",
                error.utf8_error().valid_up_to()
            ),
            "save the file as UTF-8",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refresh::Location;

    fn no_env(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn a_file_is_read_and_its_directory_is_the_base() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("overprint.toml");
        fs::write(&path, "[[site]]\norigin = 'http://a'\ncontent = 'words'\n").unwrap();
        let config = load(&path, &no_env).unwrap();
        let words = Location::Directory(dir.path().join("words"));
        assert_eq!(config.content.sites[0].content, Some(words));
        assert_eq!(config.listen, ["0.0.0.0:8080".parse().unwrap()]);
    }

    #[test]
    fn a_file_that_is_not_utf_8_says_where() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("latin1.toml");
        fs::write(&path, b"# caf\xe9\n").unwrap();
        let problems = load(&path, &no_env).unwrap_err();
        assert_eq!(problems[0].message, "the config is not UTF-8: bad byte at offset 5");
    }

    #[test]
    fn the_environment_overrides_the_file() {
        let env = |name: &str| match name {
            "OVERPRINT_LISTEN" => Some("127.0.0.1:1, [::1]:2".to_owned()),
            "OVERPRINT_LOG_FORMAT" => Some("json".to_owned()),
            "OVERPRINT_TIMEOUTS_HEAD" => Some("7s".to_owned()),
            "OVERPRINT_LIMITS_BODY" => Some("1MiB".to_owned()),
            "OVERPRINT_LIMITS_POOL" => Some(String::new()),
            _ => None,
        };
        let text = "listen = '0.0.0.0:9'\n[timeouts]\nhead = '1s'\n[[site]]\norigin = 'http://a'\n";
        let config = from_text("test.toml", text, Path::new(""), &env).unwrap();
        assert_eq!(config.listen, ["127.0.0.1:1".parse().unwrap(), "[::1]:2".parse().unwrap()]);
        assert_eq!(config.log.format, LogFormat::Json);
        assert_eq!(config.proxy.timeouts.head.as_secs(), 7);
        assert_eq!(config.proxy.limits.body, Some(1 << 20));
        assert_eq!(config.proxy.limits.pool, 64, "an empty variable is as good as none");
    }

    #[test]
    fn the_quick_form_serves_every_host_on_loopback() {
        let config = quick("http://localhost:3000", Some("words"), None, &no_env).unwrap();
        let site = &config.proxy.sites[0];
        assert_eq!(config.listen, [QUICK_LISTEN]);
        assert_eq!((site.origin.url().as_str(), site.hosts.len()), ("http://localhost:3000", 0));
        let words = Location::Directory(PathBuf::from("words"));
        assert_eq!(config.content.sites[0].content, Some(words));
    }

    #[test]
    fn the_quick_form_names_the_option_at_fault() {
        let problems = quick("localhost", Some("ftp://b/p"), None, &no_env).unwrap_err();
        let files: Vec<_> = problems.iter().map(|p| p.file.as_str()).collect();
        assert_eq!(files, ["--content", "--origin"]);
    }

    #[test]
    fn the_environment_speaks_to_the_quick_form_and_options_overrule_it() {
        let env = |name: &str| match name {
            "OVERPRINT_LISTEN" => Some("127.0.0.1:9999".to_owned()),
            "OVERPRINT_LOG_FORMAT" => Some("json".to_owned()),
            _ => None,
        };
        let config = quick("http://a", None, None, &env).unwrap();
        assert_eq!(config.listen, ["127.0.0.1:9999".parse().unwrap()]);
        assert_eq!(config.log.format, LogFormat::Json);
        let listen = "127.0.0.1:1".parse().unwrap();
        assert_eq!(quick("http://a", None, Some(listen), &env).unwrap().listen, [listen]);
        assert_eq!(quick("http://a", None, None, &no_env).unwrap().listen, [QUICK_LISTEN]);
    }
}
