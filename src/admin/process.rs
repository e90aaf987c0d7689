//! What the machine knows of this process.

use std::fs;

/// The resident set in bytes, where there is `/proc`.
///
/// From `status` rather than `statm`: that one counts pages, whose size differs among machines.
pub(super) fn resident() -> Option<u64> {
    from_status(&fs::read_to_string("/proc/self/status").ok()?)
}

fn from_status(text: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resident_set_is_read_or_left_out() {
        assert_eq!(from_status("Name:\tx\nVmRSS:\t   12345 kB\nThreads:\t1\n"), Some(12345 * 1024));
        assert_eq!(from_status("Name:\tx\n"), None);
        assert_eq!(from_status("VmRSS:\tmany kB\n"), None);
    }
}
