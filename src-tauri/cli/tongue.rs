//! The language that this terminal's user reads, and text made fit for a terminal. Chooses no sentence.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The language of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tongue {
    /// The default.
    English,
    /// When the system's locale begins with `zh`.
    Chinese,
}

impl Tongue {
    /// As the environment says; the first of LC_ALL, LC_MESSAGES and LANG that is set decides, as POSIX has it. Windows sets none.
    pub fn of_environment() -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
        let system = || sys_locale::get_locale().filter(|_| cfg!(windows));
        Self::of_locale(set.chain(std::iter::once_with(system).flatten()))
    }

    fn of_locale(values: impl IntoIterator<Item = String>) -> Self {
        match values.into_iter().find(|value| !value.is_empty()) {
            Some(value) if value.to_ascii_lowercase().starts_with("zh") => Self::Chinese,
            _ => Self::English,
        }
    }

    /// The text in this language.
    pub fn pick<'t>(self, english: &'t str, chinese: &'t str) -> &'t str {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }
}

/// Text without characters that would steer the terminal: a title or a file name must not move the cursor.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_direction_mark(c) { '\u{fffd}' } else { c }).collect()
}

/// Like [`printable`], with line breaks and tabs kept.
pub fn printable_lines(text: &str) -> String {
    let fit = |c: char| (!c.is_control() && !is_direction_mark(c)) || matches!(c, '\n' | '\t');
    text.chars().map(|c| if fit(c) { c } else { '\u{fffd}' }).collect()
}

/// Text that takes at most `columns` columns, a Chinese character counting two; cut text ends with an ellipsis.
pub fn fit(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut used = 1;
    let kept = text.chars().take_while(|c| {
        used += c.width().unwrap_or(0);
        used <= columns
    });
    kept.chain(['…']).collect()
}

/// Rows with their columns below each other; the last column is not padded.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Marks that turn the reading direction of what follows (Unicode bidirectional formatting characters).
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_that_is_set_decides() {
        let of = |values: &[&str]| Tongue::of_locale(values.iter().map(|value| (*value).to_owned()));
        assert_eq!(of(&["", "zh_CN.UTF-8"]), Tongue::Chinese);
        assert_eq!(of(&["C", "zh_CN.UTF-8"]), Tongue::English, "LC_ALL wins over LANG");
        assert_eq!(of(&[]), Tongue::English);
    }

    #[test]
    fn chinese_columns_stand_below_each_other() {
        let rows = [vec!["外滩".into(), "x".into()], vec!["ab".into(), "y".into()]];
        assert_eq!(table(&rows), "外滩  x\nab    y\n");
    }

    #[test]
    fn cut_text_fits_its_columns() {
        assert_eq!(fit("今天的云", 8), "今天的云");
        assert_eq!(fit("今天的云很低", 8), "今天的…");
        assert!(fit("今天的云很低", 8).width() <= 8);
    }

    #[test]
    fn a_title_cannot_steer_the_terminal() {
        assert!(!printable("a\u{1b}[2Jb\r\u{202e}c").contains(['\u{1b}', '\r', '\u{202e}']));
    }
}
