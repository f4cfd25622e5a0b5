//! Several programs at one journal, a backup while it is sent from, and a disk without room: nothing is doubled and nothing lost.

use std::sync::Arc;

use crate::places::{Mastodon, Micropub, Place, WordPress};
use crate::program::Program;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_programs_and_a_backup_at_one_journal_send_each_post_once() {
    let places: [(Arc<dyn Place>, &str); 3] = [
        (Arc::new(WordPress::told()), "wordpress"),
        (Arc::new(Micropub::told()), "micropub"),
        (Arc::new(Mastodon::told()), "mastodon"),
    ];
    for (place, kind) in places {
        let program = Program::set_up(place, kind).await;
        program.proxy.unplug().await;
        let posts: Vec<(String, String)> = (0..3).map(|_| program.write()).collect();
        for (_, id) in &posts {
            assert_eq!(program.run(&program.sending(id)).status.code(), Some(2), "offline, it waits");
        }
        program.proxy.plug().await;
        let backup = program.terminal.path("backup");
        let mut programs: Vec<_> = (0..3).map(|_| program.start(&["sync", "--once"])).collect();
        programs.push(program.start(&["backup", backup.to_str().unwrap()]));
        for mut child in programs {
            let status = tokio::task::block_in_place(|| child.wait().unwrap());
            assert!(matches!(status.code(), Some(0 | 2)), "{kind}: {status:?}");
        }
        program.expect_once(&posts, &format!("three programs at {kind}")).await;
        program.terminal.expect_clean();
        println!("| {kind}, three programs and a backup at once | {} | 0 | 0 | | | |", posts.len());
    }
}

/// A program whose files cannot grow beyond a bound, wherever that meets it: as on a disk that is full.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_room_on_the_disk_nothing_is_doubled_or_lost() {
    let program = Program::set_up(Arc::new(WordPress::told()), "wordpress").await;
    let mut stopped = 0;
    // Blocks of 512 or 1024 bytes, as the shell counts them.
    for bound in [24, 192, 500, 900] {
        let post = program.write();
        let mut limited = program.limited(&program.sending(&post.1), bound);
        let output = tokio::task::block_in_place(|| limited.output().unwrap());
        stopped += usize::from(!output.status.success());
        // The wish itself may not have been written: then the user says it again.
        program.run(&program.sending(&post.1));
        program.expect_once(&[post], &format!("without room beyond {bound} blocks")).await;
        program.terminal.expect_clean();
    }
    assert!(stopped > 0, "the bound met it at least once");
    println!("| wordpress, no room on the disk ({stopped} stopped) | 4 | 0 | 0 | | | |");
}
