#include "tally.h"

struct window window;
struct tally tally;
