//! Instances, volumes, snapshots, images and addresses.

mod address;
mod image;
mod instance;
mod snapshot;
mod volume;

pub use address::Address;
pub use image::{Image, ImageBlockDevice};
pub use instance::{
    BlockDevice, Cpu, Credits, Instance, InstanceStatus, LaunchImage, MetadataOptions, Network,
    ScheduledEvent, SsmAgent, UserData,
};
pub use snapshot::Snapshot;
pub use volume::{AttachedInstance, Attachment, Operations, Volume, VolumeStatus};
