//! An AimDB 2.x instance with the record set of our end-to-end tests, reachable over AimX 3.0.

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
use aimdb_core::builder::AimDbRunner;
use aimdb_core::remote::{AimxConfig, SecurityPolicy};
use aimdb_core::{AimDb, AimDbBuilder, Consumer, DbError};
use aimdb_persistence::{AimDbBuilderPersistExt, RecordRegistrarPersistExt, topic_matches};
use aimdb_tokio_adapter::{TokioAdapter, TokioRecordRegistrarExt};
use aimdb_uds_connector::UdsServer;

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
    let (db, runner) = open(options).await?;
    let runner = tokio::spawn(runner.run());
    db.producer::<Status>("app.readonly")?
        .produce(Status { up: 7 });

    process::ready(&options.socket)?;
    tokio::select! {
        () = stop.requested() => {}
        end = runner => return Err(format!("the database stopped: {end:?}").into()),
    }
    process::remove_socket(&options.socket);
    Ok(())
}

fn remote_access(options: &Options) -> AimxConfig {
    let mut policy = SecurityPolicy::read_write();
    for key in records::WRITABLE {
        policy.allow_write_key(key);
    }
    AimxConfig::uds_default()
        .socket_path(options.socket.as_str())
        .socket_permissions(records::SOCKET_MODE)
        .security_policy(policy)
        .max_connections(records::MAX_CONNECTIONS)
        .max_subs_per_connection(records::MAX_SUBSCRIPTIONS)
}

async fn open(options: &Options) -> Result<(AimDb, AimDbRunner), Box<dyn Error>> {
    let period = options.period;
    let mut builder = AimDbBuilder::new()
        .runtime(Arc::new(TokioAdapter::new()?))
        .with_connector(UdsServer::from_config(remote_access(options)))
        .with_persistence(
            Arc::new(History::new(topic_matches)),
            Duration::from_secs(3600),
        );

    builder.configure::<Temperature>("sensor.temp", |record| {
        record
            .buffer(BufferCfg::SpmcRing { capacity: 16 })
            .with_remote_access()
            .source(move |_, producer| async move {
                let mut ticks = pace(period);
                for n in 0.. {
                    ticks.tick().await;
                    producer.produce(Temperature::sample(n));
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
                    producer.produce(Status { up });
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

async fn each<T>(consumer: Consumer<T>, see: fn(T))
where
    T: Clone + std::fmt::Debug + Send + Sync + 'static,
{
    let mut reader = consumer.subscribe();
    loop {
        match reader.recv().await {
            Ok(value) => see(value),
            Err(DbError::BufferLagged { .. }) => {}
            Err(_) => return,
        }
    }
}
