//! The words of the native menu, which stands before the page is there. Everything else that a person reads is in
//! `ui/messages`. Complete by construction: a label without a language does not compile.

/// The languages of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// The language that a BCP 47 tag asks for. Every Chinese reader is better served by Chinese than by English.
    pub fn of(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") { Self::Chinese } else { Self::English }
    }
}

macro_rules! labels {
    ($($name:ident: $english:literal, $chinese:literal;)*) => {
        /// Everything that the menu says.
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
}

#[cfg(test)]
mod tests {
    use super::*;

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
