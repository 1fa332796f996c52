use gloo_timers::future::TimeoutFuture;

use crate::engine::Clock;
use crate::model::Millis;

pub struct BrowserClock;

impl Clock for BrowserClock {
    fn now(&self) -> Millis {
        Millis::from(js_sys::Date::now())
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
