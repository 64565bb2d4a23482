#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| gatecheck::fuzzing::sdp_h248(octets));
