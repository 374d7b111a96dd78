//! An AimDB 1.x instance with the record set of our end-to-end tests, reachable over AimX v1.

#[path = "../../shared/history.rs"]
mod history;
#[path = "../../shared/process.rs"]
mod process;
#[path = "../../shared/records.rs"]
mod records;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use aimdb_core::buffer::BufferCfg;
use aimdb_core::remote::{AimxConfig, SecurityPolicy};
use aimdb_core::{AimDb, AimDbBuilder, Consumer, DbError};
use aimdb_persistence::{AimDbBuilderPersistExt, RecordRegistrarPersistExt};
use aimdb_tokio_adapter::{TokioAdapter, TokioRecordRegistrarExt};

use history::History;
use process::{Options, Stop, pace, say};
use records::{Command, Fahrenheit, Settings, Status, Temperature};

const PROGRAM: &str = env!("CARGO_PKG_NAME");

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => return process::usage(PROGRAM, &problem),
    };
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(format_args!("{PROGRAM}: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let stop = Stop::listen()?;
    let db = open(options).await?;
    let readonly = db.producer::<Status>("app.readonly");
    readonly.produce(Status { up: 7 }).await?;

    process::ready(&options.socket)?;
    stop.requested().await;
    process::remove_socket(&options.socket);
    Ok(())
}

fn remote_access(options: &Options) -> AimxConfig {
    let mut policy = SecurityPolicy::read_write();
    for key in records::WRITABLE {
        policy.allow_write_key(key);
    }
    AimxConfig::uds_default()
        .socket_path(&options.socket)
        .socket_permissions(records::SOCKET_MODE)
        .security_policy(policy)
        .max_connections(records::MAX_CONNECTIONS)
        .subscription_queue_size(records::MAX_SUBSCRIPTIONS)
}

async fn open(options: &Options) -> Result<AimDb<TokioAdapter>, Box<dyn Error>> {
    let period = options.period;
    let mut builder = AimDbBuilder::new()
        .runtime(Arc::new(TokioAdapter::new()?))
        .with_remote_access(remote_access(options))
        .with_persistence(Arc::new(History::new(glob)), Duration::from_secs(3600));

    builder.configure::<Temperature>("sensor.temp", |record| {
        record
            .buffer(BufferCfg::SpmcRing { capacity: 16 })
            .with_remote_access()
            .source(move |_, producer| async move {
                let mut ticks = pace(period);
                for n in 0.. {
                    ticks.tick().await;
                    if producer.produce(Temperature::sample(n)).await.is_err() {
                        break;
                    }
                }
            })
            .tap(|_, consumer| each(consumer, |_: Temperature| {}))
            .persist("sensor.temp");
    });
    builder.configure::<Status>("sensor.locked", |record| {
        record
            .buffer(BufferCfg::SingleLatest)
            .with_remote_access()
            .source(move |_, producer| async move {
                let mut ticks = pace(period * 2);
                for up in 0.. {
                    ticks.tick().await;
                    if producer.produce(Status { up }).await.is_err() {
                        break;
                    }
                }
            });
    });
    builder.configure::<Fahrenheit>("derived.fahrenheit", |record| {
        record
            .buffer(BufferCfg::SingleLatest)
            .with_remote_access()
            .transform::<Temperature, _>("sensor.temp", |input| {
                input.map(|sample| Some(Fahrenheit::from(sample)))
            });
    });
    builder.configure::<Settings>("app.settings", |record| {
        record.buffer(BufferCfg::SingleLatest).with_remote_access();
    });
    builder.configure::<Command>("device.command", |record| {
        record
            .buffer(BufferCfg::Mailbox)
            .with_remote_access()
            .tap(|_, consumer| {
                each(consumer, |Command { op, n }| {
                    say(format_args!("device.command {op} {n}"));
                })
            });
    });
    builder.configure::<Command>("device.idle", |record| {
        record.buffer(BufferCfg::Mailbox).with_remote_access();
    });
    builder.configure::<Status>("internal.secret", |record| {
        record.buffer(BufferCfg::SingleLatest);
    });
    builder.configure::<Status>("app.readonly", |record| {
        record.buffer(BufferCfg::SingleLatest).with_remote_access();
    });
    Ok(builder.build().await?)
}

async fn each<T>(consumer: Consumer<T, TokioAdapter>, see: fn(T))
where
    T: Clone + std::fmt::Debug + Send + Sync + 'static,
{
    let Ok(mut reader) = consumer.subscribe() else {
        return;
    };
    loop {
        match reader.recv().await {
            Ok(value) => see(value),
            Err(DbError::BufferLagged { .. }) => {}
            Err(_) => return,
        }
    }
}

/// `*` stands for any text, dots included, as in the 1.x SQLite backend.
fn glob(pattern: &str, key: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == key,
        Some((head, rest)) => key.strip_prefix(head).is_some_and(|tail| {
            tail.char_indices()
                .map(|(at, _)| &tail[at..])
                .chain([""])
                .any(|tail| glob(rest, tail))
        }),
    }
}
