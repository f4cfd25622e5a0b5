//! The one form of address that media has: `/<64 hex digits>/<grid|view|original>`. Anything else is not found.

use sampan_core::{domain::AssetId, journal::Variant};

/// An asset and the form of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The original, named by the BLAKE3 hash of its bytes.
    pub asset: AssetId,
    /// Which form of it.
    pub variant: Variant,
}

impl Address {
    /// Reads the path of a request. Nothing is decoded, so nothing can hide in an encoding.
    pub fn parse(path: &str) -> Option<Self> {
        let (hash, variant) = path.strip_prefix('/')?.split_once('/')?;
        // One asset has one address: no capitals.
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if hash.len() != 64 || !hash.bytes().all(is_digit) {
            return None;
        }
        Some(Self { asset: hash.parse().ok()?, variant: Variant::parse(variant)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_and_a_variant_are_an_address() {
        let hash = "0123456789abcdef".repeat(4);
        let address = Address::parse(&format!("/{hash}/view")).unwrap();
        assert_eq!(address.variant, Variant::View);
        assert_eq!(address.asset.to_string(), hash);
    }

    #[test]
    fn nothing_else_is_an_address() {
        let hash = "0123456789abcdef".repeat(4);
        for path in [
            "/".to_owned(),
            format!("/{hash}"),
            format!("/{hash}/"),
            format!("/{hash}/view/"),
            format!("/{hash}/../view"),
            format!("/{hash}/View"),
            format!("/{}/view", hash.to_uppercase()),
            format!("/{}/view", "..%2f".repeat(13)),
            format!("//{hash}/view"),
        ] {
            assert_eq!(Address::parse(&path), None, "{path}");
        }
    }
}
