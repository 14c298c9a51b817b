-- The queues that a supervisor looks after, with their agents and callers; all of them when none is named.

CREATE TABLE supervised_queue (
    user  TEXT NOT NULL REFERENCES web_user (name) ON DELETE CASCADE,
    queue TEXT NOT NULL,
    PRIMARY KEY (user, queue)
) STRICT;
