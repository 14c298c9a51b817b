-- Recordings are looked up by any combination of trunk, time, agent, seat, caller, called, length and quality: those of
-- one trunk, one quality state and about one length lie in one cell. Quality state and hold are what people decided;
-- `recording_note` keeps each of their decisions, also of recordings that are gone.

CREATE TABLE length_class (
    class   INTEGER PRIMARY KEY,
    from_ms INTEGER NOT NULL
) STRICT;
INSERT INTO length_class (class, from_ms) VALUES
    (0, 0), (1, 1000), (2, 2000), (3, 3000), (4, 4000), (5, 5000), (6, 6000), (7, 8000), (8, 10000), (9, 12000),
    (10, 15000), (11, 20000), (12, 25000), (13, 30000), (14, 36000), (15, 43000), (16, 51000), (17, 60000),
    (18, 72000), (19, 86000), (20, 103000), (21, 120000), (22, 144000), (23, 172000), (24, 206000), (25, 240000),
    (26, 288000), (27, 345000), (28, 413000), (29, 480000), (30, 600000), (31, 720000), (32, 900000), (33, 1080000),
    (34, 1200000), (35, 1500000), (36, 1800000), (37, 2400000), (38, 3600000), (39, 7200000);

CREATE TABLE recording_cell (
    id      INTEGER PRIMARY KEY,
    trunk   TEXT NOT NULL,
    quality TEXT NOT NULL,
    class   INTEGER NOT NULL,
    UNIQUE (trunk, quality, class)
) STRICT;

ALTER TABLE recording ADD COLUMN quality TEXT NOT NULL DEFAULT 'unchecked';
ALTER TABLE recording ADD COLUMN cell INTEGER;
ALTER TABLE recording ADD COLUMN held TEXT;

-- A recording with a file is put into its cell, and taken out when its file goes.
CREATE TRIGGER recording_put AFTER INSERT ON recording WHEN new.file IS NOT NULL BEGIN
    INSERT OR IGNORE INTO recording_cell (trunk, quality, class) VALUES (coalesce(new.trunk, ''), new.quality,
        (SELECT max(class) FROM length_class WHERE from_ms <= new.length_ms));
    UPDATE recording SET cell = (SELECT id FROM recording_cell WHERE trunk = coalesce(new.trunk, '')
        AND quality = new.quality
        AND class = (SELECT max(class) FROM length_class WHERE from_ms <= new.length_ms)) WHERE id = new.id;
END;
CREATE TRIGGER recording_moved AFTER UPDATE OF file, quality ON recording BEGIN
    INSERT OR IGNORE INTO recording_cell (trunk, quality, class) VALUES (coalesce(new.trunk, ''), new.quality,
        (SELECT max(class) FROM length_class WHERE from_ms <= coalesce(new.length_ms, 0)));
    UPDATE recording SET cell = CASE WHEN new.file IS NULL THEN NULL ELSE
        (SELECT id FROM recording_cell WHERE trunk = coalesce(new.trunk, '') AND quality = new.quality
        AND class = (SELECT max(class) FROM length_class WHERE from_ms <= new.length_ms)) END WHERE id = new.id;
END;
UPDATE recording SET quality = quality WHERE file IS NOT NULL;

DROP INDEX recording_agent;
DROP INDEX recording_caller;
CREATE INDEX recording_started ON recording (started);
CREATE INDEX recording_in_cell ON recording (cell, id, length_ms);
CREATE INDEX recording_agent ON recording (agent, cell, id, seat, called_normal, caller_normal, length_ms);
CREATE INDEX recording_seat ON recording (seat, cell, id, called_normal, caller_normal, length_ms);
CREATE INDEX recording_caller ON recording (caller_normal, cell, id, length_ms);
CREATE INDEX recording_called ON recording (called_normal, cell, id, length_ms);

CREATE TABLE recording_note (
    no        INTEGER PRIMARY KEY,
    recording INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    by        TEXT NOT NULL,
    what      TEXT NOT NULL,
    reason    TEXT NOT NULL
) STRICT;
CREATE INDEX recording_note_recording ON recording_note (recording, no);
CREATE TRIGGER recording_note_kept BEFORE DELETE ON recording_note BEGIN
    SELECT raise(ABORT, 'notes are kept');
END;
CREATE TRIGGER recording_note_true BEFORE UPDATE ON recording_note BEGIN
    SELECT raise(ABORT, 'notes are kept as they are');
END;
