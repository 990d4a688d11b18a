//! Budgets: a template must not be able to render for ever or without end.
//!
//! In: bytes written by the template engine, and what it calls meanwhile. Out:
//! the same bytes, or a refusal once there are too many or it takes too long.
//! The engine has no limits of its own, so a render is measured where it comes
//! by: at each write, at each escaped value (those that are captured are not
//! written) and at each `range`. Time is only ever a reason to stop, never part
//! of what is rendered.

use std::cell::RefCell;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::config::Limits;

/// Numbers that `range` may give to one render: with more, what captures the
/// text of a loop would use up the memory before the time.
const MOST_STEPS: u64 = 10_000_000;

/// A buffer with a limit on its size and on the time to fill it. While it
/// lives, the renders of its thread are measured by it.
#[derive(Debug)]
pub struct Budget {
    buffer: Vec<u8>,
    limit: usize,
}

/// Which limit was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// Bytes.
    Size(usize),
    /// Time.
    Time(Duration),
    /// Numbers of `range`.
    Steps(u64),
}

#[derive(Debug)]
struct Meter {
    deadline: Instant,
    allowed: Duration,
    calls: u32,
    steps: u64,
    spent: Option<Spent>,
}

thread_local! {
    // The last one belongs to the innermost render.
    static METERS: RefCell<Vec<Meter>> = const { RefCell::new(Vec::new()) };
}

impl Meter {
    fn spend(&mut self, spent: Spent) -> io::Result<()> {
        self.spent.get_or_insert(spent);
        Err(io::Error::other("over the limit of one output"))
    }

    fn check_time(&mut self) -> io::Result<()> {
        if Instant::now() > self.deadline { self.spend(Spent::Time(self.allowed)) } else { Ok(()) }
    }
}

fn metered(check: impl FnOnce(&mut Meter) -> io::Result<()>) -> io::Result<()> {
    METERS.with_borrow_mut(|meters| meters.last_mut().map_or(Ok(()), check))
}

/// For what is called often: looks at the time now and then, since asking for
/// it costs more than a small write.
pub fn tick() -> io::Result<()> {
    metered(|meter| {
        meter.calls = meter.calls.wrapping_add(1);
        if meter.calls.is_multiple_of(1024) { meter.check_time() } else { Ok(()) }
    })
}

/// For loops: takes that many steps.
pub fn step(count: u64) -> io::Result<()> {
    metered(|meter| {
        meter.steps = meter.steps.saturating_add(count);
        if meter.steps > MOST_STEPS { meter.spend(Spent::Steps(MOST_STEPS)) } else { meter.check_time() }
    })
}

impl Budget {
    /// An empty buffer with the limits of the configuration.
    pub fn new(limits: &Limits) -> Self {
        let allowed = Duration::from_secs(limits.render_seconds);
        let deadline = Instant::now() + allowed;
        METERS.with_borrow_mut(|meters| {
            meters.push(Meter { deadline, allowed, calls: 0, steps: 0, spent: None });
        });
        let limit = usize::try_from(limits.output).unwrap_or(usize::MAX);
        Self { buffer: Vec::with_capacity(4 << 10), limit }
    }

    /// What was written.
    pub fn into_bytes(mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }

    /// The limit that was passed, if one was.
    pub fn spent(&self) -> Option<Spent> {
        METERS.with_borrow(|meters| meters.last().and_then(|meter| meter.spent))
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        METERS.with_borrow_mut(Vec::pop);
    }
}

impl Write for Budget {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > self.limit {
            metered(|meter| meter.spend(Spent::Size(self.limit)))?;
        }
        tick()?;
        self.buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
