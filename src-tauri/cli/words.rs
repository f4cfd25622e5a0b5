//! Every sentence that the terminal program says about an error, in both languages: what happened, what is safe, what to do.

use sampan_core::api::ApiError;
use sampan_core::api::error::ErrorCode;

use crate::failure::Complaint;
use crate::tongue::{Tongue, printable};

pub use self::states::{fault, feed_name, health, kind, obstacles, outcome, problem, state, wanted};

mod states;

/// An error of the journal.
pub fn error(error: &ApiError, tongue: Tongue) -> String {
    let subject = error.subject.as_deref().map(printable).unwrap_or_default();
    let (limit, actual) = (error.limit.unwrap_or_default(), error.actual.unwrap_or_default());
    let text = match tongue {
        Tongue::English => english(error.code),
        Tongue::Chinese => chinese(error.code),
    };
    fill(text, tongue, &subject, limit, actual)
}

/// A complaint about what was typed.
pub fn complaint(complaint: &Complaint, tongue: Tongue) -> String {
    let (english, chinese, subject) = match complaint {
        Complaint::Usage(words) => return words.clone(),
        Complaint::NotUtf8(subject) => (
            "{} is not UTF-8 text. Nothing was saved. Save it as UTF-8 and try again.",
            "{} 不是 UTF-8 文本。什么都没有保存。请另存为 UTF-8 后再试。",
            subject.as_str(),
        ),
        Complaint::InputTwice => (
            "Only one text can come from the standard input (-). Nothing was saved. Use @FILE for the others.",
            "只能有一段文字来自标准输入（-）。什么都没有保存。其余的请用 @文件。",
            "",
        ),
        Complaint::NothingToSay => (
            "A new post needs a text, a topic, a place or a file. Nothing was saved. See: sampan-cli post --help",
            "新文章至少要有一段文字、一个话题、一个地点或一个文件。什么都没有保存。请看：sampan-cli post --help",
            "",
        ),
        Complaint::NothingToChange => (
            "Nothing to change was given. The post is as it was. See: sampan-cli edit --help",
            "没有给出要修改的内容。文章没有变。请看：sampan-cli edit --help",
            "",
        ),
        Complaint::NoSuchFile(subject) => (
            "The post has no single file {}. Nothing was changed. `show` lists its files with number and hash.",
            "文章里没有唯一的文件 {}。什么都没有改变。用 show 可以看到每个文件的序号和哈希。",
            subject.as_str(),
        ),
        Complaint::MediaIsFolder(subject) => (
            "{} is a folder. Nothing was saved. Name single files, or bring the folder in with `import`.",
            "{} 是文件夹。什么都没有保存。请给出单个文件，或用 import 导入整个文件夹。",
            subject.as_str(),
        ),
        Complaint::PathNotUnicode(subject) => (
            "The name {} is not Unicode. Nothing was changed. Rename it and try again.",
            "名称 {} 不是 Unicode。什么都没有改变。请改名后再试。",
            subject.as_str(),
        ),
        Complaint::NoHome => (
            "This system does not say where a program keeps its data. Name the journal's folder with --journal DIR.",
            "系统没有说明程序把数据放在哪里。请用 --journal 指定日记文件夹。",
            "",
        ),
        Complaint::InBin(subject) => (
            "The post {} is in the bin. Nothing was sent. Take it out with `undelete` first.",
            "文章 {} 在回收站里。什么都没有发出。请先用 undelete 取回。",
            subject.as_str(),
        ),
        Complaint::NoVariable(subject) => (
            "The environment variable {} is not set. Nothing was changed. Set it to the password or token and try again.",
            "环境变量 {} 没有设置。什么都没有改变。请把它设为密码或令牌后再试。",
            subject.as_str(),
        ),
        Complaint::NotToChoose(subject) => (
            "There is nothing to choose about {} in this conflict. Nothing was changed. `conflicts` names the parts.",
            "这个冲突里没有可选的 {}。什么都没有改变。用 conflicts 可以看到各部分的名字。",
            subject.as_str(),
        ),
        Complaint::NoConflict(subject) => (
            "The post {} is in no conflict there. Nothing was changed. `conflicts` lists those that are.",
            "文章 {} 在那里没有冲突。什么都没有改变。用 conflicts 可以看到有冲突的文章。",
            subject.as_str(),
        ),
        Complaint::WhichFeed(subject) => (
            "The post {} is in conflict at more than one feed. Nothing was changed. Name one with --feed.",
            "文章 {} 在不止一个发布处有冲突。什么都没有改变。请用 --feed 指定一个。",
            subject.as_str(),
        ),
        Complaint::MediaFailed(subject) => (
            "{} could not be brought in, so the post was not saved. Nothing else was changed.",
            "{} 无法导入，所以文章没有保存。其他内容没有改变。",
            subject.as_str(),
        ),
    };
    fill(tongue.pick(english, chinese), tongue, &printable(subject), 0, 0)
}

/// Puts the facts into a sentence: `{}` the subject in quotes, `{limit}` and `{actual}` the numbers.
fn fill(text: &str, tongue: Tongue, subject: &str, limit: u64, actual: u64) -> String {
    let text = text.replace("{limit}", &grouped(limit)).replace("{actual}", &grouped(actual));
    if subject.is_empty() {
        let it = tongue.pick(if text.starts_with("{}") { "It" } else { "it" }, "它");
        return text.replace(" ({})", "").replace("（{}）", "").replace("{}", it);
    }
    // The subject comes last: it may itself contain braces.
    text.replace("{}", &format!("“{subject}”"))
}

/// 1000001 as `1,000,001`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn english(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::NoJournal => "No journal is open. Nothing was changed. Name one with --journal DIR.",
        ErrorCode::FolderMissing => {
            "The folder {} does not exist. Nothing was changed. Connect the disk it is on, or check the path."
        }
        ErrorCode::FolderDenied => {
            "The folder {} does not let us in. Nothing was changed. Check its permissions, or choose another folder."
        }
        ErrorCode::FolderNotEmpty => {
            "The folder {} is not empty. Nothing was written. Choose an empty or a new folder."
        }
        ErrorCode::NotAJournal => {
            "{} is not a Sampan journal. It was not touched. Choose another folder with --journal DIR."
        }
        ErrorCode::JournalNewer => {
            "This journal was made by a newer Sampan. It was not touched. Update Sampan, then open it again."
        }
        ErrorCode::JournalDamaged => {
            "The journal's file is damaged ({}). Nothing was written. Copy the folder away, then run `check` or take your last backup."
        }
        ErrorCode::JournalBusy => {
            "Another program holds the journal. Nothing was changed. Wait a moment and try again."
        }
        ErrorCode::DiskFull => {
            "The disk is full. Everything saved before is safe, this change was not saved. Make room and try again."
        }
        ErrorCode::Io => {
            "Reading or writing failed ({}). Everything saved before is safe. Check the disk and try again."
        }
        ErrorCode::PostNotFound => {
            "There is no single post {}. Nothing was changed. `list` and `list --bin` show the ids; 6 digits are the least."
        }
        ErrorCode::RevisionNotFound => {
            "The post has no single revision {}. Nothing was changed. `history ID` shows its revisions."
        }
        ErrorCode::AssetNotFound => {
            "The original {} is not in the journal. Nothing was changed. `check` names everything that is missing."
        }
        ErrorCode::FeedNotFound => "There is no feed {}. Nothing was sent. `feed list` shows the feeds.",
        ErrorCode::FeedAmbiguous => {
            "More than one feed goes by {}. Nothing was sent. Use the feed's id, as `feed list` shows it."
        }
        ErrorCode::FeedExists => "There is already a feed at {}. Nothing was changed. `feed list` shows the feeds.",
        ErrorCode::FeedUnreachable => {
            "{} cannot be reached now. What waits for a feed is kept. Check the address and the network, then try again; `sync` sends what waits."
        }
        ErrorCode::FeedOff => "The feed {} is switched off. Nothing was sent. Switch it on with `feed on`.",
        ErrorCode::FeedDenied => {
            "The feed {} answers but does not let us write. Nothing was changed. Check what your account may do there."
        }
        ErrorCode::NoFeedThere => {
            "At {} is nothing that posts can be sent to. Nothing was set up. Check the address in a browser; `feed discover` looks for all kinds."
        }
        ErrorCode::AnswerStrange => {
            "What answered at {} is no feed: perhaps the network asks you to sign in first. Nothing was sent. Open the address in a browser."
        }
        ErrorCode::PlainHttp => {
            "{} is plain http: everybody on the way could read the password. Nothing was sent. Use https, or add --plain-http for a computer in your own network."
        }
        ErrorCode::BadCertificate => {
            "The certificate of {} is not valid: it has expired, is for another name, or nobody who is trusted has signed it. Sampan does not connect to it. Nothing was sent."
        }
        ErrorCode::SignInNeeded => {
            "{} needs a sign-in. Nothing was changed. Give a name with --user, and the password or token with --secret-env VAR, or with --token-stdin on the standard input."
        }
        ErrorCode::SignInRefused => {
            "{} did not accept the sign-in. Your posts are kept. Check the name and the password; WordPress wants an application password, not the one you log in with."
        }
        ErrorCode::SignInDenied => "The sign-in at {} was refused in the browser. Nothing was changed. Begin it again.",
        ErrorCode::SignInTimedOut => {
            "The browser did not come back from {} in time. Nothing was changed. Begin the sign-in again."
        }
        ErrorCode::SignInOther => {
            "{} is another account than the one this feed is set up for. Nothing was changed. Sign in as before, or set up a feed of its own with `feed add`."
        }
        ErrorCode::NoKeychain => {
            "The system has no keychain for the password. Nothing was kept. Say where else with --keep file or --keep session."
        }
        ErrorCode::KeychainLocked => {
            "The system's keychain is locked. Nobody is signed out and nothing was lost. Unlock it and try again, or say where else with --keep."
        }
        ErrorCode::ItemNotFound => {
            "{} is not this post, or it is another language of it. Nothing was changed or sent. Copy the address of the missing one, or say `arrived --no`."
        }
        ErrorCode::ConflictChanged => {
            "The post was changed again meanwhile. Nothing was overwritten. `conflicts` shows how it is now."
        }
        ErrorCode::TooLong => {
            "{} is too long: {actual}, and at most {limit} fit. Nothing was saved. Shorten it, or make two posts."
        }
        ErrorCode::FileTooLarge => {
            "{} is too large: {actual} bytes, and at most {limit} fit. It was left out. The file itself was not touched."
        }
        ErrorCode::FileEmpty => "The file {} has no bytes (0). It was left out. Copy it again from where it came from.",
        ErrorCode::FileMissing => "There is no file {}. Nothing was taken from it. Check the path.",
        ErrorCode::FileDenied => {
            "The file {} cannot be read. Nothing was taken from it. Check its permissions and try again."
        }
        ErrorCode::BadInput => "{} does not have the form it must have. Nothing was changed. See --help.",
        ErrorCode::Cancelled => "It was cancelled. What was done before is kept.",
        ErrorCode::Internal => {
            "Sampan made a mistake. Everything saved before is safe. Run `check`; SAMPAN_LOG=debug shows more."
        }
    }
}

fn chinese(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::NoJournal => "没有打开日记。什么都没有改变。请用 --journal 指定一个。",
        ErrorCode::FolderMissing => "文件夹 {} 不存在。什么都没有改变。请接上它所在的磁盘，或检查路径。",
        ErrorCode::FolderDenied => "没有权限使用文件夹 {}。什么都没有改变。请检查权限，或换一个文件夹。",
        ErrorCode::FolderNotEmpty => "文件夹 {} 不是空的。没有写入任何内容。请选择空文件夹或新文件夹。",
        ErrorCode::NotAJournal => "{} 不是舢板的日记。没有动它。请用 --journal 选择另一个文件夹。",
        ErrorCode::JournalNewer => "这个日记来自更新版本的舢板。没有动它。请更新舢板后再打开。",
        ErrorCode::JournalDamaged => {
            "日记文件已损坏（{}）。没有写入任何内容。请先把文件夹复制一份，再运行 check 或取回最近的备份。"
        }
        ErrorCode::JournalBusy => "另一个程序正占用日记。什么都没有改变。请稍等再试。",
        ErrorCode::DiskFull => "磁盘已满。之前保存的都安全，这次修改没有保存。请腾出空间后再试。",
        ErrorCode::Io => "读写失败（{}）。之前保存的都安全。请检查磁盘后再试。",
        ErrorCode::PostNotFound => {
            "没有唯一的文章 {}。什么都没有改变。用 list 和 list --bin 可以看到编号，至少要写 6 位。"
        }
        ErrorCode::RevisionNotFound => "这篇文章没有唯一的版本 {}。什么都没有改变。用 history 可以看到它的版本。",
        ErrorCode::AssetNotFound => "日记里没有原件 {}。什么都没有改变。用 check 可以看到缺少的内容。",
        ErrorCode::FeedNotFound => "没有发布处 {}。什么都没有发出。用 feed list 可以看到所有发布处。",
        ErrorCode::FeedAmbiguous => "不止一个发布处叫 {}。什么都没有发出。请用 feed list 里的编号。",
        ErrorCode::FeedExists => "{} 已经有一个发布处。什么都没有改变。用 feed list 可以看到所有发布处。",
        ErrorCode::FeedUnreachable => {
            "现在连不上 {}。等待发送的内容都保留着。请检查地址和网络，然后再试；sync 会把等待的内容发出去。"
        }
        ErrorCode::FeedOff => "发布处 {} 已关闭。什么都没有发出。用 feed on 打开它。",
        ErrorCode::FeedDenied => "发布处 {} 有回应，但不允许写入。什么都没有改变。请检查您的账户在那里的权限。",
        ErrorCode::NoFeedThere => {
            "{} 没有可以发布的地方。什么都没有设置。请在浏览器里检查地址；用 feed discover 可以查找所有种类。"
        }
        ErrorCode::AnswerStrange => {
            "{} 的回答不像发布处：也许网络要求先登录。什么都没有发出。请在浏览器里打开这个地址。"
        }
        ErrorCode::PlainHttp => {
            "{} 是不加密的 http，途中谁都能看到密码。什么都没有发出。请用 https；如果是自家网络里的电脑，请加 --plain-http。"
        }
        ErrorCode::BadCertificate => {
            "{} 的证书无效：已过期、属于别的域名，或不是由受信任的机构签发。Sampan 不会连接它。什么都没有发出。"
        }
        ErrorCode::SignInNeeded => {
            "{} 需要登录。什么都没有改变。请用 --user 给出用户名，用 --secret-env 给出密码或令牌，或用 --token-stdin 从标准输入读取。"
        }
        ErrorCode::SignInRefused => {
            "{} 不接受登录。文章都在。请检查用户名和密码；WordPress 要的是应用密码，不是登录密码。"
        }
        ErrorCode::SignInDenied => "{} 的登录在浏览器里被拒绝。什么都没有改变。请重新开始。",
        ErrorCode::SignInTimedOut => "浏览器没有及时从 {} 回来。什么都没有改变。请重新登录。",
        ErrorCode::SignInOther => {
            "{} 不是这个发布处原来的账户。什么都没有改变。请用原来的账户登录，或用 feed add 另设一个。"
        }
        ErrorCode::NoKeychain => {
            "系统没有可存密码的钥匙串。什么都没有保存。请用 --keep file 或 --keep session 说明存在哪里。"
        }
        ErrorCode::KeychainLocked => {
            "系统的钥匙串锁着。没有退出登录，也没有丢失内容。请解锁后再试，或用 --keep 说明存在别处。"
        }
        ErrorCode::ItemNotFound => {
            "{} 不是这篇文章，或者是它的另一种语言。什么都没有改变，也没有发出。请复制缺的那一篇的网址；那边没有的话，用 arrived --no。"
        }
        ErrorCode::ConflictChanged => "这篇又有新的改动。什么都没有被覆盖。用 conflicts 看现在的样子。",
        ErrorCode::TooLong => "{} 太长：{actual}，最多 {limit}。什么都没有保存。请缩短，或分成两篇。",
        ErrorCode::FileTooLarge => "{} 太大：{actual} 字节，最多 {limit} 字节。没有导入它。文件本身没有动。",
        ErrorCode::FileEmpty => "文件 {} 是空的（0 字节）。没有导入它。请从原处重新复制。",
        ErrorCode::FileMissing => "没有文件 {}。没有从中取任何内容。请检查路径。",
        ErrorCode::FileDenied => "无法读取文件 {}。没有从中取任何内容。请检查权限后再试。",
        ErrorCode::BadInput => "{} 的格式不对。什么都没有改变。请看 --help。",
        ErrorCode::Cancelled => "已取消。之前完成的都保留着。",
        ErrorCode::Internal => "舢板出了错。之前保存的都安全。请运行 check；SAMPAN_LOG=debug 会显示更多。",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_subject_and_both_numbers() {
        let over = ApiError {
            limit: Some(1_000_000),
            actual: Some(1_000_001),
            ..ApiError::about(ErrorCode::TooLong, "body {limit}")
        };
        let words = error(&over, Tongue::English);
        assert!(words.starts_with("“body {limit}” is too long: 1,000,001, and at most 1,000,000 fit."), "{words}");
        assert!(error(&over, Tongue::Chinese).contains("1,000,001"));
    }
}
