import { makeEventParser } from '../../src/dashboard/api/event-stream';

test('events come apart wherever the stream is cut', () => {
  const stream = 'id: 7\nevent: task\ndata: {"a":\ndata: 1}\n\n: still here\n\ndata: x\r\n\r\n';
  const expected = [
    { id: '7', type: 'task', data: '{"a":\n1}' },
    { id: null, type: 'message', data: 'x' },
  ];
  for (let cut = 0; cut <= stream.length; cut += 1) {
    const parse = makeEventParser();
    expect([...parse(stream.slice(0, cut)), ...parse(stream.slice(cut))]).toEqual(expected);
  }
});
