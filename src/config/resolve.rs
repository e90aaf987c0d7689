//! Stage two: what the program uses, out of what the user wrote.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::Path;

use super::choice::choose;
use super::claims::Claims;
use super::fault::{Fault, Problems};
use super::place::Written;
use super::{Config, LogConfig, LogFormat, bounds, network, site, written};
use crate::proxy;

const DEFAULT_LISTEN: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 8080));

const LOG_FORMATS: &[(&str, LogFormat)] = &[("text", LogFormat::Text), ("json", LogFormat::Json)];

/// The config that was `written`. Only good where `problems` stays empty: what could not be
/// understood is left out or at its default.
pub(super) fn config(
    written: &written::Config,
    base_dir: &Path,
    problems: &mut Problems,
) -> Config {
    Config {
        listen: listen(written.listen.as_deref(), problems),
        log: log(&written.log, problems),
        proxy: proxy::Config {
            sites: sites(&written.sites, base_dir, problems),
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

fn sites(written: &[written::Site], base_dir: &Path, problems: &mut Problems) -> Vec<proxy::Site> {
    let mut claims = Claims::default();
    written.iter().filter_map(|one| site::site(one, base_dir, &mut claims, problems)).collect()
}
