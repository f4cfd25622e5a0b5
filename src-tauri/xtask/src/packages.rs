//! The Debian packages that the project needs, and how they come onto the machine. The lists are the only place that names them.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::repository::{has_program, run};

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

/// What the tests add: a display without a screen, a session bus, a driver for the window, a browser, Chinese fonts, clips.
pub const TEST: &[&str] = &[
    "webkit2gtk-driver",
    "xvfb",
    "xauth",
    "dbus",
    "fonts-noto-cjk",
    "fonts-noto-color-emoji",
    "fonts-dejavu-core",
    "ffmpeg",
];

/// What a WordPress on SQLite runs on.
pub const WORDPRESS: &[&str] = &["php-cli", "php-sqlite3", "php-gd", "php-curl", "php-xml", "php-mbstring", "unzip"];

/// What it runs on with MariaDB: programs only, without a service of the system.
pub const MARIADB: &[&str] = &["mariadb-server-core", "mariadb-client-core", "php-mysql"];

/// Real photographs for a sample journal (LGPL, GPL; only seen in pictures of the window, never bundled).
pub const SAMPLE: &[&str] = &["mate-backgrounds", "plasma-workspace-wallpapers", "ffmpeg"];

/// What the bench compares with.
pub const PEERS: &[&str] = &["libvips-tools"];

/// The browser of the journeys. Ubuntu has no such package, any Chromium or Chrome does.
const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The path of a Chromium or Chrome, if there is one.
pub fn browser() -> Option<std::path::PathBuf> {
    BROWSERS.iter().find_map(|name| crate::repository::find_program(name))
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
    if browser().is_some() {
        return Ok(());
    }
    install(&["chromium"])
        .context("no Chromium or Chrome was found for the journeys, and no package brought one: please install either")
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
