use background_fetch_polyfill::engine::{LockMode, Locks};
use background_fetch_polyfill::web::WebLocks;
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen_test::wasm_bindgen_test;

const SOON_MILLIS: u32 = 100;

async fn is_granted_soon(name: &str, mode: LockMode) -> bool {
    let locks = WebLocks::default();
    let lock = std::pin::pin!(locks.acquire(name, mode));
    matches!(select(lock, TimeoutFuture::new(SOON_MILLIS)).await, Either::Left(_))
}

#[wasm_bindgen_test]
async fn an_exclusive_lock_is_waited_for_until_its_guard_is_dropped() {
    let locks = WebLocks::default();
    let guard = locks.acquire("exclusive", LockMode::Exclusive).await;
    assert!(!is_granted_soon("exclusive", LockMode::Exclusive).await);
    assert!(!is_granted_soon("exclusive", LockMode::Shared).await);
    drop(guard);
    locks.acquire("exclusive", LockMode::Exclusive).await;
}

#[wasm_bindgen_test]
async fn shared_locks_keep_an_exclusive_one_waiting() {
    let locks = WebLocks::default();
    let one = locks.acquire("shared", LockMode::Shared).await;
    let other = locks.acquire("shared", LockMode::Shared).await;
    assert!(!is_granted_soon("shared", LockMode::Exclusive).await);
    drop(one);
    assert!(!is_granted_soon("shared", LockMode::Exclusive).await);
    drop(other);
    locks.acquire("shared", LockMode::Exclusive).await;
}

#[wasm_bindgen_test]
async fn who_gave_up_waiting_is_not_granted_the_lock_later() {
    let locks = WebLocks::default();
    let guard = locks.acquire("queue", LockMode::Exclusive).await;
    assert!(!is_granted_soon("queue", LockMode::Exclusive).await);
    drop(guard);
    // Would wait for ever behind the place in the queue that was given up.
    locks.acquire("queue", LockMode::Exclusive).await;
    locks.acquire("queue", LockMode::Exclusive).await;
}

#[wasm_bindgen_test]
async fn a_stolen_lock_is_had_before_those_that_wait_and_is_not_given_back_by_who_lost_it() {
    let locks = WebLocks::default();
    let lost = locks.acquire("stolen", LockMode::Exclusive).await;
    let waiting = locks.acquire("stolen", LockMode::Exclusive);
    let mut waiting = std::pin::pin!(waiting);
    let Either::Right((stolen, _)) = select(waiting.as_mut(), std::pin::pin!(locks.steal("stolen"))).await
    else {
        unreachable!("who waits has it first")
    };
    drop(lost);
    assert!(matches!(select(waiting.as_mut(), TimeoutFuture::new(SOON_MILLIS)).await, Either::Right(_)));
    drop(stolen);
    waiting.await;
}
