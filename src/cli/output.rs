//! What commands say: to standard output what was asked for, to standard error what went wrong;
//! in colour on a terminal, plain everywhere else.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};

use super::report;
use crate::problem::Problem;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const WARN: Style = AnsiColor::Yellow.on_default();

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failed {
    /// Mistakes in files, each with its place.
    Problems(Vec<Problem>),
    /// Anything else, in a sentence.
    Because(String),
    /// Somebody else was first.
    Conflict(String),
    /// It was done, and not everybody could be told.
    Untold(String),
    /// Nobody reads the output any more.
    Unread,
}

impl Failed {
    /// What the process ends with.
    pub(super) fn code(&self) -> ExitCode {
        match self {
            Self::Unread => ExitCode::SUCCESS,
            Self::Problems(_) | Self::Because(_) => ExitCode::FAILURE,
            Self::Conflict(_) => ExitCode::from(3),
            Self::Untold(_) => ExitCode::from(4),
        }
    }

    pub(super) fn because(reason: impl fmt::Display) -> Self {
        Self::Because(reason.to_string())
    }
}

impl From<Vec<Problem>> for Failed {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Problems(problems)
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Unread } else { Self::because(error) }
    }
}

/// Standard output.
pub(super) fn out() -> impl Write {
    anstream::AutoStream::auto(io::stdout())
}

/// Standard output of a command that has work to do beside talking: that nobody reads it must not
/// keep it from its work, nor look like success.
pub(super) fn out_regardless() -> impl Write {
    Regardless(out())
}

struct Regardless<W>(W);

impl<W: Write> Write for Regardless<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Said or not, it counts as said.
        let _ = self.0.write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}

/// Writes a failure to standard error.
pub(super) fn tell(failed: &Failed) {
    let mut err = anstream::AutoStream::auto(io::stderr());
    // If standard error is gone there is nobody left to tell.
    let _ = match failed {
        Failed::Problems(problems) => problems
            .iter()
            .try_for_each(|problem| writeln!(err, "{}\n", report::render(problem, true)))
            .and_then(|()| writeln!(err, "{}", count(problems.len(), "problem"))),
        Failed::Because(reason) | Failed::Conflict(reason) | Failed::Untold(reason) => {
            let style = AnsiColor::Red.on_default().bold();
            writeln!(err, "{style}error{style:#}: {reason}")
        }
        Failed::Unread => Ok(()),
    };
}

/// Writes to standard error what is no failure and yet worth a look.
pub(super) fn warn(notes: &[Problem]) {
    let mut err = anstream::AutoStream::auto(io::stderr());
    // If standard error is gone there is nobody left to tell.
    let _ =
        notes.iter().try_for_each(|note| writeln!(err, "{}\n", report::render_warning(note, true)));
}

/// `1 problem`, `2 problems`, `3 entries`.
pub(super) fn count(n: usize, what: &str) -> String {
    match what.strip_suffix('y') {
        _ if n == 1 => format!("1 {what}"),
        None if what.ends_with('s') => format!("{n} {what}es"),
        Some(stem) => format!("{n} {stem}ies"),
        None => format!("{n} {what}s"),
    }
}

/// `512 B`, `12.3 KB`, `4.0 MB`.
pub(super) fn bytes(count: u64) -> String {
    // Beyond 2^52 bytes the tenth is not worth being right.
    let (size, unit) = match count {
        0..1_000 => return format!("{count} B"),
        1_000..1_000_000 => (count as f64 / 1e3, "KB"),
        _ => (count as f64 / 1e6, "MB"),
    };
    format!("{size:.1} {unit}")
}

/// `text` cut to `width` characters, whitespace joined, nothing in it that a terminal would obey.
pub(super) fn line(text: &str, width: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let clean: String = words.chars().filter(|c| !c.is_control()).collect();
    if clean.chars().count() <= width {
        return clean;
    }
    clean.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}
