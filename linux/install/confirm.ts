import {createInterface} from 'node:readline';

/** Whoever may be asked. */
export type Person = {
  /** Somebody sits there and sees the question. */
  present: boolean;
  /** Waits for an answer as long as that takes; anything but a yes is a no. */
  confirm(question: string): Promise<boolean>;
};

type Streams = {
  stdin: NodeJS.ReadableStream & {isTTY?: boolean};
  stderr: NodeJS.WritableStream & {isTTY?: boolean};
};

/** The person at this terminal, asked on stderr: stdout is for what was done. */
export function personAt({stdin, stderr}: Streams): Person {
  return {
    present: stdin.isTTY === true && stderr.isTTY === true,
    confirm: question => ask(question, stdin, stderr),
  };
}

function ask(question: string, input: Streams['stdin'], output: Streams['stderr']): Promise<boolean> {
  return new Promise(resolve => {
    const lines = createInterface({input, output});
    let yes: boolean | undefined;
    lines.once('close', () => {
      // Ctrl-C and Ctrl-D leave the cursor behind the question
      if (yes === undefined) output.write('\n');
      resolve(yes === true);
    });
    lines.question(`${question} [y/N] `, answer => {
      yes = /^\s*y(es)?\s*$/i.test(answer);
      lines.close();
    });
  });
}
