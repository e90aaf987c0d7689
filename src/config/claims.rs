//! What sites may not share: names and hosts.

use super::fault::{Fault, Problems};
use super::place::{Place, Written};
use crate::proxy::HostPattern;

/// What the sites read so far have claimed.
#[derive(Debug, Default)]
pub(super) struct Claims {
    names: Vec<Name>,
    /// Each with the site it belongs to.
    hosts: Vec<(HostPattern, String)>,
    /// The site that answers every host.
    rest: Option<String>,
}

#[derive(Debug)]
struct Name {
    name: String,
    explicit: bool,
}

impl Claims {
    /// Claims `name`. Two names that both follow from hosts are let pass: where they are equal, so
    /// are the hosts, and one report is enough.
    pub(super) fn name(&mut self, name: &str, explicit: bool, at: &Place, problems: &mut Problems) {
        let clash = |other: &Name| other.name == name && (explicit || other.explicit);
        if self.names.iter().any(clash) {
            let message = format!("a second site is called `{name}`");
            problems.push(at, Fault::new(message, "give each [[site]] a `name` of its own"));
        }
        self.names.push(Name { name: name.to_owned(), explicit });
    }

    /// Claims one host for `site`.
    pub(super) fn host(
        &mut self,
        host: &Written<HostPattern>,
        site: &str,
        problems: &mut Problems,
    ) {
        if let Some((pattern, owner)) = self.hosts.iter().find(|(taken, _)| *taken == host.value) {
            let message = format!("`{}` is already a host of site `{owner}`", spell(pattern));
            problems.push(&host.at, Fault::new(message, "name each host once, in one [[site]]"));
        }
        self.hosts.push((host.value.clone(), site.to_owned()));
    }

    /// Claims every host for `site`.
    pub(super) fn every_host(&mut self, site: &str, at: &Place, problems: &mut Problems) {
        match &self.rest {
            Some(owner) => {
                let message = format!("a second site has no `hosts`: `{owner}` answers every host");
                problems.push(at, Fault::new(message, "give one of the two its `hosts`"));
            }
            None => self.rest = Some(site.to_owned()),
        }
    }
}

/// As it is written in a config.
fn spell(pattern: &HostPattern) -> String {
    match pattern {
        HostPattern::Exact(host) => host.clone(),
        HostPattern::Wildcard(suffix) => format!("*.{suffix}"),
    }
}
