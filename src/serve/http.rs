//! HTTP: requests to answers.
//!
//! In: a listener and what is served. Out: answers with the headers that keep
//! other sites' pages out. The order of the checks matters: method, host, where
//! the request comes from, and only then the path. While the project is watched
//! pages get a script, which listens for news below `/.juxta-live/`; all other
//! bytes are those that are published.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Frame;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::task::AbortHandle;

use super::Options;
use super::live::{Live, Problems};
use super::table::{Found, media_type};
use crate::base::paths::percent_encode;
use crate::base::text::escaped;

/// Connections held at a time. Browsers keep a handful; when others are idle in
/// crowds, the oldest has to go, so that a page is served still.
const MOST_CONNECTIONS: usize = 128;

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of a request's head.
const LONGEST_HEAD: usize = 32 << 10;

struct Server {
    live: Arc<Live>,
    /// The project is watched: pages are told what changes.
    is_watching: bool,
    /// Where places in files lead: an address with `{path}`, `{line}`, `{column}`.
    editor: Option<String>,
    /// Pages go where the author writes.
    follow: bool,
    allowed_hosts: Vec<String>,
    /// The address listened on, when it is not a loopback one.
    own: Option<String>,
}

/// Serves until the process is interrupted.
pub(super) async fn serve(
    listener: tokio::net::TcpListener,
    live: Arc<Live>,
    is_watching: bool,
    options: &Options,
    address: SocketAddr,
) -> std::convert::Infallible {
    let server = Arc::new(Server {
        live,
        is_watching,
        editor: options.editor.clone(),
        follow: options.follow,
        allowed_hosts: options.allowed_hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
        own: (!address.ip().is_loopback() && !address.ip().is_unspecified())
            .then(|| address.ip().to_string()),
    });
    let mut connections: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // The client is gone, or there are too many open files: the
            // oldest connections give some back.
            connections.drain(..connections.len() / 2).for_each(|connection| connection.abort());
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        connections.retain(|connection| !connection.is_finished());
        if connections.len() >= MOST_CONNECTIONS
            && let Some(oldest) = connections.pop_front()
        {
            oldest.abort();
        }
        let server = Arc::clone(&server);
        let service = service_fn(move |request| {
            let server = Arc::clone(&server);
            async move { Ok::<_, Infallible>(answer(&server, &request).await) }
        });
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(LONGEST_HEAD);
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        // What goes wrong on one connection concerns its client alone.
        connections.push_back(tokio::spawn(async move { drop(connection.await) }).abort_handle());
    }
}

async fn answer<T>(server: &Server, request: &Request<T>) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered");
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    if let Err((status, words)) = server.check_host(request.headers(), request.uri().host()) {
        return plain(status, words);
    }
    if is_foreign(request.headers()) {
        return plain(StatusCode::FORBIDDEN, "a page of another site may not read this one");
    }
    let path = request.uri().path();
    // No address of a site has these, and some ask whether they lead out.
    if request.uri().query().is_some_and(|query| query.contains("/../") || query.starts_with("../")) {
        return plain(StatusCode::BAD_REQUEST, "that address is not one of a site");
    }
    if server.is_watching {
        let below = server.live.with_table(|table| {
            path.strip_prefix(table.base_path()).and_then(|path| path.strip_prefix(LIVE)).map(str::to_owned)
        });
        if let Some(name) = below {
            return server.channel(&name, request);
        }
        // What is asked for during the first build waits for it.
        server.live.ready(path).await;
    }
    let found = server.live.with_table(|table| table.find(path));
    match found {
        Found::Output(name, bytes) if server.is_watching && is_page(&name) => {
            let bytes = server.with_script(&bytes, "");
            send(StatusCode::OK, &name, &bytes, request.headers())
        }
        Found::Output(name, bytes) => send(StatusCode::OK, &name, &bytes, request.headers()),
        Found::Folder(address) => {
            let mut location = percent_encode(&address);
            if let Some(query) = request.uri().query() {
                location.push('?');
                location.push_str(query);
            }
            let mut response = plain(StatusCode::FOUND, "see the address with a slash at its end");
            if let Ok(location) = HeaderValue::from_str(&location) {
                response.headers_mut().insert(header::LOCATION, location);
            }
            response
        }
        Found::Nothing(page) if server.is_watching => {
            let near = server.live.with_table(|table| table.near(path)).join(" ");
            let page = page.unwrap_or_else(|| Arc::from(NOTHING.as_bytes()));
            let bytes = server.with_script(&page, &near);
            send(StatusCode::NOT_FOUND, "404.html", &bytes, &HeaderMap::new())
        }
        Found::Nothing(Some(page)) => send(StatusCode::NOT_FOUND, "404.html", &page, &HeaderMap::new()),
        Found::Nothing(None) => {
            let near = server.live.with_table(|table| table.near(path));
            let near =
                if near.is_empty() { String::new() } else { format!("; near are {}", near.join(", ")) };
            plain(StatusCode::NOT_FOUND, &format!("nothing is published at {path}{near}"))
        }
    }
}

/// Where the script, its style sheet and its news are, below the base path. No
/// output has such a name, unless somebody publishes hidden files of just that.
const LIVE: &str = "/.juxta-live/";

/// Shown while there has been no good build.
const NOTHING: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Nothing here</title>\n</head>\n<body>\n<p>Nothing is published here.</p>\n</body>\n</html>\n";

/// How often a silent channel says that it is still there.
const STILL_THERE: Duration = Duration::from_secs(15);

fn is_page(name: &str) -> bool {
    media_type(name).starts_with("text/html")
}

impl Server {
    /// A page with the script that keeps it up to date.
    fn with_script(&self, bytes: &Arc<[u8]>, near: &str) -> Arc<[u8]> {
        let base = self.live.with_table(|table| escaped(table.base_path()));
        let mut script = format!(
            "<script src=\"{base}{LIVE}live.js\" data-base=\"{base}\" data-instance=\"{}\" data-version=\"{}\"",
            self.live.instance,
            self.live.version(),
        );
        let problems = self.live.problems();
        for (name, value) in [
            ("problems", if problems.html.is_empty() { "" } else { "true" }),
            ("near", near),
            ("editor", self.editor.as_deref().unwrap_or("")),
            ("follow", if self.follow { "true" } else { "" }),
        ] {
            if !value.is_empty() {
                script.push_str(&format!(" data-{name}=\"{}\"", escaped(value)));
            }
        }
        script.push_str(" defer></script>");
        let at = memchr::memmem::find(bytes, b"</head>").unwrap_or(bytes.len());
        [&bytes[..at], script.as_bytes(), &bytes[at..]].concat().into()
    }

    /// What the script asks for.
    fn channel<T>(&self, name: &str, request: &Request<T>) -> Response<Body> {
        if let Err(words) = self.check_origin(request.headers()) {
            return plain(StatusCode::FORBIDDEN, words);
        }
        match name {
            "live.js" => send(StatusCode::OK, name, &Arc::from(SCRIPT.as_bytes()), &HeaderMap::new()),
            "live.css" => send(StatusCode::OK, name, &Arc::from(STYLE.as_bytes()), &HeaderMap::new()),
            "problems" => {
                let Problems { html, is_held } = self.live.problems();
                let note = if is_held { "<p class=\"held\">This is the last good build.</p>\n" } else { "" };
                send(
                    StatusCode::OK,
                    "problems.html",
                    &Arc::from(format!("{note}{html}").as_bytes()),
                    &HeaderMap::new(),
                )
            }
            "events" => {
                let value = |name: &str| {
                    let query = request.uri().query().unwrap_or("");
                    query
                        .split('&')
                        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse::<u64>().ok())
                };
                let news = (value("instance").unwrap_or(0), value("version").unwrap_or(0));
                let body = if *request.method() == Method::HEAD { Body::empty() } else { self.events(news) };
                with_headers(Response::new(body), "text/event-stream")
            }
            _ => plain(StatusCode::NOT_FOUND, "there is no such channel"),
        }
    }

    /// A stream of news, from those after a version on.
    fn events(&self, (instance, version): (u64, u64)) -> Body {
        let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(4);
        let live = Arc::clone(&self.live);
        let mut versions = live.subscribe();
        let told = (instance, version);
        tokio::spawn(async move {
            let (mut instance, mut version) = told;
            // So that the page knows that it is heard.
            let mut text = ": juxta\n\n".to_owned();
            loop {
                let now = *versions.borrow_and_update();
                if instance != live.instance || version != now {
                    let news = live.since(instance, version);
                    text.push_str(&format!("data: {}\n\n", news.to_json(live.instance)));
                    (instance, version) = (live.instance, news.version);
                }
                if !text.is_empty() && sender.send(Bytes::from(std::mem::take(&mut text))).await.is_err() {
                    return;
                }
                tokio::select! {
                    changed = versions.changed() => if changed.is_err() { return },
                    () = tokio::time::sleep(STILL_THERE) => text.push_str(":\n\n"),
                    () = sender.closed() => return,
                }
            }
        });
        Body::new(Events(receiver))
    }

    /// Only this site's own pages may listen. A browser names the origin of
    /// every page but one that asks its own server.
    fn check_origin(&self, headers: &HeaderMap) -> Result<(), &'static str> {
        const REFUSAL: &str = "only pages of this server may listen to it";
        if headers
            .get("sec-fetch-site")
            .is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"))
        {
            return Err(REFUSAL);
        }
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let Some(origin) = origins.next() else { return Ok(()) };
        // The host is one of ours, which has been seen to.
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
        let is_own = origin.to_str().is_ok_and(|origin| origin.strip_prefix("http://") == Some(host));
        if is_own && origins.next().is_none() { Ok(()) } else { Err(REFUSAL) }
    }
}

/// The script of watched pages.
const SCRIPT: &str = include_str!("live.js");
/// What its notices look like.
const STYLE: &str = include_str!("live.css");

/// A body that comes bit by bit.
struct Events(tokio::sync::mpsc::Receiver<Bytes>);

impl HttpBody for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

impl Server {
    /// Only this machine's own names, and those that were allowed: a name that
    /// somebody else can point at this machine must not be answered.
    fn check_host(
        &self,
        headers: &HeaderMap,
        in_target: Option<&str>,
    ) -> Result<(), (StatusCode, &'static str)> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err((StatusCode::BAD_REQUEST, "the request must name one host"));
        };
        let Ok(host) = host.to_str() else {
            return Err((StatusCode::BAD_REQUEST, "the request's host is not text"));
        };
        let given = [Some(host_name(host)), in_target.map(|host| host.to_ascii_lowercase())];
        for host in given.into_iter().flatten() {
            if !self.is_ours(&host) {
                return Err((
                    StatusCode::FORBIDDEN,
                    "this host name is not served; allow it with --allow-host NAME",
                ));
            }
        }
        Ok(())
    }

    fn is_ours(&self, host: &str) -> bool {
        let bare = host.trim_matches(['[', ']']);
        matches!(host, "localhost" | "[::1]")
            || host.ends_with(".localhost")
            || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
            || self.own.as_deref() == Some(bare)
            || self.allowed_hosts.iter().any(|allowed| allowed == host)
    }
}

/// The host without its port, lower-case.
fn host_name(host: &str) -> String {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    };
    name.to_ascii_lowercase()
}

/// Whether a page of another origin asks, other than by leading a person here.
fn is_foreign(headers: &HeaderMap) -> bool {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let is_navigation = value("sec-fetch-mode") == "navigate" && value("sec-fetch-dest") == "document";
    value("sec-fetch-site") == "cross-site" && !is_navigation
}

fn with_headers(mut response: Response<Body>, media_type: &str) -> Response<Body> {
    let headers = response.headers_mut();
    if let Ok(media_type) = HeaderValue::from_str(media_type) {
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

fn plain(status: StatusCode, words: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("{}\n", escaped(words))));
    *response.status_mut() = status;
    with_headers(response, "text/plain; charset=utf-8")
}

/// Sends bytes, or the range of them that was asked for. The library below
/// leaves the body out for HEAD.
fn send(status: StatusCode, name: &str, bytes: &Arc<[u8]>, headers: &HeaderMap) -> Response<Body> {
    let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    if let Some(range) = range.filter(|_| status == StatusCode::OK) {
        match parse_range(range, bytes.len()) {
            Some(Some((start, end))) => {
                let mut response = Response::new(Body::from(bytes[start..=end].to_vec()));
                *response.status_mut() = StatusCode::PARTIAL_CONTENT;
                if let Ok(value) = HeaderValue::from_str(&format!("bytes {start}-{end}/{}", bytes.len())) {
                    response.headers_mut().insert(header::CONTENT_RANGE, value);
                }
                return with_headers(response, media_type(name));
            }
            Some(None) => {
                let mut response = plain(StatusCode::RANGE_NOT_SATISFIABLE, "there are no such bytes");
                if let Ok(value) = HeaderValue::from_str(&format!("bytes */{}", bytes.len())) {
                    response.headers_mut().insert(header::CONTENT_RANGE, value);
                }
                return response;
            }
            None => {}
        }
    }
    let mut response = Response::new(Body::from(bytes.to_vec()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    with_headers(response, media_type(name))
}

/// One range of bytes: first and last, inclusive. `None` for what is not one
/// range (then all is sent), `Some(None)` for one outside the bytes.
fn parse_range(range: &str, length: usize) -> Option<Option<(usize, usize)>> {
    let (start, end) = range.strip_prefix("bytes=")?.split_once('-')?;
    if end.contains(',') {
        return None;
    }
    let number = |text: &str| text.trim().parse::<usize>().ok();
    Some(match (start.trim(), end.trim()) {
        ("", end) => {
            let count = number(end)?.min(length);
            (count > 0).then(|| (length - count, length - 1))
        }
        (start, "") => {
            let start = number(start)?;
            (start < length).then(|| (start, length - 1))
        }
        (start, end) => {
            let (start, end) = (number(start)?, number(end)?.min(length.saturating_sub(1)));
            (start <= end && start < length).then_some((start, end))
        }
    })
}
