// A byte-code loop with a switch: indirect jumps through a table.
#include "kernel.h"
enum { PUSH, ADD, MUL, SUB, DUP, SWAP, JNZ, DROP, LOAD, STORE, XOR, HALT };
static uint64_t work(long n)
{
    // Counts a variable down from 1000 and mixes an accumulator.
    static const int program[] = { PUSH, 1000, STORE, 0, LOAD, 1, LOAD, 0, MUL, PUSH, 12345, ADD, LOAD, 1, XOR, STORE, 1, LOAD, 0, PUSH, 1, SUB, DUP, STORE, 0,
        JNZ, 4, HALT };
    uint64_t variables[4] = { 0, 1, 0, 0 }, stack[16];
    while (n--) {
        int pc = 0, sp = 0;
        for (int running = 1; running;) {
            switch (program[pc++]) {
            case PUSH: stack[sp++] = program[pc++]; break;
            case ADD: sp--; stack[sp - 1] += stack[sp]; break;
            case MUL: sp--; stack[sp - 1] *= stack[sp]; break;
            case SUB: sp--; stack[sp - 1] -= stack[sp]; break;
            case XOR: sp--; stack[sp - 1] ^= stack[sp]; break;
            case DUP: stack[sp] = stack[sp - 1]; sp++; break;
            case SWAP: { uint64_t t = stack[sp - 1]; stack[sp - 1] = stack[sp - 2]; stack[sp - 2] = t; break; }
            case JNZ: { int to = program[pc++]; if (stack[--sp]) pc = to; break; }
            case DROP: sp--; break;
            case LOAD: stack[sp++] = variables[program[pc++]]; break;
            case STORE: variables[program[pc++]] = stack[--sp]; break;
            case HALT: running = 0; break;
            }
        }
    }
    return variables[1];
}
KERNEL(1300)
