-- Schema 3 (user_version 3): which blobs the arrays of a record lie in. A blob's path, where it is not NULL, names a
-- file
-- below the project's folder: NAME.blobs/ab/HASH (store/blobs.h).
CREATE TABLE record_blob(
  record_no INTEGER NOT NULL REFERENCES record ON DELETE CASCADE,
  blob_no INTEGER NOT NULL REFERENCES blob,
  PRIMARY KEY(record_no, blob_no)) WITHOUT ROWID;
CREATE INDEX record_blob_by_blob ON record_blob(blob_no);
