import test from 'ava';
import fc from 'fast-check';
import {pageantBlock, pageantPipeName, pageantPipesOf} from '../../../windows/pageant/pipe-name.ts';

/** What a real Pageant 0.85 calls its pipe where CryptProtectMemory changes nothing, as under Wine. */
const PLAIN = '2e9e7389b30cd8240bf15518e9a228d6537dc38d64b2070a189ca2fe5452d492';

const HEX = fc.string({unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64});
/** What no name of a Windows user has. */
const USER = fc.string({minLength: 1, maxLength: 20}).filter(name => !/[\\/\p{Cc}]/u.test(name));

test('the block is one of CryptProtectMemory: 16 bytes, padded with zeros', t => {
  t.is(Buffer.from(pageantBlock()).toString('latin1'), `Pageant${'\0'.repeat(9)}`);
});

test('the name is that of a real Pageant', t => {
  t.is(pageantPipeName('Ada Lovelace', pageantBlock()), `pageant.Ada Lovelace.${PLAIN}`);
});

test('another block, another name', t => {
  const block = pageantBlock();
  block[15] = 1;
  t.notRegex(pageantPipeName('ada', block), new RegExp(PLAIN));
  t.regex(pageantPipeName('ada', block), /^pageant\.ada\.[0-9a-f]{64}$/);
});

test('a list of pipes has those of the user, and nobody else’s', t => {
  const mine = `pageant.Ada Lovelace.${PLAIN}`;
  const names = [
    mine,
    `PAGEANT.ADA LOVELACE.${PLAIN.toUpperCase()}`,
    `pageant.Ada.${PLAIN}`,
    `pageant.ada.x.${PLAIN}`,
    `pageant.Ada Lovelace.${PLAIN}0`,
    `pageant.Ada Lovelace.${PLAIN.slice(1)}`,
    `xpageant.Ada Lovelace.${PLAIN}`,
    'openssh-ssh-agent',
  ];
  t.deepEqual(pageantPipesOf(['Ada Lovelace'], names), names.slice(0, 2));
  t.deepEqual(pageantPipesOf(['al', 'Ada'], names), [names[2]]);
  t.deepEqual(pageantPipesOf([], names), []);
});

test('whatever the user is called, a computed name is found in a list, and only for that user', t => {
  fc.assert(
    fc.property(USER, USER, HEX, (user, other, hex) => {
      const listed = [`pageant.${user}.${hex}`, pageantPipeName(user, Buffer.from(hex, 'hex'))];
      t.deepEqual(pageantPipesOf([user], listed), listed);
      if (other.toLowerCase() !== user.toLowerCase()) t.deepEqual(pageantPipesOf([other], listed), []);
    }),
  );
});
