// What exceljs finds in a workbook: its sheets with the rows as lists of [type, value, number format], as one JSON text.
//   node xlsx.mjs FILE
import ExcelJS from 'exceljs';

const cellOf = cell => {
  const value = cell.value;
  if (value === null || value === undefined) return ['null', null, ''];
  if (value instanceof Date) return ['date', value.toISOString(), cell.numFmt];
  if (typeof value === 'object') return ['other', JSON.stringify(value), ''];
  return [typeof value, typeof value === 'number' ? String(value) : value, cell.numFmt ?? ''];
};

const workbook = new ExcelJS.Workbook();
await workbook.xlsx.readFile(process.argv[2]);
const sheets = workbook.worksheets.map(sheet => {
  const rows = [];
  for (let r = 1; r <= sheet.rowCount; r++) {
    const row = sheet.getRow(r);
    const cells = [];
    for (let c = 1; c <= sheet.columnCount; c++) cells.push(cellOf(row.getCell(c)));
    rows.push(cells);
  }
  return { name: sheet.name, frozen: sheet.views[0]?.ySplit ?? 0, bold: sheet.getRow(1).getCell(1).font?.bold ?? false, rows };
});
process.stdout.write(JSON.stringify(sheets));
