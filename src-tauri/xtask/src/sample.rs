//! A sample journal, made by the example of that name, which uses the journal itself.

use std::path::Path;

use anyhow::Result;

use crate::{
    packages,
    repository::{cargo, run},
};

/// How large the sample is.
pub struct Size {
    /// How many posts.
    pub posts: usize,
    /// How many different photos; twice the number of posts unless said otherwise.
    pub photos: Option<usize>,
}

/// Makes the sample in `journal`, with some of its posts sent to the folder `feed`.
pub fn make(size: &Size, journal: &Path, feed: Option<&Path>) -> Result<()> {
    packages::install(packages::BUILD)?;
    packages::install(packages::SAMPLE)?;
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "sampan", "--example", "sample"]);
    // A large one takes long: optimised code makes up for being built. A small one shares the window's debug build.
    if size.posts > 500 {
        command.arg("--release").args(crate::check::WITHOUT_WINDOW);
    }
    // The program starts in the root of the repository, so a path is made whole before.
    command.arg("--").arg("--dir").arg(std::path::absolute(journal)?).arg("--posts").arg(size.posts.to_string());
    if let Some(photos) = size.photos {
        command.arg("--photos").arg(photos.to_string());
    }
    if let Some(feed) = feed {
        command.arg("--feed").arg(std::path::absolute(feed)?);
    }
    run(&mut command)
}
