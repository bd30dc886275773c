import type { ReactNode } from 'react';
import { Fragment } from 'react';
import type { MarkdownBlock } from './markdown-blocks';
import { blocksOf } from './markdown-blocks';
import classes from './markdown.module.css';

/**
 * Markdown as text nodes: headings, lists, quotes, code, emphasis. Links and images stay text, since whoever
 * wrote them is not to be trusted; HTML is text like any other.
 */
export function Markdown({ text }: { readonly text: string }) {
  return (
    <div className={`${classes.text} untrusted`}>
      {blocksOf(text).map((block, position) => (
        <Block key={position} block={block} />
      ))}
    </div>
  );
}

function Block({ block }: { readonly block: MarkdownBlock }) {
  switch (block.kind) {
    case 'code':
      return <pre className={classes.code}>{block.text}</pre>;
    case 'heading':
      // The headings of a message are none of the page.
      return (
        <p className={classes.heading} data-level={block.level}>
          <Inline text={block.text} />
        </p>
      );
    case 'list': {
      const items = block.items.map((text, position) => (
        <li key={position}>
          <Inline text={text} />
        </li>
      ));
      return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case 'quote':
      return (
        <blockquote>
          <Inline text={block.text} />
        </blockquote>
      );
    case 'paragraph':
      return (
        <p>
          <Inline text={block.text} />
        </p>
      );
    case 'rule':
      return <hr />;
  }
}

const marked = /(`[^`\n]+`|\*\*[^*\n]+\*\*|__[^_\n]+__|\*[^*\n]+\*)/;

function Inline({ text }: { readonly text: string }): ReactNode {
  return text.split(marked).map((part, position) => {
    if (position % 2 === 0) return <Fragment key={position}>{part}</Fragment>;
    if (part.startsWith('`')) return <code key={position}>{part.slice(1, -1)}</code>;
    if (/^(\*\*|__)/.test(part)) return <b key={position}>{part.slice(2, -2)}</b>;
    return <em key={position}>{part.slice(1, -1)}</em>;
  });
}
