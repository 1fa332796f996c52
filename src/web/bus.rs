use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

use super::rows;
use crate::engine::{Bus, Hint};

const CHANNEL: &str = "background-fetch-polyfill";

pub struct BroadcastBus {
    channel: BroadcastChannel,
}

impl BroadcastBus {
    pub fn open() -> Result<Self, JsValue> {
        Ok(Self { channel: BroadcastChannel::new(CHANNEL)? })
    }

    /// Anyone of the origin can post to the channel: what is no hint is ignored. The listener lives as long as the
    /// realm.
    pub fn listen(&self, mut receive: impl FnMut(Hint) + 'static) {
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Ok(hint) = rows::from_row(event.data()) {
                receive(hint);
            }
        });
        self.channel.set_onmessage(Some(listener.into_js_value().unchecked_ref()));
    }
}

impl Bus for BroadcastBus {
    fn post(&self, hint: &Hint) {
        if let Ok(message) = rows::to_row(hint) {
            // Fails only when the channel is closed, which it never is.
            let _ = self.channel.post_message(&message);
        }
    }
}
