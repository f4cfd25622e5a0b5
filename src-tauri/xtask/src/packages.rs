//! What the project needs of a system and how it comes onto the machine: Debian's packages are installed, the programs that
//! other systems lack are named with the command that brings them. The lists are the only place that names either.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Result, bail};

use crate::repository::{find_program, has_program, output, program, run};

/// What building and running the window takes. The GStreamer parts play clips; cmake and nasm build libjpeg-turbo.
pub const BUILD: &[&str] = &[
    "build-essential",
    "cmake",
    "nasm",
    "pkg-config",
    "libwebkit2gtk-4.1-dev",
    "librsvg2-dev",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-plugins-bad",
    "gstreamer1.0-libav",
];

/// What the tests add: a display without a screen, a session bus, a daemon for notifications, a driver for the window, a browser,
/// Chinese fonts, clips.
pub const TEST: &[&str] = &[
    "webkit2gtk-driver",
    "xvfb",
    "xauth",
    "dbus",
    "dunst",
    "fonts-noto-cjk",
    "fonts-noto-color-emoji",
    "fonts-dejavu-core",
    "ffmpeg",
    "python3-venv",
];

/// What a WordPress on SQLite runs on.
pub const WORDPRESS: &[&str] = &["php-cli", "php-sqlite3", "php-gd", "php-curl", "php-xml", "php-mbstring", "unzip"];

/// What it runs on with MariaDB: programs only, without a service of the system.
pub const MARIADB: &[&str] = &["mariadb-server-core", "mariadb-client-core", "php-mysql"];

/// A keychain, and what locks it.
pub const KEYCHAIN: &[&str] = &["dbus", "gnome-keyring"];

/// Real photographs for a sample journal (LGPL, GPL; only seen in pictures of the window, never bundled).
pub const SAMPLE: &[&str] = &["mate-backgrounds", "plasma-workspace-wallpapers", "ffmpeg"];

/// What the bench compares with.
pub const PEERS: &[&str] = &["libvips-tools"];

/// A program that building takes beside Rust, Node and a compiler, and the package that holds it.
type Need = (&'static str, &'static str);

const WINDOWS: &[Need] = &[("cmake", "Kitware.CMake"), ("nasm", "NASM.NASM")];
const MACOS: &[Need] = &[("cmake", "cmake"), ("nasm", "nasm")];
/// libjpeg-turbo has parts in assembler for Intel's processors alone.
const MACOS_ARM: &[Need] = &[("cmake", "cmake")];

/// The browser of the journeys: any Chromium. Ubuntu's own package is none.
const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Where browsers lie on systems that do not put them on the path. Every Windows has the last of its own.
const BROWSER_PLACES: &[&str] = &[
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/// The path of a Chromium or Chrome, if there is one.
pub fn browser() -> Option<PathBuf> {
    let on_path = BROWSERS.iter().find_map(|name| find_program(name));
    on_path.or_else(|| BROWSER_PLACES.iter().map(PathBuf::from).find(|place| place.is_file()))
}

/// Says what to type where something that building takes is missing and there are no packages for us to install.
pub fn check_programs() -> Result<()> {
    let (needs, installer) = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("windows", _) => (WINDOWS, "winget install --exact"),
        ("macos", "aarch64") => (MACOS_ARM, "brew install"),
        ("macos", _) => (MACOS, "brew install"),
        _ => return Ok(()),
    };
    let mut missing: Vec<&Need> = needs.iter().filter(|(program, _)| !has_program(program)).collect();
    if cfg!(windows) && !has_webview2() {
        missing.push(&("the WebView2 runtime", "Microsoft.EdgeWebView2Runtime"));
    }
    match advice(&missing, installer) {
        Some(advice) => bail!(advice),
        None => Ok(()),
    }
}

/// What to type for what is missing.
fn advice(missing: &[&Need], installer: &str) -> Option<String> {
    let [programs, packages] = [0, 1].map(|side| {
        let names = missing.iter().map(|(program, package)| if side == 0 { *program } else { *package });
        names.collect::<Vec<_>>()
    });
    (!missing.is_empty()).then(|| {
        format!(
            "missing, or not on the PATH: {}. Please type:\n  {installer} {}",
            programs.join(", "),
            packages.join(" ")
        )
    })
}

/// Whether Windows has the WebView, by the key that Microsoft documents for it, of the machine or of this user.
fn has_webview2() -> bool {
    const CLIENT: &str = "Microsoft\\EdgeUpdate\\Clients\\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}";
    let keys = [format!("HKLM\\SOFTWARE\\WOW6432Node\\{CLIENT}"), format!("HKCU\\Software\\{CLIENT}")];
    keys.iter().any(|key| output(program("reg").args(["query", key, "/v", "pv"])).is_ok())
}

/// Installs what is missing of `packages`, or says what to type.
pub fn install(packages: &[&str]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    if !has_program("dpkg-query") {
        println!(
            "This is not Debian or Ubuntu: please see to it that these are here, under their names on your system:"
        );
        println!("  {}", packages.join(" "));
        return Ok(());
    }
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Installing {}", missing.join(" "));
    let Some(prefix) = privilege() else {
        bail!(
            "packages are missing and this user may not install them. Please type:\n  sudo apt-get install -y {}",
            missing.join(" ")
        );
    };
    run(&mut apt(prefix, &["update", "-qq"]))?;
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(missing);
    run(&mut apt(prefix, &arguments))
}

/// Installs a browser for the journeys unless one is here.
pub fn install_browser() -> Result<()> {
    if browser().is_none() {
        install(&["chromium"])?;
    }
    if browser().is_none() {
        bail!("no Chromium or Chrome was found for the journeys in a browser: please install either");
    }
    Ok(())
}

fn is_installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["-W", "-f=${db:Status-Status}", package])
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|output| output.stdout == b"installed")
}

/// The words before `apt-get`: none for root, `sudo -n` for who may use it without a password.
fn privilege() -> Option<&'static [&'static str]> {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if is_root {
        return Some(&[]);
    }
    let may_sudo = Command::new("sudo")
        .args(["-n", "true"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    may_sudo.then_some(&["sudo", "-n"])
}

fn apt(prefix: &[&str], arguments: &[&str]) -> Command {
    let words: Vec<&str> = prefix.iter().copied().chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]).collect();
    let (first, rest) = words.split_first().unwrap_or((&"apt-get", &[]));
    let mut command = Command::new(first);
    command
        .args(rest)
        .args(["-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=300"])
        .args(arguments)
        .stdin(Stdio::null());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_in_one_command() {
        let advice = advice(&WINDOWS.iter().collect::<Vec<_>>(), "winget install --exact").unwrap();
        assert!(advice.starts_with("missing, or not on the PATH: cmake, nasm."), "{advice}");
        assert!(advice.ends_with("\n  winget install --exact Kitware.CMake NASM.NASM"), "{advice}");
        assert_eq!(super::advice(&[], "brew install"), None);
    }
}
