//! What the bucket holds, and what S3 makes of conditions. Each change is judged and made under one
//! lock.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::header::{ETAG, HeaderValue, LAST_MODIFIED};
use s3s::crypto::{Checksum, Md5};
use s3s::dto::{ContentType, ETag, ETagCondition, Metadata, Timestamp, TimestampFormat};
use s3s::{S3Error, S3Result, s3_error};

/// Clones are the same bucket.
#[derive(Clone, Default)]
pub(super) struct Bucket(Arc<Mutex<State>>);

pub(super) struct State {
    pub(super) objects: BTreeMap<String, Object>,
    /// How many keys one page of a listing has at most.
    pub(super) page: usize,
}

impl Default for State {
    fn default() -> Self {
        Self { objects: BTreeMap::new(), page: 1000 }
    }
}

#[derive(Clone)]
pub(super) struct Object {
    pub(super) bytes: Bytes,
    /// The MD5 of the bytes.
    pub(super) etag: ETag,
    pub(super) modified: Timestamp,
    pub(super) content_type: Option<ContentType>,
    pub(super) metadata: Option<Metadata>,
}

/// What a request makes itself depend on.
#[derive(Default)]
pub(super) struct Conditions {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
}

impl Bucket {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(super) fn keys(&self) -> Vec<String> {
        self.lock().objects.keys().cloned().collect()
    }

    pub(super) fn get(&self, key: &str) -> Option<Object> {
        self.lock().objects.get(key).cloned()
    }

    pub(super) fn put(&self, key: &str, bytes: Vec<u8>) {
        self.lock().objects.insert(key.to_owned(), Object::new(bytes.into()));
    }

    pub(super) fn remove(&self, key: &str) {
        self.lock().objects.remove(key);
    }

    pub(super) fn page_of(&self, keys: usize) {
        self.lock().page = keys;
    }

    /// The object, if the conditions of a GET or HEAD let it be sent.
    pub(super) fn read(&self, key: &str, conditions: &Conditions) -> S3Result<Object> {
        let object = self.get(key).ok_or_else(no_such_key)?;
        if conditions.if_match.as_ref().is_some_and(|wanted| !object.matches(wanted)) {
            return Err(precondition_failed());
        }
        if conditions.if_none_match.as_ref().is_some_and(|known| object.matches(known)) {
            return Err(object.not_modified());
        }
        Ok(object)
    }

    /// Replaces the object, if the conditions of a PUT let it be replaced.
    pub(super) fn write(
        &self,
        key: String,
        object: Object,
        conditions: &Conditions,
    ) -> S3Result<ETag> {
        let mut state = self.lock();
        let present = state.objects.get(&key);
        match (&conditions.if_match, &conditions.if_none_match) {
            (None, None) => {}
            (None, Some(ETagCondition::Any)) if present.is_some() => {
                return Err(precondition_failed());
            }
            (None, Some(ETagCondition::Any)) => {}
            (Some(wanted @ ETagCondition::ETag(_)), None) => {
                if !present.ok_or_else(no_such_key)?.matches(wanted) {
                    return Err(precondition_failed());
                }
            }
            _ => return Err(s3_error!(NotImplemented, "S3 knows no such condition of a PUT")),
        }
        let etag = object.etag.clone();
        state.objects.insert(key, object);
        Ok(etag)
    }

    /// Removes the object, whether it is there or not, unless it must match.
    pub(super) fn delete(&self, key: &str, if_match: Option<&ETagCondition>) -> S3Result<()> {
        let mut state = self.lock();
        if let Some(wanted) = if_match
            && !state.objects.get(key).ok_or_else(no_such_key)?.matches(wanted)
        {
            return Err(precondition_failed());
        }
        state.objects.remove(key);
        Ok(())
    }
}

impl Object {
    pub(super) fn new(bytes: Bytes) -> Self {
        let md5: String = Md5::checksum(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            bytes,
            etag: ETag::Strong(md5),
            modified: SystemTime::now().into(),
            content_type: None,
            metadata: None,
        }
    }

    fn matches(&self, condition: &ETagCondition) -> bool {
        condition.as_etag().is_none_or(|etag| etag.value() == self.etag.value())
    }

    /// A 304, with the headers that name what was not modified.
    fn not_modified(&self) -> S3Error {
        let mut modified = Vec::new();
        self.modified.format(TimestampFormat::HttpDate, &mut modified).unwrap();
        let mut error = s3_error!(NotModified);
        error.set_headers(HeaderMap::from_iter([
            (ETAG, self.etag.to_http_header().unwrap()),
            (LAST_MODIFIED, HeaderValue::from_bytes(&modified).unwrap()),
        ]));
        error
    }
}

fn no_such_key() -> S3Error {
    s3_error!(NoSuchKey, "The specified key does not exist.")
}

fn precondition_failed() -> S3Error {
    let text = "At least one of the pre-conditions you specified did not hold";
    s3_error!(PreconditionFailed, "{text}")
}
