-- Schema 2 (user_version 2): what the life of a run needs to know of itself. New projects run 0001 and then this file;
-- a project of schema 1 runs it once, in one transaction (store/migrations). NULL: recorded by an older program.
ALTER TABLE owner ADD COLUMN dev INTEGER;
ALTER TABLE owner ADD COLUMN ino INTEGER;
ALTER TABLE run ADD COLUMN inode INTEGER;
ALTER TABLE cursor ADD COLUMN end_json TEXT;
ALTER TABLE series ADD COLUMN journal_no INTEGER;
DELETE FROM record WHERE record_no NOT IN (SELECT min(record_no) FROM record GROUP BY series_no, seq);
CREATE UNIQUE INDEX record_once ON record(series_no, seq);
