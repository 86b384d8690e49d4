#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include "shape.h"

int main()
{
    Shape *shapes[] = { new Circle(2.0), new Square(3.0) };
    for (Shape *s : shapes) {
        std::cout << s->name() << ' ' << s->area() << '\n';
        delete s;
    }
    try {
        Square(-1).area();
    } catch (const std::invalid_argument &e) {
        std::cout << "caught " << e.what() << '\n';
    }
    std::map<std::string, int> m;
    for (std::string w; std::cin >> w;)
        m[w]++;
    for (auto &[w, n] : m)
        std::cout << w << '=' << n << ' ';
    std::cout << std::endl;
    throw std::runtime_error("uncaught");
}
