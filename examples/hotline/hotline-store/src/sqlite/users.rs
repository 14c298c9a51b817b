//! Web users and their sessions.

use std::collections::BTreeSet;

use async_trait::async_trait;
use cti_core::{id::QueueId, time::Timestamp};
use sqlx::sqlite::SqliteRow;

use super::{
    SqliteStore,
    value::{get_parsed, get_parsed_opt, get_text, get_text_opt, micros},
};
use crate::{
    error::StoreError,
    users::{TokenHash, UserStore, WebUser},
};

#[async_trait]
impl UserStore for SqliteStore {
    async fn user(&self, name: &str) -> Result<Option<(WebUser, String)>, StoreError> {
        let row = sqlx::query(
            "SELECT name, display_name, role, agent, password_hash, \
             (SELECT group_concat(queue, ' ') FROM supervised_queue WHERE user = name) AS queues \
             FROM web_user WHERE name = ?",
        )
        .bind(name)
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| Ok((user(&row)?, get_text(&row, "password_hash")?))).transpose()
    }

    async fn put_user(&self, user: &WebUser, password_hash: &str) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO web_user (name, display_name, role, agent, password_hash) \
             VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET \
             display_name = excluded.display_name, role = excluded.role, agent = excluded.agent, \
             password_hash = excluded.password_hash",
        )
        .bind(&user.name)
        .bind(&user.display_name)
        .bind(user.role.name())
        .bind(user.agent.as_ref().map(|agent| agent.as_str()))
        .bind(password_hash)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("DELETE FROM supervised_queue WHERE user = ?")
            .bind(&user.name)
            .execute(&mut *transaction)
            .await?;
        for queue in &user.queues {
            sqlx::query("INSERT INTO supervised_queue (user, queue) VALUES (?, ?)")
                .bind(&user.name)
                .bind(queue.as_str())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn begin_session(
        &self,
        now: Timestamp,
        token: TokenHash,
        user: &str,
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM session WHERE expires <= ?")
            .bind(micros(now))
            .execute(&mut *transaction)
            .await?;
        sqlx::query("INSERT INTO session (token_hash, user, created, expires) VALUES (?, ?, ?, ?)")
            .bind(token.as_slice())
            .bind(user)
            .bind(micros(now))
            .bind(micros(expires))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn session(
        &self,
        now: Timestamp,
        token: &TokenHash,
    ) -> Result<Option<WebUser>, StoreError> {
        let row = sqlx::query(
            "SELECT name, display_name, role, agent, \
             (SELECT group_concat(queue, ' ') FROM supervised_queue WHERE user = name) AS queues \
             FROM session JOIN web_user ON name = session.user \
             WHERE token_hash = ? AND expires > ?",
        )
        .bind(token.as_slice())
        .bind(micros(now))
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(user).transpose()
    }

    async fn end_session(&self, token: &TokenHash) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM session WHERE token_hash = ?")
            .bind(token.as_slice())
            .execute(&self.writer)
            .await?;
        Ok(())
    }
}

fn user(row: &SqliteRow) -> Result<WebUser, StoreError> {
    Ok(WebUser {
        name: get_text(row, "name")?,
        display_name: get_text(row, "display_name")?,
        role: get_parsed(row, "role")?,
        agent: get_parsed_opt(row, "agent")?,
        queues: queues(row)?,
    })
}

/// Names of queues hold no space.
fn queues(row: &SqliteRow) -> Result<BTreeSet<QueueId>, StoreError> {
    let names = get_text_opt(row, "queues")?.unwrap_or_default();
    let parse = |name: &str| name.parse().map_err(|error| StoreError::value("queues", error));
    names.split_whitespace().map(parse).collect()
}
