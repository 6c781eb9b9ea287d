// expect: Weighted: a bound is no mean over features
#include <eigencoder/eigencoder.hpp>

using namespace eigencoder;

auto loss() { return Weighted{EvidenceLowerBound<>{}, Eigen::VectorXd::Ones(12)}; }
