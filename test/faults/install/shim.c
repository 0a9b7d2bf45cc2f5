/*
 * Loaded into one run of wslagent (LD_PRELOAD): counts what it does to the watched folders and which programs it starts,
 * and lets one of these go wrong. Stands in for the kernel's list of Windows programs, and starts their double.
 *
 * FAULT_WATCH   folders, separated by colons
 * FAULT_COUNT   a file of 4 bytes, shared with forked children: how many operations there were
 * FAULT_LOG     a file that gets a line for each operation
 * FAULT_CLASS   "change" (what changes files, and programs) or "look" (what reads them)
 * FAULT_AT      the number of the operation, from 1; 0 for none
 * FAULT_KIND    kill, done (killed when it was done), eio (it fails once), full and readonly (from there on), edit
 * FAULT_EDIT    the file that somebody adds a line to, for "edit"
 * FAULT_INTEROP, FAULT_EXE: a file in the place of binfmt_misc's, a script in the place of each .exe; or neither
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum need { SPACE = 1, WRITABLE = 2, PROGRAM = 4 };

static atomic_int *count, local_count;
static const char *watch, *kind, *edited;
static int at, looks, log_fd = -1;
static __thread int busy;

#define REAL(name) \
  static __typeof__(name) *real; \
  if (!real) real = dlsym(RTLD_NEXT, #name)

static const char *env(const char *name) { const char *value = getenv(name); return value ? value : ""; }

__attribute__((constructor)) static void begin(void) {
  watch = strdup(env("FAULT_WATCH"));
  kind = strdup(env("FAULT_KIND"));
  edited = strdup(env("FAULT_EDIT"));
  at = atoi(env("FAULT_AT"));
  looks = strcmp(env("FAULT_CLASS"), "look") == 0;
  count = &local_count;
  busy = 1;
  int fd = open(env("FAULT_COUNT"), O_RDWR | O_CLOEXEC);
  if (fd >= 0) {
    void *page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page != MAP_FAILED) count = page;
    close(fd);
  }
  log_fd = open(env("FAULT_LOG"), O_WRONLY | O_APPEND | O_CLOEXEC);
  busy = 0;
}

static int watched(const char *path) {
  if (!path || *path != '/') return 0;
  for (const char *from = watch; *from;) {
    size_t length = strcspn(from, ":");
    if (length && strncmp(path, from, length) == 0 && (path[length] == '/' || !path[length])) return 1;
    from += length + (from[length] == ':');
  }
  return 0;
}

static const char *path_of(int fd, char *buffer, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, buffer, size - 1);
  if (length < 0) return "";
  buffer[length] = 0;
  return buffer;
}

static void end_all(void) { kill(0, SIGKILL); for (;;) pause(); }

static void edit(void) {
  int fd = open(edited, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  static const char line[] = "# an edit meanwhile\n";
  if (fd < 0 || write(fd, line, sizeof line - 1) < 0) abort();
  close(fd);
}

/* Counts an operation; 0, or the errno with which it fails. `*number` is what `after` wants. */
static int before(const char *name, const char *path, int needs, int is_look, int *number) {
  int saved = errno, fails = 0;
  *number = 0;
  if (busy || is_look != looks) return 0;
  busy = 1;
  int now = *number = atomic_fetch_add(count, 1) + 1;
  if (log_fd >= 0) dprintf(log_fd, "%d %s %s\n", now, name, path);
  if (at && now == at) {
    if (strcmp(kind, "kill") == 0) end_all();
    if (strcmp(kind, "eio") == 0) fails = EIO;
    if (strcmp(kind, "edit") == 0) edit();
  }
  if (at && now >= at) {
    if (strcmp(kind, "full") == 0 && (needs & SPACE)) fails = ENOSPC;
    if (strcmp(kind, "readonly") == 0 && (needs & WRITABLE)) fails = EROFS;
  }
  busy = 0;
  errno = saved;
  return fails;
}

static void after(int number) {
  if (at && number == at && strcmp(kind, "done") == 0) end_all();
}

#define AROUND(type, name, path, needs, is_look, call) \
  int operation, fails = before(name, path, needs, is_look, &operation); \
  if (fails) { errno = fails; return -1; } \
  type result = call; \
  after(operation); \
  return result

#define ON_PATH(type, name, path, needs, call) \
  if (!watched(path)) return call; \
  AROUND(type, #name, path, needs, 0, call)

#define ON_FD(type, name, fd, needs, call) \
  char buffer[4096]; \
  const char *path = busy ? "" : path_of(fd, buffer, sizeof buffer); \
  if (!watched(path)) return call; \
  AROUND(type, #name, path, needs, 0, call)

int open64(const char *path, int flags, ...) {
  REAL(open64);
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
  va_end(list);
  if (!busy && *env("FAULT_INTEROP") && strncmp(path, "/proc/sys/fs/binfmt_misc/WSLInterop", 35) == 0)
    return real(path[35] ? "/nowhere" : env("FAULT_INTEROP"), flags, mode);
  if (!watched(path)) return real(path, flags, mode);
  int writes = (flags & O_ACCMODE) != O_RDONLY;
  AROUND(int, writes ? "open to write" : "open", path, writes ? WRITABLE : 0, !writes, real(path, flags, mode));
}
int open(const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
  va_end(list);
  return open64(path, flags, mode);
}

int mkdir(const char *path, mode_t mode) { REAL(mkdir); ON_PATH(int, mkdir, path, SPACE | WRITABLE, real(path, mode)); }
int rmdir(const char *path) { REAL(rmdir); ON_PATH(int, rmdir, path, WRITABLE, real(path)); }
int unlink(const char *path) { REAL(unlink); ON_PATH(int, unlink, path, WRITABLE, real(path)); }
int rename(const char *from, const char *to) { REAL(rename); ON_PATH(int, rename, to, WRITABLE, real(from, to)); }
int link(const char *from, const char *to) { REAL(link); ON_PATH(int, link, to, WRITABLE, real(from, to)); }
int symlink(const char *to, const char *path) { REAL(symlink); ON_PATH(int, symlink, path, SPACE | WRITABLE, real(to, path)); }
int chmod(const char *path, mode_t mode) { REAL(chmod); ON_PATH(int, chmod, path, WRITABLE, real(path, mode)); }
int utimensat(int dir, const char *path, const struct timespec times[2], int flags) {
  REAL(utimensat);
  ON_PATH(int, utimensat, path, WRITABLE, real(dir, path, times, flags));
}
int fchmod(int fd, mode_t mode) { REAL(fchmod); ON_FD(int, fchmod, fd, WRITABLE, real(fd, mode)); }
int fchown(int fd, uid_t user, gid_t group) { REAL(fchown); ON_FD(int, fchown, fd, WRITABLE, real(fd, user, group)); }
int fsync(int fd) { REAL(fsync); ON_FD(int, fsync, fd, WRITABLE, real(fd)); }
int ftruncate64(int fd, off64_t size) { REAL(ftruncate64); ON_FD(int, ftruncate64, fd, WRITABLE, real(fd, size)); }
ssize_t write(int fd, const void *bytes, size_t size) {
  REAL(write);
  ON_FD(ssize_t, write, fd, SPACE | WRITABLE, real(fd, bytes, size));
}
ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t where) {
  REAL(pwrite64);
  ON_FD(ssize_t, pwrite64, fd, SPACE | WRITABLE, real(fd, bytes, size, where));
}
ssize_t writev(int fd, const struct iovec *parts, int parts_count) {
  REAL(writev);
  ON_FD(ssize_t, writev, fd, SPACE | WRITABLE, real(fd, parts, parts_count));
}
ssize_t sendfile64(int to, int from, off64_t *where, size_t size) {
  REAL(sendfile64);
  ON_FD(ssize_t, sendfile64, to, SPACE | WRITABLE, real(to, from, where, size));
}

/* libuv asks for statx and copy_file_range this way. */
long syscall(long number, ...) {
  REAL(syscall);
  long a[6];
  va_list list;
  va_start(list, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
  va_end(list);
  long (*call)(long, ...) = (long (*)(long, ...))real;
#define PASS call(number, a[0], a[1], a[2], a[3], a[4], a[5])
  if (number == SYS_statx && watched((const char *)a[1])) {
    AROUND(long, "stat", (const char *)a[1], 0, 1, PASS);
  }
  if (number == SYS_copy_file_range) {
    ON_FD(long, copy_file_range, (int)a[2], SPACE | WRITABLE, PASS);
  }
  return PASS;
}

/* The child has no shim of its own: a command is one operation. It hears what has become of the disk. */
int execvp(const char *file, char *const args[]) {
  REAL(execvp);
  const char *name = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
  char words[512] = "";
  for (int i = 1; args[i] && strlen(words) + strlen(args[i]) + 2 < sizeof words; i++)
    strcat(strcat(words, " "), args[i]);
  char whole[1024];
  snprintf(whole, sizeof whole, "%s%s", name, words);
  int number, fails = before("run", whole, PROGRAM, 0, &number);
  unsetenv("LD_PRELOAD");
  if (number && at && number >= at && (strcmp(kind, "full") == 0 || strcmp(kind, "readonly") == 0))
    setenv("MACHINE_DISK", kind, 1);
  if (fails || (number && number == at && strcmp(kind, "done") == 0)) {
    /* it fails, or is done and its installer dies before it hears of it */
    setenv("MACHINE_END", fails ? "fail" : "kill", 1);
  }
  size_t length = strlen(name);
  if (*env("FAULT_EXE") && length > 4 && strcmp(name + length - 4, ".exe") == 0) {
    setenv("MACHINE_EXE", file, 1);
    return real(env("FAULT_EXE"), args);
  }
  return real(file, args);
}
