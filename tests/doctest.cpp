// What doctest itself is made of: for main.cpp, and for programs that link test cases and have another main function.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
