//! Asks for the person's eyes when a delivery cannot go on without them: a mark on the program's icon, and nothing that makes a
//! sound or covers the screen. A notification of the system would need a permission, a daemon and a plugin; this needs none.

use sampan_core::api::types::Connection;
use tauri::{AppHandle, Manager, UserAttentionType};

use crate::window;

/// How many deliveries need the person, as it was told last: the same is not asked for twice.
pub struct Attention {
    told: u32,
}

impl Attention {
    /// Nothing is asked for what needed the person before the window was there.
    pub fn new(needs_you: u32) -> Self {
        Self { told: needs_you }
    }

    /// Tells of the connection as it is now.
    pub fn tell(&mut self, app: &AppHandle, connection: &Connection) {
        let (before, now) = (self.told, connection.needs_you);
        if before == now {
            return;
        }
        self.told = now;
        let Some(window) = app.get_webview_window(window::LABEL) else {
            return;
        };
        // Systems without a number on icons leave it out.
        let marked = window.set_badge_count((now > 0).then_some(now.into()));
        let is_looked_at = window.is_focused().unwrap_or(true);
        let asked = match now > before && !is_looked_at {
            true => window.request_user_attention(Some(UserAttentionType::Informational)),
            false => Ok(()),
        };
        if let Err(error) = marked.and(asked) {
            tracing::warn!(%error, "the icon could not be marked");
        }
    }
}
