#include "start.h"
static int values[500000];
static void sort(int *a, long low, long high)
{
    while (low < high) {
        int pivot = a[(low + high) / 2];
        long i = low, j = high;
        while (i <= j) {
            while (a[i] < pivot) i++;
            while (a[j] > pivot) j--;
            if (i <= j) {
                int t = a[i];
                a[i++] = a[j];
                a[j--] = t;
            }
        }
        sort(a, low, j);
        low = i;
    }
}
static uint32_t kernel(void)
{
    uint32_t sum = 0;
    const long n = sizeof values / sizeof *values;
    for (int round = 0; round < 6; round++) {
        for (long i = 0; i < n; i++) values[i] = (int)next_random();
        sort(values, 0, n - 1);
        for (long i = 1; i < n; i++) sum += values[i - 1] > values[i] ? 1 : (uint32_t)values[i] & 3;
    }
    return sum;
}
