//! Asks for the person's eyes when a delivery cannot go on without them: a mark on the program's icon, and one notification of
//! the system while they do not look at the window. What is told is decided in `needs`, said in `words`.

use std::{sync::Arc, time::Duration};

use sampan_core::{
    api::{error::ApiResult, types::Connection},
    journal::Journal,
};
use tauri::{AppHandle, Manager, UserAttentionType};
use tokio::{sync::Notify, task::AbortHandle, time::sleep};

use crate::{
    menu,
    needs::{self, Known, News},
    platform,
    state::Shell,
    window, words,
};

/// What comes within this time is told together.
const GATHERING: Duration = Duration::from_secs(3);

/// At most one notification in this time; what comes meanwhile is told together after it.
const REST: Duration = Duration::from_secs(60);

/// Watches over one open journal; dropped with its events.
pub struct Attention {
    app: AppHandle,
    /// How many deliveries need the person, as the icon says.
    marked: u32,
    /// Whether something needed the person and not everything is done since.
    restless: bool,
    /// Rung when something else may need the person, or what needed them may be done.
    bell: Arc<Notify>,
    herald: AbortHandle,
}

impl Attention {
    /// Nothing is asked for what needed the person before the window was there.
    pub async fn begin(app: &AppHandle, journal: &Journal) -> Self {
        let (bell, mut known) = (Arc::new(Notify::new()), Known::default());
        known.take(&journal.outbox(()).await.map(needs::of).unwrap_or_default());
        let herald = tokio::spawn(herald(app.clone(), Arc::clone(&bell), known)).abort_handle();
        Self { app: app.clone(), marked: 0, restless: true, bell, herald }
    }

    /// Hears of the connection as it is now.
    pub fn hear(&mut self, connection: &Connection) {
        // With as many as before, it may be another one. What is only tried again is not forgotten before it is done.
        if self.restless || connection.needs_you > 0 {
            self.bell.notify_one();
        }
        let waits = connection.waiting + connection.paused > 0;
        self.restless = connection.needs_you > 0 || (self.restless && waits);
        if self.marked != connection.needs_you
            && let Some(window) = self.app.get_webview_window(window::LABEL)
        {
            self.marked = connection.needs_you;
            // Systems without a number on icons leave it out.
            warn(window.set_badge_count((self.marked > 0).then_some(self.marked.into())));
        }
    }
}

impl Drop for Attention {
    fn drop(&mut self) {
        self.herald.abort();
    }
}

/// Tells what is new whenever the bell was rung, seldom and together. Who looks at the window knows.
async fn herald(app: AppHandle, bell: Arc<Notify>, mut known: Known) {
    loop {
        bell.notified().await;
        sleep(GATHERING).await;
        match news(&app, &mut known).await {
            Ok(Some(news)) if !is_looked_at(&app) => {
                tell(&app, &news).await;
                sleep(REST).await;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(code = ?error.code, "what needs the person is not known"),
        }
    }
}

async fn news(app: &AppHandle, known: &mut Known) -> ApiResult<Option<News>> {
    // The journal is asked for each time: holding it would keep it open.
    let outbox = app.state::<Shell>().journal()?.outbox(()).await?;
    Ok(known.take(&needs::of(outbox)))
}

/// The icon asks in any case, the system where the person wants that.
async fn tell(app: &AppHandle, news: &News) {
    if let Some(window) = app.get_webview_window(window::LABEL) {
        warn(window.request_user_attention(Some(UserAttentionType::Informational)));
    }
    let settings = app.state::<Shell>().settings().await;
    if !settings.notifications {
        return;
    }
    let (title, text) = words::notification(news, words::Language::chosen(&settings));
    let app = app.clone();
    // A notification stays for as long as the person lets it.
    std::thread::spawn(move || {
        let clicked = || {
            window::focus(&app);
            menu::show_outbox(&app);
        };
        if let Err(error) = platform::notify(&app.config().identifier, &title, &text, clicked) {
            tracing::warn!(%error, "a notification could not be shown");
        }
    });
}

fn warn(marked: tauri::Result<()>) {
    if let Err(error) = marked {
        tracing::warn!(%error, "the icon could not be marked");
    }
}

fn is_looked_at(app: &AppHandle) -> bool {
    app.get_webview_window(window::LABEL).is_some_and(|window| window.is_focused().unwrap_or(true))
}
