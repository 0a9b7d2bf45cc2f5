/*
 * Takes the place of libgcrypt's random/rndw32.c in the twin's GnuPG: random bytes come from Windows' own
 * generator and nothing else. The original also asks for everything NtQuerySystemInformation knows, and Wine 8's
 * wineserver crashes now and then when it lists all handles (seen with strace: SIGSEGV inside that request, and
 * every Windows program hangs).
 */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length); /* RtlGenRandom */

typedef void (*add_bytes)(const void *bytes, size_t length, int origin);

static void add_random(add_bytes add, int origin, size_t length) {
  unsigned char bytes[64];
  while (length > 0) {
    size_t some = length < sizeof bytes ? length : sizeof bytes;
    if (!SystemFunction036(bytes, (ULONG)some)) {
      TerminateProcess(GetCurrentProcess(), 3);
    }
    add(bytes, some, origin);
    length -= some;
  }
  SecureZeroMemory(bytes, sizeof bytes);
}

int _gcry_rndw32_gather_random(add_bytes add, int origin, size_t length, int level) {
  if (level) {
    add_random(add, origin, length);
  }
  return 0;
}

void _gcry_rndw32_gather_random_fast(add_bytes add, int origin) {
  add_random(add, origin, 16);
}
