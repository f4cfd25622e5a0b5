//! A real WordPress, from two packages of its project's browser edition: on SQLite, with no database server and one PHP process,
//! or on MariaDB, as most sites are.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::{Child, Server};
use crate::{
    packages,
    repository::{has_program, npm, once_per_content, output, program, root, run},
};

/// The newest WordPress in these packages.
const CORE: &str = "wp-6.5.zip";
const CORE_PACKAGE: &str = "@wp-playground/wordpress-builds@0.9.19";
/// Holds the driver that lets WordPress keep its tables in SQLite.
const DRIVER_PACKAGE: &str = "@wp-playground/cli@3.1.56";
const DRIVER: &str = "sqlite-database-integration";

/// Installs what is missing, sets up a fresh site and waits until it answers.
pub fn start() -> Result<Server> {
    serve(small(None)?)
}

/// The same for a site that is reached through another port, and takes that for its own.
pub fn start_behind(front: u16) -> Result<Server> {
    serve(small(Some(front))?)
}

fn small(front: Option<u16>) -> Result<Site> {
    packages::install(packages::WORDPRESS)?;
    let site = super::runfolder("wordpress")?;
    copy(site.path())?;
    Ok(Site { name: "WordPress", folder: site, database: None, front })
}

/// The same with its tables in a MariaDB of its own, in the three-byte letters of old sites: no service of the system, and no
/// port.
pub fn start_on_mariadb() -> Result<Server> {
    packages::install(packages::WORDPRESS)?;
    packages::install(packages::MARIADB)?;
    // Not below the target folder: the path of a socket is short.
    let site = tempfile::Builder::new().prefix("sampan-wordpress-").tempdir()?;
    copy(site.path())?;
    fs::remove_file(site.path().join("wp-content/db.php"))?;
    let data = site.path().join("database");
    let user = output(program("id").arg("-un"))?;
    let own = |program: &mut Command| {
        program.arg("--no-defaults").arg(format!("--datadir={}", data.display())).arg(format!("--user={user}"));
    };
    let mut setting_up = program("mariadb-install-db");
    own(&mut setting_up);
    setting_up.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
    output(&mut setting_up).context("MariaDB was not set up")?;
    let socket = site.path().join("database.sock");
    let log = File::create(site.path().join("database.log"))?;
    let mut running = program(if has_program("mariadbd") { "mariadbd" } else { "/usr/sbin/mariadbd" });
    own(&mut running);
    let child = running
        .args(["--skip-networking", "--innodb-buffer-pool-size=32M", "--performance-schema=OFF"])
        .arg(format!("--socket={}", socket.display()))
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("MariaDB could not be started")?;
    let database = Some(Database { child: Child(child), socket });
    serve(Site { name: "WordPress on MariaDB", folder: site, database, front: None })
}

/// The files of a site, and what its tables are in.
struct Site {
    name: &'static str,
    folder: TempDir,
    database: Option<Database>,
    /// The port that people know, where it is another than the one it listens on.
    front: Option<u16>,
}

/// A database server that is asked through a socket.
struct Database {
    child: Child,
    socket: PathBuf,
}

/// Sets up a site that nobody serves yet: its tests start it and let it die. They are told how, and where it is.
pub fn mortal() -> Result<(TempDir, Vec<(String, String)>)> {
    let Prepared { environment, serving, folder, .. } = prepare(small(None)?)?;
    let told = environment.into_iter().map(|(name, value)| (name.replace("WORDPRESS", "MORTAL"), value));
    let start = std::iter::once(serving.get_program()).chain(serving.get_args());
    let start: Vec<_> = start.map(|word| word.to_string_lossy()).collect();
    let own = [
        ("SAMPAN_MORTAL_FOLDER", folder.path().display().to_string()),
        ("SAMPAN_MORTAL_START", serde_json::to_string(&start)?),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    Ok((folder, told.chain(own).collect()))
}

/// A site that was set up, and how it is served.
struct Prepared {
    name: &'static str,
    port: u16,
    environment: Vec<(String, String)>,
    serving: Command,
    beside: Option<Child>,
    folder: TempDir,
}

/// Sets a site up and waits until it answers.
fn serve(site: Site) -> Result<Server> {
    let Prepared { name, port, environment, mut serving, beside, folder } = prepare(site)?;
    let log = File::create(folder.path().join("server.log"))?;
    let child = serving.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn();
    let child = Child(child.context("PHP could not be started")?);
    let server = Server { name, port, environment, child, beside, folder };
    // Asked itself: nobody may listen at the front yet.
    server.wait_for(&format!("http://127.0.0.1:{port}/wp-json/"))
}

fn prepare(Site { name, folder, database, front }: Site) -> Result<Prepared> {
    let port = super::free_port()?;
    let url = format!("http://127.0.0.1:{}", front.unwrap_or(port));
    let (socket, beside) = database.map(|database| (database.socket, database.child)).unzip();
    let at_home = |program: &mut Command| {
        program.current_dir(folder.path()).env("WP_URL", &url);
        if let Some(socket) = &socket {
            program.env("WP_DATABASE", socket);
        }
    };
    let mut setting_up = php();
    at_home(setting_up.arg("install.php"));
    let printed = output(&mut setting_up)?;
    let mut environment = vec![
        ("SAMPAN_WORDPRESS_URL".to_owned(), url.clone()),
        ("SAMPAN_WORDPRESS_USER".to_owned(), "editor".to_owned()),
    ];
    for (role, variable) in [("editor", ""), ("author", "AUTHOR_"), ("contributor", "CONTRIBUTOR_")] {
        let line = printed.lines().find_map(|line| line.strip_prefix(role)?.strip_prefix(':'));
        let password = line.with_context(|| format!("WordPress was not set up:\n{printed}"))?;
        environment.push((format!("SAMPAN_WORDPRESS_{variable}PASSWORD"), password.to_owned()));
    }
    let mut serving = php();
    serving.args(["-d", "upload_max_filesize=64M", "-d", "post_max_size=70M", "-d", "max_execution_time=60"]).args([
        "-S",
        &format!("127.0.0.1:{port}"),
        "router.php",
    ]);
    at_home(&mut serving);
    Ok(Prepared { name, port, environment, serving, beside, folder })
}

fn copy(site: &Path) -> Result<()> {
    run(program("cp").args(["-a", "--reflink=auto"]).arg(files()?.join(".")).arg(site))
}

fn php() -> Command {
    let mut php = program("php");
    php.args(["-d", "memory_limit=256M", "-d", "display_errors=0"]);
    php
}

/// The files of a site that was not set up yet; made once.
fn files() -> Result<PathBuf> {
    let folder = super::folder().join("wordpress");
    let own = root().join("src-tauri/xtask/servers/wordpress");
    let sources = ["wp-config.php", "router.php", "install.php", "mortal.php"].map(|name| own.join(name));
    once_per_content(&super::folder().join("wordpress.made-for"), &sources, || {
        let packed = super::folder().join("packages");
        fs::create_dir_all(&packed)?;
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let core = unpacked(&packed, CORE_PACKAGE, &format!("package/src/wordpress/{CORE}"))?;
        run(program("unzip").arg("-q").arg(core).arg("-d").arg(&folder))?;
        let driver = unpacked(&packed, DRIVER_PACKAGE, &format!("package/{DRIVER}.zip"))?;
        let plugins = folder.join("wp-content/plugins");
        fs::create_dir_all(&plugins)?;
        run(program("unzip").arg("-q").arg(driver).arg("-d").arg(&plugins))?;
        connect(&folder)?;
        for source in &sources {
            run(program("cp").arg(source).arg(&folder))?;
        }
        Ok(())
    })?;
    Ok(folder)
}

/// Puts the driver in the place where WordPress looks for one.
fn connect(site: &Path) -> Result<()> {
    let plugins = site.join("wp-content/plugins");
    // The archive's folder carries more than its name.
    let named = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().contains(DRIVER);
    let found = fs::read_dir(&plugins)?.filter_map(Result::ok).find(named);
    let found = found.with_context(|| format!("{DRIVER_PACKAGE} holds no {DRIVER}"))?;
    let home = plugins.join(DRIVER);
    if found.path() != home {
        fs::rename(found.path(), &home)?;
    }
    let template = fs::read_to_string(home.join("db.copy"))?;
    // The site is copied before it is used, so the path is found out where it runs.
    let place = "'{SQLITE_IMPLEMENTATION_FOLDER_PATH}'";
    if !template.contains(place) {
        bail!("the driver's db.copy is not as expected");
    }
    let code = template
        .replace(place, &format!("__DIR__ . '/plugins/{DRIVER}'"))
        .replace("{SQLITE_PLUGIN}", &format!("{DRIVER}/load.php"));
    File::create(site.join("wp-content/db.php"))?.write_all(code.as_bytes())?;
    for made in ["database", "uploads"] {
        let made = site.join("wp-content").join(made);
        if made.exists() {
            fs::remove_dir_all(&made)?;
        }
        fs::create_dir_all(&made)?;
    }
    // A configuration that came with the archive would be taken for ours.
    match fs::remove_file(site.join("wp-config.php")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// One file out of an npm package, which is fetched unless it is here.
fn unpacked(packed: &Path, package: &str, member: &str) -> Result<PathBuf> {
    let archive = packed.join(format!("{}.tgz", package.trim_start_matches('@').replace(['/', '@'], "-")));
    if !archive.is_file() {
        run(npm().args(["pack", "--silent", package, "--pack-destination"]).arg(packed).stdout(Stdio::null()))?;
    }
    run(program("tar").arg("-xzf").arg(&archive).arg("-C").arg(packed).arg(member))?;
    Ok(packed.join(member))
}
