// The product of matrices of doubles.
#include "kernel.h"
enum { N = 160 };
static double a[N][N], b[N][N], c[N][N];
static uint64_t work(long n)
{
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++) {
            a[i][k] = (i * k % 17) - 8;
            b[i][k] = (i + k) % 13 - 6;
        }
    while (n--)
        for (int i = 0; i < N; i++)
            for (int k = 0; k < N; k++) {
                double s = 0;
                for (int m = 0; m < N; m++)
                    s += a[i][m] * b[m][k];
                c[i][k] = s + c[i][k] / 2;
            }
    double t = 0;
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++)
            t += c[i][k] * (i - k);
    uint64_t bits;
    memcpy(&bits, &t, 8);
    return bits;
}
KERNEL(15)
