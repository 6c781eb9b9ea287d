#include <eigencoder/data/jpeg.hpp>

eigencoder::Image photograph() { return eigencoder::read_jpeg("photograph.jpg"); }
