//! bfcp.
