//! Build script: declares the window's commands to Tauri, so that the page can call these and no others; gives the programs
//! the same room for their stack on every system.

fn main() {
    stack();
    declare();
}

/// Windows gives a program's first thread one megabyte, where other systems give eight: too little for what is not optimised.
fn stack() {
    let target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    let argument = match (target("OS").as_str(), target("ENV").as_str()) {
        ("windows", "msvc") => "/STACK:8388608",
        ("windows", _) => "-Wl,--stack,8388608",
        _ => return,
    };
    println!("cargo::rustc-link-arg-bins={argument}");
}

#[cfg(feature = "desktop")]
fn declare() {
    /// Every command of the shell; each needs its `allow-...` in capabilities/main.json as well.
    const COMMANDS: &[&str] = &[
        "call",
        "journal_open",
        "menu_show",
        "open_clip",
        "open_link",
        "pick_files",
        "pick_folder",
        "ready_to_close",
        "reveal",
        "shell_state",
    ];
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        // A build script reports by failing.
        panic!("{error:#}");
    }
}

#[cfg(not(feature = "desktop"))]
fn declare() {}
