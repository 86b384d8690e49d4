#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>
#include "shape.h"

int main()
{
    std::vector<std::unique_ptr<Shape>> shapes;
    shapes.push_back(std::make_unique<Circle>(2.0));
    shapes.push_back(std::make_unique<Square>(3.0));
    for (auto &s : shapes)
        std::cout << s->name() << ' ' << s->area() << '\n';
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
