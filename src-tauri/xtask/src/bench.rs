//! `cargo xtask bench`: our times beside those of others, on the same files in the same run, as ratios. Each measurement is
//! repeated in turn and the middle one counts.

use std::{fs::File, io::Write, path::PathBuf, process::Command, time::Instant};

use anyhow::{Context, Result};

use crate::{
    packages,
    repository::{cargo, files_below, npm, output, program, run, target},
    sample, setup,
};

/// How large the measurement is.
pub struct Size {
    /// How many photos of 12 to 48 megapixels.
    pub photos: u32,
    /// How many posts in the journal that is listed; none leaves that out.
    pub posts: usize,
    /// How often each measurement is repeated.
    pub rounds: u32,
}

/// Measures and prints.
pub fn run_all(size: &Size) -> Result<()> {
    setup::everything()?;
    packages::install(packages::SAMPLE)?;
    packages::install(packages::PEERS)?;
    run(cargo()
        .args(["build", "--release", "--package", "sampan", "--example", "bench", "--example", "sample"])
        .args(crate::check::WITHOUT_WINDOW))?;
    let bench = Bench { folder: target().join("xtask/bench"), size };
    let photos = bench.photos()?;
    bench.renditions(&photos)?;
    bench.import(&photos)?;
    bench.first_screen()
}

struct Bench<'a> {
    folder: PathBuf,
    size: &'a Size,
}

impl Bench<'_> {
    fn ours(&self, job: &str) -> Command {
        let mut command = program(target().join("release/examples/bench"));
        command.arg(job);
        command
    }

    fn photos(&self) -> Result<Vec<PathBuf>> {
        let folder = self.folder.join(format!("photos-{}", self.size.photos));
        if !folder.is_dir() {
            run(self.ours("photos").arg(&folder).arg(self.size.photos.to_string()))?;
        }
        files_below(&folder, &|_| true)
    }

    fn renditions(&self, photos: &[PathBuf]) -> Result<()> {
        let script = self.sharp()?;
        let made = self.folder.join("thumbnails");
        std::fs::create_dir_all(&made)?;
        let mut times = Times::new(["sampan", "sharp", "vipsthumbnail"]);
        for _ in 0..self.size.rounds {
            times.add(0, reported(self.ours("renditions").args(photos))?);
            times.add(1, reported(program("node").arg(&script).args(photos))?);
            let started = Instant::now();
            for size in ["1280x1280", "480x960"] {
                let out = format!("{}/%s-{size}.jpg[Q=80]", made.display());
                run(program("vipsthumbnail")
                    .args(["--size", size, "-o", &out])
                    .args(photos)
                    .env("VIPS_CONCURRENCY", "1"))?;
            }
            times.add(2, started.elapsed().as_secs_f64() * 1000.0);
        }
        times.print(&format!("renditions of {} photos (12-48 MP, 1280 and 480 pixels, one at a time)", photos.len()));
        Ok(())
    }

    fn import(&self, photos: &[PathBuf]) -> Result<()> {
        let mut times = Times::new(["sampan", "plain files, hashed, write + fsync + rename"]);
        for round in 0..self.size.rounds {
            let fresh = tempfile::tempdir_in(&self.folder)?;
            let [journal, plain] = ["journal", "plain"].map(|name| fresh.path().join(format!("{name}-{round}")));
            times.add(0, reported(self.ours("import").arg(journal).args(photos))?);
            times.add(1, reported(self.ours("plain").arg(plain).args(photos))?);
        }
        let bytes: u64 = photos.iter().filter_map(|photo| photo.metadata().ok()).map(|data| data.len()).sum();
        times.print(&format!("durable import of {} files, {} MB", photos.len(), bytes / 1_000_000));
        Ok(())
    }

    fn first_screen(&self) -> Result<()> {
        if self.size.posts == 0 {
            return Ok(());
        }
        let journal = self.folder.join(format!("journal-{}", self.size.posts));
        if !journal.is_dir() {
            let size = sample::Size { posts: self.size.posts, photos: None };
            sample::make(&size, &journal, None)?;
        }
        let mut times = Times::new(["sampan"]);
        for _ in 0..self.size.rounds.max(3) {
            times.add(0, reported(self.ours("first-screen").arg(&journal))?);
        }
        times.print(&format!("opening a journal of {} posts and asking for its first screen", self.size.posts));
        Ok(())
    }

    /// The script for sharp, with sharp installed beside it.
    fn sharp(&self) -> Result<PathBuf> {
        let folder = self.folder.join("sharp");
        std::fs::create_dir_all(&folder)?;
        let script = folder.join("renditions.mjs");
        File::create(&script)?.write_all(SHARP.as_bytes())?;
        if !folder.join("node_modules/sharp").is_dir() {
            run(npm().args(["install", "--no-audit", "--no-fund", "--loglevel=error", "sharp"]).current_dir(&folder))?;
        }
        Ok(script)
    }
}

/// The same work with sharp: upright, the view picture from the original, the grid picture from the view picture, one
/// thread, one photo at a time, results in memory.
const SHARP: &str = "import sharp from 'sharp';
sharp.concurrency(1);
sharp.cache(false);
const started = performance.now();
for (const file of process.argv.slice(2)) {
  const { data, info } = await sharp(file).rotate().resize(1280, 1280, { fit: 'inside', withoutEnlargement: true }).raw().toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  await sharp(data, { raw }).jpeg({ quality: 80 }).toBuffer();
  await sharp(data, { raw }).resize(480, 960, { fit: 'inside' }).jpeg({ quality: 80 }).toBuffer();
}
console.log((performance.now() - started).toFixed(2));
";

/// The milliseconds on the last line of what a job prints.
fn reported(command: &mut Command) -> Result<f64> {
    let printed = output(command)?;
    let last = printed.lines().last().unwrap_or_default();
    last.trim().parse().with_context(|| format!("no time in: {printed}"))
}

/// Times of several programs for the same job, ours first.
struct Times<const N: usize> {
    names: [&'static str; N],
    rounds: [Vec<f64>; N],
}

impl<const N: usize> Times<N> {
    fn new(names: [&'static str; N]) -> Self {
        Self { names, rounds: [const { Vec::new() }; N] }
    }

    fn add(&mut self, program: usize, millis: f64) {
        if let Some(rounds) = self.rounds.get_mut(program) {
            rounds.push(millis);
        }
    }

    fn print(&self, job: &str) {
        let middles: Vec<f64> = self.rounds.iter().map(|rounds| middle(rounds)).collect();
        let ours = middles.first().copied().unwrap_or(f64::NAN);
        println!("\n{job}");
        for (name, millis) in self.names.iter().zip(&middles) {
            println!("  {name:<46} {millis:>9.0} ms   sampan takes {:.2} of it", ours / millis);
        }
    }
}

fn middle(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_the_times_counts() {
        assert!((middle(&[9.0, 1.0, 5.0]) - 5.0).abs() < f64::EPSILON);
        assert!(middle(&[]).is_nan());
    }
}
