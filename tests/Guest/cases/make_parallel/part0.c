#include "parts.h"
int part0(void) { int s = 0; for (int i = 0; i < 10; i++) s += i * 3; return s; }
