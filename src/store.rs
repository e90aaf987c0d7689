//! Where content comes from. Fetches bytes and knows nothing of what they mean.

pub(crate) mod directory;
