//! Renditions and durable import beside other programs: the same files in the same run, in turn, so that a busy machine is busy
//! for all of them. The middle of the rounds counts.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Result;

use super::{Bench, Line, Table, middle, reported};
use crate::{
    packages,
    repository::{npm, program, run},
};

/// Makes both renditions of every photo, one at a time.
pub fn renditions(bench: &Bench, table: &mut Table) -> Result<()> {
    packages::install(packages::PEERS)?;
    let photos = bench.photos(bench.size.photos)?;
    let script = sharp(&bench.folder)?;
    let made = bench.folder.join("thumbnails");
    std::fs::create_dir_all(&made)?;
    let (mut ours, mut sharp, mut vips) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.size.rounds {
        ours.push(reported(bench.job("renditions").args(&photos))?);
        sharp.push(reported(program("node").arg(&script).args(&photos))?);
        let started = Instant::now();
        for size in ["1280x1280", "480x960"] {
            let out = format!("{}/%s-{size}.jpg[Q=80]", made.display());
            run(program("vipsthumbnail")
                .args(["--size", size, "-o", &out])
                .args(&photos)
                .env("VIPS_CONCURRENCY", "1"))?;
        }
        vips.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    let [ours, sharp, vips] = [ours, sharp, vips].map(middle);
    table.add(Line {
        what: format!("renditions of {} photos of 12-48 MP, 1280 and 480 pixels", photos.len()),
        figure: ours / sharp,
        unit: "of sharp's time",
        goal: Some(0.75),
        beside: format!("sampan {ours:.0} ms, sharp {sharp:.0} ms, vipsthumbnail {vips:.0} ms"),
    });
    Ok(())
}

/// Imports every photo durably.
pub fn import(bench: &Bench, table: &mut Table) -> Result<()> {
    let photos = bench.photos(bench.size.photos)?;
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..bench.size.rounds {
        let fresh = tempfile::tempdir_in(&bench.folder)?;
        ours.push(reported(bench.job("import").arg(fresh.path().join("journal")).args(&photos))?);
        plain.push(reported(bench.job("plain").arg(fresh.path().join("plain")).args(&photos))?);
    }
    let bytes: u64 = photos.iter().filter_map(|photo| photo.metadata().ok()).map(|data| data.len()).sum();
    let [ours, plain] = [ours, plain].map(middle);
    table.add(Line {
        what: format!("durable import of {} photos, {} MB", photos.len(), bytes / 1_000_000),
        figure: ours / plain,
        unit: "of the time of plain files",
        // At least 0.9 times as fast.
        goal: Some(1.0 / 0.9),
        beside: format!("sampan {ours:.0} ms, hash + write + fsync + rename {plain:.0} ms"),
    });
    Ok(())
}

/// The script for sharp, with sharp installed beside it.
fn sharp(folder: &Path) -> Result<PathBuf> {
    let folder = folder.join("sharp");
    std::fs::create_dir_all(&folder)?;
    let script = folder.join("renditions.mjs");
    File::create(&script)?.write_all(SHARP.as_bytes())?;
    if !folder.join("node_modules/sharp").is_dir() {
        run(npm().args(["install", "--no-audit", "--no-fund", "--loglevel=error", "sharp"]).current_dir(&folder))?;
    }
    Ok(script)
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
