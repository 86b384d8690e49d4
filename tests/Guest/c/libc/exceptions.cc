// C++: exceptions through many frames, destructors, rethrow, nested ones, uncaught ones, iostream, containers, threads.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <typeinfo>
#include <unordered_map>
#include <variant>
#include <vector>
#include <sys/wait.h>
#include <unistd.h>

struct Trace {
    std::string name;
    explicit Trace(std::string n) : name(std::move(n)) { }
    ~Trace() { std::cout << "~" << name << '\n'; }
};
struct Base { virtual ~Base() = default; virtual int value() const { return 1; } };
struct Derived : Base { int value() const override { return 2; } };

static int thrower(int depth)
{
    Trace t("frame" + std::to_string(depth));
    if (depth == 0)
        throw std::runtime_error("deep");
    return thrower(depth - 1) + 1;
}
static long many(int n)
{
    long caught = 0;
    for (int i = 0; i < n; i++) {
        try {
            if (i % 3 == 0) throw i;
            if (i % 3 == 1) throw std::string("s");
            throw std::out_of_range("o");
        } catch (int v) { caught += v; }
        catch (const std::string &s) { caught += s.size(); }
        catch (const std::exception &) { caught += 2; }
    }
    return caught;
}
static std::string global = std::string("constructed ") + "before main";

int main()
{
    std::cout << global << std::endl;
    try {
        thrower(3);
    } catch (const std::exception &e) {
        std::cout << "caught " << e.what() << '\n';
    }
    try {
        try {
            throw std::logic_error("inner");
        } catch (...) {
            std::throw_with_nested(std::runtime_error("outer"));
        }
    } catch (const std::exception &e) {
        std::cout << e.what();
        try {
            std::rethrow_if_nested(e);
        } catch (const std::exception &n) {
            std::cout << " of " << n.what() << '\n';
        }
    }
    std::cout << many(3000) << '\n';
    std::unique_ptr<Base> b = std::make_unique<Derived>();
    std::cout << b->value() << ' ' << (dynamic_cast<Derived *>(b.get()) != nullptr) << ' ' << typeid(*b).name() << '\n';
    try {
        std::vector<int> v(3);
        v.at(5) = 1;
    } catch (const std::out_of_range &e) {
        std::cout << e.what() << '\n';
    }
    std::map<std::string, int> words;
    std::istringstream in("the quick brown the lazy the end");
    for (std::string w; in >> w;)
        words[w]++;
    for (const auto &[w, n] : words)
        std::cout << w << ':' << n << ' ';
    std::cout << std::endl << std::hex << std::showbase << 255 << std::dec << ' ' << std::setw(8) << std::setfill('*') << 3.25 << ' '
        << std::setprecision(3) << std::scientific << 12345.678 << ' ' << std::boolalpha << true << '\n';
    std::vector<int> numbers(1000);
    std::iota(numbers.begin(), numbers.end(), 1);
    std::cout << std::accumulate(numbers.begin(), numbers.end(), 0L) << ' '
        << std::count_if(numbers.begin(), numbers.end(), [](int n) { return n % 7 == 0; }) << '\n';
    std::sort(numbers.begin(), numbers.end(), std::greater<>());
    std::cout << numbers[0] << ' ' << numbers[999] << '\n';
    std::smatch match;
    std::string text = "date 2024-05-06 end";
    if (std::regex_search(text, match, std::regex(R"((\d+)-(\d+)-(\d+))")))
        std::cout << match[1] << '/' << match[2] << '/' << match[3] << '\n';
    std::variant<int, std::string> any = "text";
    std::cout << any.index() << ' ' << std::get<std::string>(any) << '\n';

    std::mutex lock;
    long total = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++)
        threads.emplace_back([&, i] { for (int k = 0; k < 1000; k++) { std::lock_guard g(lock); total += i; } });
    for (auto &t : threads)
        t.join();
    std::cout << total << '\n';
    auto future = std::async(std::launch::async, []() -> int { throw std::runtime_error("from a thread"); });
    try {
        future.get();
    } catch (const std::exception &e) {
        std::cout << e.what() << '\n';
    }
    static thread_local int counter = 5;
    std::thread([] { counter++; }).join();
    std::cout << counter << std::endl;
    pid_t pid = fork();
    if (pid == 0) {
        close(2);
        throw 42;
    }
    int status;
    waitpid(pid, &status, 0);
    std::cout << "uncaught: signal " << WTERMSIG(status) << std::endl;
    pid = fork();
    if (pid == 0) {
        close(2);
        [[maybe_unused]] Trace t("never");
        auto f = []() noexcept { throw 1; };
        f();
    }
    waitpid(pid, &status, 0);
    std::cout << "noexcept: signal " << WTERMSIG(status) << std::endl;
    std::cin.exceptions(std::ios::failbit);
    try {
        int n;
        std::cin >> n;
    } catch (const std::ios_base::failure &) {
        std::cout << "no input\n";
    }
    return 0;
}
