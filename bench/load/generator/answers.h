// What the server answers: its bytes, matched with the requests in flight and counted. Frames say by their id what they
// answer; over HTTP, answers belong to their connection's requests in order.
#pragma once
#include "connections.h"

// Reads once from a connection that has something to read, and handles every answer that is whole by then. In a closed
// loop each is followed by the next request at once.
void receive(struct connection *connection);
