/*
 * The twin's pinentry.exe: what gpg-agent starts to ask a person for a PIN or a confirmation. The answer
 * and the time a person would take come from %APPDATA%\gnupg\pinentry-answer (first line: milliseconds,
 * second line: the PIN); without that file the person cancels. Each question is noted in
 * %APPDATA%\gnupg\pinentry-log, so that a test knows when the "dialog" is up.
 * Protocol: Assuan over stdin and stdout, as in the pinentry manual.
 */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define LONGEST_MS 60000
#define CANCELED "ERR 83886179 canceled\n" /* GPG_ERR_SOURCE_PINENTRY << 24 | GPG_ERR_CANCELED */

static FILE *open_beside(const char *name, const char *mode) {
  char path[1024];
  const char *base = getenv("APPDATA");
  if (!base || snprintf(path, sizeof path, "%s\\gnupg\\%s", base, name) >= (int)sizeof path) {
    return NULL;
  }
  return fopen(path, mode);
}

static void note(const char *question) {
  FILE *log = open_beside("pinentry-log", "ab");
  if (log) {
    fprintf(log, "%s\n", question);
    fclose(log);
  }
}

/* Takes the person's time and gives the PIN; 0 when the person cancels. */
static int ask(const char *question, char *pin, int size) {
  char delay[32] = "";
  FILE *answer = open_beside("pinentry-answer", "rb");
  long ms;
  note(question);
  if (!answer) {
    return 0;
  }
  pin[0] = 0;
  if (fgets(delay, sizeof delay, answer) && fgets(pin, size, answer)) {
    pin[strcspn(pin, "\r\n")] = 0;
  }
  fclose(answer);
  ms = atol(delay);
  Sleep(ms < 0 ? 0 : ms > LONGEST_MS ? LONGEST_MS : ms);
  return 1;
}

static void say_data(const char *text) {
  fputs("D ", stdout);
  for (; *text; text++) {
    printf(*text == '%' ? "%%25" : "%c", *text);
  }
  fputs("\n", stdout);
}

static void answer(const char *line) {
  char pin[256];
  if (!strncmp(line, "GETPIN", 6)) {
    if (!ask("GETPIN", pin, sizeof pin)) {
      fputs(CANCELED, stdout);
      return;
    }
    say_data(pin);
  } else if (!strncmp(line, "CONFIRM", 7)) {
    if (!ask("CONFIRM", pin, sizeof pin)) {
      fputs(CANCELED, stdout);
      return;
    }
  } else if (!strncmp(line, "GETINFO pid", 11)) {
    char pid[16];
    snprintf(pid, sizeof pid, "%lu", (unsigned long)GetCurrentProcessId());
    say_data(pid);
  } else if (!strncmp(line, "GETINFO ", 8)) {
    say_data("twin");
  }
  fputs("OK\n", stdout);
}

int main(void) {
  char line[2048];
  _setmode(_fileno(stdin), _O_BINARY);
  _setmode(_fileno(stdout), _O_BINARY);
  fputs("OK the twin's pinentry\n", stdout);
  fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    answer(line);
    fflush(stdout);
    if (!strncmp(line, "BYE", 3)) {
      break;
    }
  }
  return 0;
}
