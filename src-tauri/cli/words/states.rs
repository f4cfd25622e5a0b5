//! Short words for kinds and states, in both languages.

use std::collections::BTreeSet;

use sampan_core::api::remote::{Obstacle, PostPreview};
use sampan_core::api::types::{AssetKind, AssetProblem, FaultKind, FeedHealth, ImportOutcome};
use sampan_core::domain::{DeliveryState, NeedsYou, Wanted};

use crate::tongue::{Tongue, printable};

/// Where a delivery stands, of which this is wanted.
pub fn state(state: &DeliveryState, wanted: Wanted, tongue: Tongue) -> String {
    let word = match state {
        DeliveryState::Idle => tongue.pick("nothing to do", "无事可做"),
        DeliveryState::Queued => tongue.pick("waits", "等待中"),
        DeliveryState::Uploading { done, total, .. } => {
            return format!("{} {done}/{total}", tongue.pick("files on their way", "正在传文件"));
        }
        DeliveryState::Sending => tongue.pick("on its way", "正在发送"),
        DeliveryState::Unknown => tongue.pick("to be looked up", "待核实"),
        DeliveryState::Synced => tongue.pick("confirmed", "已确认"),
        DeliveryState::NeedsYou { reason } => {
            let why = match wanted {
                Wanted::Withdrawn => needs_you_to_withdraw(*reason, tongue),
                _ => needs_you(*reason, tongue),
            };
            return format!("{}: {why}", tongue.pick("needs you", "待您处理"));
        }
    };
    word.to_owned()
}

/// Why only the user can go on, and what to do.
fn needs_you(reason: NeedsYou, tongue: Tongue) -> &'static str {
    match reason {
        NeedsYou::Refused => {
            tongue.pick("the feed refused the post; change it and send again", "发布处拒绝了这篇文章；请修改后再发")
        }
        NeedsYou::TooLarge => {
            tongue.pick("a file is too large for the feed; take it out", "有文件对发布处来说太大；请移除它")
        }
        NeedsYou::Full => tongue.pick("the feed has no room left; make room", "发布处空间已满；请腾出空间"),
        NeedsYou::Denied => {
            tongue.pick("the feed does not let us write; check its permissions", "发布处不允许写入；请检查权限")
        }
        NeedsYou::ChangedThere => {
            tongue.pick(
                "it was changed at the feed; look there, then send again: what is there is kept in the history first",
                "它在那边被改过；请查看后再发：那边的内容会先留在历史里",
            )
        }
        NeedsYou::GoneThere => {
            tongue.pick("it is gone from the feed; send again if it shall be there", "它在那边不见了；如需要请再发")
        }
        NeedsYou::PartGone => tongue.pick(
            "a part of it is gone from the feed, the rest is there; send again if all of it shall be there",
            "它在那边少了一部分，其余的还在；如需要请全部再发",
        ),
        NeedsYou::CannotStrip => tongue.pick(
            "a file cannot be cleaned of location and device data; take it out",
            "有文件无法清除位置和设备信息；请移除它",
        ),
        NeedsYou::MediaDamaged => {
            tongue.pick("an original is missing or damaged; run `check`", "有原件缺失或损坏；请运行 check")
        }
        NeedsYou::SignedOut => {
            tongue.pick("the feed does not know you any more; sign in again", "发布处不再认得您；请重新登录")
        }
        NeedsYou::TooLong => tongue.pick(
            "the text is longer than the feed takes; shorten it, or let the feed split it",
            "文字超出了发布处的长度；请缩短，或允许拆分",
        ),
        NeedsYou::AltTooLong => tongue.pick(
            "an alt text is longer than the feed takes; shorten it",
            "有图片描述超出了发布处的长度；请缩短它",
        ),
        NeedsYou::TooManyFiles => tongue.pick(
            "there are more files than the feed takes in one item; take some out, or let the feed split long posts",
            "文件多于发布处一条允许的数量；请移除一些，或允许拆分",
        ),
        NeedsYou::Mixed => tongue.pick(
            "the feed does not take photos and clips together; take some out, or let the feed split long posts",
            "发布处不能同时接受照片和短片；请移除一些，或允许拆分",
        ),
        NeedsYou::CannotChange => tongue.pick(
            "the feed cannot change what it holds; withdraw the post and send it again, or leave it",
            "发布处不能修改已有的内容；可先撤回再发，或保持原样",
        ),
        NeedsYou::KeptBack => tongue.pick(
            "it is there, and the feed keeps it from the public until somebody there has looked at it; `pull` tells once it is public",
            "它已在那边，发布处要等人看过才公开；公开后 pull 会告知",
        ),
        NeedsYou::MaybeThere => tongue.pick(
            "no answer came, and it is not certain whether it is there; nothing is sent again before you look there and say so with `arrived`",
            "没有收到回音，不确定它是否已在那里；请查看后用 arrived 告知，在此之前不会重发",
        ),
        NeedsYou::Copied => tongue.pick(
            "this journal was copied while it waited, and the other copy may have sent it; look there and say so with `arrived`",
            "它等待期间日记被复制过，另一份可能已经发出；请查看后用 arrived 告知",
        ),
        NeedsYou::Conflict => tongue
            .pick("it was changed here and at the feed; see `conflicts`", "它在这里和那边都被改过；请看 conflicts"),
    }
}

/// The same of a post that shall be there no more: nothing of it is to be sent, and what waits in the bin cannot be.
fn needs_you_to_withdraw(reason: NeedsYou, tongue: Tongue) -> &'static str {
    match reason {
        NeedsYou::ChangedThere => tongue.pick(
            "it was changed at the feed; look there, then `send --withdraw` takes it down: what is there is kept in the history first",
            "它在那边被改过；请查看后用 send --withdraw 撤回：那边的内容会先留在历史里",
        ),
        NeedsYou::Full => tongue.pick(
            "the feed has no room left; make room, then `send --withdraw` once more",
            "发布处空间已满；请腾出空间，再用 send --withdraw 撤回",
        ),
        NeedsYou::Denied => tongue.pick(
            "the feed does not let us write; check its permissions, then `send --withdraw` once more",
            "发布处不允许写入；请检查权限，再用 send --withdraw 撤回",
        ),
        NeedsYou::SignedOut | NeedsYou::Conflict => needs_you(reason, tongue),
        NeedsYou::MaybeThere | NeedsYou::Copied => tongue.pick(
            "no answer came, and it is not certain whether it is there; look there and say so with `arrived`, or ask again with `send --withdraw`",
            "没有收到回音，不确定它在不在那里；请查看后用 arrived 告知，或用 send --withdraw 再问一次",
        ),
        _ => tongue.pick(
            "the feed did not take it down; try again with `send --withdraw`",
            "发布处没有撤回它；可用 send --withdraw 再试",
        ),
    }
}

/// What keeps a post from leaving, each with the files that it is about.
pub fn obstacles(preview: &PostPreview, tongue: Tongue) -> Vec<String> {
    let files: BTreeSet<&str> = preview.items.iter().flat_map(|item| &item.long_alts).map(String::as_str).collect();
    let files: Vec<String> = files.into_iter().map(printable).collect();
    let say = |met: &Obstacle| match met {
        Obstacle::AltTooLong => format!("{} ({})", obstacle(*met, tongue), files.join(", ")),
        met => obstacle(*met, tongue).to_owned(),
    };
    preview.obstacles.iter().map(say).collect()
}

fn obstacle(obstacle: Obstacle, tongue: Tongue) -> &'static str {
    match obstacle {
        Obstacle::TooLong => tongue.pick("a text is longer than the feed takes", "文字超出了发布处的长度"),
        Obstacle::TooManyFiles => tongue.pick("there are more files than the feed takes", "文件多于发布处允许的数量"),
        Obstacle::TooLarge => tongue.pick("a file is larger than the feed takes", "有文件超出了发布处的大小"),
        Obstacle::AltTooLong => {
            tongue.pick("an alt text is longer than the feed takes", "有图片描述超出了发布处的长度")
        }
        Obstacle::Mixed => {
            tongue.pick("the feed does not take photos and clips together", "发布处不能同时接受照片和短片")
        }
        Obstacle::NoDrafts => tongue.pick("the feed holds no drafts; publish it", "发布处不能存草稿；请直接发布"),
        Obstacle::CannotStrip => {
            tongue.pick("a file cannot be cleaned of location and device data", "有文件无法清除位置和设备信息")
        }
        Obstacle::Empty => tongue.pick("there is nothing the feed could show", "没有发布处可以显示的内容"),
    }
}

/// What is wanted of a post at a feed.
pub fn wanted(wanted: Wanted, tongue: Tongue) -> &'static str {
    match wanted {
        Wanted::Off => tongue.pick("off", "不发"),
        Wanted::Draft => tongue.pick("draft", "草稿"),
        Wanted::Published => tongue.pick("published", "发布"),
        Wanted::Withdrawn => tongue.pick("withdrawn", "撤回"),
    }
}

/// A feed's name; the ready-made one has none until the user gives it one.
pub fn feed_name(name: &str, tongue: Tongue) -> String {
    if name.is_empty() { tongue.pick("Folder", "文件夹").to_owned() } else { printable(name) }
}

/// Whether a feed answers.
pub fn health(health: FeedHealth, tongue: Tongue) -> &'static str {
    match health {
        FeedHealth::Unknown => tongue.pick("not asked yet", "尚未检查"),
        FeedHealth::Reachable => tongue.pick("answers", "可用"),
        FeedHealth::Unreachable => tongue.pick("cannot be reached", "连不上"),
        FeedHealth::SignedOut => tongue.pick("sign in again", "需要重新登录"),
        FeedHealth::Locked => tongue.pick("the keychain is locked", "钥匙串锁着"),
        FeedHealth::Denied => tongue.pick("does not let us write", "不允许写入"),
    }
}

/// What an original is.
pub fn kind(kind: AssetKind, tongue: Tongue) -> &'static str {
    match kind {
        AssetKind::Photo => tongue.pick("photo", "照片"),
        AssetKind::Clip => tongue.pick("clip", "短片"),
        AssetKind::File => tongue.pick("file", "文件"),
    }
}

/// Why there is no picture of an original.
pub fn problem(problem: AssetProblem, tongue: Tongue) -> &'static str {
    match problem {
        AssetProblem::Unsupported => {
            tongue.pick("kept as a file: its kind cannot be shown", "作为文件保留：无法显示这种格式")
        }
        AssetProblem::Truncated => tongue.pick("kept, but its end is missing", "已保留，但内容不完整"),
        AssetProblem::TooLarge => {
            tongue.pick("kept, but it has too many pixels to be shown safely", "已保留，但像素太多，无法安全显示")
        }
        AssetProblem::Damaged => tongue.pick("kept, but its content is damaged", "已保留，但内容已损坏"),
        AssetProblem::TimedOut => tongue.pick("kept, but decoding it took too long", "已保留，但解码超时"),
        AssetProblem::NoDecoder => tongue.pick("kept, but this computer cannot decode it", "已保留，但本机无法解码"),
    }
}

/// What came of a file.
pub fn outcome(outcome: ImportOutcome, tongue: Tongue) -> &'static str {
    match outcome {
        ImportOutcome::Added => tongue.pick("new", "新增"),
        ImportOutcome::Duplicate => tongue.pick("in the journal already", "日记里已有"),
        ImportOutcome::Failed => tongue.pick("failed", "失败"),
        ImportOutcome::Skipped => tongue.pick("not reached", "未处理"),
    }
}

/// What is at fault in a journal.
pub fn fault(fault: FaultKind, tongue: Tongue) -> &'static str {
    match fault {
        FaultKind::Database => tongue.pick("the database file", "数据库文件"),
        FaultKind::ForeignKey => tongue.pick("a row that refers to nothing", "指向空处的记录"),
        FaultKind::Revision => tongue.pick("a revision that changed on the disk", "在磁盘上变了的版本"),
        FaultKind::Media => tongue.pick("an original that changed on the disk", "在磁盘上变了的原件"),
        FaultKind::MediaMissing => tongue.pick("an original that is missing", "缺失的原件"),
        FaultKind::Search => tongue.pick("the search index of a post", "文章的搜索索引"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alt_text_that_is_too_long_is_to_be_shortened_and_not_split() {
        let reason = NeedsYou::AltTooLong;
        for (tongue, shorten, split) in [(Tongue::English, "shorten", "split"), (Tongue::Chinese, "缩短", "拆分")] {
            let said = state(&DeliveryState::NeedsYou { reason }, Wanted::Published, tongue);
            assert!(said.contains(shorten) && !said.contains(split), "{said}");
        }
    }

    #[test]
    fn who_shall_take_a_post_down_is_not_told_to_send_it() {
        for reason in [
            NeedsYou::Refused,
            NeedsYou::Full,
            NeedsYou::Denied,
            NeedsYou::ChangedThere,
            NeedsYou::MaybeThere,
            NeedsYou::CannotChange,
        ] {
            for tongue in [Tongue::English, Tongue::Chinese] {
                let said = |wanted| state(&DeliveryState::NeedsYou { reason }, wanted, tongue);
                assert!(said(Wanted::Withdrawn).contains("send --withdraw"), "{reason:?}");
                assert!(!said(Wanted::Published).contains("--withdraw"), "{reason:?}");
            }
        }
    }
}
