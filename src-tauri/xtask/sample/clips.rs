//! Short clips for the sample, made by ffmpeg from a photo: a slow zoom with a tone. Without ffmpeg there are none.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Makes a clip of `seconds`, with the time and the place that a telephone would write into it.
pub fn make(photo: &Path, folder: &Path, seconds: u32) -> Option<PathBuf> {
    let clip = folder.join(format!("clip-{seconds}.mp4"));
    let frames = seconds * 25;
    let zoom = format!("scale=1600:-2,zoompan=z='1+on/{frames}*0.25':d={frames}:s=960x540:fps=25,format=yuv420p");
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-loop", "1", "-i"])
        .arg(photo)
        .args(["-f", "lavfi", "-i", "sine=frequency=330:sample_rate=44100", "-vf", &zoom])
        .args(["-t", &seconds.to_string(), "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-shortest"])
        .args(["-metadata", "location=+30.2489+120.1483/", "-metadata", "creation_time=2025-01-10T11:20:00Z"])
        .args(["-movflags", "use_metadata_tags+faststart"])
        .arg(&clip)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success()).then_some(clip)
}
