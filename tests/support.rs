//! What the tests stand on: a terminal with a home of its own, small pictures, chance from a seed. Promises nothing itself.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A person at a terminal: an empty home, a journal that is not made yet, and the program.
pub struct Terminal {
    home: tempfile::TempDir,
    locale: &'static str,
}

/// What the program said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Terminal {
    pub fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap(), locale: "C.UTF-8" }
    }

    /// The same with messages in Chinese.
    pub fn chinese() -> Self {
        Self { locale: "zh_CN.UTF-8", ..Self::new() }
    }

    /// A path in the home folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// The journal's folder.
    pub fn journal(&self) -> PathBuf {
        self.path("journal")
    }

    /// Puts a file into the home folder.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(&path).unwrap().write_all(bytes.as_ref()).unwrap();
        path
    }

    /// The program with this home, ready to be given words.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sampan-cli"));
        // A test must not see the journal or the language of the person who runs it.
        for name in ["LC_MESSAGES", "LANG", "XDG_DATA_HOME", "XDG_DOCUMENTS_DIR", "XDG_CONFIG_HOME"] {
            command.env_remove(name);
        }
        // Nor write into that person's keychain.
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
        command.env("LC_ALL", self.locale).env("HOME", self.home.path()).env("SAMPAN_JOURNAL", self.journal());
        command.current_dir(self.home.path()).stdin(Stdio::null());
        command
    }

    /// Runs the program.
    pub fn run<S: AsRef<OsStr>>(&self, words: &[S]) -> Said {
        self.command().args(words).output().unwrap().into()
    }

    /// Runs the program with something on its standard input.
    pub fn run_with_input<S: AsRef<OsStr>>(&self, words: &[S], input: &[u8]) -> Said {
        let mut command = self.command();
        let mut child =
            command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The program may stop reading early, which is its right.
        child.stdin.take().unwrap().write_all(input).ok();
        child.wait_with_output().unwrap().into()
    }

    /// Runs the program and expects it to succeed with one JSON value.
    pub fn json<S: AsRef<OsStr>>(&self, words: &[S]) -> Value {
        let said = self.run_json(words);
        assert_eq!(said.0.code, Some(0), "{said:?}");
        said.1
    }

    /// Runs the program with `--json`; whatever comes of it, standard output holds one JSON value.
    pub fn run_json<S: AsRef<OsStr>>(&self, words: &[S]) -> (Said, Value) {
        let said: Said = self.command().arg("--json").args(words).output().unwrap().into();
        let value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("one JSON value expected: {said:?}"));
        (said, value)
    }

    /// Writes a post and gives its id.
    pub fn post<S: AsRef<OsStr>>(&self, words: &[S]) -> String {
        let mut all: Vec<&OsStr> = vec![OsStr::new("post")];
        all.extend(words.iter().map(AsRef::as_ref));
        let said = self.run(&all);
        assert_eq!(said.code, Some(0), "{said:?}");
        said.out.trim_end().to_owned()
    }

    /// Looks at every byte of the journal.
    pub fn expect_clean(&self) {
        let report = self.json(&["check"]);
        assert_eq!(report["clean"], true, "{report}");
    }
}

impl Said {
    /// Expects an error with its code, some words about it, and nothing that looks like a crash.
    pub fn expect_error(&self, about: &str) {
        assert_eq!(self.code, Some(1), "{self:?}");
        assert!(self.err.contains(about), "the message names `{about}`: {self:?}");
        assert!(!self.err.contains("panicked"), "{self:?}");
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program speaks UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// A photo that no other seed gives.
pub fn jpeg(seed: u8) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(48, 32, |x, y| {
        image::Rgb([seed, u8::try_from(x * 5).unwrap_or(0), u8::try_from(y * 7).unwrap_or(0)])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// A PNG file that says it has 30,000 x 30,000 pixels.
pub fn png_bomb() -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend(30_000_u32.to_be_bytes());
    header.extend(30_000_u32.to_be_bytes());
    header.extend([8, 6, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    // One stored deflate block of nothing: what counts is what the header asks to reserve.
    for chunk in [header, b"IDAT\x78\x01\x01\x00\x00\xff\xff\x00\x00\x00\x01".to_vec(), b"IEND".to_vec()] {
        bytes.extend(u32::try_from(chunk.len() - 4).unwrap().to_be_bytes());
        bytes.extend(&chunk);
        bytes.extend(crc32(&chunk).to_be_bytes());
    }
    bytes
}

/// CRC-32 as PNG wants it (ISO 3309), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (0_u32.wrapping_sub(crc & 1))))
    })
}

/// Numbers from a seed (SplitMix64), so that a failure can be played again.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }
}

/// The posts of a folder feed's list, as other programs see them.
pub fn feed_items(folder: &Path, part: &str) -> Vec<Value> {
    let list = folder.join(part).join("feed.json");
    let Ok(bytes) = std::fs::read(&list) else { return Vec::new() };
    let value: Value = serde_json::from_slice(&bytes).expect("the feed is whole at every moment");
    value["items"].as_array().expect("a feed has items").clone()
}
