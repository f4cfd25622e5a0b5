//! The words of a status as they were read back, and whether they are the ones that were sent. Pure.

use super::length::without_hosts;

/// Words that were read back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// The text.
    pub text: String,
    /// They are what was made of the text to show it, since the server does not tell what was written.
    shown: bool,
}

impl Words {
    /// As they were written.
    pub fn written(text: String) -> Self {
        Self { text, shown: false }
    }

    /// As they are shown.
    pub fn shown(text: String) -> Self {
        Self { text, shown: true }
    }

    /// Whether they are this text. What was shown has lost white space and the hosts of mentions.
    pub fn says(&self, text: &str) -> bool {
        same(&self.text, text) || (self.shown && gist(&self.text) == gist(text))
    }
}

/// Whether two texts are the same but for the space around them and the kind of line breaks.
pub fn same(one: &str, other: &str) -> bool {
    let lines = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    lines(one) == lines(other)
}

/// What is left of a text however it is shown.
fn gist(text: &str) -> String {
    without_hosts(text).chars().filter(|c| !c.is_whitespace()).collect()
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
}
