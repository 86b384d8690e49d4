#include "start.h"
__attribute__((noinline)) static uint32_t fib(uint32_t n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
static uint32_t kernel(void)
{
    volatile uint32_t n = 37;
    return fib(n);
}
