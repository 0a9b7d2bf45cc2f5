import test from 'ava';
import {parseUnixTable} from '../../../linux/relay/unix-table.ts';

const TABLE = `Num       RefCount Protocol Flags    Type St Inode Path
00000000362d42d9: 00000003 00000000 00000000 0001 03 141439
0000000084a3c2f1: 00000002 00000000 00010000 0001 01 23821 /run/user/0/a b.sock
ffff9c8f41d85400: 00000003 00000000 00000000 0001 03 14182 /run/x
0000000000000000: 00000002 00000000 00010000 0001 01     7 @/abstract
`;

test('bound sockets are read with inode, path, and whether they listen', t => {
  t.deepEqual(parseUnixTable(TABLE), [
    {inode: 23821, listening: true, path: '/run/user/0/a b.sock'},
    {inode: 14182, listening: false, path: '/run/x'},
    {inode: 7, listening: true, path: '@/abstract'},
  ]);
});
