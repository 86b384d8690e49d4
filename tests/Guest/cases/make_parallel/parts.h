int part0(void), part1(void), part2(void), part3(void), part4(void), part5(void), part6(void), part7(void), part8(void);
