/** The product's version; equal to package.json's (test/build/version.test.ts). Relay and helper must agree on it exactly. */
export const VERSION = '0.1.0';
