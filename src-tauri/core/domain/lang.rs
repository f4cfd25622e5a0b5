//! Languages of sides, as BCP 47 tags (RFC 5646).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A well-formed BCP 47 language tag in its usual capitalisation, such as `zh-Hans` or `en`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, ts_rs::TS)]
#[serde(transparent)]
#[ts(type = "string")]
pub struct Lang(String);

/// Text that is not a language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a BCP 47 language tag")]
pub struct InvalidLang;

impl Lang {
    /// Chinese in simplified characters.
    pub fn zh_hans() -> Self {
        Self("zh-Hans".into())
    }

    /// Chinese in traditional characters.
    pub fn zh_hant() -> Self {
        Self("zh-Hant".into())
    }

    /// English.
    pub fn en() -> Self {
        Self("en".into())
    }

    /// The tag as written in HTML's `lang`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is any Chinese.
    pub fn is_chinese(&self) -> bool {
        self.0 == "zh" || self.0.starts_with("zh-")
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Lang {
    type Err = InvalidLang;

    /// Accepts the shape of RFC 5646 section 2.1 (subtags of 1 to 8 letters or digits, the first 2 to 8 letters) up to
    /// 35 characters, and capitalises as its section 2.1.1 recommends.
    fn from_str(text: &str) -> Result<Self, InvalidLang> {
        if text.len() > 35 {
            return Err(InvalidLang);
        }
        let mut tag = String::with_capacity(text.len());
        for (position, subtag) in text.split('-').enumerate() {
            let letters = subtag.chars().all(|c| c.is_ascii_alphabetic());
            let fits = (1..=8).contains(&subtag.len()) && subtag.chars().all(|c| c.is_ascii_alphanumeric());
            if !fits || (position == 0 && (!letters || subtag.len() < 2)) {
                return Err(InvalidLang);
            }
            if position == 0 {
                tag.push_str(&subtag.to_ascii_lowercase());
                continue;
            }
            tag.push('-');
            match (subtag.len(), letters) {
                (2, true) => tag.push_str(&subtag.to_ascii_uppercase()),
                (4, true) => {
                    let lower = subtag.to_ascii_lowercase();
                    let mut chars = lower.chars();
                    tag.extend(chars.next().map(|c| c.to_ascii_uppercase()));
                    tag.push_str(chars.as_str());
                }
                _ => tag.push_str(&subtag.to_ascii_lowercase()),
            }
        }
        Ok(Self(tag))
    }
}

impl<'de> Deserialize<'de> for Lang {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_in_any_capitalisation_and_kept_in_one() {
        for (given, kept) in [("ZH-hans", "zh-Hans"), ("en-us", "en-US"), ("yue", "yue"), ("zh-hant-TW", "zh-Hant-TW")]
        {
            assert_eq!(given.parse::<Lang>().map(|lang| lang.to_string()), Ok(kept.to_owned()), "{given}");
        }
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for given in ["", "z", "中文", "en--us", "en_US", "abcdefghi", "../x"] {
            assert_eq!(given.parse::<Lang>(), Err(InvalidLang), "{given}");
        }
    }
}
