use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::prelude::*;

use crate::engine::Clock;
use crate::model::Millis;

#[wasm_bindgen]
extern "C" {
    /// [High Resolution Time](https://w3c.github.io/hr-time/), in ms since the realm began.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub fn performance_now() -> f64;
}

pub struct BrowserClock;

impl Clock for BrowserClock {
    fn now(&self) -> Millis {
        Millis::from(js_sys::Date::now())
    }

    fn monotonic(&self) -> Millis {
        Millis::from(performance_now())
    }

    async fn sleep(&self, time: Millis) {
        // Browsers take a longer time for none.
        const LONGEST: u64 = i32::MAX as u64;
        TimeoutFuture::new(time.0.min(LONGEST) as u32).await;
    }

    fn random(&self) -> u32 {
        (js_sys::Math::random() * f64::from(u32::MAX)) as u32
    }
}
