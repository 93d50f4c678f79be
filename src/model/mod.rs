//! The words of the domain as plain data: no I/O, no AWS, no runtime.
//!
//! Everything else in the crate speaks in these types. A [`Document`] is one resource as checks see
//! it, a [`Gap`] is something that could not be read, a [`Finding`] is one check's verdict on one
//! resource.

pub mod call;
pub mod document;
pub mod finding;
pub mod framework;
pub mod gap;
pub mod kind;
pub mod kinds;
pub mod notice;
pub mod part;
pub mod practice;
pub mod shape;

pub use call::{Call, Price};
pub use document::{Document, Resource, Tags, TypedDocument};
pub use finding::{Exemption, Finding, FindingId, Verdict};
pub use framework::{Pillar, Severity};
pub use gap::{Cause, Gap, LACKS_OPERATION};
pub use kind::{Declaration, Definition, Kind, PartSpec, Per, Scope};
pub use notice::Notice;
pub use part::Part;
pub use practice::{AttestationStatus, Evidence, Practice, Risk};
