// Validates data maps against the published JSON Schema with Ajv, and asks the language service of Visual Studio Code what it
// would offer at a place of a map. Prints one JSON document.
//   node validate.cjs SCHEMA MAP...
//   node validate.cjs SCHEMA --complete MAP   (the place is where the map has the mark ▮)
const fs = require('fs');
const { pathToFileURL } = require('url');
const Ajv = require('ajv/dist/2020');
const { getLanguageService, TextDocument } = require('vscode-json-languageservice');
const { parse } = require('jsonc-parser');

const [schemaFile, ...files] = process.argv.slice(2);
const schema = JSON.parse(fs.readFileSync(schemaFile, 'utf8'));

if (files[0] === '--complete') {
  const uri = pathToFileURL(files[1]).href;
  const text = fs.readFileSync(files[1], 'utf8');
  const offset = text.indexOf('▮');
  const document = TextDocument.create(uri, 'jsonc', 1, text.slice(0, offset) + text.slice(offset + 1));
  const service = getLanguageService({});
  service.configure({ allowComments: true, schemas: [{ uri: 'portability:datamap', fileMatch: ['*'], schema }] });
  service
    .doComplete(document, document.positionAt(offset), service.parseJSONDocument(document))
    .then((list) => console.log(JSON.stringify(list.items.map((item) => item.label))));
} else {
  const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false }).compile(schema);
  const result = files.map((file) => {
    const errors = [];
    const map = parse(fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, ''), errors, { allowTrailingComma: true });
    return validate(map) && errors.length === 0
      ? []
      : [...errors.map((e) => `JSON ${e.error}`), ...(validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`)];
  });
  console.log(JSON.stringify(result));
}
