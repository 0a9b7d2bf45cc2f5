/** Something that is wrong, and what to do about it: the lines of a hint (shared/hint.ts). */
export type Fault = {what: string; hint: string};

/** What makes everything be as it was installed. */
export const REPAIR = 'wslagent install --now';

/** A unit that systemd does not have as it should. `load` is systemd's word, such as `masked`. */
export function notLoaded(unit: string, load: string): Fault {
  const unmask = load === 'masked' ? `systemctl --user unmask ${unit}\n` : '';
  return {what: `systemd says of ${unit}: ${load}`, hint: `${unmask}${REPAIR}`};
}
