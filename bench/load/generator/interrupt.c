#include "interrupt.h"
#include <stddef.h>

volatile sig_atomic_t interrupted;

static void on_signal(int signal_number) { interrupted = signal_number; }

void listen_for_interrupts(void) {
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}
