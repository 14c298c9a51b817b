-- How well each leg of a call was heard, as the switch measured it until the leg ended.
CREATE TABLE call_voice (
    leg           INTEGER PRIMARY KEY,
    call          INTEGER NOT NULL,
    agent         TEXT,
    device        TEXT,
    ended         INTEGER NOT NULL,
    received      INTEGER NOT NULL,
    lost          INTEGER NOT NULL,
    sent          INTEGER NOT NULL,
    lost_by_peer  INTEGER NOT NULL,
    jitter_us     INTEGER NOT NULL,
    max_jitter_us INTEGER NOT NULL,
    round_trip_us INTEGER
) STRICT;
CREATE INDEX call_voice_call ON call_voice (call);
