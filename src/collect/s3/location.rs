//! In which region a bucket is, where the list of buckets does not say.

use super::calls::GET_BUCKET_LOCATION;
use crate::aws::error::gap;
use crate::collect::Job;
use crate::model::Gap;
use aws_sdk_s3::types::BucketLocationConstraint;

/// S3 names the region of a bucket in this header of every answer about it, refusals too
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>).
const HEADER: &str = "x-amz-bucket-region";

/// The region of a bucket.
pub(super) async fn region(job: &Job, bucket: &str) -> Result<String, Gap> {
    let s3 = job.aws.s3(&job.region);
    let answer = s3.get_bucket_location().bucket(bucket).send().await;
    match answer {
        Ok(answer) => Ok(named(answer.location_constraint()).to_owned()),
        Err(error) => {
            let refusal = error.raw_response();
            let region = refusal.and_then(|answer| answer.headers().get(HEADER));
            let region = region.map(ToOwned::to_owned);
            region.ok_or_else(|| gap(&GET_BUCKET_LOCATION, &error))
        }
    }
}

/// The region that a constraint means
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>).
fn named(constraint: Option<&BucketLocationConstraint>) -> &str {
    match constraint.map(BucketLocationConstraint::as_str) {
        None | Some("") => "us-east-1",
        Some("EU") => "eu-west-1",
        Some(region) => region,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_regions_have_names_of_their_own() {
        let of = |text: &str| named(Some(&BucketLocationConstraint::from(text))).to_owned();
        assert_eq!(named(None), "us-east-1");
        assert_eq!(of(""), "us-east-1");
        assert_eq!(of("EU"), "eu-west-1");
        assert_eq!(of("ap-southeast-2"), "ap-southeast-2");
    }
}
