//! ListObjectsV2: keys in the order of their bytes, by pages, folded at a delimiter.

use s3s::dto::{CommonPrefix, ListObjectsV2Input, ListObjectsV2Output, Object};
use s3s::{S3Result, s3_error};

use super::bucket::Bucket;

/// What a token starts with; the last entry of its page follows.
const TOKEN: &str = "after:";

impl Bucket {
    pub(super) fn list(&self, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
        let state = self.lock();
        let asked = input.max_keys.unwrap_or(1000);
        let max = usize::try_from(asked).map_err(|_| s3_error!(InvalidArgument, "max-keys"))?;
        let page = max.min(state.page);
        let last = input.continuation_token.as_deref().map(entry_of).transpose()?;
        let prefix = input.prefix.as_deref().unwrap_or_default();

        let mut contents = Vec::new();
        let mut folded: Vec<CommonPrefix> = Vec::new();
        let mut end = String::new();
        let mut is_truncated = false;
        for (key, object) in &state.objects {
            let fold = fold(key, prefix, input.delimiter.as_deref());
            let entry = fold.unwrap_or(key);
            let listed = key.starts_with(prefix)
                && input.start_after.as_ref().is_none_or(|after| key > after)
                && last.as_deref().is_none_or(|last| entry > last)
                // All that folds into one entry stands together.
                && entry != end;
            if !listed {
                continue;
            }
            if contents.len() + folded.len() == page {
                is_truncated = page > 0;
                break;
            }
            end = entry.to_owned();
            if fold.is_some() {
                folded.push(CommonPrefix { prefix: Some(end.clone()) });
            } else {
                contents.push(Object {
                    key: Some(key.clone()),
                    e_tag: Some(object.etag.clone()),
                    last_modified: Some(object.modified.clone()),
                    size: Some(object.bytes.len() as i64),
                    ..Object::default()
                });
            }
        }
        Ok(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: input.prefix,
            delimiter: input.delimiter,
            start_after: input.start_after,
            continuation_token: input.continuation_token,
            max_keys: Some(asked),
            key_count: i32::try_from(contents.len() + folded.len()).ok(),
            contents: Some(contents),
            common_prefixes: Some(folded),
            is_truncated: Some(is_truncated),
            next_continuation_token: is_truncated.then(|| token(&end)),
            ..ListObjectsV2Output::default()
        })
    }
}

/// What a key is listed as instead of itself: all up to the first delimiter behind the prefix.
fn fold<'a>(key: &'a str, prefix: &str, delimiter: Option<&str>) -> Option<&'a str> {
    let delimiter = delimiter.filter(|delimiter| !delimiter.is_empty())?;
    let at = key.strip_prefix(prefix)?.find(delimiter)?;
    Some(&key[..prefix.len() + at + delimiter.len()])
}

/// Opaque to clients, as theirs is.
fn token(entry: &str) -> String {
    let hex: String = entry.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{TOKEN}{hex}")
}

fn entry_of(token: &str) -> S3Result<String> {
    let entry = token.strip_prefix(TOKEN).and_then(|hex| {
        let digits = hex.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).ok());
        let bytes = digits.map(|pair| u8::from_str_radix(pair?, 16).ok());
        String::from_utf8(bytes.collect::<Option<_>>()?).ok()
    });
    entry.ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
}
