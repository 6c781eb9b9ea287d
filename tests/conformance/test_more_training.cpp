#include <conformance/loss_run.hpp>
#include <conformance/small_autoencoder.hpp>

namespace test_more_training {

using namespace eigencoder;
using test::check_training;
using test::Golden;
using test::Small;

TEMPLATE_LIST_TEST_CASE("the kin of Adam agree with Keras and PyTorch", "", test::Scalars) {
  const Golden golden("more_optimizers");
  const auto check = [&](const std::string& name, const auto& optimizer) {
    check_training<Small<TestType>>(golden, name, BinaryCrossentropy{}, optimizer);
  };
  check("adamw", AdamW{.learning_rate = 1e-2, .weight_decay = 0.1});
  check("rmsprop", RMSprop{.learning_rate = 2e-3});
  check("rmsprop_momentum", RMSprop{.learning_rate = 2e-3, .rho = 0.8, .momentum = 0.5});
  check("adagrad", Adagrad{.learning_rate = 0.1, .initial_accumulator_value = 0.01});
  check("adamax", Adamax{.learning_rate = 1e-2});
  check("nadam", Nadam{.learning_rate = 1e-2});
}

TEMPLATE_LIST_TEST_CASE("Huber and log-cosh agree with Keras and PyTorch", "", test::Scalars) {
  const Golden golden("more_losses");
  const auto check_values = [&](const std::string& name, const auto& loss) {
    test::check_loss<TestType, false>(golden, name, loss, "prediction", "target");
  };
  check_values("huber", Huber{});
  check_values("huber_tenth", Huber{.delta = 0.125});
  check_values("log_cosh", LogCosh{});
  check_training<Small<TestType>>(golden, "train_huber", Huber{.delta = 0.125}, Adam{.learning_rate = 1e-2});
  check_training<Small<TestType>>(golden, "train_log_cosh", LogCosh{}, Adam{.learning_rate = 1e-2});
}

TEST_CASE("learning-rate schedules agree with Keras and PyTorch") {
  const Golden golden("rate_schedules");
  const auto check = [&](const std::string& name, const LearningRate& schedule) {
    std::vector<double> rates;
    for (Index step = 1; step <= 30; ++step) rates.push_back(schedule.rate(step));
    test::check_agrees<double>(golden, name, rates);
  };
  check("exponential", ExponentialDecay{.initial_learning_rate = 0.1, .decay_steps = 8, .decay_rate = 0.5});
  check("staircase",
        ExponentialDecay{.initial_learning_rate = 0.1, .decay_steps = 8, .decay_rate = 0.5, .staircase = true});
  check("piecewise", PiecewiseConstantDecay{.boundaries = {5, 12}, .values = {0.1, 0.05, 0.0125}});
  check("cosine", CosineDecay{.initial_learning_rate = 0.1, .decay_steps = 20, .alpha = 0.25});
  check("warm_up",
        CosineDecay{
            .initial_learning_rate = 0, .decay_steps = 20, .alpha = 0.125, .warmup_target = 0.1, .warmup_steps = 6});
  check("one_cycle", OneCycle{.max_learning_rate = 0.1, .total_steps = 31});
}

}  // namespace test_more_training
