//! Bodies of the fuzz targets: plain functions over octets, each asserting something.
