//! The development server over raw sockets: it answers this machine and this
//! site's own pages, whatever is sent.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests are tests too")]
#![expect(clippy::disallowed_methods, reason = "a server is started")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A server on a port of its own; it ends with its value.
struct Server {
    child: Child,
    port: u16,
    /// What it said before it was ready.
    said: String,
    _site: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const FILES: &[(&str, &str)] = &[
    ("content/_index.md", "# Home\n\n[a](@/a.md)\n"),
    ("content/a.md", "# A\n\nText of a.\n"),
    ("static/d/index.html/x.txt", "in a folder named like a file"),
    ("static/style.css", "body {}"),
    ("static/data/search-index.js", "1"),
    ("static/bytes.txt", "0123456789"),
    ("static/é ü.txt", "umlauts"),
];

impl Server {
    fn new(config: &str) -> Self {
        Self::with(config, &["--port", "0"])
    }

    fn with(config: &str, arguments: &[&str]) -> Self {
        let site = tempfile::tempdir().unwrap();
        for (path, text) in FILES.iter().chain(&[("juxta.toml", config)]) {
            let path = site.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        // As if someone else had put it there: the server must not look at it.
        std::fs::create_dir(site.path().join("public")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", site.path().join("public/link-to-outside.txt")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_juxta"));
        command.arg("--root").arg(site.path()).arg("serve").args(arguments);
        let mut child = command.stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
        let mut said = String::new();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        while !said.contains("Serving http") {
            let before = said.len();
            lines.read_line(&mut said).unwrap();
            assert!(said.len() > before, "it ended: {said}");
        }
        let address = said.split("://").nth(1).unwrap();
        let port = address.split([':', '/']).nth(1).unwrap().parse().unwrap();
        Self { child, port, said, _site: site }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    /// Sends bytes and reads until the server closes the connection.
    fn send(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect();
        // Refused requests are answered before they were read.
        let _ = stream.write_all(request);
        let mut bytes = Vec::new();
        let mut part = [0; 4096];
        // A channel that stays open has said enough once it has said anything.
        while let Ok(length) = stream.read(&mut part)
            && length > 0
        {
            bytes.extend_from_slice(&part[..length]);
            if bytes.windows(17).any(|window| window == b"text/event-stream") || is_whole(&bytes) {
                break;
            }
        }
        let split = bytes.windows(4).position(|window| window == b"\r\n\r\n").map_or(bytes.len(), |i| i + 4);
        let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
        Answer {
            status: head.split(' ').nth(1).and_then(|text| text.parse().ok()),
            body: bytes[split..].to_vec(),
            head,
        }
    }

    fn get(&self, path: &str) -> Answer {
        self.request("GET", path, "")
    }

    fn request(&self, method: &str, path: &str, headers: &str) -> Answer {
        let port = self.port;
        self.send(
            format!(
                "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}Connection: close\r\n\r\n"
            )
            .as_bytes(),
        )
    }
}

struct Answer {
    status: Option<u64>,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The head without what differs from day to day.
    fn stable_head(&self) -> String {
        let lines = self.head.lines().filter(|line| !line.to_lowercase().starts_with("date:"));
        lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }
}

/// Whether an answer has as many bytes as it says.
fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_some_and(|length| body.len() >= length)
}

/// The request of a row, filled in.
fn request_of(row: &Value, port: u16) -> String {
    let request = row["request"].as_str().unwrap().replace("{port}", &port.to_string());
    let mut request = request.replace("{ws_path}", "/.juxta-live/events");
    while let Some(at) = request.find("{a*") {
        let end = at + request[at..].find('}').unwrap();
        let count = request[at + 3..end].parse().unwrap();
        request.replace_range(at..=end, &"a".repeat(count));
    }
    request
}

#[test]
fn plain_serving_listens_to_nobody() {
    let server = Server::new("");
    assert_eq!(server.get("/.juxta-live/events").status, Some(404));
    assert!(!server.get("/a/").text().contains("juxta-live"));
}

fn shuffle<T>(items: &mut [T], mut seed: u64) {
    for i in (1..items.len()).rev() {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        items.swap(i, usize::try_from(seed % (i as u64 + 1)).unwrap());
    }
}

#[test]
fn hostile_requests_get_no_more_than_a_refusal() {
    let mut rows: Vec<Value> =
        serde_json::from_str(include_str!("data/spec/dev-server-requests.json")).unwrap();
    assert_eq!(rows.len(), 61);
    let server = Server::with("", &["--watch", "--port", "0"]);
    for seed in [0x9e37_79b9_7f4a_7c15, 0x0123_4567_89ab_cdef] {
        shuffle(&mut rows, seed);
        for row in &rows {
            let answer = server.send(request_of(row, server.port).as_bytes());
            let expected: Vec<u64> =
                row["expect_status"].as_array().unwrap().iter().filter_map(Value::as_u64).collect();
            assert!(
                answer.status.is_some_and(|status| expected.contains(&status)),
                "{}: {:?}, expected {expected:?}\n{}{}",
                row["name"],
                answer.status,
                answer.head,
                answer.text()
            );
            for text in row["body_must_not_contain"].as_array().into_iter().flatten() {
                assert!(
                    !answer.text().contains(text.as_str().unwrap()),
                    "{}: {}",
                    row["name"],
                    answer.text()
                );
            }
            assert!(!answer.head.to_lowercase().contains("access-control"), "{}", answer.head);
        }
        assert_eq!(server.get("/").status, Some(200));
    }
}

#[test]
fn random_bytes_do_not_end_the_server() {
    let server = Server::new("");
    let mut random: u64 = 7;
    let pieces: &[&[u8]] = &[
        b"GET ",
        b"HEAD ",
        b"/",
        b"/a/",
        b" HTTP/1.1\r\n",
        b" HTTP/1.0\r\n",
        b"Host: localhost\r\n",
        b"Host: ",
        b"\r\n",
        b"\r\n\r\n",
        b"\0",
        b"%",
        b"%2e%2e",
        b"\xff\xfe",
        b"Range: bytes=",
        b"-",
        b"9999999999999999999",
        b"Content-Length: 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b":",
        b" ",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01",
    ];
    for _ in 0..300 {
        let mut request = Vec::new();
        for _ in 0..12 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            request.extend_from_slice(pieces[usize::try_from(random % pieces.len() as u64).unwrap()]);
        }
        let mut stream = server.connect();
        let _ = stream.write_all(&request);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        assert!(!bytes.starts_with(b"HTTP/1.1 5"), "{}", String::from_utf8_lossy(&bytes));
    }
    assert_eq!(server.get("/").status, Some(200));
}

#[test]
fn answers_have_the_headers_that_keep_others_out() {
    let server = Server::new("");
    let page = server.get("/a/");
    assert!(page.text().contains("Text of a."));
    let expected = format!(
        "HTTP/1.1 200 OK\naccept-ranges: bytes\ncontent-type: text/html; charset=utf-8\nx-content-type-options: nosniff\n\
         cache-control: no-store\ncross-origin-resource-policy: same-origin\nconnection: close\ncontent-length: {}",
        page.body.len()
    );
    assert_eq!(page.stable_head(), expected);
    let head = server.request("HEAD", "/a/", "");
    assert_eq!((head.stable_head(), head.body.len()), (expected, 0));

    let missing = server.get("/nothing/");
    assert_eq!(missing.status, Some(404));
    assert!(missing.text().contains("<html") && missing.head.contains("nosniff"), "{}", missing.head);
    let post = server.request("POST", "/", "Content-Length: 0\r\n");
    assert!(post.head.contains("allow: GET, HEAD") && post.head.contains("nosniff"), "{}", post.head);
    for (path, media_type) in [
        ("/style.css", "text/css; charset=utf-8"),
        ("/bytes.txt", "text/plain; charset=utf-8"),
        ("/%C3%A9%20%C3%BC.txt", "text/plain; charset=utf-8"),
        ("/favicon.svg", "image/svg+xml"),
    ] {
        let answer = server.get(path);
        assert!(answer.head.contains(&format!("content-type: {media_type}\r\n")), "{path}: {}", answer.head);
    }
    // A script element of another site's page; its links are fine.
    let cross = |mode: &str, destination: &str| {
        let headers = format!(
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: {mode}\r\nSec-Fetch-Dest: {destination}\r\n"
        );
        server.request("GET", "/a/", &headers).status
    };
    assert_eq!(cross("no-cors", "script"), Some(403));
    assert_eq!(cross("navigate", "iframe"), Some(403));
    assert_eq!(cross("navigate", "document"), Some(200));
}

#[test]
fn parts_of_a_file_are_sent() {
    let server = Server::new("");
    let part = |range: &str| {
        let answer = server.request("GET", "/bytes.txt", &format!("Range: {range}\r\n"));
        (answer.status.unwrap(), answer.text())
    };
    for (range, expected) in [
        ("bytes=0-3", (206, "0123")),
        ("bytes=7-", (206, "789")),
        ("bytes=-2", (206, "89")),
        ("bytes=5-99999999999", (206, "56789")),
        ("bytes=-99", (206, "0123456789")),
        ("bytes=10-", (416, "there are no such bytes\n")),
        ("bytes=5-3", (416, "there are no such bytes\n")),
        ("bytes=-0", (416, "there are no such bytes\n")),
        ("bytes=0-1,3-4", (200, "0123456789")),
        ("lines=1-2", (200, "0123456789")),
        ("bytes=99999999999999999999999-", (200, "0123456789")),
        ("bytes=x-y", (200, "0123456789")),
    ] {
        assert_eq!(part(range), (expected.0, expected.1.to_owned()), "{range}");
    }
}

#[test]
fn folders_lead_to_their_address_below_any_base() {
    for (config, base) in [("", ""), ("base_url = \"https://example.com/docs/v1\"", "/docs/v1")] {
        let server = Server::new(config);
        assert!(server.said.contains(&format!("{}{base}/ ", server.port)), "{}", server.said);
        let folder = server.get(&format!("{base}/a?q=1"));
        assert_eq!(folder.status, Some(302));
        assert!(folder.head.contains(&format!("location: {base}/a/?q=1\r\n")), "{}", folder.head);
        assert_eq!(server.get(&format!("{base}/a/")).status, Some(200));
        assert_eq!(server.get(&format!("{base}/")).status, Some(200));
        assert_eq!(server.get(&format!("{base}/d/index.html/x.txt")).status, Some(200));
        assert_eq!(server.get(&format!("{base}/d/index.html/")).status, Some(404));
        assert_eq!(server.get(&format!("{base}/d/")).status, Some(404));
        // No other host, whatever the path looks like.
        let twice = server.get(&format!("{base}//evil.example/a"));
        assert_eq!(twice.status, Some(404), "{}", twice.head);
        if !base.is_empty() {
            assert_eq!(server.get("/a/").status, Some(404));
            assert_eq!(server.get(base).status, Some(302));
        }
    }
}

#[test]
fn idle_clients_keep_no_page_from_being_served() {
    let server = Server::new("");
    let idle: Vec<TcpStream> = (0..200)
        .map(|i| {
            let mut stream = server.connect();
            if i % 2 == 0 {
                stream.write_all(b"GET / HT").unwrap();
            }
            stream
        })
        .collect();
    let start = Instant::now();
    assert_eq!(server.get("/a/").status, Some(200));
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    drop(idle);
}

#[test]
fn a_busy_port_gives_way_to_the_next() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let busy = listener.local_addr().unwrap().port();
    let server = Server::with("", &["--port", &busy.to_string()]);
    assert!(server.port > busy && server.port <= busy.saturating_add(20), "{}", server.said);
    assert!(
        server.said.contains(&format!("Port {busy} is in use; taking {}", server.port)),
        "{}",
        server.said
    );
    assert_eq!(server.get("/").status, Some(200));
}

#[test]
fn only_allowed_names_are_answered() {
    let server = Server::with("", &["--port", "0", "--allow-host", "Docs.Example"]);
    let status = |host: &str| {
        server.send(format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes()).status
    };
    for host in [
        "localhost",
        "x.localhost:1",
        "127.0.0.1",
        "127.1.2.3",
        "[::1]:80",
        "docs.example",
        "DOCS.example:8080",
    ] {
        assert_eq!(status(host), Some(200), "{host}");
    }
    for host in [
        "example",
        "sub.docs.example",
        "docs.example.",
        "localhost.",
        "0.0.0.0",
        "192.168.0.1",
        "2130706433",
        "[::ffff:8.8.8.8]",
        "a@localhost",
    ] {
        assert_eq!(status(host), Some(403), "{host}");
    }
}
