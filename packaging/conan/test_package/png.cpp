#include <eigencoder/io/png.hpp>

void draw(const eigencoder::Canvas& canvas) { eigencoder::write_png("picture.png", canvas); }
