CREATE TABLE notes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  text text NOT NULL,
  created timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX notes_created ON notes (created);
