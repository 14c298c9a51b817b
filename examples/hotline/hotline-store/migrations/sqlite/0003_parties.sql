-- How many contacts of each medium that is not spoken an agent works at together, and the pickup group of a device.
ALTER TABLE agent ADD COLUMN capacity TEXT NOT NULL DEFAULT '{}';
ALTER TABLE seat ADD COLUMN pickup_group TEXT;

-- Calls with many parties: legs to numbers outside, roles, hold, consultations. What is a projection of the log is
-- made again from its beginning.

DROP TABLE agent_leg;
CREATE TABLE call_leg (
    call     INTEGER NOT NULL REFERENCES call_record (call),
    position INTEGER NOT NULL,
    agent    TEXT,
    seat     TEXT,
    device   TEXT,
    number   TEXT,
    entry    TEXT NOT NULL,
    role     TEXT NOT NULL,
    offered  INTEGER NOT NULL,
    answered INTEGER,
    ended    INTEGER NOT NULL,
    outcome  TEXT NOT NULL,
    talk_ms  INTEGER NOT NULL,
    hold_ms  INTEGER NOT NULL,
    PRIMARY KEY (call, position)
) STRICT;
CREATE INDEX call_leg_agent ON call_leg (agent, call);
CREATE INDEX call_leg_seat ON call_leg (seat, call);
CREATE INDEX call_leg_number ON call_leg (number, call) WHERE number IS NOT NULL;

DELETE FROM call_record;
ALTER TABLE call_record ADD COLUMN hold_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE call_record ADD COLUMN consults INTEGER;

DELETE FROM open_call;
DELETE FROM voice_message;
DELETE FROM recording;
DELETE FROM agent_session;
DELETE FROM agent_state_time;
DELETE FROM alarm;
UPDATE projection SET last_applied = 0;
