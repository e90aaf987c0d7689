//! Stage two: what the program uses, out of what the user wrote.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::Path;

use super::choice::choose;
use super::claims::Claims;
use super::fault::{Fault, Problems};
use super::place::Written;
use super::{Config, LogConfig, LogFormat, SecretSource, bounds, content, network, site, written};
use crate::{proxy, refresh};

const DEFAULT_LISTEN: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 8080));

const LOG_FORMATS: &[(&str, LogFormat)] = &[("text", LogFormat::Text), ("json", LogFormat::Json)];

/// The config that was `written`. Only good where `problems` stays empty: what could not be
/// understood is left out or at its default.
pub(super) fn config(
    written: &written::Config,
    base_dir: &Path,
    problems: &mut Problems,
) -> Config {
    let (sites, content, hooks) = sites(&written.sites, base_dir, problems);
    let listen = listen(written.listen.as_deref(), problems);
    Config {
        admin: admin(written.admin.as_ref(), &listen, problems),
        listen,
        log: log(&written.log, problems),
        content: refresh::Config {
            sites: content,
            state_dir: written.state_dir.as_ref().map(|dir| base_dir.join(&dir.value)),
            redis: problems.parse_given_at(written.redis.as_ref(), content::redis),
            limits: bounds::content(&written.limits, &written.timeouts, problems),
        },
        hooks,
        proxy: proxy::Config {
            sites,
            timeouts: bounds::timeouts(&written.timeouts, problems),
            limits: bounds::limits(&written.limits, problems),
            trusted: trusted(written.trusted_proxies.as_deref(), problems),
        },
    }
}

fn listen(written: Option<&[Written<String>]>, problems: &mut Problems) -> Vec<SocketAddr> {
    let Some(written) = written else {
        return vec![DEFAULT_LISTEN];
    };
    let mut addresses = Vec::new();
    for text in written {
        let Some(address) = problems.parse(text, network::listen_address) else {
            continue;
        };
        if addresses.contains(&address) {
            let message = format!("`{address}` is listed twice");
            problems.push(&text.at, Fault::new(message, "name each address once"));
        }
        addresses.push(address);
    }
    addresses
}

/// On a port of its own: what it says is for operators.
fn admin(
    written: Option<&Written<String>>,
    listen: &[SocketAddr],
    problems: &mut Problems,
) -> Option<SocketAddr> {
    let address = problems.parse_given(written, network::listen_address)?;
    if listen.contains(&address) && address.port() != 0 {
        let message = format!("`{address}` is where visitors are accepted");
        let fault = Fault::new(message, "give `admin` a port of its own, out of their reach");
        written.into_iter().for_each(|written| problems.push(&written.at, fault.clone()));
    }
    Some(address)
}

fn log(written: &written::Log, problems: &mut Problems) -> LogConfig {
    let default = LogConfig::default();
    let format = problems.parse_given(written.format.as_ref(), |word| choose(word, LOG_FORMATS));
    LogConfig {
        format: format.unwrap_or(default.format),
        access: written.access.as_ref().map_or(default.access, |access| access.value),
    }
}

fn trusted(written: Option<&[Written<String>]>, problems: &mut Problems) -> Vec<ipnet::IpNet> {
    let written = written.unwrap_or_default().iter();
    written.filter_map(|text| problems.parse(text, network::network)).collect()
}

/// What each site is for the proxy, what its content is, and who may say that there is more.
type Sites = (Vec<proxy::Site>, Vec<refresh::Site>, Vec<Vec<SecretSource>>);

fn sites(written: &[written::Site], base_dir: &Path, problems: &mut Problems) -> Sites {
    let mut claims = Claims::default();
    let mut resolved = Sites::default();
    for one in written {
        let site = site::site(one, &mut claims, problems);
        let hook = content::hook(&one.webhook, base_dir);
        let place = content::location(one, base_dir, problems);
        if let Some(site) = site {
            resolved.1.push(content::site(one, &site, place, problems));
            resolved.0.push(site);
            resolved.2.push(hook);
        }
    }
    resolved
}
