// The n-body problem: scalar doubles with divisions and square roots.
#include "kernel.h"
#include <math.h>
static struct { double x[3], v[3], m; } body[5] = {
    { { 0, 0, 0 }, { 0, 0, 0 }, 39.47 }, { { 4.84, -1.16, -0.10 }, { 0.60, 2.81, -0.02 }, 0.037 }, { { 8.34, 4.12, -0.40 }, { -1.01, 1.82, 0.008 }, 0.011 },
    { { 12.89, -15.11, -0.22 }, { 1.08, 0.86, -0.01 }, 0.0017 }, { { 15.37, -25.91, 0.17 }, { 0.97, 0.59, -0.03 }, 0.002 } };
static uint64_t work(long n)
{
    const double dt = 0.001;
    while (n--) {
        for (int i = 0; i < 5; i++)
            for (int k = i + 1; k < 5; k++) {
                double d[3], square = 0;
                for (int c = 0; c < 3; c++) {
                    d[c] = body[i].x[c] - body[k].x[c];
                    square += d[c] * d[c];
                }
                double mag = dt / (square * sqrt(square));
                for (int c = 0; c < 3; c++) {
                    body[i].v[c] -= d[c] * body[k].m * mag;
                    body[k].v[c] += d[c] * body[i].m * mag;
                }
            }
        for (int i = 0; i < 5; i++)
            for (int c = 0; c < 3; c++)
                body[i].x[c] += dt * body[i].v[c];
    }
    uint64_t bits;
    memcpy(&bits, &body[1].x[0], 8);
    return bits;
}
KERNEL(130000)
