//! Documents of `rds`.
