import type {Subject} from './subject.ts';
import {agentMessages} from './subjects/agent-messages.ts';
import {frameDecoder} from './subjects/frames.ts';
import {assuanGreeting, relayGreeting} from './subjects/greetings.ts';
import {logLines} from './subjects/log-lines.ts';
import {sessionOf} from './subjects/session.ts';
import {configuration, gpgconfOutput, pageantFile, pageantNames, targets} from './subjects/settings.ts';
import {socketFiles} from './subjects/socket-files.ts';

/** What is fuzzed, and how much of all inputs each gets. */
export const SUBJECTS: readonly {subject: Subject; share: number}[] = [
  {subject: frameDecoder, share: 20},
  {subject: sessionOf('helper'), share: 20},
  {subject: sessionOf('relay'), share: 20},
  {subject: agentMessages, share: 20},
  {subject: relayGreeting, share: 4},
  {subject: assuanGreeting, share: 3},
  {subject: socketFiles, share: 3},
  {subject: targets, share: 3},
  {subject: configuration, share: 2},
  {subject: pageantFile, share: 2},
  {subject: pageantNames, share: 1},
  {subject: gpgconfOutput, share: 1},
  {subject: logLines, share: 1},
];
