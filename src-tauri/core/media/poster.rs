//! The picture that stands for a clip, made by an ffmpeg that the user has installed. The core decodes no video itself; without ffmpeg the window
//! draws the poster and hands it to [`renditions_from_image`].

use std::env;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use super::{Facts, Format, Kind, Limits, Problem, Renditions, Sizes, renditions_from_image};

/// Programs of other people that can help.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tools {
    /// Where ffmpeg lies, if it is installed.
    pub ffmpeg: Option<PathBuf>,
}

impl Tools {
    /// Looks for the programs in `PATH` and where macOS keeps them, since windows started there have a short `PATH`.
    #[must_use]
    pub fn find() -> Self {
        let path = env::var_os("PATH").unwrap_or_default();
        let usual = ["/opt/homebrew/bin", "/usr/local/bin"].map(PathBuf::from);
        let name = format!("ffmpeg{}", env::consts::EXE_SUFFIX);
        // A relative entry would run whatever lies in the current folder.
        let folders = env::split_paths(&path).chain(usual).filter(|folder| folder.is_absolute());
        Self { ffmpeg: folders.map(|folder| folder.join(&name)).find(|file| file.is_file()) }
    }
}

/// Makes the renditions of a clip from a picture near its beginning, turned as the clip is.
///
/// # Errors
/// [`Problem::NoDecoder`] without ffmpeg or if it cannot read the clip, [`Problem::TimedOut`] if it takes longer than the limits allow,
/// [`Problem::Unsupported`] for anything but a clip.
pub fn poster(
    clip: &Path,
    facts: &Facts,
    tools: &Tools,
    (sizes, limits): (Sizes, &Limits),
) -> Result<Renditions, Problem> {
    let ffmpeg = tools.ffmpeg.as_deref().ok_or(Problem::NoDecoder)?;
    let demuxer = match (facts.kind, facts.format) {
        (Kind::Clip, Format::Mp4 | Format::Mov) => "mov",
        (Kind::Clip, Format::WebM | Format::Mkv) => "matroska",
        _ => return Err(Problem::Unsupported),
    };
    let picture = run(command(ffmpeg, demuxer, clip, moment(facts)), limits)?;
    renditions_from_image(&picture, sizes, limits)
}

/// The first frame is often black: a tenth of the way in, but at most two seconds. In milliseconds.
fn moment(facts: &Facts) -> u64 {
    facts.duration_ms.map_or(0, |length| (length / 10).min(2000))
}

fn command(ffmpeg: &Path, demuxer: &str, clip: &Path, moment_ms: u64) -> Command {
    let mut command = Command::new(ffmpeg);
    command.args(["-v", "error", "-nostdin", "-threads", "2"]);
    // The demuxer is fixed and other protocols are off: a file must not make ffmpeg open another file or the network.
    command.args(["-protocol_whitelist", "file", "-f", demuxer]);
    command.args(["-ss", &format!("{}.{:03}", moment_ms / 1000, moment_ms % 1000)]);
    command.arg("-i").arg(clip);
    command.args(["-map", "0:v:0", "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "2", "-f", "image2pipe", "pipe:1"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    hide_console(&mut command);
    command
}

/// Without this a black window flashes up on Windows.
#[cfg(windows)]
fn hide_console(command: &mut Command) {
    use std::os::windows::process::CommandExt;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
}

#[cfg(not(windows))]
fn hide_console(_: &mut Command) {}

/// Runs to the end or the deadline, and gives what was written.
fn run(mut command: Command, limits: &Limits) -> Result<Vec<u8>, Problem> {
    let mut child = Running(command.spawn().map_err(|_| Problem::NoDecoder)?);
    let output = child.0.stdout.take().ok_or(Problem::Io)?;
    let most = limits.max_bytes;
    let (send, receive) = sync_channel(1);
    thread::Builder::new()
        .name("poster".into())
        .spawn(move || {
            let mut picture = Vec::new();
            let read = output.take(most).read_to_end(&mut picture);
            // Nobody listens any more only after the deadline.
            let _ = send.send(read.map(|_| picture));
        })
        .map_err(|_| Problem::TimedOut)?;
    let picture = receive.recv_timeout(Duration::from_millis(limits.deadline_ms)).map_err(|_| Problem::TimedOut)?;
    picture.ok().filter(|picture| !picture.is_empty()).ok_or(Problem::NoDecoder)
}

/// A process that never outlives its use.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It has usually ended by itself; both calls then do nothing but collect it.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_lies_within_the_clip() {
        let of = |length| moment(&Facts { duration_ms: length, ..Facts::of(Format::Mp4) });
        assert_eq!((of(None), of(Some(900)), of(Some(3_600_000))), (0, 90, 2000));
    }

    #[test]
    fn without_ffmpeg_there_is_no_poster_but_a_reason() {
        let facts = Facts::of(Format::Mp4);
        let made = poster(Path::new("clip.mp4"), &facts, &Tools::default(), (Sizes::default(), &Limits::default()));
        assert_eq!(made, Err(Problem::NoDecoder));
    }

    #[cfg(unix)]
    #[test]
    fn a_tool_that_hangs_is_ended_at_the_deadline() {
        let limits = Limits { deadline_ms: 20, ..Limits::default() };
        let mut endless = Command::new("/bin/sh");
        endless.args(["-c", "exec cat"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        assert_eq!(run(endless, &limits), Err(Problem::TimedOut));
    }
}
