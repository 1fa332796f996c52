use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256, Sha384, Sha512};

/// Verifies bytes against the
/// [integrity metadata](https://w3c.github.io/webappsec-subresource-integrity/#integrity-metadata) of their request. It
/// takes all bytes in their order, and then tells whether they are valid.
pub struct IntegrityCheck {
    hash: Hash,
    /// Any of these digests will do, in base64.
    expected: Vec<String>,
}

enum Hash {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl IntegrityCheck {
    /// `None` where nothing is asked: there is no metadata, or none of a kind that is known.
    pub fn new(metadata: &str) -> Option<Self> {
        let known: Vec<(u16, String)> = metadata.split_ascii_whitespace().filter_map(parse_hash).collect();
        // The strongest counts alone.
        let strongest = known.iter().map(|(bits, _)| *bits).max()?;
        let hash = match strongest {
            256 => Hash::Sha256(Sha256::new()),
            384 => Hash::Sha384(Sha384::new()),
            _ => Hash::Sha512(Sha512::new()),
        };
        let expected = known.into_iter().filter(|(bits, _)| *bits == strongest);
        Some(Self { hash, expected: expected.map(|(_, digest)| digest).collect() })
    }

    pub fn handle_bytes(&mut self, bytes: &[u8]) {
        match &mut self.hash {
            Hash::Sha256(hash) => hash.update(bytes),
            Hash::Sha384(hash) => hash.update(bytes),
            Hash::Sha512(hash) => hash.update(bytes),
        }
    }

    pub fn is_valid(self) -> bool {
        let digest = match self.hash {
            Hash::Sha256(hash) => Base64::encode_string(&hash.finalize()),
            Hash::Sha384(hash) => Base64::encode_string(&hash.finalize()),
            Hash::Sha512(hash) => Base64::encode_string(&hash.finalize()),
        };
        let digest = digest.trim_end_matches('=');
        self.expected.iter().any(|expected| expected == digest)
    }
}

/// Bits and digest of one
/// [hash with options](https://w3c.github.io/webappsec-subresource-integrity/#grammardef-hash-with-options).
/// Both alphabets of base64 are allowed, with and without padding.
fn parse_hash(text: &str) -> Option<(u16, String)> {
    let (algorithm, digest) = text.split('?').next()?.split_once('-')?;
    let bits = match algorithm.to_ascii_lowercase().as_str() {
        "sha256" => 256,
        "sha384" => 384,
        "sha512" => 512,
        _ => return None,
    };
    Some((bits, digest.trim_end_matches('=').replace('-', "+").replace('_', "/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Of "abc", from FIPS 180-2.
    const SHA256: &str = "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
    const SHA384: &str = "sha384-ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP/W+2AhgcroefMI1i67KE0yCWn";
    const SHA512: &str =
        "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==";
    const WRONG: &str = "sha512-AAAA";

    fn check(metadata: &str) -> Option<bool> {
        let mut check = IntegrityCheck::new(metadata)?;
        check.handle_bytes(b"a");
        check.handle_bytes(b"bc");
        Some(check.is_valid())
    }

    #[test]
    fn the_bytes_are_verified_in_whatever_pieces_they_come() {
        for right in [SHA256, SHA384, SHA512] {
            assert_eq!(check(right), Some(true), "{right}");
        }
        assert_eq!(check(WRONG), Some(false));
        assert_eq!(check("sha256-"), Some(false));
    }

    #[test]
    fn the_strongest_hash_counts_and_of_it_any() {
        assert_eq!(check(&format!("{SHA256} {WRONG}")), Some(false));
        assert_eq!(check(&format!("\n{WRONG} {SHA512}\t{SHA256}")), Some(true));
        assert_eq!(check(&format!("sha384-x {SHA256} {SHA512}")), Some(true));
    }

    #[test]
    fn what_is_unknown_asks_nothing() {
        for nothing in ["", " ", "md5-AAAA", "sha256", "sha1024-x"] {
            assert_eq!(check(nothing), None, "{nothing:?}");
        }
        assert_eq!(check(&format!("md5-x {SHA256}?ct=a/b")), Some(true));
    }

    #[test]
    fn digests_may_be_written_for_addresses() {
        assert_eq!(check("SHA256-ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"), Some(true));
    }
}
