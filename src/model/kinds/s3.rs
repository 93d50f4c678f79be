//! Documents of `s3`.
