//! Serve: builds over HTTP, on this machine.
//!
//! In: outputs in memory, or a project to watch, and options. Out: answers to
//! GET and HEAD. A request is looked up in the table of outputs and never joined
//! to a path; the host it asks for is checked before anything else. `watch`
//! notices changes, `session` builds after each, `live` is what is served
//! meanwhile. Must not know what a page is.
#![expect(clippy::print_stderr, reason = "the edge that tells where the site is served")]

mod http;
mod live;
mod session;
mod table;
mod watch;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use self::live::Live;
use self::session::Session;
pub use self::session::{Control, Listener, Opened, Project, Told};
pub use self::table::Outputs;
use self::watch::{Signal, Watch};

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
    /// Where places in files lead, in notices of a watched project: an address
    /// with `{path}`, `{line}` and `{column}`.
    pub editor: Option<String>,
    /// Pages in browsers go to the page whose file was edited.
    pub follow: bool,
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
        let live = Arc::new(Live::of(outputs.into_table(&options.base_path)));
        match http::serve(listener, live, false, options, address).await {}
    })
}

/// Serves a project and builds it again whenever something in it changes, until
/// the process is interrupted or somebody stops it. The address answers at
/// once; a page asked for before the first build waits for it.
pub fn watch(
    project: &dyn Project,
    listener: &mut dyn Listener,
    options: &Options,
    poll: bool,
) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| machine(format!("cannot start the server: {error}")))?;
    let (socket, address) = runtime.block_on(async {
        let socket = bind(options).await?;
        let address =
            socket.local_addr().map_err(|error| machine(format!("cannot start the server: {error}")))?;
        Ok::<_, ServeError>((socket, address))
    })?;
    let shown = if address.ip().is_loopback() { options.host.clone() } else { address.ip().to_string() };
    let url = format!("http://{shown}:{}{}/", address.port(), options.base_path);
    let live = Arc::new(Live::new(instance(), &options.base_path));
    let server = {
        let (live, options) = (Arc::clone(&live), options.clone());
        async move { match http::serve(socket, live, true, &options, address).await {} }
    };
    runtime.spawn(server);
    let mut watch = Watch::new(project.root(), &project.files(), project.config_files(), poll);
    let signals = watch.sender();
    listener.serving(&url, Control { signals: signals.clone(), url: url.clone() });
    if !address.ip().is_loopback() {
        listener.notice(&format!(
            "everyone who can reach {address} can read this site, drafts included if they are built"
        ));
    }
    if options.open {
        open(&url);
    }
    runtime.spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            let _ = signals.send(Signal::Stop);
        }
    });
    Session::new(&live, project, listener).run(&mut watch);
    // Connections that listen would be waited for.
    runtime.shutdown_background();
    Ok(())
}

/// A number that no server before this one had.
fn instance() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    // Random keys are made from the system's own source of chance.
    std::collections::hash_map::RandomState::new().build_hasher().finish() >> 11
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
