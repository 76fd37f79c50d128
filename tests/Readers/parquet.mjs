// What two Parquet readers that others wrote find in files: one line of JSON a file, every value as text.
//   node parquet.mjs FILE ...
import { readFile } from 'node:fs/promises';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { DuckDBInstance } from '@duckdb/node-api';

const asText = value =>
  value === null || value === undefined ? null
  : value instanceof Date ? value.toISOString()
  : value instanceof Uint8Array ? Buffer.from(value).toString('hex')
  : typeof value === 'object' ? JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v))
  : Object.is(value, -0) ? '-0'
  : String(value);

async function withHyparquet(file) {
  const bytes = await readFile(file);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const metadata = parquetMetadata(buffer);
  const rows = await parquetReadObjects({ file: buffer, compressors, utf8: false });
  return {
    rows: rows.map(row => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, asText(value)]))),
    keys: Object.fromEntries((metadata.key_value_metadata ?? []).map(pair => [pair.key, pair.value])),
    createdBy: metadata.created_by,
  };
}

async function withDuckDb(connection, file) {
  const name = file.replaceAll("'", "''");
  const all = async sql => (await connection.runAndReadAll(sql)).getRowObjectsJson();
  return {
    rows: await all(`SELECT CASE WHEN COLUMNS(*) IS NULL THEN NULL ELSE COLUMNS(*)::VARCHAR END FROM read_parquet('${name}')`),
    schema: await all(`SELECT name, type, repetition_type, converted_type, logical_type FROM parquet_schema('${name}') WHERE name <> 'root'`),
    chunks: await all(
      `SELECT row_group_id, path_in_schema, num_values, compression, encodings, stats_null_count, stats_min_value, stats_max_value,
              dictionary_page_offset IS NOT NULL AS dictionary
       FROM parquet_metadata('${name}') ORDER BY row_group_id, column_id`),
  };
}

const connection = await (await DuckDBInstance.create(':memory:')).connect();
for (const file of process.argv.slice(2)) {
  console.log(JSON.stringify({ hyparquet: await withHyparquet(file), duckdb: await withDuckDb(connection, file) }));
}
