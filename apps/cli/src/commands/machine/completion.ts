import type { Command } from 'commander';
import { usageFailure } from '../../outcome/failure.ts';
import type { AddCommand } from '../command.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const addCompletion: AddCommand = (program, cli) => {
  program
    .command('completion')
    .summary('print the completion script of a shell')
    .description(
      'Prints a script that completes commands and options: eval "$(errand completion bash)", the same for zsh, and errand completion fish | source.',
    )
    .argument('<shell>', SHELLS.join(', '))
    .action(
      cli.action(async (name: string) => {
        const shell = SHELLS.find((each) => each === name);
        if (!shell) throw usageFailure(`There is no completion for "${name}".`, `Shells: ${SHELLS.join(', ')}.`);
        cli.terminal.out.write(scripts[shell](wordsOf(program)));
      }),
    );
};

/** The words that may follow each command: `''` is the program. */
type Words = ReadonlyMap<string, readonly { word: string; text: string }[]>;

function wordsOf(program: Command): Words {
  const words = new Map<string, { word: string; text: string }[]>();
  const add = (command: Command, path: string) => {
    const inner = command.commands.map((each) => ({ word: each.name(), text: each.summary() || each.description() }));
    const options = [...command.options, ...(command === program ? [] : program.options)];
    words.set(path, [
      ...inner,
      ...options.flatMap(({ long, description }) => (long ? [{ word: long, text: description }] : [])),
    ]);
    for (const each of command.commands) add(each, `${path} ${each.name()}`.trim());
  };
  add(program, '');
  return words;
}

/** The text within single quotes of a shell. */
const quoted = (text: string): string => `'${text.replace(/'/g, "'\\''")}'`;

const scripts: Readonly<Record<(typeof SHELLS)[number], (words: Words) => string>> = {
  bash: (words) => `# Completion of errand for bash: eval "$(errand completion bash)"
_errand() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word next
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) continue ;; esac
    next="\${path:+$path }$word"
    case "$next" in
${[...words.keys()]
  .filter(Boolean)
  .map((path) => `      ${quoted(path)}) path="$next" ;;`)
  .join('\n')}
    esac
  done
  local words=""
  case "$path" in
${[...words].map(([path, list]) => `    ${quoted(path)}) words=${quoted(list.map(({ word }) => word).join(' '))} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _errand errand
`,
  zsh: (words) => `#compdef errand
# Completion of errand for zsh: eval "$(errand completion zsh)"
_errand() {
  local place="" word next
  local -a candidates
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in -*) continue ;; esac
    next="\${place:+$place }$word"
    case "$next" in
${[...words.keys()]
  .filter(Boolean)
  .map((path) => `      ${quoted(path)}) place="$next" ;;`)
  .join('\n')}
    esac
  done
  case "$place" in
${[...words]
  .map(
    ([path, list]) =>
      `    ${quoted(path)}) candidates=(${list.map(({ word, text }) => quoted(`${word}:${text.replace(/:/g, '\\:')}`)).join(' ')}) ;;`,
  )
  .join('\n')}
  esac
  _describe 'errand' candidates
}
compdef _errand errand
`,
  fish: (words) => `# Completion of errand for fish: errand completion fish | source
function __errand_place
    set -l place ""
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; and continue
        set -l next (string trim "$place $word")
        contains -- "$next" ${[...words.keys()].filter(Boolean).map(quoted).join(' ')}; and set place "$next"
    end
    echo $place
end
complete -c errand -f
${[...words]
  .flatMap(([path, list]) =>
    list.map(({ word, text }) => {
      const option = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
      return `complete -c errand -n 'test "$(__errand_place)" = "${path}"' ${option} -d ${quoted(text)}`;
    }),
  )
  .join('\n')}
`,
};
