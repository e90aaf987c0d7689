//! Obtains content and makes it live: loads a directory, and loads it again when it changes.
//!
//! A load that fails changes nothing: the last good content stays, and the log says why.

mod watch;

use std::path::Path;
use std::sync::Arc;

use crate::content::{self, Snapshot};
use crate::problem::Problem;
use crate::store::directory::{self, ReadError};

pub(crate) use watch::Watch;

/// Loads a content directory, whole or not at all.
///
/// # Errors
/// Every problem with it.
pub(crate) fn load(root: &Path) -> Result<Snapshot, Vec<Problem>> {
    let (files, unread) = directory::read(root);
    if !unread.is_empty() {
        return Err(unread.iter().map(unreadable).collect());
    }
    content::compile(files.into_iter().map(|file| (file.path, file.bytes)))
}

fn unreadable(error: &ReadError) -> Problem {
    Problem {
        file: error.path.display().to_string(),
        source: Arc::from(""),
        span: 0..0,
        message: format!("cannot be read: {}", error.error),
        help: Some("check that it exists and that Overprint may read it".to_owned()),
    }
}
