import test from 'ava';
import fc from 'fast-check';
import {message, until} from './harness.ts';
import {type Asked, OneClientPipe, wellTreated} from './one-client-pipe.ts';
import {bind, echo, helper, TestClient} from './session-client.ts';

test('crowds of every kind: each request is answered once, and no pipe is met while it is made', async t => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          place: fc.nat({max: 2}),
          comes: fc.nat({max: 30}),
          requests: fc.array(fc.constantFrom(11, 13, 27), {minLength: 1, maxLength: 3}),
          together: fc.boolean(),
          thinks: fc.nat({max: 60}),
        }),
        {minLength: 2, maxLength: 7},
      ),
      async clients => {
        const pipe = new OneClientPipe(echo);
        const names = [helper(), helper(), helper()];
        await Promise.all(
          clients.map(async ({place, comes, requests, together, thinks}, index) => {
            await new Promise(resolve => setTimeout(resolve, comes));
            const client = new TestClient(pipe, names[place]);
            const bodies = requests.map((type, at) =>
              type === 27 ? bind(index * 8 + at) : message(type, Buffer.of(index, at)),
            );
            const expected = bodies.map(request => echo({connection: 0, request}));
            if (together) {
              client.session.data(Buffer.concat(bodies));
              await until(() => client.answers.length === bodies.length, 'all answers');
              t.deepEqual(client.answers, expected);
            } else
              for (const [at, body] of bodies.entries()) {
                t.deepEqual(await client.ask(body), expected[at]);
                await new Promise(resolve => setTimeout(resolve, thinks));
              }
            client.session.end();
            await until(() => client.ended, 'the end');
          }),
        );
        await until(() => pipe.locks.left().length === 0, 'all turns to end');
        t.deepEqual(wellTreated(pipe), []);
        t.deepEqual(unbound(pipe.asked), []);
      },
    ),
    {numRuns: 12},
  );
});

/** The requests of clients that came on a connection without what their client was bound to. */
function unbound(asked: Asked[]): Asked[] {
  const client = ({request}: Asked) => (request[4] === 27 ? (request.at(-1) ?? 0) >> 3 : (request[5] ?? 0));
  return asked.filter((request, at) => {
    if (request.request[4] === 27) return false;
    const before = asked.slice(0, at).filter(other => client(other) === client(request));
    const needed = new Set(
      before.filter(other => other.request[4] === 27).map(other => other.request.at(-1)),
    );
    const had = before.filter(other => other.request[4] === 27 && other.connection === request.connection);
    return [...needed].some(number => !had.some(other => other.request.at(-1) === number));
  });
}
