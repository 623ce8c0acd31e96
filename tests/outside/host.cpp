// A program that knows the plug-in's one function.
#include <cstdio>

extern "C" void multiply(double* c, const double* a, const double* b, int n);

int main() {
  const double a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8};
  double c[4];
  multiply(c, a, b, 2);
  if (c[0] == 19 && c[1] == 22 && c[2] == 43 && c[3] == 50) return 0;
  std::fprintf(stderr, "host: %g %g %g %g should be 19 22 43 50\n", c[0], c[1], c[2], c[3]);
  return 1;
}
