//! Layer: report.
