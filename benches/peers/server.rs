//! A proxy as a process of its own, pinned to its core, and ended whatever happens.

use std::ffi::OsStr;
use std::fs;
use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::procfs::family;

/// How long a proxy may take to listen, and to end.
const START: Duration = Duration::from_secs(20);
const END: Duration = Duration::from_secs(3);
const MOMENT: Duration = Duration::from_millis(20);

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

/// An address that is free now.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}

/// Where a program is, if this machine has it. Debian keeps daemons where not every PATH looks.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

impl Server {
    /// Starts a program on a core, and waits until it listens. What it says goes to a file.
    pub(crate) fn start<I: AsRef<OsStr>>(
        program: &Path,
        args: &[I],
        env: &[(&str, &str)],
        core: usize,
        address: SocketAddr,
        folder: &Path,
    ) -> Self {
        let log = folder.join("log");
        let file = File::create(&log).expect("a log");
        // `setpriv` has it end with the bench, should that be killed; both become the program itself.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "taskset", "-c", &core.to_string()])
            .arg(program)
            .args(args)
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a log"))
            .stderr(file)
            .spawn()
            .expect("setpriv and taskset, of util-linux");
        let mut server = Self { child, address };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            let ended = server.child.try_wait().expect("a child");
            if ended.is_some() || began.elapsed() > START {
                let said = fs::read_to_string(&log).unwrap_or_default();
                panic!("{} does not listen:\n{said}", program.display());
            }
            sleep(MOMENT);
        }
        server
    }

    pub(crate) fn processes(&self) -> Vec<u32> {
        family(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let family = self.processes();
        signal(self.child.id(), Signal::TERM);
        let began = Instant::now();
        while began.elapsed() < END && !matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
            sleep(MOMENT);
        }
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            // Those it started would stay.
            for pid in family {
                signal(pid, Signal::KILL);
            }
            let _ = self.child.wait();
        }
    }
}

fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}
