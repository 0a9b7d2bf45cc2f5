/*
 * A client of the pipes that pipe-server.c (or any agent) listens on, without a Linux hop: the floor of what any way can
 * reach. It stays for all measurements, and measures itself.
 *
 *   pipe-client.exe PIPE
 *
 * Reads orders from stdin, one a line, and prints one line for each:
 *   first N              N times: connect, ask, read the answer, close → "ok MS MS …"
 *   second N             once connected and asked: N times ask and read → "ok MS MS …"
 *   burst N              N connections, all asked before the first answer is read → "ok MS FAILED"
 *   hold N               N more connections that have asked once and stay → "ok FAILED"
 *   release              closes those → "ok"
 *   open N               N connections for streams → "ok"
 *   stream WHAT WRITE TOTAL   an order of pipe-server.c on each of them at once → "ok MS"
 * What fails as a whole gives "error …".
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define PATIENCE_MS 15000
#define MOST 2048
#define CHANNELS 64
#define LONGEST_WRITE (1024 * 1024)

struct order {
  uint32_t what;
  uint32_t write;
  uint64_t total;
};

struct channel {
  HANDLE pipe;
  HANDLE read_done;
  HANDLE write_done;
  struct order order;
  int failed;
};

static const char *name;
static const char REQUEST[5] = {0, 0, 0, 1, 11};
static char zeros[LONGEST_WRITE];
static HANDLE held[MOST];
static int held_count;
static struct channel channels[CHANNELS];
static int channel_count;

static double now(void) {
  static LARGE_INTEGER frequency;
  LARGE_INTEGER count;
  if (frequency.QuadPart == 0) QueryPerformanceFrequency(&frequency);
  QueryPerformanceCounter(&count);
  return 1000.0 * count.QuadPart / frequency.QuadPart;
}

/* Waits while all instances are busy, and over the moment in which a server has none. */
static HANDLE dial(DWORD flags) {
  const double end = now() + PATIENCE_MS;
  HANDLE pipe;
  DWORD error;
  for (;;) {
    pipe = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, flags, NULL);
    error = GetLastError();
    if (pipe != INVALID_HANDLE_VALUE || now() > end) return pipe;
    if (error == ERROR_PIPE_BUSY) WaitNamedPipeA(name, 50);
    else if (error == ERROR_FILE_NOT_FOUND) Sleep(1);
    else return pipe;
  }
}

static int read_all(HANDLE pipe, char *to, DWORD length) {
  DWORD count;
  for (; length > 0; to += count, length -= count)
    if (!ReadFile(pipe, to, length, &count, NULL) || count == 0) return 0;
  return 1;
}

static int request(HANDLE pipe) {
  DWORD count;
  return WriteFile(pipe, REQUEST, sizeof REQUEST, &count, NULL) && count == sizeof REQUEST;
}

/* Whether a list of keys comes. */
static int answer(HANDLE pipe) {
  static char rest[65536];
  unsigned char head[4];
  uint32_t length;
  if (!read_all(pipe, (char *)head, 4)) return 0;
  length = (uint32_t)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3];
  return length > 0 && length <= sizeof rest && read_all(pipe, rest, length) && rest[0] == 12;
}

static void first(int count) {
  printf("ok");
  for (; count > 0; count--) {
    const double begun = now();
    const HANDLE pipe = dial(0);
    const int well = pipe != INVALID_HANDLE_VALUE && request(pipe) && answer(pipe);
    if (well) printf(" %.4f", now() - begun);
    if (pipe != INVALID_HANDLE_VALUE) CloseHandle(pipe);
  }
  printf("\n");
}

static void second(int count) {
  const HANDLE pipe = dial(0);
  if (pipe == INVALID_HANDLE_VALUE || !request(pipe) || !answer(pipe)) {
    printf("error: no answer\n");
    return;
  }
  printf("ok");
  for (; count > 0; count--) {
    const double begun = now();
    if (!request(pipe) || !answer(pipe)) break;
    printf(" %.4f", now() - begun);
  }
  printf("\n");
  CloseHandle(pipe);
}

static void burst(int count) {
  static HANDLE pipes[MOST];
  const double begun = now();
  int failed = 0, i;
  for (i = 0; i < count && i < MOST; i++) {
    pipes[i] = dial(0);
    if (pipes[i] != INVALID_HANDLE_VALUE && !request(pipes[i])) {
      CloseHandle(pipes[i]);
      pipes[i] = INVALID_HANDLE_VALUE;
    }
  }
  for (i = 0; i < count && i < MOST; i++) {
    if (pipes[i] == INVALID_HANDLE_VALUE || !answer(pipes[i])) failed++;
    if (pipes[i] != INVALID_HANDLE_VALUE) CloseHandle(pipes[i]);
  }
  printf("ok %.4f %d\n", now() - begun, failed);
}

static void hold(int count) {
  int failed = 0;
  for (; count > 0; count--) {
    const HANDLE pipe = held_count < MOST ? dial(0) : INVALID_HANDLE_VALUE;
    if (pipe == INVALID_HANDLE_VALUE) {
      failed++;
    } else if (request(pipe) && answer(pipe)) {
      held[held_count++] = pipe;
    } else {
      CloseHandle(pipe);
      failed++;
    }
  }
  printf("ok %d\n", failed);
}

static void release(void) {
  while (held_count > 0) CloseHandle(held[--held_count]);
  while (channel_count > 0) CloseHandle(channels[--channel_count].pipe);
  printf("ok\n");
}

/* One operation on a handle that reads and writes at the same time; gives the count, 0 when it failed. */
static DWORD transfer(struct channel *c, int writes, char *bytes, DWORD length) {
  OVERLAPPED overlapped = {0};
  DWORD count = 0;
  BOOL well;
  overlapped.hEvent = writes ? c->write_done : c->read_done;
  well = writes ? WriteFile(c->pipe, bytes, length, NULL, &overlapped)
                : ReadFile(c->pipe, bytes, length, NULL, &overlapped);
  if (!well && GetLastError() != ERROR_IO_PENDING) return 0;
  return GetOverlappedResult(c->pipe, &overlapped, &count, TRUE) ? count : 0;
}

static DWORD WINAPI write_part(void *argument) {
  struct channel *c = argument;
  uint64_t left = c->order.what == 1 ? 0 : c->order.total;
  DWORD length;
  for (; left > 0; left -= length) {
    length = left < c->order.write ? (DWORD)left : c->order.write;
    if (transfer(c, 1, zeros, length) != length) {
      c->failed = 1;
      break;
    }
  }
  return 0;
}

/* Everything that the server sends, and the byte after it. */
static DWORD WINAPI read_part(void *argument) {
  struct channel *c = argument;
  uint64_t left = (c->order.what == 0 ? 0 : c->order.total) + 1;
  char *buffer = malloc(65536);
  DWORD count = 1;
  for (; left > 0 && count > 0; left -= count)
    count = transfer(c, 0, buffer, left < 65536 ? (DWORD)left : 65536);
  if (count == 0) c->failed = 1;
  free(buffer);
  return 0;
}

static void open_channels(int count) {
  for (; count > 0 && channel_count < CHANNELS; count--) {
    struct channel *c = &channels[channel_count];
    c->pipe = dial(FILE_FLAG_OVERLAPPED);
    if (c->pipe == INVALID_HANDLE_VALUE) {
      printf("error: the pipe cannot be opened\n");
      return;
    }
    if (c->read_done == NULL) c->read_done = CreateEventA(NULL, TRUE, FALSE, NULL);
    if (c->write_done == NULL) c->write_done = CreateEventA(NULL, TRUE, FALSE, NULL);
    channel_count++;
  }
  printf("ok\n");
}

static void stream(struct order order) {
  HANDLE threads[CHANNELS * 2];
  const double begun = now();
  int i, failed = 0;
  for (i = 0; i < channel_count; i++) {
    struct channel *c = &channels[i];
    c->order = order;
    c->failed = transfer(c, 1, (char *)&c->order, sizeof order) != sizeof order;
    threads[2 * i] = CreateThread(NULL, 0, write_part, c, 0, NULL);
    threads[2 * i + 1] = CreateThread(NULL, 0, read_part, c, 0, NULL);
  }
  for (i = 0; i < 2 * channel_count; i++) {
    WaitForSingleObject(threads[i], INFINITE);
    CloseHandle(threads[i]);
    failed |= channels[i / 2].failed;
  }
  if (failed) printf("error: a channel failed\n");
  else printf("ok %.4f\n", now() - begun);
}

int main(int argc, char **argv) {
  char line[200], verb[32];
  unsigned a, b;
  unsigned long long c;
  if (argc != 2) {
    fprintf(stderr, "usage: pipe-client.exe //./pipe/NAME\n");
    return 2;
  }
  name = argv[1];
  while (fgets(line, sizeof line, stdin) != NULL) {
    const int fields = sscanf(line, "%31s %u %u %llu", verb, &a, &b, &c);
    if (fields == 2 && strcmp(verb, "first") == 0) first(a);
    else if (fields == 2 && strcmp(verb, "second") == 0) second(a);
    else if (fields == 2 && strcmp(verb, "burst") == 0) burst(a);
    else if (fields == 2 && strcmp(verb, "hold") == 0) hold(a);
    else if (fields == 1 && strcmp(verb, "release") == 0) release();
    else if (fields == 2 && strcmp(verb, "open") == 0) open_channels(a);
    else if (fields == 4 && strcmp(verb, "stream") == 0) stream((struct order){a, b, c});
    else printf("error: %s", line);
    fflush(stdout);
  }
  return 0;
}
