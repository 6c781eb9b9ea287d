// expect: Dense: an option is none of: an activation, use_bias(...), an initialiser, a regulariser
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

int main() { return Sequential<Shape{784}, Dense<32, 3>>::output.is_flat(); }
