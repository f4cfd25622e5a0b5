//! The system's keychain for real: GNOME's, on a session bus of its own and with nothing in it. Linux only.

use anyhow::Result;

use crate::{
    check::WITHOUT_WINDOW,
    packages,
    repository::{cargo, program, run},
};

/// Opens a keychain and goes on with what follows. The daemon goes with its bus.
const UNLOCKED: &str =
    "printf password | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null && exec \"$@\"";

/// Has the keychain keep, give, lock and forget a secret.
pub fn campaign() -> Result<()> {
    packages::install(packages::KEYCHAIN)?;
    let home = tempfile::tempdir()?;
    let test = {
        let mut test = cargo();
        test.args(["test", "--quiet", "--package", "sampan", "--lib"]).args(WITHOUT_WINDOW);
        test.args(["vault::keychain", "--", "--ignored"]);
        test
    };
    let mut command = program("dbus-run-session");
    command.args(["--", "sh", "-c", UNLOCKED, "sh"]).arg(test.get_program()).args(test.get_args());
    for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
        command.env(name, home.path());
    }
    // Without a screen nobody is asked for a password.
    run(command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY"))
}
