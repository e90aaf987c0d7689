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
    "cards.svg"
    "hero.svg"
    "index.html"
    "mark.svg"
    "notebook.html"
    "notebook.svg"
    "offcuts.svg"
    "order.html"
    "placeholder.svg"
    "products.html"
    "stamp.svg"
    "style.css"
    "thanks.html"
);

/// What its writers have published.
pub(super) const CONTENT: &[File] = files!("content":
    "de.json"
    "de/home.json"
    "de/notebook.json"
    "de/notebook/story.html"
    "de/order.json"
    "de/products.json"
    "en.json"
    "en/home.json"
    "en/notebook.json"
    "en/notebook/story.html"
    "en/order.json"
    "en/products.json"
    "site.json"
);
