-- The job store, version 1. An administrator may read it at any time, also while the service runs:
--   sqlite3 -readonly DATA/FILE 'SELECT id, state, name FROM job ORDER BY id DESC LIMIT 20'
-- Nobody but the service may write it.
--
-- Times are milliseconds since 1970 (UTC): datetime(added / 1000, 'unixepoch'). Hashes of contents
-- are lower-case hex. A job refers to its courselab and its files by their names, so that it stays
-- whole when these are gone.

-- Single values: owner (the random name of this data folder), next_vm_id.
CREATE TABLE service (
  name TEXT PRIMARY KEY,
  value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE courselab (
  name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- The contents that lie in the folder of blobs, each once.
CREATE TABLE blob (
  sha256 TEXT PRIMARY KEY,
  md5 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  put INTEGER NOT NULL,   -- when it was uploaded last
  users INTEGER NOT NULL  -- names in `file`, and jobs that have not ended, that have it
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_unused ON blob (put) WHERE users = 0;

-- The names by which courselabs know their uploaded files.
CREATE TABLE file (
  courselab TEXT NOT NULL REFERENCES courselab (name),
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  used INTEGER NOT NULL,  -- when it was uploaded, or a job used it, last; to the minute
  PRIMARY KEY (courselab, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_by_use ON file (courselab, used);

CREATE TABLE job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  state TEXT NOT NULL,    -- 'queued', 'running', 'ended'
  courselab TEXT NOT NULL,
  name TEXT NOT NULL,
  -- Where it runs.
  vmms TEXT NOT NULL,
  image TEXT NOT NULL,
  cpu_millis INTEGER NOT NULL,  -- thousandths of a core; 0: all that there are
  memory_bytes INTEGER NOT NULL,
  disk_bytes INTEGER NOT NULL,
  disk_inodes INTEGER NOT NULL,
  io_bytes_per_second INTEGER NOT NULL,  -- 0: no limit
  network INTEGER NOT NULL,              -- 0 or 1
  -- What it may use.
  wall_time_ms INTEGER NOT NULL,
  cpu_time_ms INTEGER NOT NULL,  -- 0: no limit
  processes INTEGER NOT NULL,
  file_size_bytes INTEGER NOT NULL,
  output_bytes INTEGER NOT NULL,
  open_files INTEGER NOT NULL,
  -- Where its result goes.
  output_file TEXT NOT NULL,
  callback_url TEXT NOT NULL,   -- '': none
  -- EC2's keys: '' when it has none, and always once it has ended.
  access_key_id TEXT NOT NULL,
  access_key TEXT NOT NULL,
  -- SHA-256 over what was submitted, the contents of its files included: the same request that
  -- comes again soon is the same job. NULL: it was rejected.
  submission_hash BLOB,
  -- Its way.
  retries INTEGER NOT NULL DEFAULT 0,
  vm_name TEXT NOT NULL DEFAULT '',  -- the VM that it was given last
  vm_id INTEGER NOT NULL DEFAULT 0,
  -- Lines, each with its end; '\' and a line's end within one as '\\' and '\n'.
  trace TEXT NOT NULL,
  added INTEGER NOT NULL,
  dispatched INTEGER NOT NULL DEFAULT 0,  -- times: 0 is "not yet"
  vm_ready INTEGER NOT NULL DEFAULT 0,
  started INTEGER NOT NULL DEFAULT 0,
  finished INTEGER NOT NULL DEFAULT 0,
  ended INTEGER,  -- NULL: not yet
  -- Its end; NULL: not yet.
  verdict TEXT,   -- 'succeeded', 'failed', 'limit', 'internal_error', 'cancelled', 'rejected'
  verdict_text TEXT,
  published_bytes INTEGER,  -- size of the output file
  -- What its program did; all NULL when it never ran, each NULL when it is not known.
  exit_status INTEGER,
  signal INTEGER,
  ended_by TEXT,  -- the limit that ended it
  output_elided INTEGER,
  oom_kills INTEGER,
  used_wall_us INTEGER,  -- set whenever it ran
  used_user_us INTEGER,
  used_system_us INTEGER,
  used_memory_bytes INTEGER,
  used_processes INTEGER,
  used_disk_bytes INTEGER,
  used_disk_inodes INTEGER,
  used_output_bytes INTEGER
) STRICT;
CREATE INDEX job_by_state ON job (state);
CREATE INDEX job_by_courselab ON job (courselab);
CREATE INDEX job_by_verdict ON job (verdict) WHERE verdict IS NOT NULL;
CREATE INDEX job_by_end ON job (ended) WHERE ended IS NOT NULL;
-- Rejected jobs are not in it: they have no output, and withdraw none.
CREATE INDEX job_by_output ON job (courselab, output_file) WHERE submission_hash IS NOT NULL;

-- The files of a job. Their contents are in the folder of blobs at least until it has ended.
CREATE TABLE job_input (
  job INTEGER NOT NULL REFERENCES job (id),
  position INTEGER NOT NULL,  -- in the order submitted
  local_file TEXT NOT NULL,
  dest_file TEXT NOT NULL,
  sha256 TEXT NOT NULL,       -- '': it was rejected before its contents were looked up
  PRIMARY KEY (job, position)
) STRICT, WITHOUT ROWID;

-- The outbox: callbacks that are owed, or were given up. To whom is the job's callback_url.
CREATE TABLE callback (
  job INTEGER PRIMARY KEY REFERENCES job (id),
  due INTEGER NOT NULL,
  created INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  last_error TEXT NOT NULL,
  given_up INTEGER NOT NULL  -- 0 or 1
) STRICT;
CREATE INDEX callback_due ON callback (due) WHERE given_up = 0;

-- How many VMs are to be kept ready, by a key of the service's.
CREATE TABLE preallocation (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO service VALUES ('owner', lower(hex(randomblob(16))));
INSERT INTO service VALUES ('next_vm_id', 1000);
