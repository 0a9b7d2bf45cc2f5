/*
 * A server on two named pipes that does next to nothing, so that what is measured is the way to it: one thread, a
 * completion port, and many instances that listen at once.
 *
 *   pipe-server.exe AGENT RAW
 *
 * AGENT (//./pipe/NAME) answers each ssh-agent request, whatever it is, with an empty list of keys.
 * RAW obeys orders of 16 bytes, little endian: what (u32: 0 read, 1 write, 2 both at once), bytes for each write (u32),
 * bytes in all, each way (u64). When an order is done it sends one byte more, and waits for the next.
 * Says "listening" on stdout, and ends when it is killed.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define LISTENING 256
#define PIPE_BUFFER 65536
#define AGENT_BUFFER 4096
#define RAW_BUFFER 65536
#define LONGEST_WRITE (1024 * 1024)

enum { READ_ONLY, WRITE_ONLY, BOTH };
enum { FREE, LISTENS, TALKS, CLOSES };

struct order {
  uint32_t what;
  uint32_t write;
  uint64_t total;
};

struct service;

/* One instance of a pipe. Its first member must stay first: a completion carries the address of one of the two. */
struct connection {
  OVERLAPPED in;
  OVERLAPPED out;
  struct service *service;
  HANDLE pipe;
  int state;
  /* operations whose completion has not come */
  int busy;
  int writing;
  DWORD have;
  struct order order;
  int working;
  uint64_t to_read;
  uint64_t to_write;
  int last_sent;
  char *buffer;
};

struct service {
  const char *name;
  DWORD buffer;
  int listening;
  void (*heard)(struct connection *, DWORD);
  void (*said)(struct connection *);
};

static HANDLE port;
static char zeros[LONGEST_WRITE];

static const char ANSWER[9] = {0, 0, 0, 5, 12, 0, 0, 0, 0};

static void die(const char *what) {
  fprintf(stderr, "%s: error %lu\n", what, GetLastError());
  exit(1);
}

static void listen_again(struct connection *c);

/* Disconnecting ends what is under way; the instance listens again once that has completed. */
static void hang_up(struct connection *c) {
  if (c->state == TALKS) {
    c->state = CLOSES;
    DisconnectNamedPipe(c->pipe);
  }
  if (c->state == CLOSES && c->busy == 0) listen_again(c);
}

static void start_read(struct connection *c) {
  memset(&c->in, 0, sizeof c->in);
  c->busy++;
  if (!ReadFile(c->pipe, c->buffer + c->have, c->service->buffer - c->have, NULL, &c->in) &&
      GetLastError() != ERROR_IO_PENDING) {
    c->busy--;
    hang_up(c);
  }
}

static void start_write(struct connection *c, const char *bytes, DWORD length) {
  memset(&c->out, 0, sizeof c->out);
  c->busy++;
  c->writing = 1;
  if (!WriteFile(c->pipe, bytes, length, NULL, &c->out) && GetLastError() != ERROR_IO_PENDING) {
    c->busy--;
    c->writing = 0;
    hang_up(c);
  }
}

/* The next whole request is taken out of the buffer and answered, or more is read. */
static void next_request(struct connection *c) {
  uint32_t length;
  if (c->have >= 4) {
    const unsigned char *b = (unsigned char *)c->buffer;
    length = ((uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3]) + 4;
    if (length < 5 || length > c->service->buffer) {
      hang_up(c);
      return;
    }
    if (c->have >= length) {
      c->have -= length;
      memmove(c->buffer, c->buffer + length, c->have);
      start_write(c, ANSWER, sizeof ANSWER);
      return;
    }
  }
  start_read(c);
}

static void agent_heard(struct connection *c, DWORD count) {
  c->have += count;
  next_request(c);
}

static void raw_next_write(struct connection *c) {
  DWORD length;
  if (c->writing || !c->working) return;
  if (c->to_write > 0) {
    length = c->to_write < c->order.write ? (DWORD)c->to_write : c->order.write;
    c->to_write -= length;
    start_write(c, zeros, length);
  } else if (c->to_read == 0 && !c->last_sent) {
    c->last_sent = 1;
    start_write(c, zeros, 1);
  }
}

static void raw_heard(struct connection *c, DWORD count) {
  c->have += count;
  if (!c->working && c->have >= sizeof c->order) {
    memcpy(&c->order, c->buffer, sizeof c->order);
    c->have -= sizeof c->order;
    if (c->order.write == 0 || c->order.write > LONGEST_WRITE || c->order.what > BOTH) {
      hang_up(c);
      return;
    }
    c->working = 1;
    c->last_sent = 0;
    c->to_read = c->order.what == WRITE_ONLY ? 0 : c->order.total;
    c->to_write = c->order.what == READ_ONLY ? 0 : c->order.total;
  }
  if (c->working) {
    if (c->have > c->to_read) {
      hang_up(c);
      return;
    }
    c->to_read -= c->have;
    c->have = 0;
    raw_next_write(c);
  }
  if (c->state == TALKS) start_read(c);
}

static void raw_said(struct connection *c) {
  if (c->last_sent) c->working = 0;
  raw_next_write(c);
}

static void add_instance(struct service *service) {
  struct connection *c = calloc(1, sizeof *c);
  if (c == NULL || (c->buffer = malloc(service->buffer)) == NULL) die("memory");
  c->service = service;
  c->pipe = CreateNamedPipeA(service->name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED,
                             PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT, PIPE_UNLIMITED_INSTANCES,
                             PIPE_BUFFER, PIPE_BUFFER, 0, NULL);
  if (c->pipe == INVALID_HANDLE_VALUE) die("CreateNamedPipe");
  if (CreateIoCompletionPort(c->pipe, port, (ULONG_PTR)c, 0) == NULL) die("CreateIoCompletionPort");
  listen_again(c);
}

static void listen_again(struct connection *c) {
  DWORD error;
  for (;;) {
    memset(&c->in, 0, sizeof c->in);
    c->state = LISTENS;
    c->busy = 1;
    c->have = 0;
    c->working = c->writing = c->last_sent = 0;
    error = ConnectNamedPipe(c->pipe, &c->in) ? ERROR_IO_PENDING : GetLastError();
    if (error == ERROR_IO_PENDING) break;
    if (error == ERROR_PIPE_CONNECTED) {
      if (!PostQueuedCompletionStatus(port, 0, (ULONG_PTR)c, &c->in)) die("PostQueuedCompletionStatus");
      break;
    }
    /* somebody came and has gone already */
    if (error != ERROR_NO_DATA || !DisconnectNamedPipe(c->pipe)) die("ConnectNamedPipe");
  }
  c->service->listening++;
}

static void completed(struct connection *c, OVERLAPPED *which, DWORD count, BOOL well) {
  c->busy--;
  if (which == &c->out) c->writing = 0;
  if (c->state == LISTENS) {
    c->service->listening--;
    c->state = TALKS;
    if (!well) hang_up(c);
    else start_read(c);
    /* after the read, so that the client does not wait for it */
    if (c->service->listening < LISTENING) add_instance(c->service);
  } else if (!well || c->state == CLOSES) {
    hang_up(c);
  } else if (which == &c->in) {
    c->service->heard(c, count);
  } else {
    c->service->said(c);
  }
}

int main(int argc, char **argv) {
  struct service services[2] = {{argc > 1 ? argv[1] : "", AGENT_BUFFER, 0, agent_heard, next_request},
                                {argc > 2 ? argv[2] : "", RAW_BUFFER, 0, raw_heard, raw_said}};
  DWORD count;
  ULONG_PTR key;
  OVERLAPPED *which;
  BOOL well;
  int i, n;
  if (argc != 3) {
    fprintf(stderr, "usage: pipe-server.exe //./pipe/AGENT //./pipe/RAW\n");
    return 2;
  }
  port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
  if (port == NULL) die("CreateIoCompletionPort");
  for (i = 0; i < 2; i++)
    for (n = 0; n < (i == 0 ? LISTENING : 16); n++) add_instance(&services[i]);
  printf("listening\n");
  fflush(stdout);
  for (;;) {
    which = NULL;
    well = GetQueuedCompletionStatus(port, &count, &key, &which, INFINITE);
    if (which == NULL) die("GetQueuedCompletionStatus");
    completed((struct connection *)key, which, count, well);
  }
}
