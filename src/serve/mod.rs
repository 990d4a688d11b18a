//! Serve: a finished build over HTTP, on this machine.
//!
//! In: outputs in memory and options. Out: answers to GET and HEAD. A request
//! is looked up in the table of outputs and never joined to a path; the host it
//! asks for is checked before anything else. Must not read the project's files.
#![expect(clippy::print_stderr, reason = "the edge that tells where the site is served")]

mod http;
mod table;

use std::io;
use std::net::{IpAddr, SocketAddr};

pub use self::table::Outputs;

/// How to serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address to listen on: an IP address or `localhost`.
    pub host: String,
    /// Port; 0 for any that is free.
    pub port: u16,
    /// Host names allowed besides this machine's own.
    pub allowed_hosts: Vec<String>,
    /// Path of the base address, without a trailing `/`.
    pub base_path: String,
    /// Open the site in a browser.
    pub open: bool,
}

/// Why the server could not start.
#[derive(Debug)]
pub struct ServeError {
    /// One phrase.
    pub message: String,
    /// Advice.
    pub hint: Option<String>,
    /// 2 wrong use, 3 the machine refused.
    pub exit_code: u8,
}

/// Ports tried after a busy one.
const TRIED: u16 = 20;

/// Serves until the process is interrupted.
pub fn run(outputs: Outputs, options: &Options) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| machine(format!("cannot start the server: {error}")))?;
    runtime.block_on(async {
        let listener = bind(options).await?;
        let address = listener.local_addr().map_err(|error| machine(format!("cannot start the server: {error}")))?;
        let shown = if address.ip().is_loopback() { options.host.clone() } else { address.ip().to_string() };
        let url = format!("http://{shown}:{}{}/", address.port(), options.base_path);
        eprintln!("Serving {url} (Ctrl-C to stop)");
        if !address.ip().is_loopback() {
            eprintln!("warning: everyone who can reach {address} can read this site, drafts included if they are built");
        }
        if options.open {
            open(&url);
        }
        match http::serve(listener, outputs, options, address).await {}
    })
}

fn machine(message: String) -> ServeError {
    ServeError { message, hint: None, exit_code: 3 }
}

/// Binds once and keeps the socket. A busy port gives way to the next free one.
async fn bind(options: &Options) -> Result<tokio::net::TcpListener, ServeError> {
    let ip: IpAddr = match options.host.as_str() {
        "localhost" => IpAddr::from([127, 0, 0, 1]),
        host => host.trim_matches(['[', ']']).parse().map_err(|_| ServeError {
            message: format!("`{host}` is not an IP address to listen on"),
            hint: Some(
                "the default is 127.0.0.1; `--allow-host` lets requests ask for other names".to_owned(),
            ),
            exit_code: 2,
        })?,
    };
    let last = if options.port == 0 { 0 } else { options.port.saturating_add(TRIED) };
    let mut refused = None;
    for port in options.port..=last {
        match tokio::net::TcpListener::bind(SocketAddr::new(ip, port)).await {
            Ok(listener) => {
                if port != options.port {
                    eprintln!("Port {} is in use; taking {port}", options.port);
                }
                return Ok(listener);
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => refused = Some(error),
            Err(error) => {
                return Err(ServeError {
                    message: format!("cannot listen on {ip}:{port}: {error}"),
                    hint: (error.kind() == io::ErrorKind::PermissionDenied)
                        .then(|| "ports below 1024 are reserved; choose another with `--port`".to_owned()),
                    exit_code: 3,
                });
            }
        }
    }
    let words = refused.map(|error| error.to_string()).unwrap_or_default();
    Err(ServeError {
        message: format!("cannot listen on {ip}:{} to {last}: {words}", options.port),
        hint: Some("`--port 0` takes any free port".to_owned()),
        exit_code: 3,
    })
}

/// Opens an address with the system's own program; a failure is only told.
#[expect(clippy::disallowed_methods, reason = "opening a browser is asked for")]
fn open(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let started = std::process::Command::new(program)
        .arg(url)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    if let Err(error) = started {
        eprintln!("warning: cannot open a browser with `{program}`: {error}");
    }
}
