//! The value types of the record set. Both hosts use the very same ones, so that a test
//! can run one list of requests against either wire.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// The keys a remote client may set. `sensor.locked` and `derived.fahrenheit` have a producer
/// and are here on purpose: AimDB lets a client overwrite them all the same.
pub const WRITABLE: [&str; 5] = [
    "sensor.locked",
    "app.settings",
    "device.command",
    "derived.fahrenheit",
    "device.idle",
];

pub const MAX_CONNECTIONS: usize = 16;
pub const MAX_SUBSCRIPTIONS: usize = 8;
pub const SOCKET_MODE: u32 = 0o600;

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Temperature {
    pub sensor_id: String,
    pub celsius: f32,
    pub timestamp: u64,
}

impl Temperature {
    pub fn sample(n: u64) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            sensor_id: format!("s-{}", n % 3),
            celsius: 21.3 + n as f32 * 0.1,
            timestamp: now.map_or(0, |since| since.as_millis() as u64),
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Fahrenheit {
    pub fahrenheit: f32,
}

impl From<&Temperature> for Fahrenheit {
    fn from(from: &Temperature) -> Self {
        Self {
            fahrenheit: from.celsius * 1.8 + 32.0,
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Status {
    pub up: u64,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Settings {
    pub log_level: String,
    pub max: u32,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Command {
    pub op: String,
    pub n: i64,
}
