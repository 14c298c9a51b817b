-- Records are what cti_core::records folds from the log: durations in microseconds, so that sums are exact. What is a
-- projection of the log is made again from its beginning.

DROP TABLE open_call;
DROP TABLE call_leg;
DROP TABLE call_record;
DROP TABLE voice_message;
DROP TABLE recording;
DROP TABLE agent_session;
DROP TABLE agent_state_time;
DELETE FROM alarm;

-- What the folds remember at event `state_at`, and the events that followed.
ALTER TABLE projection ADD COLUMN state TEXT;
ALTER TABLE projection ADD COLUMN state_at INTEGER NOT NULL DEFAULT 0;
UPDATE projection SET last_applied = 0;
CREATE TABLE projection_event (
    no   INTEGER PRIMARY KEY,
    json TEXT NOT NULL
) STRICT;

CREATE TABLE call_record (
    call          INTEGER PRIMARY KEY,
    contact       INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    origin        TEXT NOT NULL,
    caller        TEXT NOT NULL,
    called        TEXT NOT NULL,
    caller_normal TEXT NOT NULL,
    called_normal TEXT NOT NULL,
    region        TEXT,
    list_entry    INTEGER,
    list_level    TEXT,
    started       INTEGER NOT NULL,
    answered      INTEGER,
    ended         INTEGER NOT NULL,
    outcome       TEXT NOT NULL,
    cause         TEXT NOT NULL,
    queue         TEXT,
    wait_us       INTEGER NOT NULL,
    talk_us       INTEGER NOT NULL,
    hold_us       INTEGER NOT NULL,
    consult_us    INTEGER NOT NULL,
    supervise_us  INTEGER NOT NULL,
    agent         TEXT,
    consults      INTEGER
) STRICT;
CREATE INDEX call_record_caller ON call_record (caller_normal, call);
CREATE INDEX call_record_called ON call_record (called_normal, call);
CREATE INDEX call_record_started ON call_record (started);
CREATE INDEX call_record_contact ON call_record (contact);

CREATE TABLE call_leg (
    call         INTEGER NOT NULL REFERENCES call_record (call),
    position     INTEGER NOT NULL,
    agent        TEXT,
    seat         TEXT,
    device       TEXT,
    number       TEXT,
    entry        TEXT NOT NULL,
    part         TEXT,
    offered      INTEGER NOT NULL,
    answered     INTEGER,
    ended        INTEGER NOT NULL,
    outcome      TEXT NOT NULL,
    talk_us      INTEGER NOT NULL,
    hold_us      INTEGER NOT NULL,
    consult_us   INTEGER NOT NULL,
    supervise_us INTEGER NOT NULL,
    PRIMARY KEY (call, position)
) STRICT;
CREATE INDEX call_leg_agent ON call_leg (agent, call);
CREATE INDEX call_leg_seat ON call_leg (seat, call);
CREATE INDEX call_leg_number ON call_leg (number, call) WHERE number IS NOT NULL;

-- Each stay in a queue that is over, with or without a call.
CREATE TABLE queue_stay (
    id      INTEGER PRIMARY KEY,
    contact INTEGER NOT NULL,
    call    INTEGER,
    queue   TEXT NOT NULL,
    since   INTEGER NOT NULL,
    until   INTEGER NOT NULL,
    reason  TEXT NOT NULL
) STRICT;
CREATE INDEX queue_stay_queue ON queue_stay (queue, since);
CREATE INDEX queue_stay_contact ON queue_stay (contact);

-- A contact that is taken up again later has a further row.
CREATE TABLE contact_record (
    contact    INTEGER NOT NULL,
    started    INTEGER NOT NULL,
    ended      INTEGER NOT NULL,
    medium     TEXT NOT NULL,
    caller     TEXT,
    instead_of INTEGER,
    calls      INTEGER NOT NULL,
    wait_us    INTEGER NOT NULL,
    talk_us    INTEGER NOT NULL,
    hold_us    INTEGER NOT NULL,
    consult_us INTEGER NOT NULL,
    work_us    INTEGER NOT NULL,
    event      INTEGER NOT NULL,
    PRIMARY KEY (contact, event)
) STRICT;

CREATE TABLE recording (
    id            INTEGER PRIMARY KEY,
    call          INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    agent         TEXT,
    seat          TEXT,
    caller        TEXT NOT NULL,
    called        TEXT NOT NULL,
    caller_normal TEXT NOT NULL,
    called_normal TEXT NOT NULL,
    started       INTEGER NOT NULL,
    ended         INTEGER NOT NULL,
    file          TEXT,
    length_ms     INTEGER,
    bytes         INTEGER,
    sha256        TEXT,
    failure       TEXT
) STRICT;
CREATE INDEX recording_call ON recording (call);
CREATE INDEX recording_agent ON recording (agent, id);
CREATE INDEX recording_caller ON recording (caller_normal, id);

CREATE TABLE voice_message (
    recording INTEGER PRIMARY KEY REFERENCES recording (id),
    handled   INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One shift of one agent, and what the time went to: the times add up to the shift.
CREATE TABLE agent_shift (
    event      INTEGER PRIMARY KEY,
    agent      TEXT NOT NULL,
    seat       TEXT NOT NULL,
    device     TEXT NOT NULL,
    signed_in  INTEGER NOT NULL,
    signed_out INTEGER NOT NULL
) STRICT;
CREATE INDEX agent_shift_agent ON agent_shift (agent, signed_in);

CREATE TABLE agent_shift_time (
    shift    INTEGER NOT NULL REFERENCES agent_shift (event),
    activity TEXT NOT NULL,
    time_us  INTEGER NOT NULL,
    PRIMARY KEY (shift, activity)
) STRICT;

-- The same by intervals of a quarter of an hour, and what became of the offers that ended in them.
CREATE TABLE agent_interval (
    agent       TEXT NOT NULL,
    since       INTEGER NOT NULL,
    until       INTEGER NOT NULL,
    answered    INTEGER NOT NULL,
    no_answer   INTEGER NOT NULL,
    rejected    INTEGER NOT NULL,
    unreachable INTEGER NOT NULL,
    withdrawn   INTEGER NOT NULL,
    PRIMARY KEY (agent, since)
) STRICT;

CREATE TABLE agent_interval_time (
    agent    TEXT NOT NULL,
    since    INTEGER NOT NULL,
    activity TEXT NOT NULL,
    time_us  INTEGER NOT NULL,
    PRIMARY KEY (agent, since, activity)
) STRICT;

-- inside_before + offered = answered + abandoned + abandoned_short + overflowed + left_by_key + moved + cleared +
-- restarted + inside
CREATE TABLE queue_interval (
    queue             TEXT NOT NULL,
    since             INTEGER NOT NULL,
    until             INTEGER NOT NULL,
    inside_before     INTEGER NOT NULL,
    offered           INTEGER NOT NULL,
    answered          INTEGER NOT NULL,
    answered_in_time  INTEGER NOT NULL,
    abandoned         INTEGER NOT NULL,
    abandoned_short   INTEGER NOT NULL,
    overflowed        INTEGER NOT NULL,
    left_by_key       INTEGER NOT NULL,
    moved             INTEGER NOT NULL,
    cleared           INTEGER NOT NULL,
    restarted         INTEGER NOT NULL,
    transferred       INTEGER NOT NULL,
    inside            INTEGER NOT NULL,
    max_inside        INTEGER NOT NULL,
    wait_us           INTEGER NOT NULL,
    wait_answered_us  INTEGER NOT NULL,
    wait_abandoned_us INTEGER NOT NULL,
    longest_wait_us   INTEGER NOT NULL,
    PRIMARY KEY (queue, since)
) STRICT;

-- Tickets are found by the citizen's number in normal form.
ALTER TABLE ticket ADD COLUMN caller_normal TEXT NOT NULL DEFAULT '';
UPDATE ticket SET caller_normal = caller_number;
DROP INDEX ticket_caller;
CREATE INDEX ticket_caller ON ticket (caller_normal, id);
