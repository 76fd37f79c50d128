// Holds a OneRoster exchange against the rules of the CSV binding 1.2: prints what is wrong, as a JSON list of sentences.
//   node oneroster.mjs FOLDER      (the unpacked ZIP)
// oneroster-1.2.tsv has the tables of section 3 (columns in order, required or not, format, vocabulary). Fields are read by fast-csv.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseString } from '@fast-csv/parse';

const folder = process.argv[2];
const faults = [];
const fault = text => faults.push(text);

const read = name =>
  new Promise((done, failed) => {
    const bytes = readFileSync(join(folder, name));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const rows = [];
    parseString(text).on('data', row => rows.push(row)).on('error', failed).on('end', () => done(rows));
  });

const standard = new Map();
const table = readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'oneroster-1.2.tsv'), 'utf8').trim().split('\n').slice(1);
for (const line of table) {
  const [file, name, required, format, words] = line.split('\t');
  if (!standard.has(file)) standard.set(file, []);
  standard.get(file).push({ name, required, format, words: words ? words.split('|') : [] });
}

const targets = {
  course: 'courses', school: 'orgs', org: 'orgs', primaryOrg: 'orgs', term: 'academicSessions', academicSession: 'academicSessions',
  schoolYear: 'academicSessions', user: 'users', student: 'users', agent: 'users', lineItem: 'lineItems', category: 'categories',
  class: 'classes', resource: 'resources', userProfile: 'userProfiles', scoreScale: 'scoreScales', result: 'results',
};
const targetOf = (file, column) => {
  const stem = column.replace(/SourcedIds?$/, '');
  return stem === 'parent' ? file : targets[stem];
};

const isDate = text => /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
const isNumber = text => /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text);
const fits = (column, text) => {
  switch (column.format) {
    case 'GUID': return /^[0-9A-Za-z._/@-]{1,255}$/.test(text);
    case 'Date': return isDate(text);
    case 'Year': return /^\d{4}$/.test(text);
    case 'Boolean': return text === 'true' || text === 'false';
    case 'Float': return isNumber(text);
    case 'Integer': return /^-?\d+$/.test(text);
    case 'Enumeration': return column.words.includes(text) && text !== 'ext:' || column.words.includes('ext:') && /^ext:\S+$/.test(text);
    case 'Enumeration List': return text.split(',').every(word => fits({ ...column, format: 'Enumeration' }, word));
    default: return true;
  }
};

// manifest.csv
const present = new Set(readdirSync(folder));
const [head, ...properties] = await read('manifest.csv');
if (head.join() !== 'propertyName,value') fault(`manifest.csv: header ${head.join()}`);
const manifest = new Map(properties);
if (manifest.size !== properties.length) fault('manifest.csv: a property stands twice');
if (manifest.get('manifest.version') !== '1.0') fault('manifest.csv: manifest.version is not 1.0');
if (manifest.get('oneroster.version') !== '1.2') fault('manifest.csv: oneroster.version is not 1.2');
const known = ['manifest.version', 'oneroster.version', 'source.systemName', 'source.systemCode', ...[...standard.keys()].map(file => `file.${file}`)];
for (const name of manifest.keys()) if (!known.includes(name)) fault(`manifest.csv: ${name} is no property`);
for (const file of standard.keys()) {
  const mode = manifest.get(`file.${file}`);
  if (!['absent', 'bulk'].includes(mode)) fault(`manifest.csv: file.${file} is ${mode}`);
  if ((mode === 'bulk') !== present.has(`${file}.csv`)) fault(`manifest.csv: file.${file} is ${mode}, and the file is ${present.has(`${file}.csv`) ? 'there' : 'not there'}`);
}
for (const name of present) if (name !== 'manifest.csv' && !standard.has(name.replace(/\.csv$/, ''))) fault(`${name}: no file of OneRoster`);

// Each file by itself.
const files = new Map();
for (const [file, columns] of standard) {
  if (!present.has(`${file}.csv`)) continue;
  const [header, ...rows] = await read(`${file}.csv`);
  if (header.join() !== columns.map(column => column.name).join()) fault(`${file}.csv: header ${header.join()}`);
  if (rows.length === 0) fault(`${file}.csv: no data rows`);
  const ids = new Map();
  for (const row of rows) {
    if (row.length !== columns.length) { fault(`${file}.csv: a row of ${row.length} fields`); continue; }
    const item = Object.fromEntries(columns.map((column, i) => [column.name, row[i]]));
    if (ids.has(item.sourcedId)) fault(`${file}.csv: ${item.sourcedId} stands twice`);
    ids.set(item.sourcedId, item);
    for (const column of columns) {
      const text = item[column.name];
      const where = `${file}.csv ${item.sourcedId} ${column.name}`;
      if (/[\r\n]/.test(text)) fault(`${where}: a line break`);
      if (column.required === 'delta' && text !== '') fault(`${where}: a value in a bulk exchange`);
      else if (column.required === 'yes' && text === '') fault(`${where}: required and empty`);
      else if (text !== '' && !fits(column, text)) fault(`${where}: '${text}' is no ${column.format}`);
    }
  }
  files.set(file, ids);
}

// What they say of one another.
for (const [file, ids] of files) {
  for (const column of standard.get(file)) {
    if (!/Reference/.test(column.format) && !/SourcedId$/.test(column.name)) continue;
    const target = targetOf(file, column.name);
    for (const item of ids.values()) {
      for (const id of item[column.name].split(',').filter(id => id !== '')) {
        const found = files.get(target)?.get(id);
        if (!found) fault(`${file}.csv ${item.sourcedId} ${column.name}: ${id} is not in ${target}.csv`);
        else if (column.name === 'schoolSourcedId' && found.type !== 'school') fault(`${file}.csv ${item.sourcedId}: ${id} is no school`);
      }
    }
  }
}
const items = file => [...(files.get(file)?.values() ?? [])];
const primary = new Set();
const students = new Set();
const withRole = new Set();
for (const role of items('roles')) {
  const place = `${role.userSourcedId} ${role.orgSourcedId}`;
  if (role.roleType === 'primary' && primary.has(place)) fault(`roles.csv: two primary roles of ${place}`);
  if (role.roleType === 'primary') primary.add(place);
  if (role.role === 'student') students.add(role.userSourcedId);
  withRole.add(role.userSourcedId);
}
for (const user of items('users')) if (!withRole.has(user.sourcedId)) fault(`users.csv ${user.sourcedId}: no role`);
for (const session of items('academicSessions')) if (session.startDate > session.endDate) fault(`academicSessions.csv ${session.sourcedId}: ends before it starts`);
for (const result of items('results')) {
  if (!students.has(result.studentSourcedId)) fault(`results.csv ${result.sourcedId}: ${result.studentSourcedId} is no student`);
  const line = files.get('lineItems')?.get(result.lineItemSourcedId);
  const [least, most] = [line?.resultValueMin, line?.resultValueMax].map(text => (text ? Number(text) : NaN));
  if (result.score !== '' && (Number(result.score) < least || Number(result.score) > most)) fault(`results.csv ${result.sourcedId}: score ${result.score}`);
}
console.log(JSON.stringify(faults));
