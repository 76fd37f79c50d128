// The peer of the XLSX case: exceljs's streaming writer, a further sheet after 1,048,575 rows, numbers, dates and booleans
// typed. Rows come from the sqlite3 shell with separators that need no parser.
//   node exceljs.mjs DATABASE TARGET
import { spawn } from 'node:child_process';
import ExcelJS from 'exceljs';

const [database, target] = process.argv.slice(2);
const columns = ['id', 'tenant_id', 'user_id', 'course_id', 'action', 'detail', 'address', 'agent', 'score', 'duration', 'happened_at', 'flag'];
const numbers = new Set([0, 1, 2, 3, 8, 9]);
const book = new ExcelJS.stream.xlsx.WorkbookWriter({ filename: target, useStyles: true, useSharedStrings: false, zip: { zlib: { level: 1 } } });
const begin = number => {
  const sheet = book.addWorksheet(`activity ${number}`, { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = columns.map(name => ({ header: name, key: name, style: name === 'happened_at' ? { numFmt: 'yyyy-mm-dd hh:mm:ss' } : {} }));
  return sheet;
};

const valueOf = (text, column) =>
  text === '' ? null
  : numbers.has(column) ? Number(text)
  : column === 10 ? new Date(text)
  : column === 11 ? text === '1'
  : text;

const reader = spawn('sqlite3', ['-ascii', database, 'SELECT * FROM activity ORDER BY id'], { stdio: ['ignore', 'pipe', 'inherit'] });
reader.stdout.setEncoding('utf8');
let sheet = begin(1);
let rows = 0;
let rest = '';
for await (const chunk of reader.stdout) {
  const lines = (rest + chunk).split('\x1e');
  rest = lines.pop();
  for (const line of lines) {
    if (rows > 0 && rows % 1_048_575 === 0) {
      sheet.commit();
      sheet = begin(rows / 1_048_575 + 1);
    }
    sheet.addRow(line.split('\x1f').map(valueOf)).commit();
    rows++;
  }
}
sheet.commit();
await book.commit();
