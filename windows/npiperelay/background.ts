import {asFailure} from '../../shared/failure.ts';
import {bind, type Handle} from '../native/kernel32.ts';

/** ShowWindow's word for "hide". */
const SW_HIDE = 0;

/**
 * Hides the console's window, which is all that npiperelay's -bg does. Gives what stands in the way, in npiperelay's
 * words where it has them; undefined when the window is hidden.
 */
export function hideConsole(): string | undefined {
  if (process.platform !== 'win32') return 'no console associated';
  try {
    const window = bind('kernel32.dll').func<() => Handle>('intptr_t GetConsoleWindow()')();
    if (window === 0) return 'no console associated';
    const show = bind('user32.dll').func<(window: Handle, how: number) => number>(
      'int ShowWindow(intptr_t, int)',
    );
    return show(window, SW_HIDE) === 0 ? 'console window is already hidden' : undefined;
  } catch (error) {
    return asFailure(error).message;
  }
}
