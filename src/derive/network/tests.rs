//! Tests over whole regions.
