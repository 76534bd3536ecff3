// What came of it all, as one JSON object on standard output. bench/support/load-tool.ts reads it.
#pragma once

void print_report(void);
