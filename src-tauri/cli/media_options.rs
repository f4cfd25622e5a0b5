//! Files with their alt texts as they are typed: an alt text belongs to the file before it, so the order counts.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};
use sampan_core::domain::Lang;

/// What `--media`, `--on` and the alt texts after them say, in the order they were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MediaOptions(pub Vec<MediaOption>);

/// One file and its alt texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaOption {
    /// Which file.
    pub file: MediaFile,
    /// Alt texts per language, as typed (`@file` and `-` are not read yet).
    pub alts: Vec<(Lang, String)>,
}

/// A file that comes into the post, or one that is in it already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaFile {
    /// A path.
    New(PathBuf),
    /// The beginning of an original's hash, or its number in the post from 1.
    Attached(String),
}

enum Word {
    File(MediaFile),
    Alt(Lang, String),
}

impl FromArgMatches for MediaOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut options = Self::default();
        for word in in_order(matches) {
            match word {
                Word::File(file) => options.0.push(MediaOption { file, alts: Vec::new() }),
                Word::Alt(lang, text) => match options.0.last_mut() {
                    Some(option) => option.alts.push((lang, text)),
                    None => return Err(alt_without_file()),
                },
            }
        }
        Ok(options)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for MediaOptions {
    fn augment_args(command: Command) -> Command {
        let text = |name: &'static str, help: &'static str| {
            Arg::new(name).long(name).help(help).value_name("TEXT").action(ArgAction::Append).allow_hyphen_values(true)
        };
        command
            .arg(
                Arg::new("media")
                    .long("media")
                    .help("A photo, clip or other file; can be repeated")
                    .value_name("PATH")
                    .action(ArgAction::Append)
                    .value_parser(value_parser!(PathBuf)),
            )
            .arg(
                Arg::new("on")
                    .long("on")
                    .help("A file that is in the post already, for the alt texts that follow: its hash or number")
                    .value_name("HASH|N")
                    .action(ArgAction::Append),
            )
            .arg(text("alt-zh", "What the file before shows, in simplified Chinese"))
            .arg(text("alt-en", "What the file before shows, in English"))
            .arg(
                Arg::new("alt")
                    .long("alt")
                    .help("What the file before shows, in any language; can be repeated")
                    .value_name("LANG=TEXT")
                    .action(ArgAction::Append)
                    .value_parser(crate::arguments::in_language),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// All words of this group by their place on the command line.
fn in_order(matches: &ArgMatches) -> Vec<Word> {
    let mut words: Vec<(usize, Word)> = Vec::new();
    words.extend(placed::<PathBuf>(matches, "media").map(|(at, path)| (at, Word::File(MediaFile::New(path)))));
    words.extend(placed::<String>(matches, "on").map(|(at, text)| (at, Word::File(MediaFile::Attached(text)))));
    words.extend(placed::<String>(matches, "alt-zh").map(|(at, text)| (at, Word::Alt(Lang::zh_hans(), text))));
    words.extend(placed::<String>(matches, "alt-en").map(|(at, text)| (at, Word::Alt(Lang::en(), text))));
    words.extend(placed::<(Lang, String)>(matches, "alt").map(|(at, (lang, text))| (at, Word::Alt(lang, text))));
    words.sort_by_key(|(at, _)| *at);
    words.into_iter().map(|(_, word)| word).collect()
}

fn placed<'m, T: Clone + Send + Sync + 'static>(
    matches: &'m ArgMatches,
    name: &'static str,
) -> impl Iterator<Item = (usize, T)> + 'm {
    let values = matches.get_many::<T>(name).into_iter().flatten().cloned();
    matches.indices_of(name).into_iter().flatten().zip(values)
}

fn alt_without_file() -> clap::Error {
    let words = "an alt text (--alt-zh, --alt-en, --alt) belongs to the --media or --on before it; there is none\n";
    clap::Error::raw(ErrorKind::MissingRequiredArgument, words)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::arguments::{Arguments, Command};

    fn media(words: &[&str]) -> Result<Vec<MediaOption>, clap::Error> {
        match Arguments::try_parse_from(["sampan-cli", "post"].iter().chain(words))?.command {
            Command::Post(options) => Ok(options.parts.media.0),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_alt_text_belongs_to_the_file_before_it() {
        let given = media(&[
            "--media",
            "a.jpg",
            "--alt-en",
            "A",
            "--media",
            "b.jpg",
            "--media",
            "c.jpg",
            "--alt-en",
            "C",
            "--alt-zh",
            "丙",
            "--alt=zh-Hant=丙",
        ])
        .unwrap();
        let alts: Vec<Vec<&str>> =
            given.iter().map(|option| option.alts.iter().map(|(_, text)| text.as_str()).collect()).collect();
        assert_eq!(alts, [vec!["A"], vec![], vec!["C", "丙", "丙"]]);
    }

    #[test]
    fn an_alt_text_before_any_file_is_refused() {
        assert!(media(&["--alt-en", "A", "--media", "a.jpg"]).is_err());
    }
}
