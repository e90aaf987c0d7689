//! An object's members, each name once.

use std::collections::HashMap;

use crate::problem::Problem;

use super::json::Member;
use super::source::Source;

/// The first member of each name; every repetition is a problem, whatever its value is.
pub(super) fn unique<'a>(
    members: &'a [Member],
    source: &Source,
    problems: &mut Vec<Problem>,
) -> Vec<&'a Member> {
    let mut first: HashMap<&str, &Member> = HashMap::new();
    let mut kept = Vec::with_capacity(members.len());
    for member in members {
        match first.get(member.name.as_str()) {
            Some(earlier) => problems.push(repeated(earlier, member, source)),
            None => {
                first.insert(&member.name, member);
                kept.push(member);
            }
        }
    }
    kept
}

fn repeated(earlier: &Member, member: &Member, source: &Source) -> Problem {
    let message =
        format!("duplicate {:?}, already at {}", member.name, source.place(earlier.span.start));
    source.problem(member.span.clone(), message, "keep one of the two")
}
