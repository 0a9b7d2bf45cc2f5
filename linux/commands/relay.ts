import type {CommandModule} from 'yargs';
import {ENDPOINT_PROTOCOLS} from '../../shared/endpoint.ts';
import {LOG_LEVELS, SHARING} from '../config/words.ts';
import type {RelayArguments} from '../relay/serve.ts';

export const relayCommand: CommandModule<object, RelayArguments> = {
  command: 'relay [endpoints..]',
  describe: 'serve endpoints in the foreground (what the systemd service runs)',
  builder: yargs =>
    yargs
      .positional('endpoints', {
        type: 'string',
        array: true,
        describe: 'endpoints to serve; default: ssh, or what systemd hands over',
      })
      .option('listen', {
        type: 'string',
        describe: 'serve one socket at PATH instead of named endpoints',
      })
      .option('target', {
        type: 'string',
        array: true,
        nargs: 1,
        describe: 'where its bytes go; may be repeated, tried in order',
      })
      .option('protocol', {
        choices: ENDPOINT_PROTOCOLS,
        describe: 'its protocol; default ssh-agent',
      })
      .option('sharing', {
        choices: SHARING,
        describe: 'when connections may share one helper',
      })
      .option('spares', {
        type: 'number',
        describe: 'helpers that are ready for the next client, 0 to 16',
      })
      .option('max-helpers', {
        type: 'number',
        describe: 'most helpers at a time, 1 to 256',
      })
      .option('trust-any-owner', {
        type: 'boolean',
        default: false,
        describe: 'take pipes of other users, too; for one of several targets: any-owner:pipe:NAME',
      })
      .option('log-level', {choices: LOG_LEVELS, describe: 'how much is said on stderr'})
      .example(
        '$0 relay ssh',
        'then, in another shell: SSH_AUTH_SOCK=$XDG_RUNTIME_DIR/wslagent/ssh.sock ssh-add -l',
      )
      .example(
        '$0 relay --listen /tmp/a.sock --target pipe:openssh-ssh-agent --protocol ssh-agent',
        'one socket, one pipe',
      ),
  handler: async argv => (await import('../relay/serve.ts')).serve(argv),
};
