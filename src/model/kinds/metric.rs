//! Documents of `metric`.
