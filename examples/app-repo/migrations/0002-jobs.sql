-- The version before this one is still answering while this runs: what is added must not be needed by it.
ALTER TABLE notes ADD COLUMN words integer;

CREATE TABLE jobs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  note bigint NOT NULL REFERENCES notes ON DELETE CASCADE,
  attempts integer NOT NULL DEFAULT 0,
  due timestamptz NOT NULL DEFAULT now(),
  error text
);
CREATE INDEX jobs_note ON jobs (note);
CREATE INDEX jobs_due ON jobs (due);
