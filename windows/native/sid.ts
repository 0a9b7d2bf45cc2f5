/** A security identifier as Windows keeps it in memory: revision, count, authority (6, big-endian), parts (4 each). */
export type Sid = Uint8Array;

const HEAD_BYTES = 8;
const PARTS_MAX = 15;

/** The length of a SID, by its first two bytes; 0 for what is none. */
export function sidLength(head: Uint8Array): number {
  const [revision = 0, count = 0] = head;
  return revision === 1 && count <= PARTS_MAX ? HEAD_BYTES + 4 * count : 0;
}

/** `S-1-5-21-…`, as Windows writes it. */
export function formatSid(sid: Sid): string {
  const view = new DataView(sid.buffer, sid.byteOffset, sid.byteLength);
  const authority = view.getUint16(2) * 2 ** 32 + view.getUint32(4);
  const parts = Array.from({length: view.getUint8(1)}, (_, index) =>
    view.getUint32(HEAD_BYTES + 4 * index, true),
  );
  return ['S', view.getUint8(0), authority, ...parts].join('-');
}
