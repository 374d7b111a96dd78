//! A bounded history in memory for `record.query`: the SQLite backend would bring a C build.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use aimdb_persistence::{
    BoxFuture, PersistenceBackend, PersistenceError, QueryParams, StoredValue,
};
use serde_json::Value;

const KEPT: usize = 10_000;

pub struct History {
    rows: Mutex<VecDeque<StoredValue>>,
    /// The two releases have different pattern languages.
    matches: fn(pattern: &str, key: &str) -> bool,
}

impl History {
    pub fn new(matches: fn(pattern: &str, key: &str) -> bool) -> Self {
        let rows = Mutex::default();
        Self { rows, matches }
    }

    fn rows(&self) -> MutexGuard<'_, VecDeque<StoredValue>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, row: StoredValue) {
        let mut rows = self.rows();
        if rows.len() == KEPT {
            rows.pop_front();
        }
        rows.push_back(row);
    }

    /// Newest first, as the 1.x SQLite backend answers; 2.x sorts again by itself.
    fn select(&self, pattern: &str, wanted: &QueryParams) -> Vec<StoredValue> {
        let rows = self.rows();
        let mut taken: HashMap<&str, usize> = HashMap::new();
        rows.iter()
            .rev()
            .filter(|row| (self.matches)(pattern, &row.record_name))
            .filter(|row| wanted.start_time.is_none_or(|start| row.stored_at >= start))
            .filter(|row| wanted.end_time.is_none_or(|end| row.stored_at <= end))
            .filter(|row| {
                let taken = taken.entry(&row.record_name).or_default();
                *taken += 1;
                wanted.limit_per_record.is_none_or(|limit| *taken <= limit)
            })
            .cloned()
            .collect()
    }

    fn forget(&self, older_than: u64) -> u64 {
        let mut rows = self.rows();
        let before = rows.len();
        rows.retain(|row| row.stored_at >= older_than);
        (before - rows.len()) as u64
    }
}

impl PersistenceBackend for History {
    fn store<'a>(
        &'a self,
        record_name: &'a str,
        value: &'a Value,
        timestamp: u64,
    ) -> BoxFuture<'a, Result<(), PersistenceError>> {
        self.push(StoredValue {
            record_name: record_name.to_owned(),
            value: value.clone(),
            stored_at: timestamp,
        });
        Box::pin(async { Ok(()) })
    }

    fn query<'a>(
        &'a self,
        record_pattern: &'a str,
        params: QueryParams,
    ) -> BoxFuture<'a, Result<Vec<StoredValue>, PersistenceError>> {
        let found = self.select(record_pattern, &params);
        Box::pin(async { Ok(found) })
    }

    fn cleanup(&self, older_than: u64) -> BoxFuture<'_, Result<u64, PersistenceError>> {
        let gone = self.forget(older_than);
        Box::pin(async move { Ok(gone) })
    }
}
