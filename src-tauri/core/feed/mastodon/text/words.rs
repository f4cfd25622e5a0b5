//! The words of a status as they were read back, and whether they are the ones that were sent. Pure.

use std::collections::BTreeSet;

use super::length::without_hosts;

/// Words that were read back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// The text.
    pub text: String,
    /// What is made of the text to show it, where the server does not tell what was written, or writes that anew.
    shown: Option<String>,
}

impl Words {
    /// As they were written.
    pub fn written(text: String) -> Self {
        Self { text, shown: None }
    }

    /// As they are shown.
    pub fn shown(text: String) -> Self {
        Self { shown: Some(text.clone()), text }
    }

    /// As the server says that they were written, and as they are shown: some make the former out of another markup (Friendica) or
    /// of the HTML (Takahe).
    pub fn rewritten(text: String, shown: String) -> Self {
        Self { text, shown: Some(shown) }
    }

    /// Whether they are this text. What was shown has lost white space and the hosts of mentions.
    pub fn says(&self, text: &str) -> bool {
        let shown = self.shown.iter().flat_map(|shown| [shown, &self.text]);
        same(&self.text, text) || shown.into_iter().any(|shown| alike(shown, text))
    }

    /// Whether the server may spell what was sent otherwise.
    pub fn is_loose(&self) -> bool {
        self.shown.is_some()
    }

    /// Whether they may be this text all the same, spelt in a way that is not known here: half of its pairs of letters are in them.
    pub fn resembles(&self, text: &str) -> bool {
        let wanted = pairs(text);
        let there: BTreeSet<_> = self.shown.iter().chain([&self.text]).flat_map(|text| pairs(text)).collect();
        let found = wanted.intersection(&there).count();
        self.is_loose() && found > 0 && found * 2 >= wanted.len()
    }
}

/// Whether two texts are the same but for the space around them and the kind of line breaks.
pub fn same(one: &str, other: &str) -> bool {
    let lines = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    lines(one) == lines(other)
}

/// Whether a text that was read back is another one but for what is lost when it is shown. Some servers show a warning with its
/// signs escaped (GoToSocial).
pub fn alike(there: &str, text: &str) -> bool {
    gist(there) == gist(text) || (there.contains('&') && gist(&unescaped(there)) == gist(text))
}

/// What is left of a text however it is shown.
pub fn gist(text: &str) -> String {
    without_hosts(text).chars().filter(|c| !c.is_whitespace()).collect()
}

fn unescaped(text: &str) -> String {
    let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    signs.iter().fold(text.to_owned(), |text, (escaped, sign)| text.replace(escaped, sign))
}

/// Every two letters or digits that follow one another, whatever stands between.
fn pairs(text: &str) -> BTreeSet<(char, char)> {
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    letters.iter().copied().zip(letters.iter().copied().skip(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_known_again_in_any_dress() {
        let sent = "午饭\n\n和 @mei@tea.example 喝茶，\nhttps://tea.example/a?b=c  #奶茶";
        let shown = Words::shown("午饭\n\n和 @mei 喝茶，\nhttps://tea.example/a?b=c #奶茶".into());
        assert!(shown.says(sent));
        assert!(!shown.says("午饭"), "another text");
        assert!(!Words::written(shown.text).says(sent), "what was written is told exactly");
        assert!(Words::written(sent.replace('\n', "\r\n")).says(sent));
    }

    #[test]
    fn what_a_server_wrote_anew_is_known_by_either_of_its_faces() {
        let sent = "Tea & *cake*, a < b\n\nhttps://tea.example/a";
        let shown = "Tea & *cake*, a < b https://tea.example/a".to_owned();
        assert!(Words::rewritten("Tea &amp; [i]cake[/i], a < b".into(), shown.clone()).says(sent));
        assert!(Words::rewritten("Tea &amp; *cake*, a &lt; b https://tea.example/a".into(), String::new()).says(sent));
        let spelt = Words::rewritten("Tea & [i]cake[/i], a < b [url]https://tea.example/a[/url]".into(), String::new());
        assert!(!spelt.says(sent) && spelt.resembles(sent));
        assert!(!spelt.resembles("Something else that was written meanwhile."));
        assert!(!Words::written(shown).resembles("Tea & cakes"), "what was written exactly is not guessed at");
    }
}
