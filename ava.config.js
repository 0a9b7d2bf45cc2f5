export default {
  files: ['test/**/*.test.ts'],
  extensions: ['js', 'ts'],
  require: ['./test/leave.ts'],
  workerThreads: false,
  timeout: '60s',
  environmentVariables: {NO_COLOR: '1'},
};
