use std::cell::RefCell;

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

use super::lifetime::{self, Held};
use super::rows;
use crate::engine::{Bus, Hint};
use crate::model::FromRow;

const CHANNEL: &str = "background-fetch-polyfill";

#[derive(Default)]
pub struct BroadcastBus {
    channel: RefCell<Option<(BroadcastChannel, Held)>>,
    listener: RefCell<Option<Function>>,
}

impl BroadcastBus {
    pub fn open() -> Result<Self, JsValue> {
        let bus = Self::default();
        bus.use_channel(BroadcastChannel::new(CHANNEL)?);
        Ok(bus)
    }

    /// Anyone of the origin can post to the channel: what is no hint is ignored. The listener lives as long as the
    /// realm.
    pub fn listen(&self, mut receive: impl FnMut(Hint) + 'static) {
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            lifetime::within(|| {
                if let Some(hint) = Hint::from_row(&event.data()) {
                    receive(hint);
                }
            });
        });
        self.listener.replace(Some(listener.into_js_value().unchecked_into()));
        self.attach();
    }

    /// A message to a page in the back/forward cache ends it, in Chromium (156) and Firefox (153)
    /// (<https://github.com/whatwg/html/issues/7253>).
    pub fn close(&self) {
        if let Some((channel, _)) = self.channel.take() {
            channel.close();
        }
    }

    pub fn reopen(&self) {
        if self.channel.borrow().is_none() {
            // It could be opened before.
            let _ = BroadcastChannel::new(CHANNEL).map(|channel| self.use_channel(channel));
            self.attach();
        }
    }

    fn use_channel(&self, channel: BroadcastChannel) {
        let held = Held::new(&channel);
        self.channel.replace(Some((channel, held)));
    }

    fn attach(&self) {
        if let Some((channel, _)) = &*self.channel.borrow() {
            channel.set_onmessage(self.listener.borrow().as_ref());
        }
    }
}

impl Bus for BroadcastBus {
    fn post(&self, hint: &Hint) {
        if let (Some((channel, _)), Ok(message)) = (&*self.channel.borrow(), rows::to_row(hint)) {
            // Fails only when the channel is closed.
            let _ = channel.post_message(&message);
        }
    }
}
