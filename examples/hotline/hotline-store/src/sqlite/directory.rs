//! Agents, seats, devices and SIP accounts.

use async_trait::async_trait;
use cti_core::{
    config::{AgentConfig, SeatConfig},
    id::{DeviceId, QueueId},
};

use super::{
    SqliteStore,
    value::{get_json, get_parsed, get_text, get_text_opt, json},
};
use crate::{
    directory::{DirectoryStore, SipAccount},
    error::StoreError,
};

const PUT_DEVICE: &str =
    "INSERT INTO device (id, kind) VALUES (?, 'station') ON CONFLICT DO NOTHING";

#[async_trait]
impl DirectoryStore for SqliteStore {
    async fn agents(&self) -> Result<Vec<AgentConfig>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, name, digits, capacity FROM agent JOIN announced_number ON agent = id ORDER BY id",
        )
        .fetch_all(&self.readers)
        .await?;
        let mut agents = Vec::with_capacity(rows.len());
        for row in &rows {
            let id: cti_core::id::AgentId = get_parsed(row, "id")?;
            let queues =
                sqlx::query("SELECT queue FROM agent_queue WHERE agent = ? ORDER BY queue")
                    .bind(id.as_str())
                    .fetch_all(&self.readers)
                    .await?;
            let queues: Result<Vec<QueueId>, _> =
                queues.iter().map(|row| get_parsed(row, "queue")).collect();
            agents.push(AgentConfig {
                id,
                name: get_text(row, "name")?,
                announced_number: get_text(row, "digits")?,
                queues: queues?,
                capacity: get_json(row, "capacity")?,
            });
        }
        Ok(agents)
    }

    async fn seats(&self) -> Result<Vec<SeatConfig>, StoreError> {
        let rows = sqlx::query("SELECT id, device, pickup_group FROM seat ORDER BY id")
            .fetch_all(&self.readers)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(SeatConfig {
                    id: get_parsed(row, "id")?,
                    device: get_parsed(row, "device")?,
                    pickup_group: get_text_opt(row, "pickup_group")?,
                })
            })
            .collect()
    }

    async fn sip_accounts(&self) -> Result<Vec<SipAccount>, StoreError> {
        let rows = sqlx::query(
            "SELECT user, device, realm, ha1_md5, ha1_sha256 FROM sip_account ORDER BY user",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(SipAccount {
                    user: get_text(row, "user")?,
                    device: get_parsed(row, "device")?,
                    realm: get_text(row, "realm")?,
                    ha1_md5: get_text(row, "ha1_md5")?,
                    ha1_sha256: get_text(row, "ha1_sha256")?,
                })
            })
            .collect()
    }

    async fn put_agent(&self, agent: &AgentConfig) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO agent (id, name, capacity) VALUES (?, ?, ?) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, capacity = excluded.capacity",
        )
        .bind(agent.id.as_str())
        .bind(&agent.name)
        .bind(json("capacity", &agent.capacity)?)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "INSERT INTO announced_number (agent, digits) VALUES (?, ?) \
             ON CONFLICT (agent) DO UPDATE SET digits = excluded.digits",
        )
        .bind(agent.id.as_str())
        .bind(&agent.announced_number)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("DELETE FROM agent_queue WHERE agent = ?")
            .bind(agent.id.as_str())
            .execute(&mut *transaction)
            .await?;
        for queue in &agent.queues {
            sqlx::query("INSERT INTO agent_queue (agent, queue) VALUES (?, ?)")
                .bind(agent.id.as_str())
                .bind(queue.as_str())
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn put_seat(&self, seat: &SeatConfig) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(PUT_DEVICE).bind(seat.device.as_str()).execute(&mut *transaction).await?;
        sqlx::query(
            "INSERT INTO seat (id, device, pickup_group) VALUES (?, ?, ?) \
             ON CONFLICT (id) DO UPDATE SET device = excluded.device, \
             pickup_group = excluded.pickup_group",
        )
        .bind(seat.id.as_str())
        .bind(seat.device.as_str())
        .bind(&seat.pickup_group)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn put_device(&self, device: &DeviceId) -> Result<(), StoreError> {
        sqlx::query(PUT_DEVICE).bind(device.as_str()).execute(&self.writer).await?;
        Ok(())
    }

    async fn put_sip_account(&self, account: &SipAccount) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sip_account (user, device, realm, ha1_md5, ha1_sha256) \
             VALUES (?, ?, ?, ?, ?) ON CONFLICT (user) DO UPDATE SET device = excluded.device, \
             realm = excluded.realm, ha1_md5 = excluded.ha1_md5, ha1_sha256 = excluded.ha1_sha256",
        )
        .bind(&account.user)
        .bind(account.device.as_str())
        .bind(&account.realm)
        .bind(&account.ha1_md5)
        .bind(&account.ha1_sha256)
        .execute(&self.writer)
        .await?;
        Ok(())
    }
}
