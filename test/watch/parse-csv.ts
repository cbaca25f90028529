/** RFC 4180, nothing forgiven: records end in CRLF, and whatever is not inside of quotes is plain. */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const records: string[][] = [];
  let record: string[] = [];
  const cell = /"((?:[^"]|"")*)"|[^",\r\n]*/y;
  for (let at = 0; at < text.length; ) {
    cell.lastIndex = at;
    const [whole = '', quoted] = cell.exec(text) ?? [];
    record.push(quoted === undefined ? whole : quoted.replaceAll('""', '"'));
    at += whole.length;
    if (text[at] === ',') {
      at += 1;
    } else if (text.startsWith('\r\n', at)) {
      at += 2;
      records.push(record);
      record = [];
    } else {
      throw new Error(`expected a comma or the end of a record at ${at}, got ${JSON.stringify(text.slice(at, at + 20))}`);
    }
  }
  if (record.length > 0) throw new Error('the last record has no end');
  const columns = records[0]?.length;
  if (records.some(({ length }) => length !== columns)) throw new Error('records differ in length');
  return records;
}
