import type {CommandModule} from 'yargs';
import {SHELLS, type Shell} from '../install/env-line.ts';

type Arguments = {shell?: Shell | undefined};

export const envCommand: CommandModule<object, Arguments> = {
  command: 'env [shell]',
  describe: 'print the line that points a shell at the agent on Windows',
  builder: yargs =>
    yargs
      .positional('shell', {choices: SHELLS, describe: 'default: the shell in $SHELL'})
      .example('eval "$($0 env)"', 'in bash, zsh and other POSIX shells')
      .example('$0 env fish | source', 'in fish')
      .example('$0 env pwsh | Invoke-Expression', 'in PowerShell')
      .example('$0 env nu | save -f wslagent.nu', 'for nushell, then: source wslagent.nu'),
  handler: async ({shell}) => {
    const [{envLine, shellOf}, {sshEndpoint}, {readRecord}, {UserError}] = await Promise.all([
      import('../install/env-line.ts'),
      import('../install/environment.ts'),
      import('../install/record.ts'),
      import('../errors.ts'),
    ]);
    const record = readRecord();
    if (record === undefined)
      throw new UserError('wslagent is not installed', 'wslagent install --now', 'notRunning');
    const endpoint = sshEndpoint(record.endpoints);
    if (endpoint === undefined)
      throw new UserError('no installed endpoint is for ssh', 'wslagent install ssh --now', 'notRunning');
    process.stdout.write(`${envLine(shell ?? shellOf(process.env.SHELL), endpoint.listen)}\n`);
  },
};
