//! The native menu: the screen's own on macOS, a bar in the window on request elsewhere. It names actions; the page
//! carries them out, and has the same shortcuts while there is no menu.

use tauri::{
    AppHandle, Emitter, Manager, Wry,
    menu::{HELP_SUBMENU_ID, IsMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem, Submenu, WINDOW_SUBMENU_ID},
};

use crate::{
    platform, window,
    words::{Label, Language},
};

/// The event that carries an action's name to the page.
const EVENT: &str = "menu";

/// The one action that the shell carries out itself.
const QUIT: &str = "quit";

/// Brings the outbox up; a notification that was clicked does, too.
const OUTBOX: &str = "section_outbox";

/// Says the menu again in this language, where it is up. The screen's menu is up from the start.
pub fn renew(app: &AppHandle, language: Language) -> tauri::Result<()> {
    if platform::MENU_IS_GLOBAL || app.menu().is_some() {
        app.set_menu(build(app, language)?)?;
    }
    Ok(())
}

/// Puts a bar with the menu into the window. It is there only while it is asked for: the page needs the room.
pub fn show(app: &AppHandle, language: Language) -> tauri::Result<()> {
    app.set_menu(build(app, language)?).map(drop)
}

/// Takes the bar out of the window, where there is one.
pub fn hide(app: &AppHandle) -> tauri::Result<()> {
    if platform::MENU_IS_GLOBAL {
        return Ok(());
    }
    app.remove_menu().map(drop)
}

/// Hands a chosen action to the page.
pub fn chosen(app: &AppHandle, event: &MenuEvent) {
    act(app, event.id().as_ref());
}

/// Brings the outbox up, as the menu would.
pub fn show_outbox(app: &AppHandle) {
    act(app, OUTBOX);
}

fn act(app: &AppHandle, action: &str) {
    let done = if action == QUIT {
        app.get_webview_window(window::LABEL).map_or(Ok(()), |window| window.close())
    } else {
        app.emit_to(window::LABEL, EVENT, action)
    };
    if let Err(error) = done {
        tracing::warn!(%error, action, "a menu action could not be handed on");
    }
}

fn build(app: &AppHandle, language: Language) -> tauri::Result<Menu<Wry>> {
    let words = Words { app, language };
    let mut menus = Vec::new();
    if platform::MENU_IS_GLOBAL {
        menus.push(words.program()?);
    }
    menus.extend([words.file()?, words.edit()?, words.view()?]);
    if platform::MENU_IS_GLOBAL {
        menus.push(words.window()?);
    }
    menus.push(words.help()?);
    let items: Vec<&dyn IsMenuItem<Wry>> = menus.iter().map(|menu| menu as _).collect();
    Menu::with_items(app, &items)
}

/// Makes items in one language.
struct Words<'a> {
    app: &'a AppHandle,
    language: Language,
}

impl Words<'_> {
    /// macOS: the menu with the program's name.
    fn program(&self) -> tauri::Result<Submenu<Wry>> {
        let say = |label| Some(self.say(label));
        Submenu::with_items(
            self.app,
            "Sampan",
            true,
            &[
                &self.item("about", Label::About, None)?,
                &self.line()?,
                &self.item("settings", Label::Settings, Some("CmdOrCtrl+,"))?,
                &self.line()?,
                &PredefinedMenuItem::hide(self.app, say(Label::Hide))?,
                &PredefinedMenuItem::hide_others(self.app, say(Label::HideOthers))?,
                &PredefinedMenuItem::show_all(self.app, say(Label::ShowAll))?,
                &self.line()?,
                // Not the predefined item: that one ends the program without asking whether all is saved.
                &self.item(QUIT, Label::Quit, Some("CmdOrCtrl+Q"))?,
            ],
        )
    }

    fn file(&self) -> tauri::Result<Submenu<Wry>> {
        let menu = self.menu(Label::File)?;
        menu.append_items(&[
            &self.item("post_new", Label::NewPost, Some("CmdOrCtrl+N"))?,
            &self.item("files_import", Label::Import, Some("CmdOrCtrl+O"))?,
            &self.item("post_send", Label::Send, Some("CmdOrCtrl+Enter"))?,
            &self.line()?,
            &self.item("journal_choose", Label::OpenJournal, None)?,
        ])?;
        if !platform::MENU_IS_GLOBAL {
            menu.append_items(&[
                &self.item("settings", Label::Settings, Some("CmdOrCtrl+,"))?,
                &self.line()?,
                &self.item(QUIT, Label::Quit, Some("CmdOrCtrl+Q"))?,
            ])?;
        }
        Ok(menu)
    }

    fn edit(&self) -> tauri::Result<Submenu<Wry>> {
        let menu = self.menu(Label::Edit)?;
        let say = |label| Some(self.say(label));
        if platform::MENU_IS_GLOBAL {
            // The other systems have no such native item; there the text field's own keys do it.
            menu.append_items(&[
                &PredefinedMenuItem::undo(self.app, say(Label::Undo))?,
                &PredefinedMenuItem::redo(self.app, say(Label::Redo))?,
                &self.line()?,
            ])?;
        }
        menu.append_items(&[
            &PredefinedMenuItem::cut(self.app, say(Label::Cut))?,
            &PredefinedMenuItem::copy(self.app, say(Label::Copy))?,
            &PredefinedMenuItem::paste(self.app, say(Label::Paste))?,
            &PredefinedMenuItem::select_all(self.app, say(Label::SelectAll))?,
            &self.line()?,
            &self.item("search", Label::Search, Some("CmdOrCtrl+F"))?,
        ])?;
        Ok(menu)
    }

    fn view(&self) -> tauri::Result<Submenu<Wry>> {
        let menu = self.menu(Label::View)?;
        menu.append_items(&[
            &self.item("section_journal", Label::Journal, Some("CmdOrCtrl+1"))?,
            &self.item("section_drafts", Label::Drafts, Some("CmdOrCtrl+2"))?,
            &self.item(OUTBOX, Label::Outbox, Some("CmdOrCtrl+3"))?,
            &self.item("section_bin", Label::Bin, Some("CmdOrCtrl+4"))?,
            &self.line()?,
            &self.item("view_grid", Label::Grid, None)?,
            &self.item("view_list", Label::List, None)?,
        ])?;
        if platform::MENU_IS_GLOBAL {
            menu.append(&PredefinedMenuItem::fullscreen(self.app, Some(self.say(Label::FullScreen)))?)?;
        }
        Ok(menu)
    }

    /// macOS: the system adds its own items to the menu of this name, and a search to the one for help.
    fn window(&self) -> tauri::Result<Submenu<Wry>> {
        let say = |label| Some(self.say(label));
        let menu = Submenu::with_id(self.app, WINDOW_SUBMENU_ID, self.say(Label::Window), true)?;
        menu.append_items(&[
            &PredefinedMenuItem::minimize(self.app, say(Label::Minimise))?,
            &PredefinedMenuItem::close_window(self.app, say(Label::Close))?,
        ])?;
        Ok(menu)
    }

    fn help(&self) -> tauri::Result<Submenu<Wry>> {
        let menu = Submenu::with_id(self.app, HELP_SUBMENU_ID, self.say(Label::Help), true)?;
        menu.append(&self.item("shortcuts", Label::Shortcuts, None)?)?;
        if !platform::MENU_IS_GLOBAL {
            menu.append(&self.item("about", Label::About, None)?)?;
        }
        Ok(menu)
    }

    const fn say(&self, label: Label) -> &'static str {
        label.text(self.language)
    }

    fn menu(&self, label: Label) -> tauri::Result<Submenu<Wry>> {
        Submenu::new(self.app, self.say(label), true)
    }

    fn item(&self, action: &str, label: Label, keys: Option<&str>) -> tauri::Result<MenuItem<Wry>> {
        MenuItem::with_id(self.app, action, self.say(label), true, keys)
    }

    fn line(&self) -> tauri::Result<PredefinedMenuItem<Wry>> {
        PredefinedMenuItem::separator(self.app)
    }
}
