//! What is known of a server beside its answers, by the name and version that it gives itself. Only compatible servers leave
//! things out, and not every one says so before something was tried. Asks nothing.

use super::wire::Instance;

/// How Mastodon itself is named in facts.
const GENUINE: &str = "Mastodon ";
/// Those that were seen to take photos and clips in one status.
const MIXES: [&str; 6] = ["pleroma", "akkoma", "gotosocial", "iceshrimp", "sharkey", "firefish"];
/// Those that are known to keep a status until its time. GoToSocial answers that it cannot, others publish at once.
const SCHEDULES: [&str; 3] = ["pleroma", "akkoma", "friendica"];
/// Those that let an application ask for less than everything.
const NARROW: [&str; 3] = ["pleroma", "akkoma", "gotosocial"];
/// Those that have a scope for looking at a file that was uploaded.
const LOOKS: [&str; 2] = ["pleroma", "akkoma"];

/// A server by its name and version, as facts keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server<'a>(pub &'a str);

/// The name and version of a server. Mastodon and its forks name only a version; what is compatible with it says so in further
/// words ("2.7.2 (compatible; Pleroma 2.5.0)", "4.0.0 (not true; really snac/2.52)"), or counts from 0.
pub fn name(instance: &Instance) -> String {
    let version = instance.version.as_str();
    let is_gotosocial = instance.source_url.as_deref().is_some_and(|url| url.to_lowercase().contains("gotosocial"));
    if is_gotosocial {
        return format!("GoToSocial {version}");
    }
    let says_more = version.contains(|c: char| c.is_whitespace() || c == '(');
    if !says_more && !version.starts_with("0.") && version.starts_with(|c: char| c.is_ascii_digit()) {
        format!("{GENUINE}{version}")
    } else {
        version.to_owned()
    }
}

impl Server<'_> {
    /// Whether it is Mastodon itself, or one of its forks.
    pub fn is_mastodon(self) -> bool {
        self.version() != (0, 0)
    }

    /// Whether it remembers idempotency keys. Of the others some take the header and ignore it, and Pixelfed refuses the
    /// repetition.
    pub fn keeps_keys(self) -> bool {
        self.version() >= (3, 0)
    }

    /// Whether it certainly can change statuses and tell what they were written as; others may not
    /// (<https://docs.joinmastodon.org/methods/statuses/#source>).
    pub fn is_complete(self) -> bool {
        self.version() >= (3, 5)
    }

    /// Whether it keeps a status until its time.
    pub fn schedules(self) -> bool {
        self.is_mastodon() || self.is_one_of(&SCHEDULES)
    }

    /// Whether photos and clips can be in one status.
    pub fn mixes(self) -> bool {
        self.is_one_of(&MIXES)
    }

    /// Whether it knows scopes smaller than `read` and `write`.
    pub fn narrows_scopes(self) -> bool {
        self.is_mastodon() || self.is_one_of(&NARROW)
    }

    /// Whether being allowed to upload a file is not enough to look at it there.
    pub fn has_scope_for_looks(self) -> bool {
        self.is_one_of(&LOOKS)
    }

    fn is_one_of(self, names: &[&str]) -> bool {
        let own = self.0.to_lowercase();
        names.iter().any(|name| own.contains(name))
    }

    /// Mastodon's major and minor version; zeros for anything else.
    fn version(self) -> (u32, u32) {
        let Some(version) = self.0.strip_prefix(GENUINE) else { return (0, 0) };
        let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse().unwrap_or(0));
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mastodon_itself_is_trusted_to_remember_keys() {
        for (version, keeps) in [
            ("4.6.0", true),
            ("4.4.0-beta.1+glitch", true),
            ("3.0.0", true),
            ("2.9.3", false),
            ("0.17.3 git-abc", false),
            ("2.7.2 (compatible; Akkoma 3.10)", false),
            ("4.2.1 (compatible; Iceshrimp 2023.12)", false),
            ("4.0.0 (not true; really snac/2.52)", false),
            ("", false),
        ] {
            let instance = Instance { version: version.into(), ..Instance::default() };
            assert_eq!(Server(&name(&instance)).keeps_keys(), keeps, "{version}");
        }
    }

    #[test]
    fn what_a_server_can_do_is_told_by_its_name() {
        let gotosocial = Instance {
            version: "0.19.1+git-abc".into(),
            source_url: Some("https://codeberg.org/superseriousbusiness/gotosocial".into()),
            ..Instance::default()
        };
        assert_eq!(name(&gotosocial), "GoToSocial 0.19.1+git-abc");
        for (server, complete, schedules, mixes, narrow) in [
            ("Mastodon 4.6.0", true, true, false, true),
            ("Mastodon 3.4.1", false, true, false, true),
            ("2.7.2 (compatible; Pleroma 2.5.0)", false, true, true, true),
            ("GoToSocial 0.19.1+git-abc", false, false, true, true),
            ("2.8.0 (compatible; Friendica 2024.12)", false, true, false, false),
            ("3.5.3 (compatible; Pixelfed 0.12.3)", false, false, false, false),
            ("4.2.1 (compatible; Iceshrimp.NET/2024.1)", false, false, true, false),
        ] {
            let told = Server(server);
            let can = (told.is_complete(), told.schedules(), told.mixes(), told.narrows_scopes());
            assert_eq!(can, (complete, schedules, mixes, narrow), "{server}");
        }
    }
}
