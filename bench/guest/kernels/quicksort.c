// Quicksort of integers: compares, swaps and branches that nobody can predict.
#include "kernel.h"
static int a[100000];
static void sort(int *v, long left, long right)
{
    while (left < right) {
        long i = left, k = right;
        int pivot = v[(left + right) / 2];
        while (i <= k) {
            while (v[i] < pivot) i++;
            while (v[k] > pivot) k--;
            if (i <= k) { int t = v[i]; v[i++] = v[k]; v[k--] = t; }
        }
        if (k - left < right - i) { sort(v, left, k); left = i; } else { sort(v, i, right); right = k; }
    }
}
static uint64_t work(long n)
{
    uint64_t sum = 0;
    uint32_t x = 1;
    while (n--) {
        for (int i = 0; i < 100000; i++)
            a[i] = (x = x * 1664525 + 1013904223) >> 3;
        sort(a, 0, 99999);
        sum = sum * 31 + a[500] + a[99000];
    }
    return sum;
}
KERNEL(4)
