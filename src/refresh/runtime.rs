//! The threads that load content, apart from those that serve visitors.
//!
//! Reading and sanitising a large release takes a core for a third of a second. On threads of equal rank
//! that would be taken from requests; these give way.

use std::io;

use tokio::runtime::Builder;

/// How much they give way: `nice` 10 has a tenth of the share of one that serves.
const NICENESS: i32 = 10;

/// A runtime whose work ends when it is dropped.
#[derive(Debug)]
pub struct Runtime(Option<tokio::runtime::Runtime>);

impl Runtime {
    /// One thread for what waits, and more for what works or hangs.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("overprint-load")
            .on_thread_start(give_way)
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.0 {
            runtime.spawn(work);
        }
    }
}

/// On Linux a thread has a priority of its own.
#[cfg(target_os = "linux")]
fn give_way() {
    // Absolute, since a thread is born with its parent's. One that keeps its rank loads all the same.
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "the threads that load content keep their priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn give_way() {}

impl Drop for Runtime {
    fn drop(&mut self) {
        // Not waited for: a load that is cut off has changed nothing.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
