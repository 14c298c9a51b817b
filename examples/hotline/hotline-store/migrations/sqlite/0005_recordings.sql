-- Recordings know the trunk and where they were paused.

ALTER TABLE recording ADD COLUMN trunk TEXT;
ALTER TABLE recording ADD COLUMN pauses TEXT NOT NULL DEFAULT '[]';
UPDATE recording SET trunk = (
    SELECT origin ->> '$.trunk' FROM call_record WHERE call_record.call = recording.call
);
