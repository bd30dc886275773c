import { Button, Code, SegmentedControl, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { SpanJson } from '../../wire';
import { formatBytes, formatCount } from '../format/format';
import { CopyIcon } from '../ui/copy';
import { Markdown } from '../ui/markdown';
import { Message as Notice } from '../ui/message';
import type { Message } from './read-messages';
import { readMessages } from './read-messages';
import type { MessageView } from './trace-search';
import type { TraceView } from './use-trace-view';
import classes from './trace.module.css';

interface SpanMessagesProps {
  readonly span: SpanJson;
  readonly view: TraceView;
}

/** What was said to a model or tool and by it, as Markdown, JSON or plain text; what was not kept is said to be so. */
export function SpanMessages({ span, view }: SpanMessagesProps) {
  const messages = useMemo(() => readMessages(span), [span]);
  const as = view.search.as ?? 'markdown';
  if (messages.length === 0) {
    return (
      <Notice
        title="This span carries no messages"
        detail="Model and tool calls do, where their instrumentation records them."
      />
    );
  }
  const missing = messages.filter(({ text }) => text === null).length;
  return (
    <>
      {missing > 0 && (
        <Text size="sm" mb="xs" p={8} bg="var(--warn-soft)" style={{ borderRadius: 8 }}>
          {missing === messages.length ? 'What was said was' : `${missing} of these were`} not kept:
          content is dropped before it is stored, and only its length stays. To keep it from now on:{' '}
          <code>EVOLUTION_CAPTURE_CONTENT=true</code>
        </Text>
      )}
      {missing < messages.length && (
        <SegmentedControl
          size="xs"
          mb="xs"
          aria-label="Show messages as"
          value={as}
          data={[
            { value: 'markdown', label: 'Markdown' },
            { value: 'json', label: 'JSON' },
            { value: 'plain', label: 'Plain' },
          ]}
          onChange={(chosen) =>
            view.change({
              as: chosen === 'markdown' ? undefined : chosen,
            })
          }
        />
      )}
      {messages.map((message, position) => (
        <OneMessage key={position} message={message} as={as} />
      ))}
    </>
  );
}

function OneMessage({ message, as }: { readonly message: Message; readonly as: MessageView }) {
  const { role, direction, text, dropped } = message;
  return (
    <section className={classes.message} data-direction={direction}>
      <div className={classes.messageHead}>
        <span>
          <b className="untrusted">{role}</b> {direction === 'in' ? '→ in' : '← out'}
        </span>
        {text !== null && <CopyIcon value={text} what="message" />}
      </div>
      {text !== null && <MessageText text={text} as={as} />}
      {dropped !== null && (
        <Text size="sm" c="dimmed">
          {formatCount(dropped)} characters, not kept
        </Text>
      )}
    </section>
  );
}

const preview = 4000;

function MessageText({ text, as }: { readonly text: string; readonly as: MessageView }) {
  const [shown, show] = useState(preview);
  const whole = useMemo(() => (as === 'json' ? indented(text) : text), [text, as]);
  const part = whole.slice(0, shown);
  return (
    <>
      {as === 'markdown' ? (
        <Markdown text={part} />
      ) : as === 'json' ? (
        <Code block fz={12}>
          {part}
        </Code>
      ) : (
        <div className={`${classes.plain} untrusted`}>{part}</div>
      )}
      {whole.length > shown && (
        <Button variant="default" size="compact-xs" onClick={() => show(shown * 16)}>
          Show more of {formatBytes(whole.length)}
        </Button>
      )}
    </>
  );
}

/** Indented where the text is JSON; else as a JSON string. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return JSON.stringify(text);
  }
}
