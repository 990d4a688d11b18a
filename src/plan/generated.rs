//! Generated: outputs that no page stands for.
//!
//! In: static files, templates that are published as files, what the
//! configuration asks for. Out: a job for each, unless an author's file has its
//! address; problems where something stands in the way of the search's index.

use super::*;

impl Planner<'_> {
    /// A later layer replaces what an earlier one publishes at the same path;
    /// only against pages and assets that is a collision.
    pub(super) fn statics(&mut self, theme_statics: &[StaticFile], statics: &[FilePath]) {
        let mut layers: BTreeMap<FilePath, StaticOrigin> = BTreeMap::new();
        for file in theme_statics {
            layers.insert(file.path.clone(), file.origin.clone());
        }
        for path in statics {
            layers.insert(path.clone(), StaticOrigin::File(static_root().join(path.as_str())));
        }
        for (path, file) in layers {
            let what = match &file {
                StaticOrigin::File(file) | StaticOrigin::Sass { path: file, folder: _ } => {
                    format!("the file `{file}`")
                }
                StaticOrigin::Builtin(_) => format!("the file `{path}` of the built-in theme"),
            };
            if let Ok(output) = OutputPath::new(path.as_str()) {
                self.add_output(output, Work::File(file), Origin { what, place: None });
            }
        }
    }

    /// A file the site has as it is takes the place of one that is drawn.
    pub(super) fn templated(&mut self, files: &[TemplatedFile]) {
        let is_set = |name: &String| self.site.config.extra.get(name).is_some_and(|value| !value.is_null());
        let wanted: Vec<_> = files.iter().filter(|file| file.needs.as_ref().is_none_or(is_set)).collect();
        for file in wanted {
            let origin = Origin { what: format!("the template `{}`", file.source), place: None };
            if let Ok(output) = OutputPath::new(file.path.as_str()) {
                self.add_unless_there(output, Work::Templated(file.path.clone()), origin);
            }
        }
    }

    pub(super) fn generated(&mut self) {
        let config = &self.site.config;
        let origin = |what: &str| Origin { what: what.to_owned(), place: None };
        let file = |name: &str| OutputPath::of_url(&UrlPath::new(name));
        if config.markdown.code.highlight {
            self.add_unless_there(
                file(CODE_LIGHT),
                Work::CodeStyle(false),
                origin("the style sheet of code"),
            );
            if config.markdown.code.dark_theme.is_some() {
                self.add_unless_there(
                    file(CODE_DARK),
                    Work::CodeStyle(true),
                    origin("the style sheet of code"),
                );
            }
        }
        self.add_unless_there(file("404.html"), Work::NotFound, origin("the error page"));
        if config.generate_robots_txt {
            self.add_unless_there(file("robots.txt"), Work::Robots, origin("`robots.txt`"));
        }
        if config.social_cards && config.base_url.is_none() {
            self.problems.push(config.problem_at(cards_need_base(), &["social_cards"]));
        }
        // Without a base there are no absolute addresses, which a sitemap needs.
        if config.generate_sitemap && config.base_url.is_some() {
            self.add_unless_there(file("sitemap.xml"), Work::Sitemap, origin("the sitemap"));
            if self.sitemap.len() > SITEMAP_LIMIT {
                for n in 1..=self.sitemap.len().div_ceil(SITEMAP_LIMIT) {
                    self.add_output(
                        file(&format!("sitemap{n}.xml")),
                        Work::SitemapPart(n),
                        origin("the sitemap"),
                    );
                }
            }
        }
        let has_script = self.jobs.keys().any(|output| output.as_str() == SEARCH_SCRIPT);
        for language in self.site.languages().into_iter().filter(|_| has_script) {
            if config.language_or_default(language).build_search_index {
                let url = UrlPath::new(&search_folder(config, language));
                // A page of the author's may have that address.
                if !self.by_key.contains_key(&OutputPath::of_url(&url).collision_key()) {
                    self.add(&url, Work::Search(language.to_owned()), origin("the page of the search"));
                }
            }
        }
        if self.has_redirects {
            self.add_unless_there(
                file(REDIRECT_SCRIPT),
                Work::RedirectScript,
                origin("the script of redirect pages"),
            );
        }
    }

    /// Beside each page, where the author has put nothing else.
    pub(super) fn llms(&mut self) {
        let config = &self.site.config;
        let llms = &config.llms;
        if llms.markdown {
            for job in self.jobs.values() {
                let Some(twin) = job.twin() else { continue };
                if !self.by_key.contains_key(&twin.collision_key()) {
                    self.twins.insert(job.output.clone(), twin);
                }
            }
        }
        for language in self.site.languages() {
            let folder = if language == config.default_language { "" } else { &format!("{language}/") };
            let file = |name: &str| OutputPath::of_url(&UrlPath::new(&format!("{folder}{name}")));
            let origin = Origin { what: "`llms.txt`".to_owned(), place: None };
            if llms.index {
                self.add_unless_there(file(LLMS), Work::Llms(language.to_owned()), origin);
            }
            let full = file(LLMS_FULL);
            if llms.full && !self.by_key.contains_key(&full.collision_key()) {
                self.full.insert(language.to_owned(), full);
            }
        }
    }

    /// What the program would generate gives way to a file the author put there.
    fn add_unless_there(&mut self, output: OutputPath, work: Work, origin: Origin) {
        let theirs = self.jobs.get(&output).is_some_and(|job| matches!(job.work, Work::File(_)));
        if !theirs {
            self.add_output(output, work, origin);
        }
    }

    /// Nothing else can be where the index of the search is written after the
    /// pages.
    pub(super) fn kept_for_search(&mut self) {
        let config = &self.site.config;
        let has_index = |code: &&str| config.language_or_default(code).build_search_index;
        for code in self.site.languages().into_iter().filter(has_index) {
            let folder = search_folder(config, code);
            for job in self.jobs.values() {
                let key = job.output.collision_key();
                let Some(name) = key.strip_prefix(&folder) else { continue };
                if name == "index.json" || matches!(name.split('/').next(), Some("p" | "s")) {
                    let message = format!(
                        "`{}` would be published by {}, and the index of the search is written there",
                        job.output, job.origin.what
                    );
                    let problem = Diagnostic::error("duplicate-output", message);
                    let problem = match &job.origin.place {
                        Some((source, span)) => problem.at(source, *span),
                        None => problem.in_file(job.origin.what.split('`').nth(1).unwrap_or(&key)),
                    };
                    self.problems.push(
                        problem.hint("rename it, or do without the index: `build_search_index = false`"),
                    );
                }
            }
        }
    }
}
