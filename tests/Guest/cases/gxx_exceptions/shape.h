#pragma once
#include <string>
struct Shape { virtual ~Shape() = default; virtual double area() const = 0; virtual std::string name() const = 0; };
struct Circle : Shape { double r; explicit Circle(double r) : r(r) { } double area() const override; std::string name() const override; };
struct Square : Shape { double a; explicit Square(double a) : a(a) { } double area() const override; std::string name() const override; };
