-- Who works in the centre. Agent, announced number, seat, device, SIP account and web user never fuse:
-- only signing in brings them together.

CREATE TABLE agent (
    id   TEXT PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE announced_number (
    agent  TEXT PRIMARY KEY REFERENCES agent (id),
    digits TEXT NOT NULL
) STRICT;

CREATE TABLE agent_queue (
    agent TEXT NOT NULL REFERENCES agent (id),
    queue TEXT NOT NULL,
    PRIMARY KEY (agent, queue)
) STRICT;

CREATE TABLE device (
    id   TEXT PRIMARY KEY,
    kind TEXT NOT NULL
) STRICT;

CREATE TABLE seat (
    id     TEXT PRIMARY KEY,
    device TEXT NOT NULL UNIQUE REFERENCES device (id)
) STRICT;

-- HA1 = H(user ":" realm ":" password), RFC 8760; the password itself is not kept.
CREATE TABLE sip_account (
    user       TEXT PRIMARY KEY,
    device     TEXT NOT NULL REFERENCES device (id),
    realm      TEXT NOT NULL,
    ha1_md5    TEXT NOT NULL,
    ha1_sha256 TEXT NOT NULL
) STRICT;

CREATE TABLE web_user (
    name          TEXT PRIMARY KEY,
    display_name  TEXT NOT NULL,
    role          TEXT NOT NULL,
    agent         TEXT REFERENCES agent (id),
    password_hash TEXT NOT NULL
) STRICT;

CREATE TABLE session (
    token_hash BLOB PRIMARY KEY,
    user       TEXT NOT NULL REFERENCES web_user (name) ON DELETE CASCADE,
    created    INTEGER NOT NULL,
    expires    INTEGER NOT NULL
) STRICT;

-- Tickets: the database is the truth.

CREATE TABLE category (
    code     TEXT PRIMARY KEY,
    parent   TEXT REFERENCES category (code),
    label_zh TEXT NOT NULL,
    label_en TEXT NOT NULL,
    position INTEGER NOT NULL
) STRICT;

CREATE TABLE ticket (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    no            TEXT NOT NULL UNIQUE,
    query_code    TEXT NOT NULL,
    kind          TEXT NOT NULL,
    category      TEXT NOT NULL REFERENCES category (code),
    title         TEXT NOT NULL,
    text          TEXT NOT NULL,
    caller_number TEXT NOT NULL,
    caller_name   TEXT,
    address       TEXT,
    call          INTEGER UNIQUE,
    contact       INTEGER,
    agent         TEXT,
    seat          TEXT,
    status        TEXT NOT NULL,
    created       INTEGER NOT NULL,
    updated       INTEGER NOT NULL,
    version       INTEGER NOT NULL
) STRICT;
CREATE INDEX ticket_caller ON ticket (caller_number, id);

CREATE TABLE ticket_event (
    ticket  INTEGER NOT NULL REFERENCES ticket (id),
    version INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    user    TEXT NOT NULL,
    what    TEXT NOT NULL,
    PRIMARY KEY (ticket, version)
) STRICT;

CREATE TABLE ticket_request (
    user   TEXT NOT NULL,
    key    TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    ticket INTEGER NOT NULL REFERENCES ticket (id),
    at     INTEGER NOT NULL,
    PRIMARY KEY (user, key)
) STRICT;

CREATE TABLE ticket_sequence (
    name TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;

-- Projections of the log: written with last_applied in one transaction, never edited otherwise.

CREATE TABLE projection (
    name         TEXT PRIMARY KEY,
    last_applied INTEGER NOT NULL
) STRICT;
INSERT INTO projection (name, last_applied) VALUES ('records', 0);

CREATE TABLE open_call (
    call  INTEGER PRIMARY KEY,
    state TEXT NOT NULL
) STRICT;

CREATE TABLE call_record (
    call     INTEGER PRIMARY KEY,
    contact  INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    origin   TEXT NOT NULL,
    caller   TEXT NOT NULL,
    called   TEXT NOT NULL,
    started  INTEGER NOT NULL,
    answered INTEGER,
    ended    INTEGER NOT NULL,
    outcome  TEXT NOT NULL,
    cause    TEXT NOT NULL,
    queue    TEXT,
    wait_ms  INTEGER NOT NULL,
    talk_ms  INTEGER NOT NULL,
    agent    TEXT
) STRICT;
CREATE INDEX call_record_caller ON call_record (caller, call);
CREATE INDEX call_record_started ON call_record (started);

CREATE TABLE agent_leg (
    call     INTEGER NOT NULL REFERENCES call_record (call),
    leg      INTEGER NOT NULL,
    agent    TEXT,
    seat     TEXT,
    device   TEXT NOT NULL,
    offered  INTEGER NOT NULL,
    answered INTEGER,
    ended    INTEGER NOT NULL,
    outcome  TEXT NOT NULL,
    PRIMARY KEY (call, leg)
) STRICT;
CREATE INDEX agent_leg_agent ON agent_leg (agent, call);
CREATE INDEX agent_leg_seat ON agent_leg (seat, call);

CREATE TABLE recording (
    id        INTEGER PRIMARY KEY,
    call      INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    agent     TEXT,
    seat      TEXT,
    caller    TEXT NOT NULL,
    called    TEXT NOT NULL,
    started   INTEGER NOT NULL,
    ended     INTEGER,
    file      TEXT,
    length_ms INTEGER,
    bytes     INTEGER,
    sha256    TEXT,
    failure   TEXT
) STRICT;
CREATE INDEX recording_call ON recording (call);
CREATE INDEX recording_agent ON recording (agent, id);
CREATE INDEX recording_caller ON recording (caller, id);

CREATE TABLE voice_message (
    recording INTEGER PRIMARY KEY REFERENCES recording (id),
    handled   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE agent_session (
    event      INTEGER PRIMARY KEY,
    agent      TEXT NOT NULL,
    seat       TEXT NOT NULL,
    device     TEXT NOT NULL,
    signed_in  INTEGER NOT NULL,
    signed_out INTEGER
) STRICT;
CREATE INDEX agent_session_agent ON agent_session (agent, signed_in);

CREATE TABLE agent_state_time (
    event   INTEGER PRIMARY KEY,
    agent   TEXT NOT NULL,
    state   TEXT NOT NULL,
    reason  TEXT,
    call    INTEGER,
    started INTEGER NOT NULL,
    ended   INTEGER
) STRICT;
CREATE INDEX agent_state_time_agent ON agent_state_time (agent, started);

CREATE TABLE alarm (
    id      INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,
    raised  INTEGER NOT NULL,
    cleared INTEGER
) STRICT;
