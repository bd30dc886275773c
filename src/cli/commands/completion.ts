import type { Command } from 'commander';
import { Argument } from 'commander';
import type { CliContext } from '../context';

const shells = ['bash', 'zsh', 'fish'] as const;

export function addCompletionCommand(program: Command, { io }: CliContext): void {
  program
    .command('completion')
    .description('Print a completion script for your shell')
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText('after', '\nExample:\n  $ source <(otel-evolution completion bash)')
    .action(async (shell: (typeof shells)[number]) => {
      await io.write(scripts[shell](listWords(program)));
    });
}

/** What may follow, by the command's own words: `''`, `tasks`, `tasks show`, …; for an option by `export --format`. */
interface Words {
  readonly afterCommand: ReadonlyMap<string, readonly string[]>;
  readonly afterOption: ReadonlyMap<string, readonly string[]>;
}

function listWords(program: Command): Words {
  const afterCommand = new Map<string, readonly string[]>();
  const afterOption = new Map<string, readonly string[]>();
  const visit = (command: Command, path: string): void => {
    const inner = command.commands.map((child) => child.name());
    const options = command.options.flatMap((option) => option.long ?? []);
    const values = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
    afterCommand.set(path, [...inner, ...values, ...options, '--help']);
    for (const { long, argChoices } of command.options) {
      if (long != null && argChoices) afterOption.set(`${path} ${long}`.trim(), argChoices);
    }
    for (const child of command.commands) visit(child, `${path} ${child.name()}`.trim());
  };
  visit(program, '');
  return { afterCommand, afterOption };
}

const scripts: Readonly<Record<(typeof shells)[number], (words: Words) => string>> = {
  bash: (words) => `${shellFunction(words)}
_otel_evolution() {
  local cur="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=($(compgen -W "$(_otel_evolution_words "\${COMP_WORDS[@]:1:COMP_CWORD-1}")" -- "$cur"))
  [[ \${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "$cur"))
}
complete -F _otel_evolution otel-evolution
`,
  zsh: (words) => `#compdef otel-evolution
${shellFunction(words)}
_otel_evolution() {
  compadd -- \${=$(_otel_evolution_words "\${words[@]:1:$((CURRENT - 2))}")} || _files
}
compdef _otel_evolution otel-evolution
`,
  fish: ({ afterCommand, afterOption }) =>
    [
      ...[...afterCommand].map(([path, next]) => fishLine(path, `-a '${next.join(' ')}'`)),
      ...[...afterOption].map(([path, values]) => {
        const words = path.split(' ');
        const option = words.pop()!.slice(2);
        return fishLine(words.join(' '), `-l ${option} -x -a '${values.join(' ')}'`);
      }),
    ].join(''),
};

function fishLine(path: string, what: string): string {
  const seen = path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
  const condition = path === '' ? '__fish_use_subcommand' : seen.join('; and ');
  return `complete -c otel-evolution -n '${condition}' ${what}\n`;
}

/** Prints the words that may follow the ones given; other options and values are passed over. */
function shellFunction({ afterCommand, afterOption }: Words): string {
  const cases = (words: ReadonlyMap<string, readonly string[]>, end: string): string =>
    [...words].map(([path, next]) => `    '${path}') echo '${next.join(' ')}'${end} ;;`).join('\n');
  return `_otel_evolution_words() {
  local path='' word=''
  for word in "$@"; do
    case "$path $word" in
${[...afterCommand.keys()]
  .filter((path) => path !== '')
  .map((path) => `      '${path.includes(' ') ? path : ` ${path}`}') path='${path}' ;;`)
  .join('\n')}
    esac
  done
  case "$path $word" in
${cases(afterOption, '; return')}
  esac
  case "$path" in
${cases(afterCommand, '')}
  esac
}`;
}
