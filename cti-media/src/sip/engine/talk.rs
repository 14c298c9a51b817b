//! Asking a phone that rings to answer: NOTIFY with `Event: talk` in the early dialog.
//!
//! The event package is BroadSoft's "remote control talk", which desk phones of Yealink, Polycom, Snom,
//! Fanvil and others know; they say so by `Allow-Events` in their 180.

use std::time::Duration;

use crate::sip::{
    DialogKey,
    engine::{Engine, client::Owner, dialog::Phase},
    message::Method,
};

impl Engine {
    /// Asks a device that shall be asked as soon as it can be.
    pub(crate) fn ask_if_wanted(&mut self, now: Duration, key: DialogKey) {
        let Some(dialog) = self.dialogs.get(&key) else { return };
        let Phase::Calling { forks, .. } = &dialog.phase else { return };
        if forks.iter().any(|fork| fork.to_be_asked && fork.early.talking().is_some()) {
            self.ask_to_answer(now, key);
        }
    }

    /// Asks the first device that can be asked, now or when it rings.
    pub(crate) fn ask_to_answer(&mut self, now: Duration, key: DialogKey) {
        let Some(dialog) = self.dialogs.get_mut(&key) else { return };
        let Phase::Calling { forks, .. } = &mut dialog.phase else { return };
        let able = forks.iter().find_map(|fork| {
            let tag = fork.early.talking().filter(|_| fork.failed.is_none())?;
            Some((fork.transaction, tag.to_owned()))
        });
        for fork in forks.iter_mut() {
            fork.to_be_asked = able.is_none();
        }
        let Some((id, tag)) = able else { return };
        let Some(invite) = self.clients.get(&id) else { return };
        tracing::info!(call_id = %invite.head.call_id, dialog = %key, "Asking the phone to answer");
        let contact = self.contact_line(invite.flow.listener);
        let extra = format!("{contact}Event: talk\r\nSubscription-State: terminated\r\n");
        self.request_in_early(now, key, (id, &tag), Method::Notify, Owner::Talk, &extra);
    }
}
