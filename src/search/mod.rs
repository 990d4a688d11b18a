//! Search: published pages to an index that a reader's script asks.
//!
//! In: HTML of pages and what is known about them. Out: for each page its
//! sections and words ([`page::read`]), and of all pages together the files of
//! an index ([`index::files`]): an entry, shards of words, and beside them one
//! file for each page with its texts. The theme's `juxta-search.js` reads them;
//! its tokenizer is a twin of [`tokens`], and a test holds the two together.
//! Pure. Must not know sites, plans or templates.

pub mod index;
pub mod page;
pub mod tokens;
