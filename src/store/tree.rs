//! Reads a content directory's files into memory, within bounds.
//!
//! Knows which files can be content by their names, and nothing of what is in them.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Folders within folders; more is a mistake or an attack.
const MAX_DEPTH: usize = 16;
/// Names looked at in all folders together: links can make a small tree look endless.
const MAX_NAMES: usize = 200_000;
const MAX_FILE_BYTES: u64 = 64 << 20;
const MAX_TOTAL_BYTES: u64 = 256 << 20;

/// One file below the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceFile {
    /// Relative to the root, separated by `/` on every platform.
    pub(crate) path: String,
    /// The whole file.
    pub(crate) bytes: Vec<u8>,
}

/// A file or folder that could not be read.
#[derive(Debug)]
pub(crate) struct ReadError {
    /// The root joined with the path below it.
    pub(crate) path: PathBuf,
    /// Why.
    pub(crate) error: io::Error,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {}: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// Reads every `.json` and `.html` file below `root`, sorted by path, with everything that could
/// not be read beside it.
///
/// Hidden files and what editors leave behind are not content. Links are followed, except into a
/// folder that contains them. One file may have 64 MiB, all together 256 MiB.
pub(crate) fn read(root: &Path) -> (Vec<SourceFile>, Vec<ReadError>) {
    let mut reader = Reader::default();
    reader.folder(root, "", &[]);
    reader.files.sort_by(|a, b| a.path.cmp(&b.path));
    (reader.files, reader.errors)
}

#[derive(Default)]
struct Reader {
    files: Vec<SourceFile>,
    errors: Vec<ReadError>,
    names: usize,
    bytes: u64,
}

impl Reader {
    fn folder(&mut self, folder: &Path, prefix: &str, above: &[PathBuf]) {
        match self.list(folder, above) {
            Ok((names, above)) => {
                for path in names {
                    self.visit(&path, prefix, &above);
                }
            }
            Err(error) => self.fail(folder, error),
        }
    }

    /// What is in `folder`, and the folders that enclose those names.
    fn list(
        &mut self,
        folder: &Path,
        above: &[PathBuf],
    ) -> io::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
        let real = fs::canonicalize(folder)?;
        if above.contains(&real) {
            return Err(io::Error::other("the link leads back to a folder that contains it"));
        }
        if above.len() > MAX_DEPTH {
            return Err(io::Error::other(format!(
                "folders are nested deeper than {MAX_DEPTH} levels"
            )));
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            self.names += 1;
            if self.names > MAX_NAMES {
                return Err(io::Error::other(format!(
                    "there are more than {MAX_NAMES} files and folders"
                )));
            }
            names.push(entry?.path());
        }
        names.sort();
        Ok((names, [above, &[real]].concat()))
    }

    fn visit(&mut self, path: &Path, prefix: &str, above: &[PathBuf]) {
        let Some(name) = path.file_name() else { return };
        if is_litter(name) {
            return;
        }
        let wanted = is_content(name);
        // By metadata before opening: opening a pipe would wait for its writer.
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => self.named(path, prefix, |reader, below| {
                reader.folder(path, &format!("{below}/"), above);
            }),
            Ok(found) if found.is_file() && wanted => self.named(path, prefix, Reader::file(path)),
            Err(error) if wanted => self.fail(path, error),
            _ => {}
        }
    }

    /// Goes on with the relative path of `path`, if it can be written as text.
    fn named(&mut self, path: &Path, prefix: &str, then: impl FnOnce(&mut Self, String)) {
        match path.file_name().and_then(OsStr::to_str) {
            Some(name) => then(self, format!("{prefix}{name}")),
            None => self.fail(path, io::Error::other("the name is not valid UTF-8")),
        }
    }

    fn file(path: &Path) -> impl FnOnce(&mut Self, String) {
        move |reader, relative| match reader.load(path) {
            Ok(bytes) => reader.files.push(SourceFile { path: relative, bytes }),
            Err(error) => reader.fail(path, error),
        }
    }

    fn load(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        let bytes = read_bounded(path, MAX_FILE_BYTES)?;
        self.bytes += bytes.len() as u64;
        if self.bytes > MAX_TOTAL_BYTES {
            self.bytes -= bytes.len() as u64;
            return Err(io::Error::other(format!(
                "with it, all files together exceed {} MiB",
                MAX_TOTAL_BYTES >> 20
            )));
        }
        Ok(bytes)
    }

    fn fail(&mut self, path: &Path, error: io::Error) {
        self.errors.push(ReadError { path: path.to_owned(), error });
    }
}

/// Bounded by what is read, not by the size the file system reports: a file may be growing.
fn read_bounded(path: &Path, limit_bytes: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit_bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit_bytes {
        return Err(io::Error::other(format!("it is larger than {} MiB", limit_bytes >> 20)));
    }
    Ok(bytes)
}

fn is_content(name: &OsStr) -> bool {
    matches!(Path::new(name).extension().and_then(OsStr::to_str), Some("json" | "html"))
}

fn is_litter(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with(['.', '#']) || name.ends_with(['~', '#']) || has_litter_extension(&name)
}

fn has_litter_extension(name: &str) -> bool {
    matches!(name.rsplit_once('.'), Some((_, "swp" | "tmp")))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new(files: &[(&str, &str)]) -> Self {
            let tree = Self(tempfile::tempdir().unwrap());
            for (path, text) in files {
                fs::create_dir_all(tree.at(path).parent().unwrap()).unwrap();
                fs::write(tree.at(path), text).unwrap();
            }
            tree
        }

        fn at(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        fn read(&self) -> (Vec<String>, Vec<String>) {
            let (files, errors) = read(self.0.path());
            let paths = files.into_iter().map(|file| file.path).collect();
            (paths, errors.iter().map(ToString::to_string).collect())
        }
    }

    #[test]
    fn content_files_come_sorted_by_path() {
        let tree = Tree::new(&[("en/home/terms.html", "x"), ("en.json", "{}"), ("de/a.json", "")]);
        let (paths, errors) = tree.read();
        assert_eq!(paths, ["de/a.json", "en.json", "en/home/terms.html"]);
        assert!(errors.is_empty());
        assert_eq!(read(tree.0.path()).0[1].bytes, b"{}");
    }

    #[test]
    fn litter_and_other_files_are_not_content() {
        for path in [
            ".en.json",
            ".git/en.json",
            "en.json~",
            "#en.json#",
            "en.json.swp",
            "en.json.tmp",
            "#en.json",
            "old~/en.json",
            "x.tmp/en.json",
            "README.md",
            "json",
            "en.JSON",
        ] {
            assert_eq!(Tree::new(&[(path, "{}")]).read(), (vec![], vec![]), "{path}");
        }
    }

    #[test]
    fn a_missing_root_and_a_file_as_root_are_errors() {
        let tree = Tree::new(&[("en.json", "{}")]);
        for root in ["gone", "en.json"] {
            let (files, errors) = read(&tree.at(root));
            assert!(files.is_empty());
            assert_eq!(errors.len(), 1, "{root}");
            assert_eq!(errors[0].path, tree.at(root));
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_but_not_in_circles() {
        use std::os::unix::fs::symlink;
        let tree = Tree::new(&[("en.json", "{}"), ("pt/a.json", "{}")]);
        symlink("en.json", tree.at("de.json")).unwrap();
        symlink("pt", tree.at("pt-BR")).unwrap();
        symlink("..", tree.at("pt/up")).unwrap();
        symlink("nowhere", tree.at("fr.json")).unwrap();
        let (paths, errors) = tree.read();
        assert_eq!(paths, ["de.json", "en.json", "pt-BR/a.json", "pt/a.json"]);
        assert_eq!(errors.len(), 3, "{errors:?}");
        assert!(errors[0].contains("fr.json"), "{errors:?}");
        assert!(errors[1].contains("leads back"), "{errors:?}");
    }

    #[test]
    fn folders_nest_to_a_limit() {
        let deep = |levels| format!("{}en.json", "d/".repeat(levels));
        assert_eq!(Tree::new(&[(&deep(16), "{}")]).read().0.len(), 1);
        let (paths, errors) = Tree::new(&[(&deep(17), "{}")]).read();
        assert!(paths.is_empty());
        assert!(errors[0].contains("deeper than 16"), "{errors:?}");
    }

    #[test]
    fn files_are_bounded() {
        let tree = Tree::new(&[("en.json", "12345")]);
        assert_eq!(read_bounded(&tree.at("en.json"), 5).unwrap(), b"12345");
        assert!(read_bounded(&tree.at("en.json"), 4).is_err());
    }

    #[test]
    fn a_sparse_giant_is_an_error_beside_the_rest() {
        let tree = Tree::new(&[("en.json", "{}")]);
        let giant = File::create(tree.at("de.json")).unwrap();
        giant.set_len(MAX_FILE_BYTES + 1).unwrap();
        let (paths, errors) = tree.read();
        assert_eq!(paths, ["en.json"]);
        assert!(errors[0].contains("larger than 64 MiB"), "{errors:?}");
    }

    #[test]
    fn the_total_is_bounded() {
        let tree = Tree::new(&[("a.json", "123")]);
        let mut reader = Reader { bytes: MAX_TOTAL_BYTES - 2, ..Reader::default() };
        assert!(reader.load(&tree.at("a.json")).is_err());
        reader.bytes -= 1;
        assert!(reader.load(&tree.at("a.json")).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn unreadable_names_are_errors() {
        use std::os::unix::ffi::OsStrExt;
        let tree = Tree::new(&[]);
        fs::write(tree.0.path().join(OsStr::from_bytes(b"\xff.json")), "{}").unwrap();
        let (paths, errors) = tree.read();
        assert!(paths.is_empty());
        assert!(errors[0].contains("not valid UTF-8"), "{errors:?}");
    }
}
