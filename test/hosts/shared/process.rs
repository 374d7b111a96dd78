//! Command line, pace and end of a host.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

pub struct Options {
    pub socket: String,
    pub period: Duration,
}

impl Options {
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut arguments = arguments.into_iter();
        let mut socket = None;
        let mut period = Duration::from_millis(500);
        while let Some(argument) = arguments.next() {
            if argument == "--period-ms" {
                let value = arguments.next().ok_or("--period-ms needs a number")?;
                period = match value.parse() {
                    Ok(ms @ 1..=86_400_000) => Duration::from_millis(ms),
                    _ => return Err(format!("--period-ms must be 1 to 86400000, not {value:?}")),
                };
            } else if argument.starts_with('-') {
                return Err(format!("unknown option {argument:?}"));
            } else if argument.is_empty() || socket.replace(argument).is_some() {
                return Err("exactly one socket path is needed".into());
            }
        }
        let socket = socket.ok_or("exactly one socket path is needed")?;
        Ok(Self { socket, period })
    }
}

/// Ticks for a source.
pub fn pace(period: Duration) -> Interval {
    // Taps and transforms start together with the sources. A reader that subscribes after the
    // first sample never sees it, so the sources come a little later.
    let first = Instant::now() + Duration::from_millis(20);
    let mut ticks = interval_at(first, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// A line for whoever runs the host. Not `eprintln!`: that panics when nobody reads any more,
/// and a tap must not die of it.
pub fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// What the operating system tells a host to stop with.
pub struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    pub async fn requested(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Both releases bind inside `build()`, so a host is reachable once that has returned.
pub fn ready(socket: &str) -> io::Result<()> {
    writeln!(io::stdout(), "ready {socket}")
}

/// AimDB leaves its socket behind.
pub fn remove_socket(socket: &str) {
    let _ = std::fs::remove_file(socket);
}

pub fn usage(program: &str, problem: &str) -> ExitCode {
    say(format_args!(
        "{program}: {problem}\nusage: {program} <socket-path> [--period-ms N]"
    ));
    ExitCode::from(2)
}
