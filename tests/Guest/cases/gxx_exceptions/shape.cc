#include "shape.h"
#include <stdexcept>
double Circle::area() const { return 3 * r * r; }
std::string Circle::name() const { return "circle"; }
double Square::area() const { if (a < 0) throw std::invalid_argument("negative side"); return a * a; }
std::string Square::name() const { return "square"; }
