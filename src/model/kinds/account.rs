//! Documents of `account`.
