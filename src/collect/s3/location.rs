//! The regions of buckets that are listed without one, as some servers that speak S3 do.

use super::calls::GET_BUCKET_LOCATION;
use crate::aws::error::{gap, malformed};
use crate::collect::Job;
use crate::kinds::endpoints::partition_of_region;
use crate::model::Gap;
use aws_sdk_s3::types::BucketLocationConstraint;

/// S3 names the region of a bucket in this header of every answer about it, of refusals and redirects
/// too (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>). So `HeadBucket`, which
/// needs the right to list objects, is not called.
const HEADER: &str = "x-amz-bucket-region";

/// The region of a bucket.
pub(super) async fn region(job: &Job, bucket: &str) -> Result<String, Gap> {
    let s3 = job.aws.s3(&job.region);
    let call = &GET_BUCKET_LOCATION;
    let region = match s3.get_bucket_location().bucket(bucket).send().await {
        Ok(answer) => named(answer.location_constraint()).to_owned(),
        Err(error) => {
            let refusal = error.raw_response();
            let region = refusal.and_then(|answer| answer.headers().get(HEADER));
            let region = region.map(ToOwned::to_owned);
            region.ok_or_else(|| gap(call, &error))?
        }
    };
    // A bucket elsewhere is left out of the scan; one in what is no region must not be.
    if job.regions.contains(&region) || partition_of_region(&region).is_some() {
        Ok(region)
    } else {
        Err(malformed(call, "LocationConstraint"))
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
