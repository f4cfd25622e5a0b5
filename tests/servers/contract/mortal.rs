//! A real WordPress that dies in the middle of its work and comes back: what it had begun to write down stays half done.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpStream;

use super::STEPS;
use super::bench::Bench;
use super::cases::draw;
use crate::places::WordPress;
use crate::told;

/// More changes than any step makes.
const MANY: u32 = 500;

/// The site's program, which nobody else uses.
struct Site {
    folder: PathBuf,
    program: Mutex<Child>,
}

#[tokio::test]
async fn a_site_that_dies_at_any_change_of_its_tables_keeps_the_contract() {
    let site = Site { folder: told("SAMPAN_MORTAL_FOLDER").into(), program: Mutex::new(start()) };
    answers().await;
    let mut bench = Bench::set_up(Arc::new(WordPress::mortal())).await;
    let mut cases = Vec::new();
    for step in STEPS {
        // A life without trouble tells how many changes there are to die at.
        bench.live(step, ("nobody dies", false), |_| site.let_die_after(MANY), async |_| site.died().await).await;
        cases.extend((0..MANY - site.left()).map(|after| (step, after)));
    }
    let all = cases.len();
    let seed = draw(&mut cases, 12);
    for (step, after) in cases {
        let name = format!("the site dies after {after} changes of its tables in {step:?}");
        bench.live(step, (&name, false), |_| site.let_die_after(after), async |_| site.died().await).await;
    }
    let told =
        format!("WordPress that dies: {all} changes of its tables; {}. To repeat: SAMPAN_SEED={seed}", bench.sheet);
    println!("{told}\n{}", bench.sheet.row("WordPress that dies"));
    assert!(bench.sheet.faults.is_empty(), "{told}\n{}", bench.sheet.faults.join("\n"));
}

impl Site {
    fn let_die_after(&self, changes: u32) {
        std::fs::write(self.folder.join("mortal"), changes.to_string()).unwrap();
    }

    /// How many changes it did not come to.
    fn left(&self) -> u32 {
        std::fs::read_to_string(self.folder.join("left")).unwrap().parse().unwrap()
    }

    /// Whether it died; then it lives again. Otherwise it need not die any more.
    async fn died(&self) -> bool {
        let (file, left) = (self.folder.join("mortal"), self.folder.join("left"));
        if file.exists() {
            std::fs::rename(file, left).unwrap();
            return false;
        }
        {
            let mut program = self.program.lock().unwrap();
            program.wait().unwrap();
            *program = start();
        }
        answers().await;
        true
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let mut program = self.program.lock().unwrap();
        program.kill().ok();
        program.wait().ok();
    }
}

fn start() -> Child {
    let words: Vec<String> = serde_json::from_str(&told("SAMPAN_MORTAL_START")).unwrap();
    let mut program = Command::new(&words[0]);
    program.args(&words[1..]).current_dir(told("SAMPAN_MORTAL_FOLDER")).env("WP_URL", told("SAMPAN_MORTAL_URL"));
    program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Waits until the site listens.
async fn answers() {
    let host = told("SAMPAN_MORTAL_URL").replace("http://", "");
    let listens = async {
        while TcpStream::connect(&host).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), listens).await.expect("the site comes back");
}
