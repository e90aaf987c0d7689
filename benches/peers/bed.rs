//! What every proxy is started with: a folder, an origin, a core.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use tempfile::TempDir;

pub(crate) struct Bed {
    folder: TempDir,
    pub(crate) origin: SocketAddr,
    /// The bench's core, and the proxies'.
    pub(crate) bench_core: usize,
    pub(crate) proxy_core: usize,
}

impl Bed {
    /// Takes two cores, and pins the bench to the first.
    pub(crate) fn make(origin: SocketAddr) -> Self {
        let allowed = sched_getaffinity(None).expect("cores");
        let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect();
        let [bench_core, .., proxy_core] = cores[..] else { panic!("two cores are needed") };
        let mut own = CpuSet::new();
        own.set(bench_core);
        sched_setaffinity(None, &own).expect("a core");
        raise_files();
        Self { folder: tempfile::tempdir().expect("a folder"), origin, bench_core, proxy_core }
    }

    /// A folder for one proxy.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }
}

/// Writes a file of a proxy; gives its path.
pub(crate) fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let file = folder.join(name);
    fs::write(&file, text).expect("a file");
    file
}

/// How many files a process may have open: proxies inherit it.
pub(crate) fn files() -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

/// As many as the system grants: more than the hard limit, where the bench may.
fn raise_files() {
    const WANTED: u64 = 65536;
    let maximum = getrlimit(Resource::Nofile).maximum;
    let more =
        Rlimit { current: Some(WANTED), maximum: Some(maximum.unwrap_or(WANTED).max(WANTED)) };
    if setrlimit(Resource::Nofile, more).is_err() {
        let all = Rlimit { current: maximum, maximum };
        let _ = setrlimit(Resource::Nofile, all);
    }
}
