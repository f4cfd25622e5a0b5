//! The words of the native menu and of the system's notifications, which stand outside the page. Everything else that a person
//! reads is in `ui/messages`. Complete by construction: a label without a language does not compile.

use sampan_core::{api::types::Settings, domain::NeedsYou};

use crate::{needs::News, platform};

/// The languages of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// The language of the interface: as the settings say, else as the system.
    pub fn chosen(settings: &Settings) -> Self {
        settings.locale.as_ref().map_or_else(|| Self::of(&platform::locale()), |tag| Self::of(tag.as_str()))
    }

    /// The language that a BCP 47 tag asks for. Every Chinese reader is better served by Chinese than by English.
    pub fn of(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") { Self::Chinese } else { Self::English }
    }
}

macro_rules! labels {
    ($($name:ident: $english:literal, $chinese:literal;)*) => {
        /// Everything that the menu and the notifications say.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Label {
            $(#[doc = $english] $name,)*
        }

        impl Label {
            /// The words in a language.
            pub const fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::English) => $english,
                      (Self::$name, Language::Chinese) => $chinese,)*
                }
            }
        }
    };
}

labels! {
    File: "File", "文件";
    Edit: "Edit", "编辑";
    View: "View", "显示";
    Window: "Window", "窗口";
    Help: "Help", "帮助";
    NewPost: "New post", "写一篇";
    Import: "Import photos and clips…", "导入照片和短片…";
    OpenJournal: "Open journal…", "打开日记…";
    Send: "Send", "发送";
    Settings: "Settings…", "设置…";
    Quit: "Quit", "退出";
    Undo: "Undo", "撤销";
    Redo: "Redo", "重做";
    Cut: "Cut", "剪切";
    Copy: "Copy", "复制";
    Paste: "Paste", "粘贴";
    SelectAll: "Select all", "全选";
    Search: "Search", "搜索";
    Journal: "Journal", "日记";
    Drafts: "Drafts", "草稿";
    Outbox: "Outbox", "发件箱";
    Bin: "Bin", "回收站";
    Grid: "Grid", "网格";
    List: "List", "列表";
    FullScreen: "Full screen", "全屏";
    Minimise: "Minimise", "最小化";
    Close: "Close window", "关闭窗口";
    Shortcuts: "Keyboard shortcuts", "键盘快捷键";
    About: "About Sampan", "关于舢板";
    Hide: "Hide Sampan", "隐藏舢板";
    HideOthers: "Hide others", "隐藏其他";
    ShowAll: "Show all", "全部显示";
    FolderFeed: "Folder feed", "文件夹";
    Refused: "It did not accept a post. The post is kept.", "不接受一篇文章。文章还在。";
    TooLarge: "A file is too large for it. The post is kept.", "有文件太大。文章还在。";
    Full: "It has no room left. The post is kept.", "空间满了。文章还在。";
    Denied: "It does not let Sampan write. The post is kept.", "不允许写入。文章还在。";
    ChangedThere: "A post was changed there since it was sent.", "有一篇发送后在那边被改过。";
    GoneThere: "A post is gone from there.", "有一篇在那边已经没有了。";
    PartGone: "A part of a post is gone from there.", "有一篇在那边少了一部分。";
    CannotStrip: "A file cannot be cleaned of location and device data, so it did not leave.", "有文件无法清除位置和设备信息，所以没有发出。";
    MediaDamaged: "A photo or clip is damaged in the journal.", "日记里有照片或短片损坏。";
    SignedOut: "Please sign in again. What waits goes out by itself then.", "需要重新登录。登录后，在等的会自动发出。";
    TooLong: "A text is longer than it takes. Nothing was cut and nothing was sent.", "有文字超过了上限。没有截断，也没有发出。";
    AltTooLong: "An alt text is longer than it takes. Nothing was cut and nothing was sent.", "有图片描述超过了上限。没有截断，也没有发出。";
    TooManyFiles: "There are more files than it takes in one post. Nothing was sent.", "一条里的文件太多。没有发出。";
    Mixed: "It takes photos or one clip in one post, not both. Nothing was sent.", "一条里只能有照片或一段短片。没有发出。";
    CannotChange: "It cannot change what was posted. It is there as it was.", "不能修改已发布的内容。那边还是原样。";
    KeptBack: "It keeps a post back until somebody there has looked at it. The post is there.", "有一篇要等那边看过才公开。文章已经在那边。";
    MaybeThere: "An answer was lost. Please look whether the post arrived.", "没收到回音。请看看那篇有没有发出去。";
    Copied: "This journal is a copy. Please look whether a post was sent from the other one.", "这份日记是副本。请看看那篇是否已从另一份发出。";
    Conflict: "A post was changed here and there. Both versions are kept.", "有一篇这里和那边都改过。两个版本都在。";
    Several: "{count} posts need you.", "有 {count} 项待您处理。";
}

/// News as a notification: its title and its text.
pub fn notification(news: &News, language: Language) -> (String, String) {
    let say = |label: Label| label.text(language).to_owned();
    let name = |feed: &str| if feed.is_empty() { say(Label::FolderFeed) } else { feed.to_owned() };
    let several = |count: &usize| say(Label::Several).replace("{count}", &count.to_string());
    match news {
        News::One { feed, reason } => (name(feed), say(Label::why(*reason))),
        News::SeveralAt { feed, count } => (name(feed), several(count)),
        News::Several { count } => ("Sampan 舢板".to_owned(), several(count)),
    }
}

impl Label {
    /// Why a delivery needs the person.
    const fn why(reason: NeedsYou) -> Self {
        match reason {
            NeedsYou::Refused => Self::Refused,
            NeedsYou::TooLarge => Self::TooLarge,
            NeedsYou::Full => Self::Full,
            NeedsYou::Denied => Self::Denied,
            NeedsYou::ChangedThere => Self::ChangedThere,
            NeedsYou::GoneThere => Self::GoneThere,
            NeedsYou::PartGone => Self::PartGone,
            NeedsYou::CannotStrip => Self::CannotStrip,
            NeedsYou::MediaDamaged => Self::MediaDamaged,
            NeedsYou::SignedOut => Self::SignedOut,
            NeedsYou::TooLong => Self::TooLong,
            NeedsYou::AltTooLong => Self::AltTooLong,
            NeedsYou::TooManyFiles => Self::TooManyFiles,
            NeedsYou::Mixed => Self::Mixed,
            NeedsYou::CannotChange => Self::CannotChange,
            NeedsYou::KeptBack => Self::KeptBack,
            NeedsYou::MaybeThere => Self::MaybeThere,
            NeedsYou::Copied => Self::Copied,
            NeedsYou::Conflict => Self::Conflict,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_names_the_feed_and_what_is_needed_in_the_language_of_the_interface() {
        let one = News::One { feed: "My blog".to_owned(), reason: NeedsYou::SignedOut };
        let (title, text) = notification(&one, Language::English);
        assert_eq!((title.as_str(), text.contains("sign in")), ("My blog", true));
        let (title, text) = notification(&News::SeveralAt { feed: String::new(), count: 3 }, Language::Chinese);
        assert_eq!((title.as_str(), text.as_str()), ("文件夹", "有 3 项待您处理。"));
    }

    #[test]
    fn every_form_of_chinese_reads_chinese_and_the_rest_english() {
        for tag in ["zh", "zh-CN", "zh_TW.UTF-8", "ZH-Hant", "zh-Hans-CN"] {
            assert_eq!(Language::of(tag), Language::Chinese, "{tag}");
        }
        for tag in ["en", "en-GB", "fr", "", "C"] {
            assert_eq!(Language::of(tag), Language::English, "{tag}");
        }
    }
}
