#include "parts.h"
int part8(void) { int s = 0; for (int i = 0; i < 18; i++) s += i * 11; return s; }
