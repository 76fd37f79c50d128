-- A store as the engine of schema version 1 left it: an orchestration that sleeps for 20 days, one that waits for
-- letters, of which the first lies in its inbox, and one that has ended.
CREATE TABLE engine (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE instances (
  key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, version TEXT NOT NULL, status INTEGER NOT NULL,
  generation INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, input TEXT, output TEXT,
  custom_status TEXT, failure TEXT, tags TEXT, parent_key INTEGER, parent_task INTEGER, parent_id TEXT, parent_name TEXT
);
CREATE INDEX instances_by_status ON instances (status);
CREATE TABLE history (
  key INTEGER NOT NULL, step INTEGER NOT NULL, events TEXT NOT NULL, PRIMARY KEY (key, step)
) WITHOUT ROWID;
CREATE TABLE inbox (seq INTEGER PRIMARY KEY, key INTEGER NOT NULL, event TEXT NOT NULL);
CREATE INDEX inbox_by_key ON inbox (key);
CREATE TABLE activities (
  seq INTEGER PRIMARY KEY, key INTEGER NOT NULL, task INTEGER NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
  input TEXT
);
CREATE INDEX activities_by_key ON activities (key);
CREATE TABLE timers (
  seq INTEGER PRIMARY KEY, key INTEGER NOT NULL, generation INTEGER NOT NULL, task INTEGER NOT NULL, due INTEGER NOT NULL
);
CREATE INDEX timers_by_key ON timers (key);

INSERT INTO engine VALUES ('schema', '1'), ('clock_offset', '0');
INSERT INTO instances (key, id, name, version, status, generation, created, updated, input, output) VALUES
  (1, 'sleeper', 'sleep', '', 0, 0, 639031968000000000, 639031968000000000, '"20.00:00:00"', NULL),
  (4, 'reader', 'pair', '', 0, 0, 639031968000000000, 639031968000000000, NULL, NULL),
  (6, 'done', 'sleep', '', 1, 0, 639031968000000000, 639034560000000000, '"00:00:00"', 'true');
INSERT INTO history VALUES
  (1, 0, '[{"t":"step","at":"2026-01-05T08:00:00Z"},{"t":"start"},{"t":"timer","id":0,"fireAt":"2026-01-08T08:00:00Z"}]'),
  (4, 0, '[{"t":"step","at":"2026-01-05T08:00:00Z"},{"t":"start"}]');
INSERT INTO timers VALUES (3, 1, 0, 0, 639034560000000000);
INSERT INTO inbox VALUES (8, 4, '{"t":"event","name":"letter","payload":"\"a\""}');
