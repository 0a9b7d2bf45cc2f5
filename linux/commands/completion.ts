import type {CommandModule} from 'yargs';
import {COMPLETION_SHELLS, type CompletionShell} from '../completion-script.ts';

type Arguments = {shell?: CompletionShell | undefined};

export const completionCommand: CommandModule<object, Arguments> = {
  command: 'completion [shell]',
  describe: 'print a completion script for bash, zsh or fish',
  builder: yargs =>
    yargs
      .positional('shell', {choices: COMPLETION_SHELLS, describe: 'default: the shell in $SHELL, else bash'})
      .example('eval "$($0 completion bash)"', 'in ~/.bashrc')
      .example('eval "$($0 completion zsh)"', 'in ~/.zshrc, below compinit')
      .example(
        '$0 completion fish > ~/.config/fish/completions/wslagent.fish',
        'in fish, whose folder for them has to be there',
      ),
  handler: async ({shell}) => {
    const {completionScript} = await import('../completion-script.ts');
    const own = COMPLETION_SHELLS.find(name => process.env.SHELL?.endsWith(`/${name}`));
    process.stdout.write(completionScript(shell ?? own ?? 'bash'));
  },
};
