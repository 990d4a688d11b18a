//! Budgets: a template must not be able to render for ever or without end.
//!
//! In: bytes written by the template engine. Out: the same bytes, or a refusal
//! once there are too many or it takes too long. Time is only ever a reason to
//! stop, never part of what is rendered.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::config::Limits;

/// A buffer with a limit on its size and on the time to fill it.
#[derive(Debug)]
pub struct Budget {
    buffer: Vec<u8>,
    limit: usize,
    deadline: Instant,
    writes: u32,
    spent: Option<Spent>,
}

/// Which limit was passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// Bytes.
    Size(usize),
    /// Time.
    Time(Duration),
}

impl Budget {
    /// An empty buffer with the limits of the configuration.
    pub fn new(limits: &Limits) -> Self {
        Self {
            buffer: Vec::with_capacity(16 << 10),
            limit: usize::try_from(limits.output).unwrap_or(usize::MAX),
            deadline: Instant::now() + Duration::from_secs(limits.render_seconds),
            writes: 0,
            spent: None,
        }
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.buffer
    }

    /// The limit that was passed, if one was.
    pub fn spent(&self) -> Option<Spent> {
        self.spent
    }
}

impl Write for Budget {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > self.limit {
            self.spent = Some(Spent::Size(self.limit));
            return Err(io::Error::other("over the size limit"));
        }
        // Asking for the time costs more than a small write.
        self.writes = self.writes.wrapping_add(1);
        if self.writes.is_multiple_of(1024) && Instant::now() > self.deadline {
            self.spent = Some(Spent::Time(Duration::from_secs(0)));
            return Err(io::Error::other("over the time limit"));
        }
        self.buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
