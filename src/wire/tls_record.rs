//! tls_record.
