-- Schema 1 of a Dubito project (application_id 0x44424954, user_version 1). Times are µs since 1970 UTC, ids 16-byte
-- UUIDv7, hashes 32-byte SHA-256, *_no numbers local to this file. NULL means "not known" unless a comment says otherwise.
-- A. Format
CREATE TABLE meta(key TEXT PRIMARY KEY NOT NULL, value) WITHOUT ROWID;  -- project_id title created_us app clean_close last_writer
CREATE TABLE extension(name TEXT PRIMARY KEY NOT NULL, owner TEXT NOT NULL, version TEXT NOT NULL, tables_json TEXT NOT NULL)
  WITHOUT ROWID;                                                          -- tables of others, named x_<owner>__*; kept untouched
CREATE TABLE migration(to_version INTEGER PRIMARY KEY, from_version INTEGER NOT NULL, at_us INTEGER NOT NULL, app TEXT);
CREATE TABLE owner(id INTEGER PRIMARY KEY CHECK(id = 1), host TEXT, boot_id TEXT, pid INTEGER, pid_start INTEGER, since_us INT);
CREATE TABLE counter(name TEXT PRIMARY KEY NOT NULL, n INTEGER NOT NULL) WITHOUT ROWID;  -- rows per table: the UI never counts

-- B. Recorded: written by collector and importers only, never undone; *_no are numbers local to this file
CREATE TABLE name(name_no INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);               -- metric and parameter keys, stored once
CREATE TABLE plugin(plugin_no INTEGER PRIMARY KEY, id TEXT NOT NULL, version TEXT NOT NULL, binary_sha256 BLOB,
  manifest_json TEXT, UNIQUE(id, version, binary_sha256));
CREATE TABLE spec(spec_hash BLOB PRIMARY KEY NOT NULL, json TEXT NOT NULL);              -- canonical bytes
CREATE TABLE config(config_no INTEGER PRIMARY KEY, group_hash BLOB NOT NULL UNIQUE,      -- a spec without its seed
  plugin_no INTEGER NOT NULL REFERENCES plugin);
CREATE TABLE param(config_no INTEGER NOT NULL REFERENCES config ON DELETE CASCADE, name_no INTEGER NOT NULL,
  kind INTEGER NOT NULL,                                                 -- 0 null 1 bool 2 int 3 real 4 text 5 list (JSON in txt)
  num REAL, txt TEXT, PRIMARY KEY(config_no, name_no)) WITHOUT ROWID;
CREATE INDEX param_by_value ON param(name_no, num, config_no);
CREATE TABLE run(run_no INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE CHECK(length(id) = 16),
  config_no INTEGER NOT NULL REFERENCES config, spec_hash BLOB NOT NULL REFERENCES spec, system TEXT NOT NULL, seed INTEGER,
  state INTEGER NOT NULL CHECK(state BETWEEN 0 AND 7),                    -- order of the states in journal-and-runs.md
  cause INTEGER NOT NULL DEFAULT 0, detail TEXT,                          -- 0 none; sentence for people, signal name, log tail
  created_us INTEGER NOT NULL, started_us INTEGER, ended_us INTEGER, last_step INTEGER, last_us INTEGER,
  done REAL, total REAL, phase TEXT,                                      -- progress; total 0 = unknown
  sweep_id BLOB, parent_id BLOB, import_no INTEGER);                      -- parent: resumed, repeated or warm-started from
CREATE INDEX run_by_time ON run(created_us, run_no);  CREATE INDEX run_by_config ON run(config_no, seed);
CREATE TABLE environment(env_no INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, json TEXT NOT NULL);  -- code, libraries, GPU
CREATE TABLE attempt(run_no INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, attempt INTEGER NOT NULL, executor TEXT NOT NULL,
  external_id TEXT, host TEXT, device TEXT, env_no INTEGER, started_us INTEGER, ended_us INTEGER, exit_code INTEGER,
  signal INTEGER, resumed_step INTEGER,                                   -- NULL: fresh; cuts older attempts in stitched curves
  job_dir TEXT, PRIMARY KEY(run_no, attempt)) WITHOUT ROWID;
CREATE TABLE cursor(run_no INTEGER NOT NULL, attempt INTEGER NOT NULL, rank INTEGER NOT NULL, segment INTEGER NOT NULL,
  byte_pos INTEGER NOT NULL, next_seq INTEGER NOT NULL, ended INTEGER NOT NULL, PRIMARY KEY(run_no, attempt, rank)) WITHOUT ROWID;
CREATE TABLE gap(run_no INTEGER NOT NULL, attempt INTEGER, rank INTEGER, segment INTEGER, byte_from INTEGER, byte_to INTEGER,
  seq_from INTEGER, seq_to INTEGER, why TEXT);
CREATE TABLE series(series_no INTEGER PRIMARY KEY, run_no INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  attempt INTEGER NOT NULL, rank INTEGER NOT NULL, name_no INTEGER NOT NULL REFERENCES name, kind INTEGER NOT NULL,  -- frame type
  unit TEXT NOT NULL, goal INTEGER NOT NULL, unordered INTEGER NOT NULL DEFAULT 0, UNIQUE(run_no, name_no, attempt, rank));
CREATE TABLE chunk(series_no INTEGER NOT NULL, level INTEGER NOT NULL, idx INTEGER NOT NULL, n INTEGER NOT NULL,
  nan_n INTEGER NOT NULL, step_first INTEGER, step_last INTEGER, us_first INTEGER, us_last INTEGER, first REAL, last REAL,
  min REAL, min_step INTEGER, max REAL, max_step INTEGER, sum REAL,       -- over finite values; NULL when there is none
  data_no INTEGER, PRIMARY KEY(series_no, level, idx)) WITHOUT ROWID;     -- level 0: data_no; level k: 32 rows of level k-1
CREATE TABLE chunk_data(data_no INTEGER PRIMARY KEY, data BLOB NOT NULL); -- apart, so that scanning the pyramid skips the points
CREATE TABLE tail(series_no INTEGER NOT NULL, seq INTEGER NOT NULL, n INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY(series_no, seq)) WITHOUT ROWID;                             -- fragments not yet sealed; same bytes as a chunk
CREATE TABLE latest(run_no INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, name_no INTEGER NOT NULL, n INTEGER NOT NULL,
  nan_n INTEGER NOT NULL, last REAL, last_step INTEGER, last_us INTEGER, min REAL, min_step INTEGER, max REAL, max_step INTEGER,
  mean REAL, PRIMARY KEY(run_no, name_no)) WITHOUT ROWID;                 -- NULL value with n > 0 means NaN
CREATE INDEX latest_by_value ON latest(name_no, last, run_no);
CREATE TABLE record(record_no INTEGER PRIMARY KEY, series_no INTEGER NOT NULL REFERENCES series ON DELETE CASCADE, step INTEGER,
  time_us INTEGER NOT NULL, seq INTEGER NOT NULL, meta_json TEXT, data BLOB, blob_no INTEGER);  -- array block, inline to 128 KB
CREATE INDEX record_by_step ON record(series_no, step);                   -- tensor, text, tokens, event, frame, table, figure
CREATE TABLE log_line(run_no INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, attempt INTEGER NOT NULL, rank INTEGER NOT NULL,
  seq INTEGER NOT NULL, time_us INTEGER NOT NULL, level INTEGER NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY(run_no, attempt, rank, seq)) WITHOUT ROWID;
CREATE TABLE blob(blob_no INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE, bytes INTEGER NOT NULL, media TEXT,
  path TEXT);                                                             -- NULL: in blob_piece; else outside, beside or absolute
CREATE TABLE blob_piece(blob_no INTEGER NOT NULL REFERENCES blob ON DELETE CASCADE, piece INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY(blob_no, piece));                                           -- 1 MiB pieces, incremental BLOB I/O
CREATE TABLE checkpoint(run_no INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, attempt INTEGER NOT NULL, step INTEGER NOT NULL,
  sha256 BLOB NOT NULL, bytes INTEGER NOT NULL, folder TEXT, time_us INTEGER, PRIMARY KEY(run_no, attempt, step)) WITHOUT ROWID;
CREATE TABLE lineage(run_no INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, is_output INTEGER NOT NULL, role TEXT NOT NULL,
  name TEXT, sha256 BLOB NOT NULL, bytes INTEGER);                        -- inputs and outputs by content
CREATE INDEX lineage_by_hash ON lineage(sha256);
CREATE TABLE sweep(id BLOB PRIMARY KEY NOT NULL, title TEXT, space_json TEXT NOT NULL, created_us INTEGER NOT NULL);
CREATE TABLE import(import_no INTEGER PRIMARY KEY, kind TEXT NOT NULL, source TEXT NOT NULL, source_sha256 BLOB,
  at_us INTEGER NOT NULL, report_json TEXT, UNIQUE(kind, source_sha256));

-- C. The user's: changed by commands, tracked by undo; keys are ids, never numbers
CREATE TABLE run_user(run_id BLOB PRIMARY KEY NOT NULL, title TEXT, star INTEGER NOT NULL DEFAULT 0, colour INTEGER,
  baseline INTEGER NOT NULL DEFAULT 0, archived_us INTEGER, deleted_us INTEGER);          -- deleted: in the bin
CREATE TABLE tag(id BLOB PRIMARY KEY NOT NULL, name TEXT NOT NULL, colour INTEGER);
CREATE TABLE run_tag(run_id BLOB NOT NULL, tag_id BLOB NOT NULL REFERENCES tag ON DELETE CASCADE, PRIMARY KEY(run_id, tag_id));
CREATE TABLE note(id BLOB PRIMARY KEY NOT NULL, target_kind INTEGER NOT NULL, target_id BLOB, anchor_json TEXT, -- step, token
  body_md TEXT NOT NULL, created_us INTEGER NOT NULL, edited_us INTEGER NOT NULL);
CREATE TABLE folder(id BLOB PRIMARY KEY NOT NULL, parent_id BLOB, title TEXT NOT NULL, position REAL NOT NULL, query_json TEXT);
CREATE TABLE folder_run(folder_id BLOB NOT NULL REFERENCES folder ON DELETE CASCADE, run_id BLOB NOT NULL,
  PRIMARY KEY(folder_id, run_id));
CREATE TABLE view(id BLOB PRIMARY KEY NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, body_json TEXT NOT NULL, edited_us INT);
CREATE TABLE report(id BLOB PRIMARY KEY NOT NULL, title TEXT NOT NULL, settings_json TEXT NOT NULL, edited_us INTEGER);
CREATE TABLE report_block(id BLOB PRIMARY KEY NOT NULL, report_id BLOB NOT NULL REFERENCES report ON DELETE CASCADE,
  position REAL NOT NULL, kind TEXT NOT NULL, body_json TEXT NOT NULL, result_sha256 BLOB, frozen_us INTEGER);
CREATE TABLE report_run(report_id BLOB NOT NULL REFERENCES report ON DELETE CASCADE,
  run_id BLOB NOT NULL REFERENCES run(id) ON DELETE RESTRICT, PRIMARY KEY(report_id, run_id));   -- protects the run
CREATE TABLE setting(key TEXT PRIMARY KEY NOT NULL, value_json TEXT NOT NULL);            -- layouts, perspectives, column sets

-- D. Derived (may be rebuilt) and history
CREATE TABLE doc(doc_no INTEGER PRIMARY KEY, kind INTEGER NOT NULL, target_id BLOB, title TEXT, body TEXT);
CREATE VIRTUAL TABLE doc_fts USING fts5(title, body, content='doc', content_rowid='doc_no',
  tokenize='unicode61 remove_diacritics 2');
CREATE TABLE edit(edit_no INTEGER PRIMARY KEY, title TEXT NOT NULL, command TEXT NOT NULL, time_us INTEGER NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0, changeset BLOB NOT NULL, mac BLOB NOT NULL);
