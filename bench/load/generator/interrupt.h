// SIGINT and SIGTERM end the load early; what was counted until then is still reported.
#pragma once
#include <signal.h>

extern volatile sig_atomic_t interrupted;

void listen_for_interrupts(void);
