//! Networks: security groups, VPCs and what is in them.
