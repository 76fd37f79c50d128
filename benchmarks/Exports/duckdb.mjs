// The peer of the Parquet case: `sqlite3 -csv` piped into DuckDB, which writes Parquet with gzip.
//   node duckdb.mjs DATABASE TARGET
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

const [database, target] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'bench-pipe-'));
const pipe = join(folder, 'rows.csv');
execFileSync('mkfifo', [pipe]);
// Types as ours has them from the catalogue, so that DuckDB need not guess.
const columns = `{'id': 'BIGINT', 'tenant_id': 'BIGINT', 'user_id': 'BIGINT', 'course_id': 'BIGINT', 'action': 'VARCHAR',
  'detail': 'VARCHAR', 'address': 'VARCHAR', 'agent': 'VARCHAR', 'score': 'DOUBLE', 'duration': 'BIGINT',
  'happened_at': 'TIMESTAMPTZ', 'flag': 'BOOLEAN'}`;
try {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const reader = spawn('sh', ['-c', 'exec sqlite3 -csv "$1" "SELECT * FROM activity ORDER BY id" > "$2"', 'sh', database, pipe], { stdio: 'inherit' });
  const read = new Promise((done, failed) => reader.on('exit', code => (code === 0 ? done() : failed(new Error(`sqlite3 ended with ${code}`)))));
  await connection.run(`COPY (SELECT * FROM read_csv('${pipe}', header = false, columns = ${columns}, quote = '"', escape = '"', delim = ',', auto_detect = false))
    TO '${target}' (FORMAT parquet, COMPRESSION gzip)`);
  await read;
} finally {
  rmSync(folder, { recursive: true });
}
