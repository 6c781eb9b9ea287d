// A program that compiles in a fraction of a second: its models are in a library that eigencoder_add_model made.
#include <cstdio>
#include <cstdlib>
#include <sensors/models.hpp>

#if defined(EIGEN_WORLD_VERSION)
#error "the light headers must not include Eigen"
#endif

int main(int count, char** arguments) {
  if (count != 2) return EXIT_FAILURE;
  eigencoder::Table x(20, 6);
  for (eigencoder::Index i = 0; i < x.rows(); ++i)
    for (eigencoder::Index j = 0; j < x.cols(); ++j) x(i, j) = static_cast<float>((i * j + i) % 7) / 7.0f;
  const eigencoder::CompiledModels models = sensors::models();
  eigencoder::AnyAutoencoder pump = models.make("pump", eigencoder::Seed{1});
  const eigencoder::History history =
      pump.fit(x, {.loss = "huber", .optimizer = "sgd", .epochs = 3, .progress = false});
  pump.save(arguments[1]);
  const eigencoder::AnyAutoencoder loaded = models.load(arguments[1]);
  std::printf("loss %g\n", history.loss.back());
  const bool good = loaded.architecture() == pump.architecture() && loaded.reconstruct(x) == pump.reconstruct(x) &&
                    pump.losses().size() == 2 && sensors::make_fan().code_size() == 2;
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
