//! Publish: rendered bytes to an output folder, all or nothing.
//!
//! In: pairs of output path and bytes, in any order, from several threads. Out:
//! the output folder, changed in one step, or left exactly as it was. Must not
//! know what the bytes mean. With `read`, the only part of the pipeline that
//! touches the disk.
