// The Mandelbrot set: a loop of double multiplications with an exit nobody knows.
#include "kernel.h"
static uint64_t work(long n)
{
    uint64_t sum = 0;
    for (long y = 0; y < n; y++)
        for (int x = 0; x < 200; x++) {
            double cr = x / 80.0 - 1.9, ci = y * 2.4 / n - 1.2, r = 0, i = 0;
            int k = 0;
            while (k < 400 && r * r + i * i < 4) {
                double t = r * r - i * i + cr;
                i = 2 * r * i + ci;
                r = t;
                k++;
            }
            sum = sum * 3 + k;
        }
    return sum;
}
KERNEL(500)
