//! Certificates against the fingerprints that announced them (RFC 8122 5).

use super::Finding;
use crate::wire::sdp::{Choosable, Digest, Fingerprint, HashFunction, Stream};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

/// Which hash functions may vouch for a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FingerprintPolicy {
    /// Accept md5, which RFC 8122 5 forbids. md2 is never computed.
    pub allow_md5: bool,
    /// Refuse sha-1, which RFC 4572 preferred and RFC 8122 still allows.
    pub refuse_sha1: bool,
}

/// What comparing a certificate with its announcement gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FingerprintVerdict {
    /// The certificate is the one announced.
    Match,
    /// It is another one.
    Mismatch,
    /// No fingerprint uses a function that the policy allows: nothing was announced.
    NothingUsable,
}

impl FingerprintPolicy {
    const fn allows(self, hash: &HashFunction<'_>) -> bool {
        match hash {
            HashFunction::Md2 | HashFunction::Other(_) => false,
            HashFunction::Md5 => self.allow_md5,
            HashFunction::Sha1 => !self.refuse_sha1,
            HashFunction::Sha224 | HashFunction::Sha256 | HashFunction::Sha384 | HashFunction::Sha512 => true,
        }
    }
}

/// The digest of `octets`, for functions this crate computes (all but md2 and unknown ones).
pub fn digest(hash: &HashFunction<'_>, octets: &[u8]) -> Option<Digest> {
    match hash {
        HashFunction::Md2 | HashFunction::Other(_) => None,
        HashFunction::Md5 => Digest::new(&Md5::digest(octets)),
        HashFunction::Sha1 => Digest::new(&Sha1::digest(octets)),
        HashFunction::Sha224 => Digest::new(&Sha224::digest(octets)),
        HashFunction::Sha256 => Digest::new(&Sha256::digest(octets)),
        HashFunction::Sha384 => Digest::new(&Sha384::digest(octets)),
        HashFunction::Sha512 => Digest::new(&Sha512::digest(octets)),
    }
}

/// The `a=fingerprint` for a certificate in DER.
pub fn fingerprint_of<'a>(certificate: &[u8], hash: HashFunction<'a>) -> Option<Fingerprint<'a>> {
    digest(&hash, certificate).map(|digest| Fingerprint::new(hash, digest))
}

/// Compares a certificate in DER with the fingerprints announced for it.
///
/// RFC 8122 5.1: of several functions the strongest usable one decides, so that a broken weak one cannot vouch; of
/// several fingerprints by that function any may match.
pub fn fingerprint_matches<'f, 'a: 'f>(
    certificate: &[u8],
    expected: impl IntoIterator<Item = &'f Fingerprint<'a>>,
    policy: FingerprintPolicy,
) -> FingerprintVerdict {
    let mut strongest = 0;
    let mut own = None;
    let mut matched = false;
    for Fingerprint { hash, digest: announced } in expected {
        let (Choosable::Given(announced), true) = (announced, policy.allows(hash)) else { continue };
        let strength = strength(hash);
        if strength > strongest {
            strongest = strength;
            own = digest(hash, certificate);
            matched = false;
        }
        if strength == strongest {
            matched |= own.as_ref() == Some(announced);
        }
    }
    match (strongest, matched) {
        (0, _) => FingerprintVerdict::NothingUsable,
        (_, true) => FingerprintVerdict::Match,
        (_, false) => FingerprintVerdict::Mismatch,
    }
}

const fn strength(hash: &HashFunction<'_>) -> u8 {
    match hash {
        HashFunction::Md2 | HashFunction::Other(_) => 0,
        HashFunction::Md5 => 1,
        HashFunction::Sha1 => 2,
        HashFunction::Sha224 => 3,
        HashFunction::Sha256 => 4,
        HashFunction::Sha384 => 5,
        HashFunction::Sha512 => 6,
    }
}

/// What a description's fingerprints do against RFC 8122. A stream keyed by `a=key-mgmt` needs none.
pub fn judge_fingerprints(stream: Stream<'_, '_>) -> Vec<Finding> {
    const CLAUSE: &str = "RFC 8122 5";
    let mut findings = Vec::new();
    let keyed_otherwise = stream.get::<crate::wire::sdp::KeyManagement<'_>>().is_some();
    if stream.media.proto.security().is_some() && !keyed_otherwise && stream.fingerprints().next().is_none() {
        findings.push(Finding::should(CLAUSE, "a secured stream carries no fingerprint of its certificate"));
    }
    for Fingerprint { hash, digest } in stream.fingerprints() {
        if matches!(hash, HashFunction::Md2 | HashFunction::Md5) {
            findings.push(Finding::shall(CLAUSE, format!("fingerprint by {hash}, which must not be used")));
        }
        let Choosable::Given(digest) = digest else { continue };
        if digest.was_lower_case() {
            findings.push(Finding::shall(CLAUSE, "fingerprint with hex digits in lower case"));
        }
        let length = digest.octets().len();
        if hash.digest_length().is_some_and(|expected| expected != length) {
            findings.push(Finding::shall(CLAUSE, format!("fingerprint of {length} octets is none by {hash}")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: FingerprintPolicy = FingerprintPolicy { allow_md5: false, refuse_sha1: false };

    fn of(hash: HashFunction<'static>) -> Fingerprint<'static> {
        fingerprint_of(b"abc", hash).unwrap()
    }

    #[test]
    fn digests_are_those_of_the_published_test_vectors() {
        // FIPS 180-2 and RFC 1321, message "abc".
        assert_eq!(of(HashFunction::Md5).to_string(), "md5 90:01:50:98:3C:D2:4F:B0:D6:96:3F:7D:28:E1:7F:72");
        assert_eq!(
            of(HashFunction::Sha1).to_string(),
            "sha-1 A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D"
        );
        assert!(of(HashFunction::Sha256).to_string().starts_with("sha-256 BA:78:16:BF:8F:01:CF:EA"));
        for hash in [HashFunction::Sha224, HashFunction::Sha384, HashFunction::Sha512] {
            assert_eq!(digest(&hash, b"abc").map(|d| d.octets().len()), hash.digest_length());
        }
    }

    #[test]
    fn the_strongest_function_decides() {
        let (sha1, sha256) = (of(HashFunction::Sha1), of(HashFunction::Sha256));
        let other = fingerprint_of(b"other", HashFunction::Sha256).unwrap();
        assert_eq!(fingerprint_matches(b"abc", [&sha1, &other], STRICT), FingerprintVerdict::Mismatch);
        assert_eq!(fingerprint_matches(b"abc", [&other, &sha1], STRICT), FingerprintVerdict::Mismatch);
        assert_eq!(fingerprint_matches(b"abc", [&other, &sha256, &other], STRICT), FingerprintVerdict::Match);
        assert_eq!(fingerprint_matches(b"abc", [&sha1], STRICT), FingerprintVerdict::Match);
    }

    #[test]
    fn forbidden_functions_announce_nothing() {
        let md5 = of(HashFunction::Md5);
        assert_eq!(fingerprint_matches(b"abc", [&md5], STRICT), FingerprintVerdict::NothingUsable);
        let lenient = FingerprintPolicy { allow_md5: true, ..STRICT };
        assert_eq!(fingerprint_matches(b"abc", [&md5], lenient), FingerprintVerdict::Match);
        let sha1 = of(HashFunction::Sha1);
        let modern = FingerprintPolicy { refuse_sha1: true, ..STRICT };
        assert_eq!(fingerprint_matches(b"abc", [&sha1], modern), FingerprintVerdict::NothingUsable);
        let asked = Fingerprint::choose(HashFunction::Sha256);
        assert_eq!(fingerprint_matches(b"abc", [&asked], STRICT), FingerprintVerdict::NothingUsable);
    }
}
