//! What is wrong with a value, before anyone knows where it stands, and the pile of problems that
//! faults become once their place is known.

use std::ops::Deref;

use super::place::{Place, Written};
use crate::problem::Problem;

/// What is wrong and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// One line without a full stop.
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// Whether what was written must not be shown: what is said ends up in logs.
    pub(super) secret: bool,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: Some(help.into()), secret: false }
    }

    /// Where the value has, or may have, a secret in it.
    pub(super) fn secret(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { secret: true, ..Self::new(message, help) }
    }
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    /// Notes what is wrong `at` a place.
    pub(super) fn push(&mut self, at: &Place, fault: Fault) {
        self.0.push(at.problem(fault));
    }

    /// The value of `result`, or none once its fault is noted.
    pub(super) fn keep<T>(&mut self, at: &Place, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.push(at, fault)).ok()
    }

    /// `written` as `parse` understands it, or none once its fault is noted.
    pub(super) fn parse<T: Deref, U>(
        &mut self,
        written: &Written<T>,
        parse: impl FnOnce(&T::Target) -> Result<U, Fault>,
    ) -> Option<U> {
        self.keep(&written.at, parse(&written.value))
    }

    /// [`Problems::parse`] for a key that may be missing.
    pub(super) fn parse_given<T: Deref, U>(
        &mut self,
        written: Option<&Written<T>>,
        parse: impl FnOnce(&T::Target) -> Result<U, Fault>,
    ) -> Option<U> {
        written.and_then(|written| self.parse(written, parse))
    }

    /// [`Problems::parse_given`] where it matters where the value stands.
    pub(super) fn parse_given_at<T, U>(
        &mut self,
        written: Option<&Written<T>>,
        parse: impl FnOnce(&Written<T>) -> Result<U, Fault>,
    ) -> Option<U> {
        written.and_then(|written| self.keep(&written.at, parse(written)))
    }

    /// Adds the problems of a part.
    pub(super) fn absorb(&mut self, part: Self) {
        self.0.extend(part.0);
    }

    /// `value` if nothing is wrong, otherwise all problems, each file's in the order of its lines.
    pub(super) fn or<T>(mut self, value: T) -> Result<T, Vec<Problem>> {
        if self.0.is_empty() {
            return Ok(value);
        }
        self.0.sort_by(|a, b| {
            (is_variable(a), &a.file, a.span.start).cmp(&(is_variable(b), &b.file, b.span.start))
        });
        Err(self.0)
    }
}

/// Whether the mistake is in the environment, which is reported after the file.
fn is_variable(problem: &Problem) -> bool {
    problem.file.starts_with(super::environment::FILE_PREFIX)
}
