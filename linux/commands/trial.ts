import type {CommandModule} from 'yargs';

type Arguments = {node: boolean};

export const trialCommand: CommandModule<object, Arguments> = {
  command: 'trial',
  describe: 'try the whole chain with a fresh key and an agent of its own; touches nothing of yours',
  builder: yargs =>
    yargs
      .option('node', {
        type: 'boolean',
        default: false,
        describe: "run the helper on this system's Node, also where Wine is",
      })
      .example('$0 trial', 'an agent, the helper and the relay, used by ssh-add and ssh-keygen'),
  handler: async ({node}) => {
    const {trial} = await import('../trial/trial.ts');
    await trial({node, print: line => process.stdout.write(`${line}\n`)});
  },
};
