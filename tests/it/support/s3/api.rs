//! The S3 operations of the bucket, and who may ask for them. What is not here is a 501.

use s3s::auth::{S3Auth, SecretKey};
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject,
    GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput,
    HeadObjectOutput, ListObjectsV2Input, ListObjectsV2Output, PutObjectInput, PutObjectOutput,
    StreamingBlob,
};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3Error, S3Request, S3Response, S3Result, s3_error};

use super::bucket::{Bucket, Conditions, Object};
use super::{ACCESS_KEY, BUCKET, REGION, SECRET_KEY};

/// The API, with its signatures checked.
pub(super) fn service(bucket: Bucket) -> S3Service {
    let mut service = S3ServiceBuilder::new(bucket);
    // With keys set and no other say on access, an unsigned request is denied.
    service.set_auth(Keys);
    service.build()
}

/// The one key pair. The library's own says NotSignedUp of others, which S3 does not.
struct Keys;

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key != ACCESS_KEY {
            let text = "The AWS Access Key Id you provided does not exist in our records.";
            return Err(s3_error!(InvalidAccessKeyId, "{text}"));
        }
        Ok(SecretKey::from(SECRET_KEY))
    }
}

#[async_trait::async_trait]
impl s3s::S3 for Bucket {
    async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        check(&request, &request.input.bucket)?;
        Ok(S3Response::new(HeadBucketOutput {
            bucket_region: Some(REGION.into()),
            ..HeadBucketOutput::default()
        }))
    }

    async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        check(&request, &request.input.bucket)?;
        let input = request.input;
        refuse("If-Modified-Since", input.if_modified_since.is_some())?;
        refuse("If-Unmodified-Since", input.if_unmodified_since.is_some())?;
        refuse("a part", input.part_number.is_some())?;
        refuse("a version", input.version_id.is_some())?;
        let conditions =
            Conditions { if_match: input.if_match, if_none_match: input.if_none_match };
        let object = self.read(&input.key, &conditions)?;
        let size = object.bytes.len();
        let (bytes, content_range) = match input.range {
            None => (object.bytes, None),
            Some(range) => {
                let range = range.check(size as u64).map_err(|_| s3_error!(InvalidRange))?;
                let content_range = format!("bytes {}-{}/{size}", range.start, range.end - 1);
                let bytes = object.bytes.slice(range.start as usize..range.end as usize);
                (bytes, Some(content_range))
            }
        };
        Ok(S3Response::new(GetObjectOutput {
            accept_ranges: Some("bytes".into()),
            content_length: Some(bytes.len() as i64),
            content_range,
            body: Some(StreamingBlob::from(Body::from(bytes))),
            content_type: object.content_type.or_else(binary),
            e_tag: Some(object.etag),
            last_modified: Some(object.modified),
            metadata: object.metadata,
            ..GetObjectOutput::default()
        }))
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        check(&request, &request.input.bucket)?;
        let input = request.input;
        refuse("If-Modified-Since", input.if_modified_since.is_some())?;
        refuse("If-Unmodified-Since", input.if_unmodified_since.is_some())?;
        refuse("a part", input.part_number.is_some() || input.range.is_some())?;
        refuse("a version", input.version_id.is_some())?;
        let conditions =
            Conditions { if_match: input.if_match, if_none_match: input.if_none_match };
        let object = self.read(&input.key, &conditions)?;
        Ok(S3Response::new(HeadObjectOutput {
            accept_ranges: Some("bytes".into()),
            content_length: Some(object.bytes.len() as i64),
            content_type: object.content_type.or_else(binary),
            e_tag: Some(object.etag),
            last_modified: Some(object.modified),
            metadata: object.metadata,
            ..HeadObjectOutput::default()
        }))
    }

    async fn put_object(
        &self,
        request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        check(&request, &request.input.bucket)?;
        let input = request.input;
        let mut body = input.body.map(Body::from).unwrap_or_default();
        // The body fails where its bytes are not those that were signed.
        let read = body.store_all_limited(usize::MAX).await;
        let bytes = read.map_err(|error| s3_error!(BadDigest, "{error}"))?;
        let object = Object {
            content_type: input.content_type,
            metadata: input.metadata,
            ..Object::new(bytes)
        };
        let conditions =
            Conditions { if_match: input.if_match, if_none_match: input.if_none_match };
        let etag = self.write(input.key, object, &conditions)?;
        Ok(S3Response::new(PutObjectOutput { e_tag: Some(etag), ..PutObjectOutput::default() }))
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        check(&request, &request.input.bucket)?;
        refuse("a version", request.input.version_id.is_some())?;
        self.delete(&request.input.key, request.input.if_match.as_ref())?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        check(&request, &request.input.bucket)?;
        let quiet = request.input.delete.quiet.unwrap_or_default();
        let mut deleted = Vec::new();
        for object in request.input.delete.objects {
            refuse("a version", object.version_id.is_some() || object.e_tag.is_some())?;
            self.delete(&object.key, None)?;
            deleted.push(DeletedObject { key: Some(object.key), ..DeletedObject::default() });
        }
        let deleted = (!quiet).then_some(deleted);
        Ok(S3Response::new(DeleteObjectsOutput { deleted, ..DeleteObjectsOutput::default() }))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        check(&request, &request.input.bucket)?;
        refuse("an encoding", request.input.encoding_type.is_some())?;
        self.list(request.input).map(S3Response::new)
    }
}

/// Whether the signature is one for here, and the bucket this one.
fn check<T>(request: &S3Request<T>, bucket: &str) -> S3Result<()> {
    match request.region.as_ref().map(|region| region.as_str()) {
        Some(REGION) => {}
        Some(other) => {
            let text = format!("the region '{other}' is wrong; expecting '{REGION}'");
            return Err(s3_error!(AuthorizationHeaderMalformed, "{text}"));
        }
        None => return Err(s3_error!(InvalidRequest, "Please use AWS4-HMAC-SHA256.")),
    }
    if bucket != BUCKET {
        return Err(s3_error!(NoSuchBucket, "The specified bucket does not exist"));
    }
    Ok(())
}

/// What S3 would heed and this one does not must not pass as heeded.
fn refuse(what: &str, asked: bool) -> S3Result<()> {
    let error = || -> S3Error { s3_error!(NotImplemented, "{what} is not implemented") };
    if asked { Err(error()) } else { Ok(()) }
}

fn binary() -> Option<String> {
    Some("binary/octet-stream".to_owned())
}
