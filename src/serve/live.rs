//! Live: what is served now, and what has changed since when.
//!
//! In: outputs of finished builds, problems. Out: the table requests are looked
//! up in, and for each page that is open what it missed. A build takes its
//! place in one step: nobody sees half of it. Must not know HTTP.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::watch;

use super::table::{Found, Table};
use crate::base::paths::OutputPath;

/// Versions of which it is known what changed.
const REMEMBERED: usize = 256;

/// What is served.
pub(super) struct Live {
    state: RwLock<State>,
    version: watch::Sender<u64>,
    /// Counts outputs of the first build that somebody has waited for.
    early: watch::Sender<u64>,
    asked: Mutex<Asked>,
    /// Tells of something new there.
    is_asked: Condvar,
    /// Tells this server from the one before it.
    pub(super) instance: u64,
}

/// Outputs that are waited for during the first build.
#[derive(Default)]
struct Asked {
    /// Who has been told of each.
    names: BTreeMap<String, Told>,
    /// Somebody draws previews.
    has_previews: bool,
    /// The first build is done.
    is_over: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Nobody,
    /// Who draws previews.
    Preview,
    /// There is no preview of it.
    OnlyBuild,
    Build,
}

impl Asked {
    /// Those told so far, who are told now of the next.
    fn tell(&mut self, so_far: Told, now: Told) -> BTreeSet<String> {
        let new = self.names.iter_mut().filter(|(_, told)| **told == so_far);
        new.map(|(name, told)| {
            *told = now;
            name.clone()
        })
        .collect()
    }
}

struct State {
    table: Table,
    /// Outputs of which a preview is served.
    previews: BTreeSet<OutputPath>,
    /// Addresses that changed, newest last.
    log: VecDeque<(u64, BTreeSet<String>)>,
    problems: Problems,
    /// The page that was edited last, and with which version.
    edited: Option<(u64, String)>,
}

/// What is wrong with the last build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Problems {
    /// As HTML; empty when there are none.
    pub(super) html: String,
    /// Whether the last good build is shown instead.
    pub(super) is_held: bool,
}

/// What a page has to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct News {
    /// What is served now.
    pub(super) version: u64,
    /// Addresses below the base that have changed, or gone.
    pub(super) changed: BTreeSet<String>,
    /// It is not known what has changed.
    pub(super) is_all: bool,
    /// There are problems.
    pub(super) has_problems: bool,
    /// Address below the base of the page that was edited last.
    pub(super) edited: Option<String>,
}

impl Live {
    /// Nothing yet: version 0.
    pub(super) fn new(instance: u64, base_path: &str) -> Self {
        let table = Table::new(BTreeMap::new(), base_path);
        let state = State {
            table,
            previews: BTreeSet::new(),
            log: VecDeque::new(),
            problems: Problems::default(),
            edited: None,
        };
        Self {
            state: RwLock::new(state),
            version: watch::Sender::new(0),
            early: watch::Sender::new(0),
            asked: Mutex::default(),
            is_asked: Condvar::new(),
            instance,
        }
    }

    /// A finished build that stays.
    pub(super) fn of(table: Table) -> Self {
        let live = Self::new(0, "");
        live.write(|state| state.table = table);
        live.version.send_replace(1);
        live
    }

    fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn write<T>(&self, write: impl FnOnce(&mut State) -> T) -> T {
        write(&mut self.state.write().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Reads what requests are looked up in.
    pub(super) fn with_table<T>(&self, read: impl FnOnce(&Table) -> T) -> T {
        self.read(|state| read(&state.table))
    }

    /// What is wrong.
    pub(super) fn problems(&self) -> Problems {
        self.read(|state| state.problems.clone())
    }

    /// What is served now; 0 before the first build.
    pub(super) fn version(&self) -> u64 {
        *self.version.borrow()
    }

    /// Waits until a path can be answered: at the end of the first build at the
    /// latest, sooner if its output has been rendered.
    pub(super) async fn ready(&self, path: &str) {
        let (mut versions, mut early) = (self.version.subscribe(), self.early.subscribe());
        let names = self.with_table(|table| table.meant(path));
        if *versions.borrow_and_update() == 0 {
            let mut asked = self.asked();
            for name in names {
                asked.names.entry(name).or_insert(Told::Nobody);
            }
            self.is_asked.notify_all();
        }
        loop {
            early.mark_unchanged();
            if *versions.borrow_and_update() > 0
                || !matches!(self.with_table(|table| table.find(path)), Found::Nothing(_))
            {
                return;
            }
            tokio::select! {
                changed = versions.changed() => if changed.is_err() { return },
                changed = early.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Takes an output of the first build, before it is known whether all are
    /// well: an author who waits for one page need not wait for the others.
    pub(super) fn put_early(&self, output: &OutputPath, bytes: Arc<[u8]>) {
        self.write(|state| {
            // It may be another: then that is news when the build is done.
            if !state.previews.contains(output) {
                state.table.put(output, bytes);
            }
        });
        self.tell_early(output);
    }

    /// Takes an output that the first build may still give otherwise.
    pub(super) fn put_preview(&self, output: &OutputPath, bytes: Arc<[u8]>) {
        self.write(|state| {
            if !state.table.has(output) {
                state.table.put(output, bytes);
                state.previews.insert(output.clone());
            }
        });
        self.tell_early(output);
    }

    fn tell_early(&self, output: &OutputPath) {
        if self.asked().names.contains_key(output.as_str()) {
            self.early.send_modify(|count| *count += 1);
        }
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Outputs that the build is to render first, each told once.
    pub(super) fn newly_asked(&self) -> BTreeSet<String> {
        let mut asked = self.asked();
        let so_far = if asked.has_previews { Told::OnlyBuild } else { Told::Nobody };
        asked.tell(so_far, Told::Build)
    }

    /// From now on previews are drawn of what is asked for.
    pub(super) fn start_previews(&self) {
        self.asked().has_previews = true;
    }

    /// There is no preview of this: it waits for the build.
    pub(super) fn no_preview(&self, name: String) {
        self.asked().names.insert(name, Told::OnlyBuild);
    }

    /// Waits until there are outputs to draw previews of; none when the first
    /// build is done.
    pub(super) fn next_asked(&self) -> Option<BTreeSet<String>> {
        let mut asked = self.asked();
        loop {
            let new = asked.tell(Told::Nobody, Told::Preview);
            if asked.is_over {
                return None;
            }
            if !new.is_empty() {
                return Some(new);
            }
            asked = self.is_asked.wait(asked).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Nobody has to wait any more.
    pub(super) fn end_of_asking(&self) {
        self.asked().is_over = true;
        self.is_asked.notify_all();
    }

    /// Tells when there is something new.
    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// Takes a build: outputs that were rendered, those that are gone, the base
    /// path, and what is wrong. What is the same bytes has not changed. Gives
    /// the addresses that changed.
    pub(super) fn take(
        &self,
        rendered: BTreeMap<OutputPath, Arc<[u8]>>,
        removed: &BTreeSet<OutputPath>,
        base_path: &str,
        problems: Problems,
    ) -> BTreeSet<String> {
        let mut changed = BTreeSet::new();
        self.write(|state| {
            let other_problems = state.problems != problems;
            // Pages seen early have version 0, so they hear of the first build:
            // that it is no good, or that their page is another now.
            if self.version() == 0 && problems.is_held {
                state.table.clear();
            }
            state.previews.clear();
            let other_base = state.table.base_path() != base_path;
            let table = &mut state.table;
            for (output, bytes) in rendered {
                if table.put(&output, bytes) {
                    changed.insert(output.url().as_str().to_owned());
                }
            }
            for output in removed {
                if table.remove(output) {
                    changed.insert(output.url().as_str().to_owned());
                }
            }
            table.set_base_path(base_path);
            state.problems = problems;
            let version = self.version() + 1;
            if version > 1 && changed.is_empty() && !other_problems && !other_base {
                return;
            }
            if state.log.len() >= REMEMBERED {
                state.log.pop_front();
            }
            state.log.push_back((version, changed.clone()));
            self.version.send_replace(version);
        });
        changed
    }

    /// Says which page was edited, before the build that shows it is taken.
    pub(super) fn edited(&self, page: &str) {
        let next = self.version() + 1;
        self.write(|state| state.edited = Some((next, page.to_owned())));
    }

    /// Takes outputs that no page shows, so nobody has to be told.
    pub(super) fn put_unseen(&self, rendered: BTreeMap<OutputPath, Arc<[u8]>>, removed: &[OutputPath]) {
        self.write(|state| {
            for (output, bytes) in rendered {
                state.table.put(&output, bytes);
            }
            for output in removed {
                state.table.remove(output);
            }
        });
    }

    /// What changed after a version that this server, or another, gave.
    pub(super) fn since(&self, instance: u64, version: u64) -> News {
        self.read(|state| {
            let now = self.version();
            let oldest = state.log.front().map_or(now, |(version, _)| *version);
            let is_all = instance != self.instance || version > now || version + 1 < oldest;
            let later = state.log.iter().filter(|(of, _)| *of > version);
            let changed = later.flat_map(|(_, changed)| changed.iter().cloned()).collect();
            let edited = state.edited.iter().find(|(of, _)| *of > version).map(|(_, page)| page.clone());
            News { version: now, changed, is_all, has_problems: !state.problems.html.is_empty(), edited }
        })
    }
}

impl News {
    /// As JSON, for the script.
    pub(super) fn to_json(&self, instance: u64) -> String {
        serde_json::json!({
            "instance": instance.to_string(),
            "version": self.version,
            "changed": self.changed,
            "all": self.is_all,
            "problems": self.has_problems,
            "edited": self.edited,
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(files: &[(&str, &str)]) -> BTreeMap<OutputPath, Arc<[u8]>> {
        files
            .iter()
            .map(|(path, text)| (OutputPath::new(path).unwrap(), Arc::from(text.as_bytes())))
            .collect()
    }

    #[test]
    fn only_other_bytes_are_news() {
        let live = Live::new(7, "");
        let none = BTreeSet::new();
        let take = |files: &[(&str, &str)]| live.take(outputs(files), &none, "", Problems::default());
        assert_eq!(take(&[("a/index.html", "a"), ("b/index.html", "b")]).len(), 2);
        assert_eq!(live.version(), 1);
        assert_eq!(take(&[("a/index.html", "a")]), none_of());
        assert_eq!(live.version(), 1);
        assert_eq!(take(&[("a/index.html", "x"), ("b/index.html", "b")]), BTreeSet::from(["/a/".to_owned()]));
        assert_eq!(take(&[("s.css", "x")]).len(), 1);
        let news = live.since(7, 1);
        assert_eq!((news.version, news.is_all), (3, false));
        assert_eq!(news.changed.into_iter().collect::<Vec<_>>(), ["/a/", "/s.css"]);
        assert!(live.since(7, 3).changed.is_empty());
        assert!(live.since(8, 1).is_all && live.since(7, 9).is_all);
        let removed = BTreeSet::from([OutputPath::new("b/index.html").unwrap()]);
        let changed = live.take(BTreeMap::new(), &removed, "", Problems::default());
        assert_eq!(changed, BTreeSet::from(["/b/".to_owned()]));
        let problems = Problems { html: "<ol>".to_owned(), is_held: true };
        live.take(BTreeMap::new(), &BTreeSet::new(), "", problems);
        assert!(live.since(7, 4).has_problems && live.version() == 5);
        for i in 0..300 {
            take(&[("a/index.html", &i.to_string())]);
        }
        assert!(live.since(7, 1).is_all && !live.since(7, live.version() - 1).is_all);
    }

    #[test]
    fn who_waits_for_one_page_need_not_wait_for_the_others() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let live = Arc::new(Live::new(7, "/x"));
            let waits = {
                let live = Arc::clone(&live);
                tokio::spawn(async move { live.ready("/x/a/").await })
            };
            tokio::task::yield_now().await;
            assert_eq!(live.newly_asked(), BTreeSet::from(["a/index.html".to_owned()]));
            assert!(live.newly_asked().is_empty(), "told once");
            let put =
                |path: &str| live.put_early(&OutputPath::new(path).unwrap(), Arc::from(b"x".as_slice()));
            put("b/index.html");
            tokio::task::yield_now().await;
            assert!(!waits.is_finished());
            put("a/index.html");
            waits.await.unwrap();
            // What was rendered before it was asked for is there at once.
            live.ready("/x/b").await;
            assert_eq!(live.version(), 0);

            let problems = Problems { html: "<ol>".to_owned(), is_held: true };
            live.take(BTreeMap::new(), &BTreeSet::new(), "/x", problems);
            let news = live.since(7, 0);
            assert!(news.has_problems && !news.is_all, "whoever has seen a page hears of the mistake");
            assert!(matches!(live.with_table(|table| table.find("/x/a/")), Found::Nothing(_)));
        });
    }

    #[test]
    fn a_preview_that_was_not_quite_right_is_news() {
        let live = Live::new(7, "");
        let put = |put: &dyn Fn(&OutputPath, Arc<[u8]>), path: &str, text: &str| {
            put(&OutputPath::new(path).unwrap(), Arc::from(text.as_bytes()));
        };
        let preview = |output: &OutputPath, bytes| live.put_preview(output, bytes);
        let early = |output: &OutputPath, bytes| live.put_early(output, bytes);
        let shown = |path: &str| match live.with_table(|table| table.find(path)) {
            Found::Output(_, bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            _ => String::new(),
        };
        put(&preview, "a/index.html", "right");
        put(&preview, "b/index.html", "nearly");
        put(&early, "a/index.html", "right");
        put(&early, "b/index.html", "right");
        put(&early, "c/index.html", "right");
        put(&preview, "c/index.html", "too late");
        assert_eq!([shown("/a/"), shown("/b/"), shown("/c/")], ["right", "nearly", "right"]);
        let built =
            outputs(&[("a/index.html", "right"), ("b/index.html", "right"), ("c/index.html", "right")]);
        live.take(built, &BTreeSet::new(), "", Problems::default());
        assert_eq!(shown("/b/"), "right");
        let news = live.since(7, 0);
        assert_eq!((news.version, news.is_all), (1, false));
        assert_eq!(news.changed, BTreeSet::from(["/b/".to_owned()]));
    }

    #[test]
    fn asking_ends_with_the_first_build() {
        let live = Arc::new(Live::new(7, ""));
        let heard = {
            let live = Arc::clone(&live);
            std::thread::spawn(move || {
                let mut heard = Vec::new();
                while let Some(names) = live.next_asked() {
                    heard.extend(names);
                }
                heard
            })
        };
        live.start_previews();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let waits = {
                let live = Arc::clone(&live);
                tokio::spawn(async move { live.ready("/a/").await })
            };
            tokio::task::yield_now().await;
            while live.asked().names.values().any(|told| *told == Told::Nobody) {
                std::thread::yield_now();
            }
            assert!(live.newly_asked().is_empty(), "there may be a preview of it");
            live.no_preview("a/index.html".to_owned());
            assert_eq!(live.newly_asked(), BTreeSet::from(["a/index.html".to_owned()]));
            assert!(live.newly_asked().is_empty(), "told once");
            live.end_of_asking();
            live.take(BTreeMap::new(), &BTreeSet::new(), "", Problems::default());
            waits.await.unwrap();
        });
        assert_eq!(heard.join().unwrap(), ["a/index.html"]);
    }

    fn none_of() -> BTreeSet<String> {
        BTreeSet::new()
    }
}
