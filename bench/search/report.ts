/** Prints what the benchmark says, and counts what it misses. */
export class Report {
  missed = 0;

  line(text = ''): void {
    process.stdout.write(`${text}\n`);
  }

  /** Columns as wide as their widest cell. */
  table(rows: readonly (readonly string[])[]): void {
    const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
    for (const row of rows)
      this.line(
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      );
  }

  bar(holds: boolean, text: string): void {
    this.line(`${holds ? 'ok    ' : 'MISSED'} ${text}`);
    if (!holds) this.missed += 1;
  }
}
