import type {ProbeReport} from '../../shared/probe.ts';

/** What the helper says of a Windows on which there is nothing. */
export const EMPTY_REPORT: ProbeReport = {
  version: '0.1.0',
  protocol: 2,
  platform: 'win32',
  arch: 'x64',
  node: 'v22',
  localAppData: null,
  userName: null,
  pipes: {listed: false, agents: null},
  gnupg: null,
  agents: [],
  pageant: {window: null, configFiles: []},
  sshAuthSock: null,
  notes: [],
};
