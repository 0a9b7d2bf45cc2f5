import {stderrLine} from '../stdio/lines.ts';

/** A line as Go's log package writes it to stderr: local time, then the text. */
export function log(text: string): void {
  stderrLine(`${timestamp(new Date())} ${text}`);
}

/** `2006/01/02 15:04:05`, local time. */
export function timestamp(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('/');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}
