//! The documents: one typed struct for each kind of resource, one file for each service.
