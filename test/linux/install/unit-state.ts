import type {UnitState} from '../../../linux/install/systemctl.ts';

/** What systemd has of a unit that is loaded and does nothing, but for what is given. */
export function unitState(but: Partial<UnitState>): UnitState {
  return {
    load: 'loaded',
    active: 'inactive',
    sub: '',
    file: '',
    result: 'success',
    needReload: false,
    pid: 0,
    since: '',
    sinceMonotonic: 0,
    socketMode: '',
    ...but,
  };
}
