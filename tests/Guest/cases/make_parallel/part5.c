#include "parts.h"
int part5(void) { int s = 0; for (int i = 0; i < 15; i++) s += i * 8; return s; }
