import type {AgentConnection} from '../targets/connection.ts';
import {pipeSocket} from './descriptor.ts';
import {MessageStream} from './message-stream.ts';
import {OverlappedPipe} from './overlapped-pipe.ts';
import type {PipeHandle} from './pipe-handle.ts';

/**
 * An open pipe as a stream, whose the handle is from now on, or which is closed when this throws. `halfCloses` as
 * AgentConnection has it: only a message-mode pipe can be told of an end.
 */
export function pipeStream({
  handle,
  messages,
}: PipeHandle): Pick<AgentConnection, 'stream' | 'halfCloses' | 'endIsMessage'> {
  return messages
    ? {stream: new MessageStream(new OverlappedPipe(handle)), halfCloses: true, endIsMessage: true}
    : {stream: pipeSocket(handle), halfCloses: false};
}
