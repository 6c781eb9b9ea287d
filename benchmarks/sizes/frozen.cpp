// Reconstructs one sample by the header HEADER.
#include HEADER

int main() {
  static frozen model;
  static float x[frozen::input_size], y[frozen::output_size];
  model.reconstruct(x, y);
  return y[0] > 1;
}
