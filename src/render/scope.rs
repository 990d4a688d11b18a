//! Scope: which render a template function is called by.
//!
//! Template functions are compiled once and shared by all renders of all
//! builds; they get nothing but their arguments and the template's variables. A
//! render runs on one thread from start to end, so what it may read and what it
//! has read is kept in a thread-local stack: entered before, taken out after.
//! Must not be read outside a render.

use std::cell::RefCell;
use std::sync::Arc;

use super::shared::Shared;
use crate::base::reads::{Key, Reads};

/// One render.
struct Render {
    shared: Arc<Shared>,
    /// It is handed the bodies of other pages too.
    sees_bodies: bool,
    reads: Reads,
}

thread_local! {
    static RENDERS: RefCell<Vec<Render>> = const { RefCell::new(Vec::new()) };
}

/// Runs `render` and returns what it has read. May be nested: what an inner
/// render reads is not noted for the outer one.
pub fn record<T>(shared: &Arc<Shared>, sees_bodies: bool, render: impl FnOnce() -> T) -> (T, Reads) {
    /// Takes the render away even when it panics.
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            RENDERS.with_borrow_mut(Vec::pop);
        }
    }
    let entered = Render { shared: Arc::clone(shared), sees_bodies, reads: Reads::default() };
    RENDERS.with_borrow_mut(|stack| stack.push(entered));
    let guard = Guard;
    let result = render();
    let reads = RENDERS.with_borrow_mut(|stack| stack.last_mut().map(|last| std::mem::take(&mut last.reads)));
    drop(guard);
    (result, reads.unwrap_or_default())
}

/// Notes that the current render has read `key`.
pub fn note(key: Key) {
    RENDERS.with_borrow_mut(|stack| {
        if let Some(last) = stack.last_mut() {
            last.reads.note(key);
        }
    });
}

/// What the current render may read.
pub fn shared() -> Option<Arc<Shared>> {
    RENDERS.with_borrow(|stack| stack.last().map(|last| Arc::clone(&last.shared)))
}

/// Whether the current render is handed the bodies of other pages.
pub fn sees_bodies() -> bool {
    RENDERS.with_borrow(|stack| stack.last().is_some_and(|last| last.sees_bodies))
}
