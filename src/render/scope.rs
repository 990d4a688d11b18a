//! Scope: which render a template function is called by.
//!
//! Template functions are shared by all renders, and get nothing but their
//! arguments and the template's variables. A render runs on one thread from
//! start to end, so what it has read is noted in a thread-local set: entered
//! before, taken out after. Must not be read outside a render.

use std::cell::RefCell;

use crate::base::reads::{Key, Reads};

thread_local! {
    static READS: RefCell<Vec<Reads>> = const { RefCell::new(Vec::new()) };
}

/// Runs `render` and returns what it has read. May be nested: what an inner
/// render reads is not noted for the outer one.
pub fn record<T>(render: impl FnOnce() -> T) -> (T, Reads) {
    /// Takes the set away even when the render panics.
    struct Guard;
    impl Drop for Guard {
        fn drop(&mut self) {
            READS.with_borrow_mut(Vec::pop);
        }
    }
    READS.with_borrow_mut(|stack| stack.push(Reads::default()));
    let guard = Guard;
    let result = render();
    let reads = READS.with_borrow_mut(|stack| stack.last_mut().map(std::mem::take)).unwrap_or_default();
    drop(guard);
    (result, reads)
}

/// Notes that the current render has read `key`.
pub fn note(key: Key) {
    READS.with_borrow_mut(|stack| {
        if let Some(reads) = stack.last_mut() {
            reads.note(key);
        }
    });
}
