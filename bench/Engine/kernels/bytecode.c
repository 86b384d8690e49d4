#include "start.h"
// A little stack machine: indirect jumps, unpredictable to a simple table.
static const unsigned char program[] = {0, 10, 1, 2, 3, 0, 3, 4, 5, 1, 6, 0, 7, 2, 4, 8};
__attribute__((noinline)) static uint32_t run(uint32_t count)
{
    uint32_t stack[16], a = 1, b = 2, pc = 0;
    uint32_t *sp = stack;
    while (1) {
        switch (program[pc++]) {
        case 0: *sp++ = program[pc++]; break;
        case 1: a += b; break;
        case 2: b ^= a << 3; break;
        case 3: a = a * 7 + 3; break;
        case 4: sp--; a += *sp; break;
        case 5: b -= a >> 5; break;
        case 6: a ^= 0x55; break;
        case 7: b += 11; break;
        case 8: if (--count == 0) return a ^ b; pc = 0; sp = stack; break;
        case 10: a -= b; break;
        default: return 0;
        }
    }
}
static uint32_t kernel(void) { return run(3000000); }
