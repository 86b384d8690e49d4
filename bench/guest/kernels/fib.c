// Recursion: calls, returns and the stack.
#include "kernel.h"
__attribute__((noinline, optimize("no-optimize-sibling-calls"))) static long fib(long n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
static uint64_t work(long n)
{
    uint64_t sum = 0;
    while (n--)
        sum += fib(22) + (n & 1);
    return sum;
}
KERNEL(350)
