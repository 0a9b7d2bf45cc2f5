/*
 * ask-pipe.exe \\.\pipe\NAME <request >reply
 * Sends one ssh-agent message to a named pipe and writes the whole reply: what ssh.exe does, in small.
 * Message: 4 bytes of length, most significant first, then that many bytes (draft-ietf-sshm-ssh-agent).
 */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <windows.h>

#define LONGEST (256 * 1024)
#define PATIENCE_MS 10000

static int fail(const char *what) {
  fprintf(stderr, "ask-pipe: %s: error %lu\n", what, GetLastError());
  return 1;
}

/* Waits for a free instance: Pageant has one at a time, so there are moments with none. */
static HANDLE connect_pipe(const char *name) {
  DWORD start = GetTickCount();
  for (;;) {
    HANDLE pipe = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (pipe != INVALID_HANDLE_VALUE || GetTickCount() - start > PATIENCE_MS) {
      return pipe;
    }
    Sleep(20);
  }
}

static int read_exactly(HANDLE pipe, unsigned char *into, DWORD wanted) {
  while (wanted > 0) {
    DWORD got = 0;
    if (!ReadFile(pipe, into, wanted, &got, NULL) || got == 0) {
      return 0;
    }
    into += got;
    wanted -= got;
  }
  return 1;
}

int main(int argc, char **argv) {
  static unsigned char bytes[4 + LONGEST];
  DWORD length, done;
  HANDLE pipe;
  if (argc != 2) {
    fputs("usage: ask-pipe.exe \\\\.\\pipe\\NAME <request >reply\n", stderr);
    return 2;
  }
  _setmode(_fileno(stdin), _O_BINARY);
  _setmode(_fileno(stdout), _O_BINARY);
  length = (DWORD)fread(bytes, 1, sizeof bytes, stdin);
  pipe = connect_pipe(argv[1]);
  if (pipe == INVALID_HANDLE_VALUE) {
    return fail("connect");
  }
  if (!WriteFile(pipe, bytes, length, &done, NULL) || done != length) {
    return fail("write");
  }
  if (!read_exactly(pipe, bytes, 4)) {
    return fail("read");
  }
  length = (DWORD)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
  if (length > LONGEST || !read_exactly(pipe, bytes + 4, length)) {
    return fail("read");
  }
  return fwrite(bytes, 1, 4 + length, stdout) == 4 + length ? 0 : 1;
}
