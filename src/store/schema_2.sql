-- Version 2: how long each part of a job's way took, and outputs beside their jobs.

-- Microseconds; NULL: not (yet), or not known.
ALTER TABLE job ADD COLUMN queued_us INTEGER;
ALTER TABLE job ADD COLUMN vm_wait_us INTEGER;
ALTER TABLE job ADD COLUMN copy_in_us INTEGER;
ALTER TABLE job ADD COLUMN run_us INTEGER;
ALTER TABLE job ADD COLUMN copy_out_us INTEGER;
ALTER TABLE job ADD COLUMN publish_us INTEGER;  -- set behind the end that it measures

-- The outputs of ended jobs that are small. A larger one is a file in the folder of outputs.
CREATE TABLE output (
  job INTEGER PRIMARY KEY REFERENCES job (id),
  content BLOB NOT NULL
) STRICT;
