import test from 'ava';
import fc from 'fast-check';
import {INTEGRITY, integrityName, levelInAcl, levelOfSid} from '../../../windows/native/integrity.ts';
import {onlyFor, ownedBy} from '../../../windows/native/security-descriptor.ts';
import {distrust, isOurs, type Us} from '../../../windows/native/trust.ts';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** S-1-5-21-0-0-0-1000, S-1-5-18, S-1-16-8192 (medium), S-1-16-4096 (low). */
const USER = bytes('0105000000000005 15000000 00000000 00000000 00000000 e8030000');
const SYSTEM = bytes('0101000000000005 12000000');
const MEDIUM = bytes('0101000000000010 00200000');
const LOW = bytes('0101000000000010 00100000');

/** What ConvertStringSecurityDescriptorToSecurityDescriptor makes of `S:(ML;;NWNRNX;;;ME)` and `S:(AU;SA;GA;;;SY)`. */
const LABEL = bytes('02001c0001000000 1100140007000000 0101000000000010 00200000');
const AUDIT = bytes('02001c0001000000 0240140000000010 0101000000000005 12000000');

test('the level of a mandatory label is read, and of nothing else', t => {
  t.is(levelOfSid(MEDIUM), INTEGRITY.medium);
  t.is(levelOfSid(USER), undefined);
  t.is(levelInAcl(LABEL), INTEGRITY.medium);
  t.is(levelInAcl(AUDIT), undefined);
  const both = bytes('0200300002000000 0240140000000010 0101000000000005 12000000');
  t.is(levelInAcl(Buffer.concat([both, LABEL.subarray(8)])), INTEGRITY.medium);
});

test('an ACL of any bytes has a level or none', t => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 80}), acl => {
      const level = levelInAcl(acl);
      t.true(level === undefined || level >= 0);
    }),
  );
  for (let length = 0; length < LABEL.length; length++)
    t.is(levelInAcl(LABEL.subarray(0, length)), undefined);
});

test('levels have the names that people use, those between them too', t => {
  t.deepEqual([0, 0x1000, 0x2000, 0x2100, 0x3000, 0x4000, 0x5000].map(integrityName), [
    'untrusted',
    'low',
    'medium',
    'medium',
    'high',
    'system',
    'system',
  ]);
});

test('what is only for us names our user thrice: as owner, in the one entry, and nobody below our level', t => {
  const descriptor = onlyFor(USER, MEDIUM);
  const view = new DataView(descriptor.buffer);
  const part = (offset: number, length: number) => {
    const at = view.getUint32(offset, true);
    return descriptor.slice(at, at + length);
  };
  t.is(view.getUint16(2, true), 0x9014, 'self-relative, protected, with both lists');
  t.deepEqual(part(4, USER.length), USER);
  t.is(view.getUint32(8, true), 0);
  t.deepEqual(part(12, LABEL.length), LABEL);
  const entry = bytes('02002c0001000000 0000240000000010');
  t.deepEqual(part(16, 44), Uint8Array.from([...entry, ...USER]));
  t.is(ownedBy(USER).length, 20 + USER.length);
});

/** What is said of a thing that is not to be trusted. */
const saidOf = async (...thing: Parameters<typeof distrust>) => (await distrust(...thing)?.()) ?? '';

const us: Us = {user: USER, level: INTEGRITY.medium};
const elevated: Us = {user: USER, level: INTEGRITY.high};

test('a program of ours that is shut in is no agent; one whose level is not told is', async t => {
  for (const level of [INTEGRITY.untrusted, INTEGRITY.low, 0x1fff])
    t.regex(
      await saidOf({owner: USER, level}, us),
      /^is of a program of (?:untrusted|low) integrity, .*no agent of yours$/,
    );
  for (const level of [INTEGRITY.medium, INTEGRITY.high, undefined])
    t.is(distrust({owner: USER, level}, us), undefined);
  t.is(distrust({owner: SYSTEM, level: undefined}, us), undefined);
  t.is(distrust({owner: SYSTEM, level: INTEGRITY.system}, us), undefined);
  t.regex(await saidOf({owner: SYSTEM, level: INTEGRITY.low}, us), /low integrity/);
  t.regex(await saidOf({owner: undefined, level: INTEGRITY.medium}, us), /^belongs to somebody whom/);
});

test('an elevated helper is served by the ordinary agent of its user, and by no one below that', async t => {
  t.is(distrust({owner: USER, level: INTEGRITY.medium}, elevated), undefined);
  t.regex(await saidOf({owner: USER, level: INTEGRITY.low}, elevated), /low integrity/);
  const low: Us = {user: USER, level: INTEGRITY.low};
  t.is(
    distrust({owner: USER, level: INTEGRITY.low}, low),
    undefined,
    'who is shut in itself trusts its like',
  );
});

test('the turns of helpers are those of the same user, at no lower level', t => {
  t.true(isOurs({owner: USER, level: INTEGRITY.medium}, us));
  t.true(isOurs({owner: USER, level: undefined}, us), 'Wine keeps no labels');
  t.false(isOurs({owner: USER, level: levelOfSid(LOW)}, us));
  t.false(isOurs({owner: USER, level: INTEGRITY.medium}, elevated));
  t.false(isOurs({owner: SYSTEM, level: INTEGRITY.system}, us));
  t.false(isOurs({owner: undefined, level: undefined}, us));
  t.false(isOurs({owner: USER, level: undefined}, {user: undefined, level: INTEGRITY.medium}));
});
