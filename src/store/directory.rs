//! A store in a directory.
//!
//! A file is written beside its place, synced, and then moved or linked there, so that a reader, or
//! a machine that loses power, meets the old file or the new one. Writers of the same file take
//! turns by a lock on the directory, which the system lets go of when a writer dies.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::{Condition, Fault, Fetched, Version};

/// What a file on its way into its place is called; never listed.
const UNFINISHED: &str = ".unfinished-";
const LOCK: &str = ".lock";

/// A directory.
#[derive(Debug, Clone)]
pub(super) struct Directory {
    root: PathBuf,
}

impl Directory {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) async fn get(
        &self,
        path: &str,
        limit: u64,
        known: Option<&Version>,
    ) -> Result<Option<Fetched>, Fault> {
        let file = self.root.join(path);
        let bytes = blocking(move || read(&file, limit)).await?;
        let version = version(&bytes);
        if known == Some(&version) {
            return Ok(None);
        }
        Ok(Some(Fetched { bytes: bytes.into(), version: Some(version) }))
    }

    pub(super) async fn size(&self, path: &str) -> Result<Option<u64>, Fault> {
        let file = self.root.join(path);
        blocking(move || match fs::metadata(&file) {
            Ok(found) => Ok(Some(found.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        })
        .await
    }

    pub(super) async fn put(
        &self,
        path: &str,
        bytes: Bytes,
        condition: Condition<'_>,
    ) -> Result<(), Fault> {
        let (root, file) = (self.root.clone(), self.root.join(path));
        let still = match condition {
            Condition::Absent => return blocking(move || create(&file, &bytes)).await,
            Condition::Always => None,
            Condition::Still(version) => Some(version.clone()),
        };
        blocking(move || {
            fs::create_dir_all(&root)?;
            let lock = File::create(root.join(LOCK))?;
            lock.lock()?;
            if let Some(still) = still
                && read(&file, u64::MAX).map(|bytes| version(&bytes)) != Ok(still)
            {
                return Err(Fault::Conflict);
            }
            replace(&file, &bytes)
        })
        .await
    }

    pub(super) async fn list(&self, folder: &str) -> Result<Vec<String>, Fault> {
        let (place, folder) = (self.root.join(folder), folder.to_owned());
        blocking(move || {
            let entries = match fs::read_dir(place) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                Err(error) => return Err(error.into()),
            };
            let mut names = Vec::new();
            for entry in entries {
                // What is not text was not written by anybody who follows the format.
                let name = entry?.file_name().into_string().unwrap_or_default();
                if !name.is_empty() && !name.starts_with('.') {
                    names.push(format!("{folder}{name}"));
                }
            }
            Ok(names)
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Fault::unavailable(&error)))
}

fn read(file: &Path, limit: u64) -> Result<Vec<u8>, Fault> {
    let opened = File::open(file)?;
    let found = opened.metadata()?;
    // A pipe would wait for its writer, a device may have no end.
    if !found.is_file() {
        return Err(Fault::Unavailable("it is not a file".to_owned()));
    }
    let expected = usize::try_from(found.len().min(limit)).unwrap_or(0);
    let mut bytes = Vec::with_capacity(expected);
    opened.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(Fault::TooLarge(limit)) } else { Ok(bytes) }
}

fn version(bytes: &[u8]) -> Version {
    Version(STANDARD.encode(digest(&SHA256, bytes)))
}

/// By a link, which fails where there is a file already.
fn create(file: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let unfinished = Unfinished::write(file, bytes)?;
    match fs::hard_link(&unfinished.0, file) {
        Ok(()) => sync_folder(file),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(Fault::Conflict),
        Err(error) => Err(error.into()),
    }
}

fn replace(file: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let unfinished = Unfinished::write(file, bytes)?;
    fs::rename(&unfinished.0, file)?;
    sync_folder(file)
}

/// Makes a name durable, as syncing a file makes its bytes.
fn sync_folder(file: &Path) -> Result<(), Fault> {
    let folder = file.parent().unwrap_or(Path::new("."));
    Ok(File::open(folder)?.sync_all()?)
}

/// A file that is removed again unless it was moved to its place.
struct Unfinished(PathBuf);

impl Unfinished {
    fn write(file: &Path, bytes: &[u8]) -> Result<Self, Fault> {
        let folder = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let unfinished = Self(folder.join(format!("{UNFINISHED}{:016x}", fastrand::u64(..))));
        let mut out = File::create_new(&unfinished.0)?;
        out.write_all(bytes)?;
        out.sync_all()?;
        Ok(unfinished)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Gone already where it was moved.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    #[tokio::test]
    async fn what_is_put_is_got() {
        let root = tempfile::tempdir().unwrap();
        let store = Directory::new(root.path());
        assert_eq!(store.get("a/b.json", 9, None).await.unwrap_err(), Fault::Missing);
        assert_eq!(store.size("a/b.json").await, Ok(None));
        assert_eq!(store.list("a/").await, Ok(vec![]));
        store.put("a/b.json", bytes("one"), Condition::Absent).await.unwrap();
        let one = store.get("a/b.json", 3, None).await.unwrap().unwrap();
        assert_eq!(one.bytes, "one");
        assert!(store.get("a/b.json", 3, one.version.as_ref()).await.unwrap().is_none());
        assert_eq!(store.get("a/b.json", 2, None).await.unwrap_err(), Fault::TooLarge(2));
        assert_eq!(store.size("a/b.json").await, Ok(Some(3)));
        assert_eq!(store.list("a/").await, Ok(vec!["a/b.json".to_owned()]));
        assert!(matches!(store.get("a", 9, None).await, Err(Fault::Unavailable(_))));
    }

    #[tokio::test]
    async fn a_directory_is_made_by_whoever_writes_first() {
        let root = tempfile::tempdir().unwrap();
        for (name, condition) in [("a", Condition::Absent), ("b", Condition::Always)] {
            let store = Directory::new(&root.path().join(name).join("deep"));
            store.put("x/y.json", bytes("one"), condition).await.unwrap();
            assert_eq!(store.size("x/y.json").await, Ok(Some(3)));
        }
        let store = Directory::new(&root.path().join("c"));
        let gone = Version("x".to_owned());
        let put = store.put("x/y.json", bytes("one"), Condition::Still(&gone)).await;
        assert_eq!(put, Err(Fault::Conflict));
    }

    #[tokio::test]
    async fn conditions_hold() {
        let root = tempfile::tempdir().unwrap();
        let store = Directory::new(root.path());
        let put = |text, condition| store.put("a.json", bytes(text), condition);
        put("one", Condition::Absent).await.unwrap();
        assert_eq!(put("two", Condition::Absent).await, Err(Fault::Conflict));
        let one = store.get("a.json", 9, None).await.unwrap().unwrap().version.unwrap();
        put("two", Condition::Still(&one)).await.unwrap();
        assert_eq!(put("three", Condition::Still(&one)).await, Err(Fault::Conflict));
        put("four", Condition::Always).await.unwrap();
        assert_eq!(store.get("a.json", 9, None).await.unwrap().unwrap().bytes, "four");
        let left: Vec<_> =
            fs::read_dir(root.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "no unfinished file is left: {left:?}");
    }

    #[tokio::test]
    async fn of_many_writers_one_wins_each_turn() {
        let root = tempfile::tempdir().unwrap();
        let store = Directory::new(root.path());
        store.put("a.json", bytes("0"), Condition::Absent).await.unwrap();
        let known = store.get("a.json", 9, None).await.unwrap().unwrap().version.unwrap();
        let mut writers = tokio::task::JoinSet::new();
        for nth in 0..16 {
            let (store, known) = (store.clone(), known.clone());
            writers.spawn(async move {
                store.put("a.json", format!("writer {nth}").into(), Condition::Still(&known)).await
            });
        }
        let won = writers.join_all().await.into_iter().filter(Result::is_ok).count();
        assert_eq!(won, 1);
    }
}
