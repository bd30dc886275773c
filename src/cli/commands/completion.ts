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

/** What may follow a command, by the command's own words: `''`, `tasks`, `tasks show`, … */
type Words = ReadonlyMap<string, readonly string[]>;

function listWords(program: Command): Words {
  const words = new Map<string, readonly string[]>();
  const visit = (command: Command, path: string): void => {
    const inner = command.commands.map((child) => child.name());
    const options = command.options.flatMap((option) => option.long ?? []);
    words.set(path, [...inner, ...options, '--help']);
    for (const child of command.commands) visit(child, `${path} ${child.name()}`.trim());
  };
  visit(program, '');
  return words;
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
  fish: (words) =>
    [...words]
      .map(([path, next]) => {
        const condition =
          path === ''
            ? '__fish_use_subcommand'
            : path
                .split(' ')
                .map((word) => `__fish_seen_subcommand_from ${word}`)
                .join('; and ');
        return `complete -c otel-evolution -n '${condition}' -a '${next.join(' ')}'\n`;
      })
      .join(''),
};

/** Prints the words that may follow the ones given; options and values are passed over. */
function shellFunction(words: Words): string {
  const cases = [...words].map(([path, next]) => `    '${path}') echo '${next.join(' ')}' ;;`);
  return `_otel_evolution_words() {
  local path='' word
  for word in "$@"; do
    case "$path $word" in
${[...words.keys()]
  .filter((path) => path !== '')
  .map((path) => `      '${path.includes(' ') ? path : ` ${path}`}') path='${path}' ;;`)
  .join('\n')}
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
}`;
}
