#include <stdio.h>
#include "parts.h"
int main(void)
{
    int (*parts[])(void) = { part0, part1, part2, part3, part4, part5, part6, part7, part8 };
    int sum = 0;
    for (int i = 0; i < 9; i++)
        sum += parts[i]();
    printf("sum %d\n", sum);
    return 0;
}
