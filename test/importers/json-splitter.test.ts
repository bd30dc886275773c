import fc from 'fast-check';
import { JsonSplitter } from '../../src/importers/json-splitter';

function split(text: string, wanted: string[], { chunk = 1_000, maxBytes = 1e6 } = {}) {
  const splitter = new JsonSplitter(wanted, maxBytes);
  const bytes = Buffer.from(text);
  const pieces = [];
  for (let at = 0; at < bytes.length; at += chunk) {
    pieces.push(...splitter.push(bytes.subarray(at, at + chunk)));
  }
  return [...pieces, ...splitter.end()];
}

const texts = (pieces: ReturnType<typeof split>) =>
  pieces.map((piece) => ('text' in piece ? (JSON.parse(piece.text) as unknown) : piece));

describe('cutting values out of JSON', () => {
  it('gives the elements that JSON.parse gives, for any document, layout and chunk size', () => {
    const document = fc.record({
      before: fc.jsonValue(),
      list: fc.array(fc.jsonValue({ stringUnit: 'binary' })),
      after: fc.jsonValue(),
    });
    fc.assert(
      fc.property(document, fc.nat(4), fc.integer({ min: 1, max: 9 }), (value, indent, chunk) => {
        const text = JSON.stringify(value, null, indent);
        const expected = (JSON.parse(text) as typeof value).list;
        expect(texts(split(text, ['.list[]'], { chunk }))).toEqual(expected);
        expect(texts(split(text, ['.list', '.after'], { chunk }))).toEqual(
          texts(split(`[${JSON.stringify(expected)},${JSON.stringify(value.after)}]`, ['[]'])),
        );
      }),
    );
  });

  it('ends on any bytes, in any chunks, without an error', () => {
    const alphabet = fc.constantFrom(...'{}[]",:\\ \n1ae-');
    fc.assert(
      fc.property(
        fc.array(alphabet, { maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        (characters, chunk) => {
          for (const piece of split(characters.join(''), ['[]', '.a[]', '.a'], { chunk })) {
            expect('text' in piece || piece.refused.length > 0).toBe(true);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('names the place of each value', () => {
    const pieces = split('{"x":0,"runs":[[1],[2]],"y":{"z":true}}', ['.runs[]', '.y.z']);
    expect(pieces.map(({ where }) => where)).toEqual(['runs[0]', 'runs[1]', 'y.z']);
  });

  it('refuses a record that is too large and keeps its neighbours', () => {
    const pieces = split(`[1,"${'x'.repeat(500)}",{"a":2}]`, ['[]'], { chunk: 64, maxBytes: 100 });
    expect(texts(pieces)).toEqual([
      1,
      { where: '[1]', refused: 'larger than 100 bytes' },
      { a: 2 },
    ]);
  });

  it('refuses a record that is nested too deep and keeps its neighbours', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(texts(split(`[1,${deep},2]`, ['[]']))).toEqual([
      1,
      { where: '[1]', refused: 'nested deeper than 200' },
      2,
    ]);
  });

  it('says where a document ends in the middle', () => {
    expect(split('{"list":[1,{"a":', ['.list[]'])).toEqual([
      { path: '.list[]', where: 'list[0]', text: '1' },
      { where: 'list[1]', refused: 'the document ends in the middle' },
    ]);
  });

  it('stops at what is no JSON', () => {
    expect(split('{"list":[1}', ['.list[]'])).toEqual([
      { path: '.list[]', where: 'list[0]', text: '1' },
      { where: 'list', refused: 'not JSON: found "}" where nothing is open for it' },
    ]);
  });
});
