import test from 'ava';
import fc from 'fast-check';
import {BUILT_IN_ENDPOINTS, ENDPOINT_NAME} from '../../shared/endpoint.ts';
import {formatTarget, GNUPG_SOCKETS, isTargetError, parseTarget} from '../../shared/target.ts';

const same: [string, string][] = [
  ['pipe:openssh-ssh-agent', 'pipe:openssh-ssh-agent'],
  ['//./pipe/openssh-ssh-agent', 'pipe:openssh-ssh-agent'],
  ['\\\\.\\pipe\\openssh-ssh-agent', 'pipe:openssh-ssh-agent'],
  ['\\\\.\\PIPE\\openssh-ssh-agent', 'pipe:openssh-ssh-agent'],
  ['pipe://./pipe/a.b', 'pipe:a.b'],
  ['npipe:////./pipe/docker_engine', 'pipe:docker_engine'],
  ['npipe://./pipe/docker_engine', 'pipe:docker_engine'],
  ['npipe:\\\\.\\pipe\\docker_engine', 'pipe:docker_engine'],
  ['npipe:\\\\\\\\.\\\\pipe\\\\docker_engine', 'pipe:docker_engine'],
  ['any-owner:npipe:////./pipe/x', 'any-owner:pipe:x'],
  ['\\\\\\\\.\\\\pipe\\\\openssh-ssh-agent', 'pipe:openssh-ssh-agent'],
  ['pipe:\\\\\\\\.\\\\pipe\\\\a', 'pipe:a'],
  ['\\.\\pipe\\a', 'pipe:a'],
  ['\\\\?\\pipe\\a', 'pipe:a'],
  ['pipe:two words', 'pipe:two words'],
  ['pipe:/tmp/agent.sock', 'pipe:/tmp/agent.sock'],
  ['assuan:C:\\Users\\a b\\S.gpg-agent', 'assuan:C:\\Users\\a b\\S.gpg-agent'],
  ['assuan:C:/Users/S.gpg-agent', 'assuan:C:/Users/S.gpg-agent'],
  ['cygwin:C:\\cygwin64\\tmp\\agent.sock', 'cygwin:C:\\cygwin64\\tmp\\agent.sock'],
  ['unix:C:\\Users\\agent.sock', 'unix:C:\\Users\\agent.sock'],
  ['pageant', 'pageant'],
  ['pageant:pipe', 'pageant:pipe'],
  ['pageant:window', 'pageant:window'],
  ['pageant:C:\\Users\\pageant.conf', 'pageant:C:\\Users\\pageant.conf'],
  ['any-owner:pipe:x', 'any-owner:pipe:x'],
  ['any-owner://./pipe/x', 'any-owner:pipe:x'],
  ['any-owner:pageant', 'any-owner:pageant'],
  ...Object.keys(GNUPG_SOCKETS).map((name): [string, string] => [`gpg:${name}`, `gpg:${name}`]),
];
for (const [text, shown] of same) {
  test(`target ${text}`, t => {
    const target = parseTarget(text);
    t.is(isTargetError(target) ? target.error : formatTarget(target), shown);
  });
}

const refused: [string, RegExp][] = [
  ['', /unknown target ""/],
  ['openssh-ssh-agent', /unknown target/],
  ['pipe:', /names no pipe/],
  ['//./pipe/', /names no pipe/],
  ['pipe:\\\\server\\pipe\\x', /another machine/],
  ['npipe:////server/pipe/x', /another machine/],
  ['npipe:x', /names no pipe/],
  ['npipe:////./pipe/', /names no pipe/],
  ['pipe://./pipe///./pipe/x', /names no pipe/],
  ['assuan:', /names no file/],
  ['cygwin:', /names no file/],
  ['unix:', /names no file/],
  ['pageant:', /unknown target/],
  ['pageant:pip', /unknown target/],
  ['any-owner:', /unknown target/],
  ['any-owner:gpg:agent-socket', /no owner to be trusted/],
  ['any-owner:any-owner:pipe:x', /unknown target/],
  ['gpg:agent', /unknown gpg socket "agent"/],
  ['gpg:__proto__', /unknown gpg socket/],
  ['gpg:keyboxd-socket', /passes file descriptors/],
  ['pipe:a\nb', /control character/],
  [`pipe:${'x'.repeat(2000)}`, /longer than/],
];
for (const [text, error] of refused) {
  test(`target ${JSON.stringify(text.slice(0, 40))} is refused with a hint`, t => {
    const target = parseTarget(text);
    t.true(isTargetError(target));
    if (isTargetError(target)) {
      t.regex(target.error, error);
      t.true(target.hint.length > 0);
    }
  });
}

for (const [text, hint] of [
  ['pipe: openssh-ssh-agent', 'write pipe:openssh-ssh-agent'],
  ['pipe:openssh-ssh-agent ', 'write pipe:openssh-ssh-agent'],
  ['any-owner:pipe: x', 'write any-owner:pipe:x'],
  ['gpg: agent-socket', 'write gpg:agent-socket'],
  ['assuan: C:\\a b\\S.gpg-agent', 'write assuan:C:\\a b\\S.gpg-agent'],
  ['//./pipe/x ', 'write //./pipe/x'],
  ['//./pipe/ x', 'write pipe:x'],
  [' pipe:x', 'write pipe:x'],
] as const)
  test(`target ${JSON.stringify(text)} is not taken with its space`, t => {
    const target = parseTarget(text);
    t.true(isTargetError(target));
    if (!isTargetError(target)) return;
    t.regex(target.error, /space/);
    t.is(target.hint, hint);
    t.false(isTargetError(parseTarget(hint.replace('write ', ''))));
  });

test('any text is a target or an error, and what is shown reads back the same', t => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc
          .tuple(
            fc.constantFrom('', 'any-owner:'),
            fc.constantFrom('pipe', 'pageant', 'cygwin', 'unix', 'assuan'),
            fc.string(),
          )
          .map(([trust, kind, rest]) => `${trust}${kind}:${rest}`),
      ),
      text => {
        const target = parseTarget(text);
        if (!isTargetError(target)) t.deepEqual(parseTarget(formatTarget(target)), target);
      },
    ),
  );
  t.false(isTargetError(parseTarget('pipe:x')));
});

test('the built-in endpoints have names that units can carry and targets that are known', t => {
  for (const [name, endpoint] of Object.entries(BUILT_IN_ENDPOINTS)) {
    t.regex(name, ENDPOINT_NAME);
    for (const target of endpoint.targets) t.false(isTargetError(parseTarget(target)), target);
  }
});
