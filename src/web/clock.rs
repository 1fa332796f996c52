use gloo_timers::future::TimeoutFuture;

use crate::engine::Clock;
use crate::model::Millis;

pub struct BrowserClock;

impl Clock for BrowserClock {
    fn now(&self) -> Millis {
        Millis::from(js_sys::Date::now())
    }

    async fn sleep(&self, time: Millis) {
        TimeoutFuture::new(u32::try_from(time.0).unwrap_or(u32::MAX)).await;
    }

    fn random(&self) -> u32 {
        (js_sys::Math::random() * f64::from(u32::MAX)) as u32
    }
}
