#pragma once

#include <eigencoder/applications/anomaly_detector.hpp>
#include <eigencoder/applications/anomaly_detector_file.hpp>
#include <eigencoder/applications/codec_files.hpp>
#include <eigencoder/applications/detection_charts.hpp>
#include <eigencoder/applications/reconstruction_detector.hpp>
#include <eigencoder/data/csv.hpp>
#include <eigencoder/data/mnist.hpp>
#include <eigencoder/data/npy.hpp>
#include <eigencoder/data/npz.hpp>
#include <eigencoder/eigencoder.hpp>
#include <eigencoder/inspect/learning_rate_range_test.hpp>
#include <eigencoder/io/checkpoint.hpp>
#include <eigencoder/io/history.hpp>
#include <eigencoder/io/loggers.hpp>
#include <eigencoder/io/metadata.hpp>
#include <eigencoder/io/model_checkpoint.hpp>
#include <eigencoder/io/onnx.hpp>
#include <eigencoder/io/png.hpp>
#include <eigencoder/io/report.hpp>
#include <eigencoder/io/safetensors.hpp>
#include <eigencoder/io/tensorboard.hpp>
#include <eigencoder/io/write_idx.hpp>
#include <eigencoder/plot/chart.hpp>
#include <eigencoder/testing.hpp>

using Encoder = eigencoder::Sequential<eigencoder::Shape{6}, eigencoder::Dense<3, eigencoder::relu>>;
using Decoder = eigencoder::Sequential<Encoder::output, eigencoder::Dense<6, eigencoder::sigmoid>>;
using Model = eigencoder::Autoencoder<Encoder, Decoder>;
