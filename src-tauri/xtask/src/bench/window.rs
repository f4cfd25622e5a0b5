//! The real window under load, as built without optimisation and drawn in software: a large journal, a large import.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::{Bench, Line, Table, build_window, process};
use crate::{repository::run, stage::Stage, webdriver::Window};

/// Memory that an import may take, in megabytes.
const MEMORY: f64 = 300.0;

/// What is imported: photos of 12 to 48 megapixels, and clips of a hundred megabytes.
const PHOTOS: u32 = 200;
const CLIPS: u32 = 10;

/// An import may take this long.
const PATIENCE: Duration = Duration::from_secs(600);

/// Measures both.
pub fn measure(bench: &Bench, table: &mut Table) -> Result<()> {
    build_window()?;
    reading(bench, table)?;
    importing(bench, table)
}

fn reading(bench: &Bench, table: &mut Table) -> Result<()> {
    let (posts, journal) = (bench.size.posts, bench.journal(bench.size.posts)?);
    let stage = Stage::new()?;
    // The second start is warm.
    drop(stage.open(&journal)?);
    let window = stage.open(&journal)?;
    window.until("the cards", "return document.querySelector('.wall a[data-filled]') !== null")?;
    let (program, painted) = (window.program_id()?, first_paint(&window)?);
    let line = |what, figure, unit| line(&format!("{posts} posts"), what, figure, unit);
    table.add(Line { goal: Some(1000.0), ..line("first paint after the program's start", painted, "ms") });
    let scrolled = finished(&window, &[PAINTED, SCROLL].concat())?;
    table.add(Line {
        goal: Some(3.0),
        beside: format!("{:.0} ms a frame", number(&scrolled, "frame")),
        ..line("600 frames of scrolling, blank in a row at most", number(&scrolled, "blank"), "frames")
    });
    let jumped = finished(&window, &[PAINTED, JUMP].concat())?;
    table.add(Line {
        goal: Some(3.0),
        beside: format!("{:.0} blank frames in all", number(&jumped, "all")),
        ..line("40 jumps, blank in a row at most", number(&jumped, "blank"), "frames")
    });
    let page = process::memory_mb(process::child(program, "WebKitWebProces")?)?;
    table.add(Line {
        goal: Some(MEMORY),
        beside: format!("page {page:.0} MB"),
        ..line("memory of the program", process::memory_mb(program)?, "MB")
    });
    Ok(())
}

fn importing(bench: &Bench, table: &mut Table) -> Result<()> {
    let (photos, clips) = (bench.photos(PHOTOS)?, clips(&bench.folder)?);
    let stage = Stage::new()?;
    let window = stage.open(&stage.home().join("journal"))?;
    window.until("the first screen", "return document.querySelector('main *') !== null")?;
    let program = window.program_id()?;
    let paths: Vec<_> = photos.iter().chain(&clips).collect();
    let ask = format!(
        "window.__TAURI_INTERNALS__.invoke('call', {})",
        json!({ "name": "import_files", "args": { "paths": paths } })
    );
    window.script(WATCH_FRAMES, &[])?;
    let started = Instant::now();
    let report = finished(
        &window,
        &format!("const report = await {ask}; return {{ failed: report.files.filter(file => file.error).length }}"),
    )?;
    let seconds = started.elapsed().as_secs_f64();
    ensure!(number(&report, "failed") == 0.0, "not everything was imported: {report}");
    let frames = window.script("return window.frames.sort((a, b) => a - b)", &[])?;
    let frames: Vec<f64> = frames.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    let at =
        |share: f64| frames.get((frames.len() as f64 * share) as usize).or(frames.last()).copied().unwrap_or(f64::NAN);
    let work = format!("importing {PHOTOS} photos and {CLIPS} clips of 100 MB");
    let line = |what, figure, unit| line(&work, what, figure, unit);
    table.add(line("time", seconds, "s"));
    table.add(Line { goal: Some(MEMORY), ..line("peak memory of the program", process::peak_mb(program)?, "MB") });
    table.add(Line {
        goal: Some(100.0),
        beside: format!("middle {:.0} ms, 99 % below {:.0} ms, {} frames", at(0.5), at(0.99), frames.len()),
        ..line("longest frame", at(1.0), "ms")
    });
    Ok(())
}

/// A figure of the window at some work, without a goal.
fn line(work: &str, what: &str, figure: f64, unit: &'static str) -> Line {
    Line { what: format!("window, {work}: {what}"), figure, unit, goal: None, beside: String::new() }
}

/// Milliseconds from the program's start to its first painted content.
fn first_paint(window: &Window) -> Result<f64> {
    let ago = window.script(
        "const paint = performance.getEntriesByName('first-contentful-paint')[0];
         return paint ? performance.now() - paint.startTime : null",
        &[],
    )?;
    let ago = ago.as_f64().context("the page does not say when it was painted")?;
    Ok(process::age_ms(window.program_id()?)? - ago)
}

/// Runs the body of an asynchronous function in the page, however long it takes.
fn finished(window: &Window, body: &str) -> Result<Value> {
    let script = format!(
        "window.outcome = null;
         (async () => {{ {body} }})().then(value => {{ window.outcome = {{ value }} }}, error => {{ window.outcome = {{ error: String(error) + JSON.stringify(error) }} }});"
    );
    window.script(&script, &[])?;
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let outcome = window.script("return window.outcome", &[])?;
        if let Some(error) = outcome.get("error") {
            bail!("the page says: {error}");
        }
        if let Some(value) = outcome.get("value") {
            return Ok(value.clone());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("waited {} s in vain", PATIENCE.as_secs())
}

fn number(value: &Value, name: &str) -> f64 {
    value.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN)
}

/// Clips of a hundred megabytes: one that is encoded, and others that differ in a box that players pass over.
fn clips(folder: &Path) -> Result<Vec<PathBuf>> {
    let folder = folder.join("clips");
    let path = |number: u32| folder.join(format!("clip-{number}.mp4"));
    if !path(CLIPS - 1).is_file() {
        std::fs::create_dir_all(&folder)?;
        let encoded = path(0);
        let noise = "testsrc2=size=1920x1080:rate=25,noise=alls=40:allf=t";
        run(Command::new("ffmpeg")
            .args([
                "-y",
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                noise,
                "-t",
                "16",
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
            ])
            .args(["-b:v", "50M", "-minrate", "50M", "-maxrate", "50M", "-bufsize", "25M", "-pix_fmt", "yuv420p"])
            .arg(&encoded))?;
        let bytes = std::fs::read(&encoded)?;
        for number in 1..CLIPS {
            // ISO/IEC 14496-12 section 8.1.2.
            let free = [&12_u32.to_be_bytes()[..], b"free", &number.to_be_bytes()].concat();
            File::create(path(number))?.write_all(&[&bytes[..], &free].concat())?;
        }
    }
    Ok((0..CLIPS).map(path).collect())
}

/// What is in the window when a frame has been painted: nothing at all, or a place whose card has not come, is blank.
const PAINTED: &str = "const wall = document.querySelector('.wall');
    const painted = () => new Promise(done => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
            const edge = wall.getBoundingClientRect();
            const seen = [...wall.querySelectorAll('li')].filter(card => {
                const box = card.getBoundingClientRect();
                return box.bottom > edge.top && box.top < edge.bottom;
            });
            done(seen.length === 0 || seen.some(card => card.querySelector('[data-filled]') === null));
        };
        channel.port2.postMessage(null);
    }));
    let blank = 0, row = 0, all = 0;
    const count = isBlank => { row = isBlank ? row + 1 : 0; all += isBlank ? 1 : 0; blank = Math.max(blank, row); };";

/// An eighth of a window with every frame.
const SCROLL: &str = "const started = performance.now();
    for (let frame = 0; frame < 600; frame += 1) {
        wall.scrollTop += wall.clientHeight / 8;
        count(await painted());
    }
    return { blank, all, frame: (performance.now() - started) / 600 };";

/// Anywhere, and five frames to look.
const JUMP: &str = "for (let jump = 0; jump < 40; jump += 1) {
        wall.scrollTop = ((jump * 7919) % 1000) / 1000 * wall.scrollHeight;
        for (let frame = 0; frame < 5; frame += 1) count(await painted());
        row = 0;
    }
    return { blank, all };";

/// Notes how long every frame takes.
const WATCH_FRAMES: &str = "window.frames = [];
    let last = performance.now();
    const note = now => { window.frames.push(now - last); last = now; requestAnimationFrame(note); };
    requestAnimationFrame(note);";
