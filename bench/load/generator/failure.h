// The program's one way to end before it is done: a line on standard error, and an exit code. 2 is for a command line
// that can't be meant so, 1 for everything else.
#pragma once

__attribute__((noreturn, format(printf, 2, 3))) void fail(int status, const char *format, ...);

// What was allocated; without memory nothing here goes on.
void *need_memory(void *memory);
