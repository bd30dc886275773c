import { blocksOf } from '../../src/dashboard/ui/markdown-blocks';

test('blocks of a text', () => {
  const text = '# Plan\n\nFirst\nsecond\n- a\n- b\n1. c\n> said\n```js\nx < 1\n```\n---\nend';
  expect(blocksOf(text)).toEqual([
    { kind: 'heading', level: 1, text: 'Plan' },
    { kind: 'paragraph', text: 'First\nsecond' },
    { kind: 'list', ordered: false, items: ['a', 'b', 'c'] },
    { kind: 'quote', text: 'said' },
    { kind: 'code', text: 'x < 1' },
    { kind: 'rule' },
    { kind: 'paragraph', text: 'end' },
  ]);
});

test('a fence that is never closed, and lines that look like nothing: all text is kept', () => {
  expect(blocksOf('```\nopen')).toEqual([{ kind: 'code', text: 'open' }]);
  expect(blocksOf('####### seven')).toEqual([{ kind: 'paragraph', text: '####### seven' }]);
  expect(blocksOf('#')).toEqual([{ kind: 'paragraph', text: '#' }]);
  expect(blocksOf('')).toEqual([]);
});

test('a megabyte of marks is read in no time', () => {
  for (const mark of ['*', '`', '- ', '> ', '#', '_ ', '1']) {
    const begun = performance.now();
    blocksOf(mark.repeat(200_000));
    blocksOf(`${mark}\n`.repeat(20_000));
    expect(performance.now() - begun).toBeLessThan(3000);
  }
});
