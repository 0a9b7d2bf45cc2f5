import * as v from 'valibot';
import {ENDPOINT_NAME, ENDPOINT_PROTOCOLS} from '../../shared/endpoint.ts';
import {isTargetError, parseTarget, TARGETS_MAX} from '../../shared/target.ts';
import {parseDuration} from './duration.ts';
import {LOG_LEVELS, SHARING} from './words.ts';

const duration = v.pipe(
  v.union([v.string(), v.number()], 'expected a duration such as "90s", "10m" or 30 (seconds)'),
  v.rawTransform<string | number, number>(({dataset, addIssue, NEVER}) => {
    const milliseconds = parseDuration(dataset.value);
    if (milliseconds !== undefined) return milliseconds;
    addIssue({
      message: `expected a duration such as "90s", "10m" or 30 (seconds), got ${JSON.stringify(dataset.value)}`,
    });
    return NEVER;
  }),
);

const count = (min: number, max: number) =>
  v.pipe(
    v.number(`expected a whole number from ${min} to ${max}`),
    v.integer(`expected a whole number from ${min} to ${max}`),
    v.minValue(min, `expected a whole number from ${min} to ${max}`),
    v.maxValue(max, `expected a whole number from ${min} to ${max}`),
  );

const target = v.pipe(
  v.string('expected a target such as "pipe:openssh-ssh-agent"'),
  v.rawCheck(({dataset, addIssue}) => {
    if (!dataset.typed) return;
    const parsed = parseTarget(dataset.value);
    if (isTargetError(parsed)) addIssue({message: `${parsed.error}; ${parsed.hint}`});
  }),
);

/** What `config.toml` may hold; docs/configuration.md explains each key. */
export const configSchema = v.strictObject({
  helper: v.optional(
    v.strictObject({
      sharing: v.optional(v.picklist(SHARING, `expected one of ${SHARING.join(', ')}`)),
      spares: v.optional(count(0, 16)),
      max: v.optional(count(1, 256)),
      spare_idle: v.optional(duration),
    }),
  ),
  relay: v.optional(
    v.strictObject({
      idle_exit: v.optional(duration),
      log_level: v.optional(v.picklist(LOG_LEVELS, `expected one of ${LOG_LEVELS.join(', ')}`)),
    }),
  ),
  endpoints: v.optional(
    v.record(
      v.pipe(
        v.string(),
        v.regex(ENDPOINT_NAME, 'expected an endpoint name of lower-case letters, digits and dashes'),
      ),
      v.strictObject({
        listen: v.optional(
          v.pipe(
            v.string(),
            v.regex(/^(\/|%t\/|~\/)/, 'expected an absolute path, or one that starts with %t/ or ~/'),
          ),
        ),
        targets: v.optional(
          v.pipe(
            v.array(target, 'expected a list of targets'),
            v.minLength(1, 'expected at least one target'),
            v.maxLength(TARGETS_MAX, `expected at most ${TARGETS_MAX} targets`),
          ),
        ),
        protocol: v.optional(
          v.picklist(ENDPOINT_PROTOCOLS, `expected one of ${ENDPOINT_PROTOCOLS.join(', ')}`),
        ),
      }),
    ),
  ),
});

export type ConfigFile = v.InferOutput<typeof configSchema>;
