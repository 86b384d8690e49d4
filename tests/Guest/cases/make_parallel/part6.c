#include "parts.h"
int part6(void) { int s = 0; for (int i = 0; i < 16; i++) s += i * 9; return s; }
