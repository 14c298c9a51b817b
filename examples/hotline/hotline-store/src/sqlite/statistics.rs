//! Adds up the rows by quarters of an hour.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use cti_core::{id::AgentId, time::Timestamp};
use sqlx::sqlite::SqliteRow;

use super::{
    SqliteStore,
    value::{get_at, get_int, get_text, micros, us},
};
use crate::{
    error::StoreError,
    statistics::{AgentSum, Period, QueueSum, StatisticsStore},
};

/// When the step of a row began; `?1` is when the time began, `?2` its end, `?3` the step.
const STEP: &str = "?1 + (since - ?1) / ?3 * ?3 AS step";

#[async_trait]
impl StatisticsStore for SqliteStore {
    async fn agent_sums(
        &self,
        period: Period,
        agent: Option<&AgentId>,
    ) -> Result<Vec<AgentSum>, StoreError> {
        let counts = format!(
            "SELECT agent, {STEP}, sum(answered) AS answered, sum(no_answer) AS no_answer, \
             sum(rejected) AS rejected, sum(unreachable) AS unreachable FROM agent_interval \
             WHERE since >= ?1 AND since < ?2 AND (?4 IS NULL OR agent = ?4) \
             GROUP BY step, agent ORDER BY step, agent"
        );
        let times = format!(
            "SELECT agent, {STEP}, activity, sum(time_us) AS time_us FROM agent_interval_time \
             WHERE since >= ?1 AND since < ?2 AND (?4 IS NULL OR agent = ?4) \
             GROUP BY step, agent, activity"
        );
        let mut spent: BTreeMap<(Timestamp, String), BTreeMap<String, Duration>> = BTreeMap::new();
        for row in self.steps(&times, period, agent).await? {
            let key = (get_at(&row, "step")?, get_text(&row, "agent")?);
            let time = Duration::from_micros(get_int(&row, "time_us")?);
            spent.entry(key).or_default().insert(get_text(&row, "activity")?, time);
        }
        let mut sums = Vec::new();
        for row in self.steps(&counts, period, agent).await? {
            let (since, name) = (get_at(&row, "step")?, get_text(&row, "agent")?);
            let id = name.parse().map_err(|error| StoreError::value("agent", error))?;
            sums.push(AgentSum {
                agent: id,
                since,
                answered: get_int(&row, "answered")?,
                no_answer: get_int(&row, "no_answer")?,
                rejected: get_int(&row, "rejected")?,
                unreachable: get_int(&row, "unreachable")?,
                times: spent.remove(&(since, name)).unwrap_or_default(),
            });
        }
        Ok(sums)
    }

    async fn queue_sums(&self, period: Period) -> Result<Vec<QueueSum>, StoreError> {
        let counts = format!(
            "SELECT queue, {STEP}, sum(offered) AS offered, sum(answered) AS answered, \
             sum(answered_in_time) AS answered_in_time, \
             sum(abandoned + abandoned_short) AS abandoned, sum(overflowed) AS overflowed, \
             sum(left_by_key + moved + cleared + restarted) AS left_else, \
             max(max_inside) AS most_inside, sum(wait_answered_us) AS wait_answered_us, \
             max(longest_wait_us) AS longest_wait_us FROM queue_interval \
             WHERE since >= ?1 AND since < ?2 AND ?4 IS NULL \
             GROUP BY step, queue ORDER BY step, queue"
        );
        let rows = self.steps(&counts, period, None).await?;
        rows.iter()
            .map(|row| {
                let queue = get_text(row, "queue")?;
                Ok(QueueSum {
                    queue: queue.parse().map_err(|error| StoreError::value("queue", error))?,
                    since: get_at(row, "step")?,
                    offered: get_int(row, "offered")?,
                    answered: get_int(row, "answered")?,
                    answered_in_time: get_int(row, "answered_in_time")?,
                    abandoned: get_int(row, "abandoned")?,
                    overflowed: get_int(row, "overflowed")?,
                    left: get_int(row, "left_else")?,
                    most_inside: get_int(row, "most_inside")?,
                    wait_answered: Duration::from_micros(get_int(row, "wait_answered_us")?),
                    longest_wait: Duration::from_micros(get_int(row, "longest_wait_us")?),
                })
            })
            .collect()
    }
}

impl SqliteStore {
    async fn steps(
        &self,
        query: &str,
        period: Period,
        agent: Option<&AgentId>,
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(query.to_owned()))
            .bind(micros(period.from))
            .bind(micros(period.until))
            .bind(us(period.step).max(1))
            .bind(agent.map(AgentId::to_string))
            .fetch_all(&self.readers)
            .await?;
        Ok(rows)
    }
}
