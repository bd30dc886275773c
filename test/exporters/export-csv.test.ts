import { csvColumns, exportCsv } from '../../src/exporters';
import { attributes } from '../support/make-span';
import { collect, countedSpans, of, storedSpan } from './sample-spans';

describe('CSV export', () => {
  it('has the documented columns, exact 64-bit integers and empty cells for the unknown', async () => {
    const span = storedSpan({
      attributes: attributes({ a: { int: '9223372036854775807' } }),
      tags: ['one', 'two'],
      costUsd: 0.5,
    });
    const [heading, row, rest] = (await collect(exportCsv(of(span)))).split('\r\n');
    expect(heading).toBe(csvColumns.join(','));
    expect(row).toBe(
      '0af7651916cd43dd8448eb211c80319c,b7ad6b7169203331,,span,1,' +
        '1700000000000000000,1700000001000000000,1000000000,0,,' +
        'task-1,execution-1,agent-1,tool,,search,,,0.5,,' +
        '"[""one"",""two""]","{""a"":{""int"":""9223372036854775807""}}"',
    );
    expect(rest).toBe('');
  });

  it.each(['=1+2', '+1', '-2+3', '@SUM(A1)', '\tx'])('makes %j no formula', async (name) => {
    expect(await collect(exportCsv(of(storedSpan({ name }))))).toContain(`,'${name},1,`);
  });

  it('quotes a cell that is no formula any more', async () => {
    const name = '=HYPERLINK("http://x")';
    expect(await collect(exportCsv(of(storedSpan({ name }))))).toContain(
      `,"'=HYPERLINK(""http://x"")",`,
    );
  });

  it('keeps commas, quotes and line breaks inside a cell', async () => {
    const cells = await collect(exportCsv(of(storedSpan({ name: 'a,"b"\nc' }))));
    expect(cells).toContain(',"a,""b""\nc",');
  });

  it('has the heading when nothing matches', async () => {
    expect(await collect(exportCsv(of()))).toBe(`${csvColumns.join(',')}\r\n`);
  });

  it('writes 20,000 spans and holds some hundred of them', async () => {
    const source = countedSpans(20_000);
    let lines = -1;
    let held = 0;
    for await (const piece of exportCsv(source.spans)) {
      lines += piece.split('\r\n').length - 1;
      held = Math.max(held, source.asked() - lines);
    }
    expect(lines).toBe(20_000);
    expect(held).toBeLessThanOrEqual(500);
  });
});
