//! The rows of records, as the database keeps them.

use cti_bindings::records::call::{CallLeg, CallRecord};
use cti_core::{
    address::PhoneNumber,
    event::RecordingKind,
    id::{ContactId, EventNo},
    records::{
        self, AgentInterval, ContactRecord, QueueInterval, RecordingRecord, Shift, Times,
        VoiceRecord, Wait,
    },
    switch::RecordingEnd,
};
use sqlx::SqliteConnection;

use crate::{
    error::StoreError,
    sqlite::value::{int, json, micros, millis, name, us},
};

type Written = Result<(), StoreError>;

/// Writes a call with its legs and its stays in queues.
pub(super) async fn call(
    connection: &mut SqliteConnection,
    folded: &records::CallRecord,
) -> Written {
    let record = CallRecord::of(folded);
    sqlx::query(
        "INSERT INTO call_record (call, contact, kind, origin, caller, called, caller_normal, \
         called_normal, region, list_entry, list_level, started, answered, ended, outcome, cause, \
         queue, wait_us, talk_us, hold_us, consult_us, supervise_us, agent, consults) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(int(record.call.0))
    .bind(int(record.contact.0))
    .bind(name("kind", &record.kind)?)
    .bind(json("origin", &record.origin)?)
    .bind(record.caller.reveal())
    .bind(record.called.reveal())
    .bind(record.caller_normal.reveal())
    .bind(record.called_normal.reveal())
    .bind(&record.region)
    .bind(record.listed.as_ref().map(|(entry, _)| int(entry.0)))
    .bind(record.listed.as_ref().map(|(_, level)| json("list_level", level)).transpose()?)
    .bind(micros(record.started))
    .bind(record.answered.map(micros))
    .bind(micros(record.ended))
    .bind(record.outcome.name())
    .bind(name("cause", &record.cause)?)
    .bind(record.queue.as_ref().map(|queue| queue.as_str()))
    .bind(us(record.wait))
    .bind(us(record.talk))
    .bind(us(record.hold))
    .bind(us(record.consult))
    .bind(us(record.supervise))
    .bind(record.agent.as_ref().map(|agent| agent.as_str()))
    .bind(record.consults.map(|call| int(call.0)))
    .execute(&mut *connection)
    .await?;
    for (position, it) in (0..).zip(&record.legs) {
        leg(connection, &record, position, it).await?;
    }
    for wait in &folded.course.waits {
        stay(connection, record.contact, wait).await?;
    }
    Ok(())
}

async fn leg(
    connection: &mut SqliteConnection,
    record: &CallRecord,
    position: i64,
    leg: &CallLeg,
) -> Written {
    sqlx::query(
        "INSERT INTO call_leg (call, position, agent, seat, device, number, entry, part, offered, \
         answered, ended, outcome, talk_us, hold_us, consult_us, supervise_us) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(int(record.call.0))
    .bind(position)
    .bind(leg.agent.as_ref().map(|agent| agent.as_str()))
    .bind(leg.seat.as_ref().map(|seat| seat.as_str()))
    .bind(leg.device.as_ref().map(|device| device.as_str()))
    .bind(leg.number.as_ref().map(|number| number.reveal()))
    .bind(json("entry", &leg.entry)?)
    .bind(leg.part.as_ref().map(|part| name("part", part)).transpose()?)
    .bind(micros(leg.offered))
    .bind(leg.answered.map(micros))
    .bind(micros(leg.ended))
    .bind(name("outcome", &leg.outcome)?)
    .bind(us(leg.talk))
    .bind(us(leg.hold))
    .bind(us(leg.consult))
    .bind(us(leg.supervise))
    .execute(connection)
    .await?;
    Ok(())
}

async fn stay(connection: &mut SqliteConnection, contact: ContactId, wait: &Wait) -> Written {
    sqlx::query(
        "INSERT INTO queue_stay (contact, call, queue, since, until, reason) \
         VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(int(contact.0))
    .bind(wait.call.map(|call| int(call.0)))
    .bind(wait.queue.as_str())
    .bind(micros(wait.since))
    .bind(micros(wait.until))
    .bind(json("reason", &wait.reason)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes how well a leg was heard.
pub(super) async fn voice(connection: &mut SqliteConnection, record: &VoiceRecord) -> Written {
    let VoiceRecord { call, leg, agent, device, ended, quality } = record;
    sqlx::query(
        "INSERT INTO call_voice (leg, call, agent, device, ended, received, lost, sent, \
         lost_by_peer, jitter_us, max_jitter_us, round_trip_us) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(int(leg.0))
    .bind(int(call.0))
    .bind(agent.as_ref().map(|agent| agent.as_str()))
    .bind(device.as_ref().map(|device| device.as_str()))
    .bind(micros(*ended))
    .bind(int(quality.received))
    .bind(int(quality.lost))
    .bind(int(quality.sent))
    .bind(int(quality.lost_by_peer))
    .bind(int(quality.jitter_us))
    .bind(int(quality.max_jitter_us))
    .bind(quality.round_trip_us.map(int))
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes a contact at rest, with its stays in queues outside of calls; those in calls were written with these.
pub(super) async fn contact(
    connection: &mut SqliteConnection,
    event: EventNo,
    record: &ContactRecord,
) -> Written {
    let course = &record.course;
    sqlx::query(
        "INSERT INTO contact_record (contact, started, ended, medium, caller, instead_of, calls, \
         wait_us, talk_us, hold_us, consult_us, work_us, event) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(int(record.contact.0))
    .bind(micros(record.started))
    .bind(micros(record.ended))
    .bind(name("medium", &record.medium)?)
    .bind(record.caller.as_ref().map(|caller| caller.reveal()))
    .bind(record.instead_of.map(|contact| int(contact.0)))
    .bind(i64::try_from(record.calls.len()).unwrap_or(i64::MAX))
    .bind(us(course.waited))
    .bind(us(course.talked))
    .bind(us(course.held))
    .bind(us(course.consulted))
    .bind(us(course.worked))
    .bind(int(event.0))
    .execute(&mut *connection)
    .await?;
    for wait in course.waits.iter().filter(|wait| wait.call.is_none()) {
        stay(connection, record.contact, wait).await?;
    }
    Ok(())
}

/// Writes a recording that is over; a message is listed for whoever sees to it.
pub(super) async fn recording(
    connection: &mut SqliteConnection,
    record: &RecordingRecord,
) -> Written {
    let withheld = PhoneNumber::withheld();
    let (caller, called) =
        (record.caller.as_ref().unwrap_or(&withheld), record.called.as_ref().unwrap_or(&withheld));
    let numbers = record.numbers.as_ref();
    let (saved, failure) = match &record.end {
        RecordingEnd::Saved { file, length, bytes, sha256 } => {
            (Some((file, *length, *bytes, sha256)), None)
        }
        RecordingEnd::Failed { reason } => (None, Some(reason)),
    };
    sqlx::query(
        "INSERT INTO recording (id, call, kind, agent, seat, caller, called, caller_normal, \
         called_normal, started, ended, file, length_ms, bytes, sha256, failure, trunk, pauses) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(int(record.recording.0))
    .bind(int(record.call.0))
    .bind(name("kind", &record.kind)?)
    .bind(record.agent.as_ref().map(|agent| agent.as_str()))
    .bind(record.seat.as_ref().map(|seat| seat.as_str()))
    .bind(caller.reveal())
    .bind(called.reveal())
    .bind(numbers.map_or(caller, |it| it.caller.number()).reveal())
    .bind(numbers.map_or(called, |it| it.called.number()).reveal())
    .bind(micros(record.started))
    .bind(micros(record.ended))
    .bind(saved.map(|(file, ..)| file))
    .bind(saved.map(|(_, length, ..)| millis(length)))
    .bind(saved.map(|(_, _, bytes, _)| int(bytes)))
    .bind(saved.map(|(_, _, _, sha256)| sha256))
    .bind(failure)
    .bind(record.trunk.as_ref().map(|trunk| trunk.as_str()))
    .bind(json("pauses", &record.pauses)?)
    .execute(&mut *connection)
    .await?;
    if record.kind == RecordingKind::Message && saved.is_some() {
        sqlx::query("INSERT INTO voice_message (recording) VALUES (?)")
            .bind(int(record.recording.0))
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Writes a shift and what its time went to.
pub(super) async fn shift(
    connection: &mut SqliteConnection,
    event: EventNo,
    shift: &Shift,
) -> Written {
    sqlx::query(
        "INSERT INTO agent_shift (event, agent, seat, device, signed_in, signed_out) \
         VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(int(event.0))
    .bind(shift.agent.as_str())
    .bind(shift.seat.as_str())
    .bind(shift.device.as_str())
    .bind(micros(shift.from))
    .bind(micros(shift.until))
    .execute(&mut *connection)
    .await?;
    for (activity, time) in shift.times.iter() {
        sqlx::query("INSERT INTO agent_shift_time (shift, activity, time_us) VALUES (?, ?, ?)")
            .bind(int(event.0))
            .bind(activity.to_string())
            .bind(us(time))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Writes what an agent's time went to within an interval.
pub(super) async fn agent_interval(
    connection: &mut SqliteConnection,
    row: &AgentInterval,
) -> Written {
    sqlx::query(
        "INSERT INTO agent_interval (agent, since, until, answered, no_answer, rejected, \
         unreachable, withdrawn) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(row.agent.as_str())
    .bind(micros(row.interval.from))
    .bind(micros(row.interval.until))
    .bind(row.offers.answered)
    .bind(row.offers.no_answer)
    .bind(row.offers.rejected)
    .bind(row.offers.unreachable)
    .bind(row.offers.withdrawn)
    .execute(&mut *connection)
    .await?;
    times(connection, row, &row.times).await
}

async fn times(connection: &mut SqliteConnection, row: &AgentInterval, times: &Times) -> Written {
    for (activity, time) in times.iter() {
        sqlx::query(
            "INSERT INTO agent_interval_time (agent, since, activity, time_us) VALUES (?, ?, ?, ?)",
        )
        .bind(row.agent.as_str())
        .bind(micros(row.interval.from))
        .bind(activity.to_string())
        .bind(us(time))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Writes what happened in a queue within an interval.
pub(super) async fn queue_interval(
    connection: &mut SqliteConnection,
    row: &QueueInterval,
) -> Written {
    let it = &row.counts;
    sqlx::query(
        "INSERT INTO queue_interval (queue, since, until, inside_before, offered, answered, \
         answered_in_time, abandoned, abandoned_short, overflowed, left_by_key, moved, cleared, \
         restarted, transferred, inside, max_inside, wait_us, wait_answered_us, \
         wait_abandoned_us, longest_wait_us) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(row.queue.as_str())
    .bind(micros(row.interval.from))
    .bind(micros(row.interval.until))
    .bind(it.inside_before)
    .bind(it.offered)
    .bind(it.answered)
    .bind(it.answered_within.first().copied().unwrap_or(0))
    .bind(it.abandoned)
    .bind(it.abandoned_short)
    .bind(it.overflowed)
    .bind(it.left)
    .bind(it.moved)
    .bind(it.cleared)
    .bind(it.restarted)
    .bind(it.transferred)
    .bind(it.inside)
    .bind(it.max_inside)
    .bind(us(it.wait))
    .bind(us(it.wait_answered))
    .bind(us(it.wait_abandoned))
    .bind(us(it.longest_wait))
    .execute(connection)
    .await?;
    Ok(())
}
