//! What the system says of processes and cores.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

/// A process and all that came of it.
pub(crate) fn family(root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").expect("/proc").flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if let Some(parent) = parent(pid) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut family = vec![root];
    let mut at = 0;
    while at < family.len() {
        family.extend(children.remove(&family[at]).unwrap_or_default());
        at += 1;
    }
    family
}

/// The time that those processes have run which are neither the bench's nor the kernel's own threads:
/// these send and receive for whoever is measured.
pub(crate) fn others() -> Duration {
    const KERNEL: u32 = 2;
    let ours = [family(std::process::id()), family(KERNEL)].concat();
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    let all = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    cpu(&all.filter(|pid| !ours.contains(pid)).collect::<Vec<_>>())
}

fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // After the name, which may contain anything: the state, then the parent.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// The time that the threads of some processes have run, to the nanosecond: what `stat` rounds to ticks.
pub(crate) fn cpu(processes: &[u32]) -> Duration {
    let tasks = processes
        .iter()
        .filter_map(|pid| fs::read_dir(format!("/proc/{pid}/task")).ok())
        .flat_map(Iterator::flatten);
    let ran = tasks.filter_map(|task| {
        let line = fs::read_to_string(task.path().join("schedstat")).ok()?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(ran.sum())
}

/// Memory of processes, in bytes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Memory {
    /// With what they share counted in each.
    pub(crate) rss: u64,
    /// With what they share divided among them.
    pub(crate) pss: u64,
}

pub(crate) fn memory(processes: &[u32]) -> Memory {
    let mut memory = Memory::default();
    for pid in processes {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        let kilobytes = |name: &str| -> u64 {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
        };
        memory.rss += kilobytes("Rss:") * 1024;
        memory.pss += kilobytes("Pss:") * 1024;
    }
    memory
}

/// How long a core has done nothing since the system started, in ticks of 10 ms.
pub(crate) fn idle(core: usize) -> Duration {
    let stat = fs::read_to_string("/proc/stat").expect("/proc/stat");
    let name = format!("cpu{core} ");
    let line = stat.lines().find_map(|line| line.strip_prefix(&name)).expect("a core");
    let fields: Vec<u64> =
        line.split_whitespace().map(|field| field.parse().expect("ticks")).collect();
    // Idle, and idle with a disk at work.
    Duration::from_millis((fields[3] + fields[4]) * 10)
}
