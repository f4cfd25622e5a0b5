//! Journeys of a person who writes: what was typed and shown as saved outlives the program, photos and clips come back.

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::journal;
use crate::{
    repository::run,
    stage::Stage,
    webdriver::{Window, until},
};

pub const ZH_TITLE: &str = ".title textarea[lang=zh-Hans]";
pub const ZH_BODY: &str = ".body textarea[lang=zh-Hans]";
pub const EN_BODY: &str = ".body textarea[lang=en]";

/// Types into both sides, pastes a picture, and kills the program without warning one second after the last key.
pub fn text_outlives_a_kill(stage: &Stage) -> Result<()> {
    let window = stage.open(&journal(stage))?;
    window.go("#/edit/new")?;
    window.type_into(ZH_TITLE, "湖边的小船")?;
    window.type_into(ZH_BODY, "下班以后一个人去了湖边，船都靠岸了。")?;
    paste_picture(&window, "#2b5c8a")?;
    window
        .until("the picture to be in the post", "return document.querySelectorAll('img[src*=\"/grid\"]').length > 0")?;
    window.type_into(EN_BODY, "All the boats were in.")?;
    // The promise itself is a time: durable one second after the last key.
    std::thread::sleep(Duration::from_secs(1));
    kill(&window)?;

    let window = stage.open(&journal(stage))?;
    let post = only_post(&window)?;
    let said = |path: &str| post.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    ensure!(said("/content/sides/zh-Hans/title") == "湖边的小船", "{post}");
    ensure!(said("/content/sides/zh-Hans/body") == "下班以后一个人去了湖边，船都靠岸了。", "{post}");
    ensure!(said("/content/sides/en/body") == "All the boats were in.", "{post}");
    ensure!(post.pointer("/content/attachments/0/asset").is_some(), "the picture is gone: {post}");
    is_clean(&window)
}

/// Types, and closes the window at once: nothing may be lost although no second has passed.
pub fn closing_saves(stage: &Stage) -> Result<()> {
    let window = stage.open(&journal(stage))?;
    let id = window.program_id()?;
    window.go("#/edit/new")?;
    window.type_into(EN_BODY, "The last word before closing")?;
    run(Command::new("kill").args(["-TERM", &id.to_string()]))?;
    ended(id)?;
    drop(window);
    let window = stage.open(&journal(stage))?;
    let post = only_post(&window)?;
    ensure!(post.to_string().contains("The last word before closing"), "{post}");
    Ok(())
}

/// Six photos and a clip in a post with two sides, the program killed, everything there again, and the clip plays with
/// sound from the real server.
pub fn media_come_back_and_play(stage: &Stage) -> Result<()> {
    let files = media(stage)?;
    let window = stage.open(&journal(stage))?;
    let report = window.call("import_files", &json!({ "paths": files }))?;
    let assets: Vec<&Value> = report.pointer("/files").and_then(Value::as_array).into_iter().flatten().collect();
    ensure!(assets.len() == 7 && assets.iter().all(|file| file.get("error") == Some(&Value::Null)), "{report}");
    let attachments: Vec<Value> = assets
        .iter()
        .map(|file| json!({ "asset": file.pointer("/asset/id"), "name": file.get("name"), "alt": {} }))
        .collect();
    let content = json!({
        "sides": { "zh-Hans": { "title": "六张照片", "body": "和一段视频。" }, "en": { "title": "Six photos", "body": "And a clip." } },
        "attachments": attachments, "cover": null, "topics": [], "place": null,
        "moment": { "at": 1_736_500_000_000_i64, "zone": "Asia/Shanghai" },
    });
    window.call("draft_save", &json!({ "post": null, "base": null, "version": null, "content": content }))?;
    kill(&window)?;

    let window = stage.open(&journal(stage))?;
    let post = only_post(&window)?;
    let kept = post.pointer("/content/attachments").and_then(Value::as_array).map_or(0, Vec::len);
    ensure!(kept == 7, "{kept} of 7 attachments came back");
    is_clean(&window)?;
    window.until(
        "the cover to be drawn",
        "return [...document.images].some(image => image.src.includes('/grid') && image.naturalWidth > 0)",
    )?;
    plays(&window, &post)
}

/// A picture from the clipboard, in front of a background of this colour.
pub fn paste_picture(window: &Window, colour: &str) -> Result<()> {
    window.script(PASTE, &[json!(colour)]).map(drop)
}

/// Plays the clip as the page would, and moves in it.
fn plays(window: &Window, post: &Value) -> Result<()> {
    let clip = post.pointer("/content/attachments/6/asset").and_then(Value::as_str).context("the clip is gone")?;
    let state = window.invoke("shell_state", &json!({}))?;
    let base = state.get("clips").and_then(Value::as_str).context("no address for clips")?;
    let address = format!("{base}/{clip}/original");
    // It begins by itself once enough is there, as in the page. Told to play before that, WebKitGTK now and then pauses it for
    // want of bytes and never goes on.
    window.script(
        "const video = document.createElement('video');
        Object.assign(video, { id: 'clip-of-the-journey', crossOrigin: 'anonymous', preload: 'metadata' });
        Object.assign(video, { autoplay: true, muted: true, src: arguments[0] });
        document.body.append(video);",
        &[json!(address)],
    )?;
    let video = "const video = document.getElementById('clip-of-the-journey');";
    let plays = format!("{video} return video.currentTime > 0.4");
    if let Err(error) = window.until("the clip to play", &plays) {
        // `data` 0 with `net` 2 waits for the server, `data` 2 and more without `paused` for GStreamer.
        let stands = "return { at: video.currentTime, data: video.readyState, net: video.networkState,
            paused: video.paused, error: video.error?.code ?? 0, hidden: document.hidden }";
        return Err(error.context(format!("the clip stands: {}", window.script(&format!("{video} {stands}"), &[])?)));
    }
    let sound =
        window.script(&format!("{video} return [video.error?.code ?? 0, video.videoWidth, video.duration]"), &[])?;
    ensure!(sound.get(0) == Some(&json!(0)) && sound.get(1) == Some(&json!(1280)), "the clip failed: {sound}");
    window.script(&format!("{video} video.currentTime = 3; return true"), &[])?;
    window
        .until("the clip to play on from there", &format!("{video} return video.currentTime > 3.2 && !video.error"))?;
    Ok(())
}

/// Six different photos and a clip of several megabytes with sound, made by ffmpeg.
fn media(stage: &Stage) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for number in 0..6 {
        let file = stage.home().join(format!("照片 {number}.jpg"));
        let source = format!("testsrc2=size=1600x1067,hue=h={}", number * 50);
        run(Command::new("ffmpeg").args(["-v", "error", "-f", "lavfi", "-i", &source, "-frames:v", "1"]).arg(&file))?;
        files.push(file);
    }
    let clip = stage.home().join("clip.mp4");
    let noise = "testsrc2=size=1280x720:rate=25,noise=alls=20:allf=t";
    run(Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", noise, "-f", "lavfi", "-i", "sine=frequency=440", "-t", "6"])
        .args(["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "8M", "-pix_fmt", "yuv420p", "-c:a", "aac"])
        .arg(&clip))?;
    files.push(clip);
    Ok(files)
}

/// Ends the program as a power cut would.
fn kill(window: &Window) -> Result<()> {
    let id = window.program_id()?;
    run(Command::new("kill").args(["-KILL", &id.to_string()]))?;
    ended(id)
}

/// Waits until the program is gone.
pub fn ended(id: u32) -> Result<()> {
    until("the program to end", || Ok(std::fs::read_link(format!("/proc/{id}/exe")).is_err().then_some(())))
}

fn only_post(window: &Window) -> Result<Value> {
    let posts = window.posts()?;
    ensure!(posts.len() == 1, "there are {} posts instead of one", posts.len());
    let id = posts.first().and_then(|card| card.get("id")).context("a card has an id")?;
    window.call("post_get", id)
}

fn is_clean(window: &Window) -> Result<()> {
    let report = window.call("check", &Value::Null)?;
    ensure!(report.get("clean") == Some(&json!(true)), "the journal is not clean: {report}");
    Ok(())
}

/// A picture on the clipboard, pasted where the caret is.
const PASTE: &str = "const canvas = document.createElement('canvas'); canvas.width = 400; canvas.height = 300;
    const draw = canvas.getContext('2d'); draw.fillStyle = arguments[0]; draw.fillRect(0, 0, 400, 300);
    draw.fillStyle = '#c23b2a'; draw.fillRect(80, 120, 240, 60);
    // As a photo has it, so that the file is not too small to be seen on its way.
    const grain = draw.getImageData(0, 0, 400, 300);
    grain.data.forEach((value, at) => { if (at % 4 < 3) grain.data[at] = value ^ (Math.random() * 32); });
    draw.putImageData(grain, 0, 0);
    canvas.toBlob(blob => {
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File([blob], 'boat.png', { type: 'image/png' }));
        document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, 'image/png'); return true";
