//! What is said, and who is told, when an alias has moved.

use std::io::Write;

use super::Outcome;
use super::output::{BOLD, Failed, GOOD, WARN, count, line};
use super::target::Ready;
use crate::publish::{self, Moved};

/// Says where the alias is now, and tells the proxies.
pub(super) async fn report(out: &mut impl Write, ready: &Ready, moved: &Moved) -> Outcome {
    let pointer = &moved.pointer;
    let from = moved.from.map_or(String::new(), |seq| format!("from release {seq} "));
    writeln!(
        out,
        "{GOOD}live{GOOD:#}      {BOLD}{}{BOLD:#} {from}to release {BOLD}{}{BOLD:#} (move {})",
        pointer.alias, pointer.release.seq, pointer.r#move
    )?;
    tell(out, ready, moved).await
}

/// Tells the proxies where the alias is.
pub(super) async fn tell(out: &mut impl Write, ready: &Ready, moved: &Moved) -> Outcome {
    let reports =
        publish::tell_proxies(&ready.urls, &ready.site, moved, ready.secrets.as_ref()).await;
    let mut failed = 0;
    for report in &reports {
        match &report.result {
            Ok(said) => writeln!(out, "{GOOD}told{GOOD:#}      {}: {said}", report.whom)?,
            Err(why) => {
                failed += 1;
                writeln!(out, "{WARN}not told{WARN:#}  {}: {}", report.whom, line(why, 300))?;
            }
        }
    }
    if failed == 0 {
        return Ok(());
    }
    let many = count(failed, "address");
    Err(Failed::Untold(format!(
        "it is done, but {many} could not be told: proxies find it at their next poll"
    )))
}
