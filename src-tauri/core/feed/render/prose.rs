//! Plain text, put together from what stands between tags: where a paragraph ends, which spaces count. Knows no tags.

use crate::domain::Side;

/// The text of one language as it grows.
#[derive(Default)]
pub(super) struct Prose {
    title: Option<String>,
    in_title: bool,
    paragraphs: Vec<String>,
    open: String,
    /// Spaces that count only if a word follows on the same line.
    pending: String,
    /// The source went to a new line in those spaces, so that they are one.
    folds: bool,
    /// Line ends count as written.
    keeps_lines: bool,
    /// The lists that are open; a number where items are counted.
    lists: Vec<Option<u32>>,
    /// What stands before the next word.
    mark: Option<String>,
}

/// Lists that are kept in mind.
const DEEPEST: usize = 64;

impl Prose {
    /// Words.
    pub fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' if self.keeps_lines => self.line(),
                '\n' | '\r' => self.folds = true,
                ' ' | '\t' | '\u{c}' => self.pending.push(c),
                c => {
                    self.settle_spaces(true);
                    if let Some(mark) = self.mark.take() {
                        self.open.push_str(&mark);
                    }
                    self.open.push(c);
                }
            }
        }
    }

    /// A new line.
    pub fn line(&mut self) {
        self.settle_spaces(false);
        self.open.push('\n');
    }

    /// A new line unless one has just begun.
    pub fn line_unless_fresh(&mut self) {
        self.settle_spaces(false);
        if !self.is_fresh() {
            self.open.push('\n');
        }
    }

    /// A new paragraph; inside a list, a new line.
    pub fn block(&mut self) {
        self.settle_spaces(false);
        if self.in_title {
            self.in_title = false;
            self.title = Some(std::mem::take(&mut self.open));
            return;
        }
        if !self.lists.is_empty() {
            return self.line_unless_fresh();
        }
        // Blank lines part paragraphs, however they came about.
        let mut lines: Vec<&str> = Vec::new();
        for line in self.open.split('\n').chain([""]) {
            if !line.trim().is_empty() {
                lines.push(line);
            } else if !lines.is_empty() {
                self.paragraphs.push(lines.join("\n"));
                lines.clear();
            }
        }
        self.open.clear();
    }

    /// A heading; the first words of a section are its title.
    pub fn heading(&mut self, begins_section: bool) {
        self.block();
        self.in_title = begins_section && self.title.is_none() && self.paragraphs.is_empty() && self.lists.is_empty();
    }

    /// Whether line ends count as written.
    pub fn keep_lines(&mut self, keep: bool) {
        if self.keeps_lines != keep {
            self.block();
            self.keeps_lines = keep;
        }
    }

    /// A list begins.
    pub fn list(&mut self, counted: bool) {
        self.block();
        if self.lists.len() < DEEPEST {
            self.lists.push(counted.then_some(0));
        }
    }

    /// An item of a list begins.
    pub fn item(&mut self) {
        self.line_unless_fresh();
        self.mark = Some(match self.lists.last_mut() {
            Some(Some(number)) => {
                *number = number.saturating_add(1);
                format!("{number}. ")
            }
            _ => "- ".to_owned(),
        });
    }

    /// The innermost list ends.
    pub fn end_list(&mut self) {
        self.lists.pop();
        self.mark = None;
        self.block();
    }

    /// A cell of a table begins.
    pub fn cell(&mut self) {
        self.settle_spaces(false);
        if !self.is_fresh() {
            self.open.push_str(" | ");
        }
    }

    /// What it came to.
    pub fn finish(mut self) -> Side {
        self.lists.clear();
        self.block();
        self.block();
        let title = self.title.as_deref().unwrap_or_default();
        let title = title.split('\n').map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        Side { title, body: self.paragraphs.join("\n\n").trim_end().to_owned() }
    }

    fn is_fresh(&self) -> bool {
        self.open.is_empty() || self.open.ends_with('\n')
    }

    /// Spaces as written count; those around a line end of the source are one, and none beside a line end of the text.
    fn settle_spaces(&mut self, before_word: bool) {
        if !std::mem::take(&mut self.folds) {
            self.open.push_str(&self.pending);
        } else if before_word && !self.is_fresh() {
            self.open.push(' ');
        }
        self.pending.clear();
    }
}
