#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| gatecheck::fuzzing::tpkt(octets));
