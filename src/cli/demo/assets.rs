//! The sample site's files, in the binary.

/// A file's path and its bytes.
pub(super) type File = (&'static str, &'static [u8]);

macro_rules! files {
    ($folder:literal: $($path:literal)*) => {
        &[$(($path, include_bytes!(concat!($folder, "/", $path)))),*]
    };
}

/// The pages, as the sample site's developers left them.
pub(super) const SITE: &[File] = files!("site":
    "404.html"
    "almanac.svg"
    "arrow.svg"
    "cards.svg"
    "hero.svg"
    "index.html"
    "mark.svg"
    "notebook.html"
    "notebook.svg"
    "offcuts.svg"
    "order.html"
    "placeholder.svg"
    "poster-ar.svg"
    "poster-de.svg"
    "poster-en.svg"
    "products.html"
    "stamp.svg"
    "style.css"
    "thanks.html"
);

/// What the demo's folder begins with: the config, and what the writers have published.
pub(super) const FOLDER: &[File] = files!(".":
    "content/ar.json"
    "content/ar/home.json"
    "content/ar/notebook.json"
    "content/ar/notebook/story.html"
    "content/ar/order.json"
    "content/ar/products.json"
    "content/de.json"
    "content/de/home.json"
    "content/de/notebook.json"
    "content/de/notebook/story.html"
    "content/de/order.json"
    "content/de/products.json"
    "content/en.json"
    "content/en/home.json"
    "content/en/notebook.json"
    "content/en/notebook/story.html"
    "content/en/order.json"
    "content/en/products.json"
    "content/site.json"
    "overprint.toml"
);

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn below(folder: &Path, found: &mut Vec<String>, prefix: &str) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                below(&entry.path(), found, &format!("{name}/"));
            } else {
                found.push(name);
            }
        }
    }

    #[test]
    fn every_file_of_the_sample_is_in_the_binary() {
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/demo");
        let names = |files: &[File]| files.iter().map(|(name, _)| (*name).to_owned()).collect();
        for (folder, prefix, listed) in
            [("site", "", SITE), ("content", "content/", &FOLDER[..FOLDER.len() - 1])]
        {
            let (mut found, mut listed): (_, Vec<String>) = (Vec::new(), names(listed));
            below(&demo.join(folder), &mut found, prefix);
            found.sort_unstable();
            listed.sort_unstable();
            assert_eq!(found, listed);
        }
    }
}
