// Asks DuckDB about a Parquet file, which the query calls `file`; the rows as one JSON text.
//   node duckdb.mjs FILE SQL
import { DuckDBInstance } from '@duckdb/node-api';

const [path, sql] = process.argv.slice(2);
const connection = await (await DuckDBInstance.create(':memory:')).connect();
await connection.run(`CREATE VIEW file AS SELECT * FROM read_parquet('${path.replaceAll("'", "''")}')`);
process.stdout.write(JSON.stringify((await connection.runAndReadAll(sql)).getRowObjectsJson()));
